"""The recovery code of a member: proposed, printed, typed back and added to the bundle."""

import secrets

from caseapp.accounts.keys import bundles
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Member
from caseapp.lib.errors import Refused
from caseapp.vault import shred_keys
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction


def propose_recovery_code(staff: Staff) -> str:
    """Return a code for the printed sheet; it opens nothing until it was typed back."""
    return bundles.generate_recovery_code()


def confirm_recovery_code(staff: Staff, shown: str, typed: str) -> None:
    """Add the recovery code to the bundle. Raises Refused(code="differs") when the typed code is not the one shown."""
    try:
        code, again = bundles.normalize_recovery_code(shown), bundles.normalize_recovery_code(typed)
    except OpenFailed as exc:
        raise Refused("differs", "That is not the code on the sheet. Check each group and type it again.") from exc
    if not secrets.compare_digest(code, again):
        raise Refused("differs", "That is not the code on the sheet. Check each group and type it again.")
    with office_transaction(staff.org_id):
        row = Member.objects.select_for_update().get(org_id=staff.org_id, id=staff.member_id)
        sealed = bundles.with_recovery_code(
            bytes(row.bundle), row.id, staff.keys.bundle_key, code, shred_keys.read_half("members", staff.member_id)
        )
        Member.objects.filter(org_id=row.org_id, id=row.id, bundle_version=row.bundle_version).update(
            bundle=sealed, bundle_version=row.bundle_version + 1
        )
