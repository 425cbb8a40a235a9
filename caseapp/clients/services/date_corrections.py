"""Corrections of a person's dates: another day, other answers, removed as wrong, put back."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import acts, notices, starts
from caseapp.deadlines.services.notices import NewNotice
from caseapp.deadlines.services.person_dates import birth_and_arrival, kept_dates
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.deadline import DATE_REMOVED, Deadline
from caseapp.records.notice import Notice
from caseapp.vault.store import Draft, Entry


@dataclass(frozen=True, kw_only=True)
class CorrectedDate:
    """A date of a person as corrected, with the answers to its questions."""

    dated_on: dt.date
    printed_due_on: dt.date | None = None
    text: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


def correct_date(
    staff: Staff, case_id: UUID, party_id: UUID, notice_id: UUID, corrected: CorrectedDate, *, version: int
) -> bool:
    """Correct a date of a person. What followed from it is computed anew and replaced; what was done stays done.

    Returns True when a deadline that follows now has already passed. Raises EditConflict, and Refused for a day that is
    recorded already or for a birth after the last arrival.
    """
    with case_transaction(staff, case_id) as draft:
        before = _date_of(draft, party_id, notice_id, version)
        event = rules.catalogue().events[before.what]
        if corrected.dated_on != before.dated_on:
            kept_dates.refuse_repeated(draft.file, event, party_id, corrected.dated_on)
        new = NewNotice(
            what=before.what,
            dated_on=corrected.dated_on,
            received_on=before.received_on,
            how=before.how,
            printed_due_on=corrected.printed_due_on,
            text=corrected.text,
            answers=corrected.answers,
            parties=(party_id,),
        )
        changed = replace(
            before,
            dated_on=new.dated_on,
            printed_due_on=new.printed_due_on,
            text=new.text,
            facts=dict(new.answers),
            parties=new.parties,
        )
        draft.change(notice_id, changed, version=version)
        if event.event == kept_dates.BIRTH:
            birth_and_arrival.store_birth(draft, party_id, new.dated_on)
        if (before.dated_on, before.printed_due_on, before.facts) != (new.dated_on, new.printed_due_on, changed.facts):
            _start_anew(draft, staff, notice_id, new)
            notices.follow_birth(draft, staff, new)
        return notices.has_passed_deadline(draft, notice_id, clock.today(staff.zone))


def remove_date(staff: Staff, case_id: UUID, party_id: UUID, notice_id: UUID, *, version: int) -> None:
    """Remove a date that is wrong: its open deadlines end, and an earlier date that it had replaced counts again.

    Raises EditConflict, and Refused where a fatal deadline would end and the member is no lawyer of the case's team.
    """
    with case_transaction(staff, case_id) as draft:
        _date_of(draft, party_id, notice_id, version)
        end_date(draft, staff, notice_id)


def end_date(draft: Draft, staff: Staff, notice_id: UUID) -> None:
    """Mark a date as removed in a draft and end what follows from it, as `remove_date`."""
    record = draft.file.get(notice_id, Notice).record
    closed = starts.supersede_deadlines(draft, staff, trigger=notice_id)
    _require_lawyer(draft, staff, closed)
    for entry in closed:
        ended = draft.file.get(entry.id, Deadline).record
        draft.change(entry.id, replace(ended, closed_reason=DATE_REMOVED))
    removed = replace(record, removed_on=clock.today(staff.zone), ended=tuple(e.id for e in closed))
    draft.change(notice_id, removed)
    if record.event == kept_dates.BIRTH:
        return  # the person has one date of birth: an earlier one was wrong
    for earlier in _replaced_by(draft, notice_id):
        draft.change(earlier.id, replace(earlier.record, replaced_by=None))
        _reopen(draft, _ended_by_replacement(draft, earlier.id))


def restore_date(staff: Staff, case_id: UUID, party_id: UUID, notice_id: UUID, *, version: int) -> None:
    """Put a removed date back: the deadlines that ended with it are open again.

    Raises EditConflict, and Refused for a date that was not removed or has been entered again since.
    """
    with case_transaction(staff, case_id) as draft:
        record = draft.get_at_version(notice_id, Notice, version)
        if record.removed_on is None or record.parties not in {(party_id,), ()}:
            raise NotFound(f"notice {notice_id} was not removed")
        kept_dates.refuse_repeated(draft.file, rules.catalogue().events[record.what], party_id, record.dated_on)
        back = replace(record, removed_on=None, ended=(), parties=(party_id,))
        draft.change(notice_id, back, version=version)
        closed = kept_dates.replace_earlier(draft, staff, notice_id)
        _reopen(draft, record.ended)
        starts.link_successors(draft, closed, record.ended)


def _date_of(draft: Draft, party_id: UUID, notice_id: UUID, version: int) -> Notice:
    """Return a current date of the person at the version the member saw. Raises NotFound, EditConflict."""
    if notice_id not in {entry.id for entry in kept_dates.current_dates(draft.file, party_id)}:
        raise NotFound(f"notice {notice_id} is no date of person {party_id}")
    return draft.get_at_version(notice_id, Notice, version)


def _start_anew(draft: Draft, staff: Staff, notice_id: UUID, new: NewNotice) -> None:
    """Replace the open deadlines of a date; rules whose deadline was done or is not required start no second time."""
    settled = {
        entry.record.what
        for entry in draft.file.entries_of(Deadline)
        if entry.record.trigger == notice_id and entry.record.state in {"done", "waived"}
    }
    closed = starts.supersede_deadlines(draft, staff, trigger=notice_id)
    started = notices.start_deadlines_of(draft, staff, notice_id, new, settled=settled)
    closed += kept_dates.end_same_rules(draft, staff, notice_id, started)
    starts.link_successors(draft, closed, started)
    kept_dates.carry_over(draft, closed, with_filings=True)


def _require_lawyer(draft: Draft, staff: Staff, closed: Iterable[Entry[Deadline]]) -> None:
    is_fatal = any(entry.record.severity == "fatal" for entry in closed)
    if is_fatal and not acts.may_waive(staff, draft.file.group.group):
        raise Refused(
            "lawyer",
            "A fatal deadline follows from this date: only an attorney or an accredited representative can remove it. "
            "Correct the date, or ask one of your team.",
        )


def _replaced_by(draft: Draft, notice_id: UUID) -> list[Entry[Notice]]:
    return [entry for entry in draft.file.entries_of(Notice) if entry.record.replaced_by == notice_id]


def _ended_by_replacement(draft: Draft, notice_id: UUID) -> list[UUID]:
    """Return the deadlines of a date that ended because another date replaced it, not because it was corrected."""
    own = {entry.id for entry in draft.file.entries_of(Deadline) if entry.record.trigger == notice_id}
    return [
        deadline_id
        for deadline_id in own
        if (record := draft.file.get(deadline_id, Deadline).record).state == "superseded"
        and record.superseded_by not in own
    ]


def _reopen(draft: Draft, deadline_ids: Iterable[UUID]) -> None:
    for deadline_id in deadline_ids:
        record = draft.file.get(deadline_id, Deadline).record
        if record.state == "superseded":
            opened = replace(record, state="open", closed_by=None, closed_on=None, closed_reason="", superseded_by=None)
            draft.change(deadline_id, opened)
