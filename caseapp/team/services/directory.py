"""Acceptance of a list of people, or of the office's own file, that was put back to an earlier state."""

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.keys import office_file
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


def accept_older_office_file(staff: Staff) -> None:
    """Save the office's own file as its newest version, with an audit entry.

    The caller is an admin who has asked for passphrase and factor again. Raises Refused.
    """
    with office_transaction(staff.org_id):
        office_file.accept_older(staff.keys)
        audit_trail.record_entry_in_transaction(staff.keys, "directory.accept", reason="office file")
