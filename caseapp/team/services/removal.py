"""Removal of a member.

Access, reminders and the office's own file change at once; the keys of the member's groups and cases follow.
"""

from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.members import removal
from caseapp.casefile.transaction import case_transaction
from caseapp.casefile.upkeep import key_upkeep
from caseapp.index import reader
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.office import Office
from caseapp.reminders.planning import reassignment
from caseapp.vault import case_key_access, store
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction


def remove_member(staff: Staff, member_id: UUID, *, hand_over_to: UUID | None = None) -> None:
    """End a member's access now and redirect their reminders in the same transaction.

    hand_over_to  the colleague who receives the reminders; without one, all admins do
    The caller has checked the permission and asked for the passphrase again. Raises NotFound, Refused.
    """
    with office_transaction(staff.org_id):
        removal.end_membership(staff, member_id)
        reassignment.redirect_member(staff.org_id, member_id, hand_over_to)
        _renew_office_file(staff.keys)
        audit_trail.record_entry(staff.keys, "member.remove", target=member_id)
    key_upkeep.rotate_due_keys(staff)


def _renew_office_file(keys: Keys) -> None:
    draft = Draft(store.open_file(keys, keys.office_file, lock=True), by=keys.member_id)
    entry = draft.file.get_only(Office)
    draft.change(entry.id, entry.record)
    case_key_access.rotate_key(draft, (keys.office_group,))
    store.write_draft(draft)


def open_cases_led_by(staff: Staff, member_id: UUID) -> list[UUID]:
    """Return the open cases that this member leads, limited to cases the caller can open: the ones to hand over."""
    view = reader.open_view(staff.keys, zone=staff.zone)
    return [case_id for case_id, row in view.all_rows() if row.lead == member_id and row.stage != "closed"]


def count_groups_of_one(staff: Staff, member_id: UUID) -> int:
    """Return how many groups of cases open for this member alone: no colleague can take them over afterwards."""
    return removal.count_groups_of_one(staff.keys, member_id)


def hand_over_cases(staff: Staff, case_ids: list[UUID], *, to: UUID) -> int:
    """Give cases another lead and return how many changed. Skips a case that cannot be changed now."""
    given = 0
    for case_id in case_ids:
        try:
            with case_transaction(staff, case_id) as draft:
                case = draft.file.get_only(Case)
                team = tuple(dict.fromkeys((*case.record.team, to)))
                draft.change(case.id, replace(case.record, lead=to, team=team))
            given += 1
        except (NotFound, Refused):
            continue
    return given
