"""Acceptance of a list of people that was put back to an earlier state."""

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.keys.staff import Staff
from caseapp.vault.tenancy import office_transaction


def accept_older_directory(staff: Staff) -> int:
    """Sign the stored directory as the newest version, with an audit entry, and return that version.

    The caller is an admin who has asked for passphrase and factor again. Raises Refused.
    """
    with office_transaction(staff.org_id):
        accepted = members.accept_older_directory(staff.keys)
        audit_trail.record_entry_in_transaction(staff.keys, "directory.accept")
    return accepted.version
