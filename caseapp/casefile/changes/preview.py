"""A change of a case made on a copy of the open file, with its reminder plans: nothing of it is saved."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from caseapp.accounts.directory import team_members
from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.lib.errors import Refused
from caseapp.vault.store import Draft, SealedFile

T = TypeVar("T")


def copy_file(file: SealedFile) -> SealedFile:
    """Return a copy of an open file whose records change apart from it."""
    return replace(file, entries=dict(file.entries))


def preview_change(
    staff: Staff, file: SealedFile, act: Callable[[Draft], T], *, team: Sequence[Colleague] | None = None
) -> tuple[Draft, T]:
    """Do an act on a copy of an open case, and return the unsaved draft and the act's result.

    The plans of the reminders are those that a save would store.
    team    the case's team, where it was read already
    Raises  what the act raises
    """
    draft = Draft(copy_file(file), by=staff.member_id)
    result = act(draft)
    known = team_members.team_of_case(staff.keys, draft.file) if team is None else team
    reminder_schedule.update_plans(draft, known, zone=staff.zone)
    return draft, result


def reminder_days(draft: Draft) -> tuple[int, int]:
    """Return how many reminder days the changed dates had from today on, and how many they have now, over all members.

    A plan that stays the same counts on neither side.
    """
    adds, withdraws = reminder_schedule.series_changes(draft)
    today = draft.at.date()
    was, would = (sum(day >= today for series in plans for day in series.days) for plans in (withdraws, adds))
    return was, would


def require_shown_state(draft: Draft, head_version: int) -> None:
    """Raise Refused when the case was changed after the state that a member saw the effect of."""
    if draft.file.head_version != head_version:
        raise Refused("changed", "The case was changed after you saw what follows. Look at it again, then save.")
