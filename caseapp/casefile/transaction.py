"""The transaction of every change of a case: lock, change records, plan reminders, write the index, commit as one."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from caseapp.accounts.directory import audit_trail, team_members
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile import case_access as access
from caseapp.casefile.case_keys import refresh_access
from caseapp.casefile.index_entries import conflict_index, index_row
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.index import store as index
from caseapp.index.rows import CaseRow
from caseapp.index.store import GroupPublicKey
from caseapp.reminders.planning import plan
from caseapp.vault import store
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.head import Access
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction


@contextmanager
def case_transaction(staff: Staff, case_id: UUID, *, what: str = "case.change") -> Iterator[Draft]:
    """Open the case, locked, as a draft, and save the draft when the block ends without an error.

    `what` is the code of the audit entry; "" for a job that writes one entry for many cases.
    Raises NotFound, Refused(code="damaged"); inside the block EditConflict.
    """
    with office_transaction(staff.org_id):
        draft = Draft(access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        yield draft
        save_draft(staff, draft, what=what)


@contextmanager
def new_case_transaction(staff: Staff, group: GroupKey) -> Iterator[Draft]:
    """Open a new case of a group as a draft, and save it when the block ends without an error."""
    with office_transaction(staff.org_id):
        draft = store.new_file(staff.keys, [group])
        yield draft
        save_draft(staff, draft, what="case.create")


def save_draft(
    staff: Staff,
    draft: Draft,
    *,
    gone_from: tuple[UUID, ...] = (),
    what: str = "case.change",
    target: UUID | None = None,
    reason: str = "",
) -> None:
    """Write the draft with its reminder plan, audit entry and index row, in the caller's transaction.

    The order is the lock order: case, records, outbox, and the index heads last. `gone_from` are groups whose index
    contained the case until now; `what`, `target` and `reason` are stored in the audit entry.
    """
    keys: Keys = staff.keys
    ended = refresh_access(keys, draft)
    reminder_schedule.update_plans(draft, team_members.team_of_case(keys, draft.file), zone=staff.zone)
    adds, withdraws = reminder_schedule.series_changes(draft)
    filed = conflict_index.prepare(keys, draft)
    store.write_draft(draft)
    plan.write(keys.org_id, adds, withdraws)
    if what:
        audit_trail.record_entry_in_transaction(keys, what, file=draft.file, target=target, reason=reason)
    conflict_index.write(keys, [filed] if filed else [])
    save_index_row(keys, draft, index_row.build_row(draft.file), gone_from)
    for share_id in ended:
        index.drop(keys.org_id, share_id)


def save_index_row(keys: Keys, draft: Draft, row: CaseRow, gone_from: tuple[UUID, ...]) -> None:
    """Save the case's row in the index of its group and of each share; `gone_from` are groups that lose it."""
    access = draft.file.get_only(Access).record
    changes: dict[UUID, list[tuple[UUID, CaseRow | None]]] = {
        group_id: [(draft.file.id, row)]
        for group_id in (access.home_group_id, *(share.key.group for share in access.shares))
    }
    changes.update({group_id: [(draft.file.id, None)] for group_id in gone_from})
    public = {access.home_group_id: GroupPublicKey(access.public_epoch, access.public)} if access.public else {}
    index.save(keys.with_extra_groups(*(share.key for share in access.shares)), changes, public=public)
