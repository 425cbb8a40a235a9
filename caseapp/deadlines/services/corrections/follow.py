"""The deadlines of a corrected entry: kept where their dates stay, replaced where they move, ended where none follows.

What a person did stays: a deadline that is done or not required is not started again, filings and owners go over to
the new date, and a fatal deadline ends only by a lawyer.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes.preview import copy_file
from caseapp.deadlines.services import acts, changes
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.deadline import ENTRY_CORRECTED, Deadline, is_watch
from caseapp.vault.store import Draft, Entry

ACTED_ON = ("done", "waived")


@dataclass(frozen=True)
class KeptDeadline:
    """A deadline that stays closed as a person left it, and what the corrected entry computes; None: nothing."""

    entry: Entry[Deadline]
    would: Deadline | None


def restart_deadlines(
    draft: Draft, staff: Staff, old: Sequence[Entry[Deadline]], start: Callable[[Draft], object]
) -> tuple[KeptDeadline, ...]:
    """Replace the deadlines of an entry by what `start` adds to a draft, and return those that a person had closed.

    old      every deadline that followed from the entry; those that were replaced before are left alone
    start    adds the deadlines of the corrected entry; it is called on a copy
    Raises   Refused where a fatal deadline would end and the member is no lawyer of the case's team
    """
    remaining = [entry for entry in old if entry.record.state in {"open", *ACTED_ON}]
    kept = []
    for computed in _compute(draft, start):
        match = _match(remaining, computed)
        if match is None:
            draft.add(computed)
            continue
        remaining.remove(match)
        if match.record.state in ACTED_ON:
            _keep_closed(draft, match, computed)
            if _dates_of(match.record) != _dates_of(computed):
                kept.append(KeptDeadline(match, computed))
        elif _dates_of(match.record) == _dates_of(computed):
            _keep_open(draft, match, computed)
        else:
            _move(draft, staff, match, computed)
    end_deadlines(draft, staff, [entry for entry in remaining if entry.record.state == "open"], ENTRY_CORRECTED)
    return (*kept, *(KeptDeadline(entry, None) for entry in remaining if entry.record.state in ACTED_ON))


def end_deadlines(draft: Draft, staff: Staff, ended: Iterable[Entry[Deadline]], reason: str) -> None:
    """End open deadlines for which there is no other date; they stay visible with the reason.

    reason  stored code: `ENTRY_CORRECTED` or `TAKEN_BACK`
    Raises  Refused where one is fatal and the member is no lawyer of the case's team
    """
    closed, today = list(ended), clock.today(staff.zone)
    require_lawyer(draft, staff, closed)
    for entry in closed:
        record = changes.as_superseded(entry.record, by=staff.member_id, on=today, instead=None)
        draft.change(entry.id, replace(record, closed_reason=reason))


def require_lawyer(draft: Draft, staff: Staff, ended: Iterable[Entry[Deadline]]) -> None:
    """Raise Refused where a fatal deadline of ours would end and the member is no lawyer of the case's team."""
    is_fatal = any(entry.record.severity == "fatal" and not is_watch(entry.record) for entry in ended)
    if is_fatal and not acts.may_waive(staff, draft.file.group.group):
        raise Refused(
            "lawyer",
            "A fatal deadline would end: only an attorney or an accredited representative can do this. Ask one of "
            "your team.",
        )


def _compute(draft: Draft, start: Callable[[Draft], object]) -> list[Deadline]:
    """Return the deadlines that `start` adds, without adding them."""
    scratch = Draft(copy_file(draft.file), by=draft.by)
    start(scratch)
    return [entry.record for entry in scratch.changed.values() if isinstance(entry.record, Deadline)]


def _match(remaining: list[Entry[Deadline]], computed: Deadline) -> Entry[Deadline] | None:
    """Return the old deadline of the same rule, an open one first; without a rule, the one of the same name."""
    same = [entry for entry in remaining if _name_of(entry.record) == _name_of(computed)]
    return min(same, key=lambda entry: entry.record.state != "open", default=None)


def _name_of(deadline: Deadline) -> tuple[str, str]:
    return ("rule", deadline.working.rule) if deadline.working else ("name", deadline.what)


def _dates_of(deadline: Deadline) -> tuple[object, ...]:
    printed = deadline.moved_to if deadline.moved_by is None else None
    return deadline.due_on, deadline.act_by, deadline.opens_on, deadline.due_minute, printed


def _keep_open(draft: Draft, old: Entry[Deadline], computed: Deadline) -> None:
    """Keep a deadline whose dates stay, with its checks; its working names the corrected start."""
    record, working = old.record, computed.working
    if working is not None and record.working is not None and _start_of(record) != _start_of(computed):
        draft.change(old.id, replace(record, working=working, parties=computed.parties))
    elif record.parties != computed.parties:
        draft.change(old.id, replace(record, parties=computed.parties))


def _start_of(deadline: Deadline) -> tuple[object, ...]:
    working = deadline.working
    return (working.events, working.position, working.version) if working else ()


def _keep_closed(draft: Draft, old: Entry[Deadline], computed: Deadline) -> None:
    """Leave a closed deadline unchanged; one that was done after its corrected date starts again, as overdue."""
    record = old.record
    is_late = (
        record.state == "done"
        and not is_watch(record)
        and record.closed_on is not None
        and computed.due_on is not None
        and record.closed_on > computed.due_on
        and not any(step.status == "late" for step in record.filings)
    )
    if is_late:
        draft.add(replace(computed, owner=record.owner or computed.owner))


def _move(draft: Draft, staff: Staff, old: Entry[Deadline], computed: Deadline) -> None:
    """Replace an open deadline by one with the corrected dates, with its owner, its filings and an earlier own date."""
    record = old.record
    carried = replace(computed, owner=record.owner or computed.owner, filings=record.filings)
    last = computed.act_by or computed.due_on
    if keeps_own_date(record, last):
        carried = replace(
            carried,
            moved_to=record.moved_to,
            moved_by=record.moved_by,
            moved_reason=record.moved_reason,
            own_target_on=record.own_target_on or computed.own_target_on,
        )
    successor = draft.add(carried)
    today = clock.today(staff.zone)
    draft.change(old.id, changes.as_superseded(record, by=staff.member_id, on=today, instead=successor))


def keeps_own_date(old: Deadline, last: dt.date | None) -> bool:
    """Return True where a member's own date is no later than the new date, so that it still counts."""
    return old.moved_by is not None and old.moved_to is not None and last is not None and old.moved_to <= last
