"""How every change of a case is made: lock, change records, plan reminders, write the index, commit as one."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from caseapp.accounts import roster
from caseapp.accounts.keys import Keys, Staff
from caseapp.cases import access
from caseapp.casework import reminding, summary
from caseapp.index import store as index
from caseapp.reminders import plan
from caseapp.vault import store
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office


@contextmanager
def changing(staff: Staff, case_id: UUID) -> Iterator[Draft]:
    """The case, locked, as a draft; what was put into the draft is written when the block ends without an error.

    Raises NotFound, Refused(code="damaged"); inside the block EditConflict.
    """
    with office(staff.org_id):
        draft = Draft(access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        yield draft
        finish(staff, draft)


@contextmanager
def opening(staff: Staff, group: GroupKey) -> Iterator[Draft]:
    """A new case of a group, as a draft; stored when the block ends without an error."""
    with office(staff.org_id):
        draft = store.new_file(staff.keys, [group])
        yield draft
        finish(staff, draft)


def finish(staff: Staff, draft: Draft) -> None:
    """Write the draft. The order is the lock order: case, records, outbox, and the index's head last."""
    keys: Keys = staff.keys
    group = draft.file.group
    reminding.replan(draft, group, roster.colleagues(keys, group.group), zone=staff.zone)
    adds, withdraws = reminding.series(draft, group)
    store.write(draft)
    plan.write(keys.org_id, adds, withdraws)
    index.save(keys, {group.group: [(draft.file.id, summary.row_of(draft.file))]})
