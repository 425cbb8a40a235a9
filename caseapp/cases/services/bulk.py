"""Services that change several cases, each in a transaction of its own: one that cannot be changed stops no other."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import team_members
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services.tasks import clean_task_text
from caseapp.index.errors import StaleEpoch
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.task import Task
from caseapp.vault.doubts import refuse_damaged
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.store import Draft

MAX_SELECTED: Final = 50  # cases of one page of the list
KEY_IS_CHANGING = gettext_noop("This case is getting a new key. Try again in a minute.")
NOT_OPEN_TO_THEM = gettext_noop("This person cannot open the case. Share the case first, or choose another person.")


@dataclass(frozen=True)
class UnchangedCase:
    """A case that could not be changed: it is not open to the member, or `refused` says why."""

    case_id: UUID
    refused: Refused | None = None


def reassign_cases(staff: Staff, case_ids: Sequence[UUID], *, lead: UUID, with_work: bool) -> tuple[UnchangedCase, ...]:
    """Make a member the lead of cases. Return those that could not be changed.

    with_work  the open deadlines and tasks of the old lead become theirs too; who appears at a hearing stays
    """

    def reassign(draft: Draft) -> None:
        _refuse_unknown_member(staff, draft, lead)
        entry = draft.file.get_only(Case)
        old = entry.record.lead
        draft.change(entry.id, replace(entry.record, lead=lead))
        if with_work and old is not None and old != lead:
            _hand_over_work(draft, old, lead)

    return _change_each(staff, case_ids, reassign)


def add_task_to_cases(
    staff: Staff, case_ids: Sequence[UUID], *, text: str, due_on: dt.date | None, owner: UUID | None
) -> tuple[UnchangedCase, ...]:
    """Add a task to cases. Return those that could not be changed. Raises Refused for a text that is none.

    owner  None: the lead of each case, or the member who adds it where a case has no lead
    """
    text = clean_task_text(text)

    def add(draft: Draft) -> None:
        if owner is not None:
            _refuse_unknown_member(staff, draft, owner)
        theirs = owner or draft.file.get_only(Case).record.lead or staff.member_id
        draft.add(Task(text=text, due_on=due_on, owner=theirs))

    return _change_each(staff, case_ids, add)


def _change_each(staff: Staff, case_ids: Iterable[UUID], change: Callable[[Draft], None]) -> tuple[UnchangedCase, ...]:
    unchanged = []
    for case_id in case_ids:
        try:
            with case_transaction(staff, case_id) as draft:
                change(draft)
        except (NotFound, NoKey):
            unchanged.append(UnchangedCase(case_id))
        except OpenFailed:
            unchanged.append(UnchangedCase(case_id, refuse_damaged()))
        except StaleEpoch:
            unchanged.append(UnchangedCase(case_id, Refused("key", KEY_IS_CHANGING)))
        except Refused as exc:
            unchanged.append(UnchangedCase(case_id, exc))
    return tuple(unchanged)


def _refuse_unknown_member(staff: Staff, draft: Draft, member: UUID) -> None:
    team = team_members.team_of_case(staff.keys, draft.file)
    if member not in {person.member_id for person in team}:
        raise Refused("lead", NOT_OPEN_TO_THEM)


def _hand_over_work(draft: Draft, old: UUID, lead: UUID) -> None:
    for deadline in draft.file.entries_of(Deadline):
        if deadline.record.state == "open" and deadline.record.owner == old:
            draft.change(deadline.id, replace(deadline.record, owner=lead))
    for task in draft.file.entries_of(Task):
        if task.record.done_on is None and task.record.owner == old:
            draft.change(task.id, replace(task.record, owner=lead))
