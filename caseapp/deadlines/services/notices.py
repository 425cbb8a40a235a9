"""Notices and events outside a hearing: a document, a decision, a new address. The catalogue says what each starts."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import asylum_clock, case_stages, changes, event_deadlines
from caseapp.deadlines.services import starts as clocks
from caseapp.deadlines.services.custody_dates import ASKED_AT_NOTICE, RELEASED
from caseapp.deadlines.services.event_deadlines import RecordedEvent
from caseapp.deadlines.services.person_dates import birth_and_arrival, kept_dates
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.case import IN_COURT, Case
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from caseapp.vault.store import Draft

BEFORE_A_JUDGE = {*IN_COURT, "decision_reserved", "admin_closed", "on_appeal"}
CUSTODY_BEGINS = ("detained", "retention")  # events of the catalogue that begin a person's custody
HOUR, WHAT_DUE = "hour", "what_due"  # questions of the catalogue with a meaning of their own
CLOSED = gettext_noop("This case is closed. Reopen it, then record the notice or event.")
ONE_FOR_ALL = "Answer to the paper"  # stored name of a deadline that only the document's own date gives


@dataclass(frozen=True, kw_only=True)
class NewNotice:
    """A notice or event as a person records it.

    what     id of an event of the catalogue
    answers  question id to the id of a choice, an ISO date, an hour, or text
    parties  whom it concerns; empty: every client of the case
    again    an event of the same kind with the same date is known, and this is another one
    """

    what: str
    dated_on: dt.date
    received_on: dt.date | None = None
    how: str = ""
    printed_due_on: dt.date | None = None
    text: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    parties: tuple[UUID, ...] = ()
    again: bool = False


def record_notice(
    staff: Staff,
    case_id: UUID,
    *,
    what: str,
    dated_on: dt.date,
    how: str = "",
    printed_due_on: dt.date | None = None,
    answers: Mapping[str, str] | None = None,
) -> UUID:
    """Store a notice or event of which little is known, as `record_event` does, and return its id."""
    new = NewNotice(
        what=what, dated_on=dated_on, how=how, printed_due_on=printed_due_on, answers=answers or {}, again=True
    )
    return record_event(staff, case_id, new).id


class RecordedNotice(NamedTuple):
    """The id of a stored notice, and True when a date that follows from it lies before today."""

    id: UUID
    has_passed: bool


def record_event(staff: Staff, case_id: UUID, new: NewNotice) -> RecordedNotice:
    """Store a notice or event and start the deadlines that follow; a date of several persons once for each of them.

    Raises Refused for a case that is closed, the same event a second time, or a release before custody began.
    """
    with case_transaction(staff, case_id) as draft:
        ids = [record_in_draft(draft, staff, each) for each in _for_each_person(draft, new)]
        today = clock.today(staff.zone)
        return RecordedNotice(ids[0], any(has_passed_deadline(draft, record_id, today) for record_id in ids))


def _for_each_person(draft: Draft, new: NewNotice) -> list[NewNotice]:
    if not kept_dates.is_kept_once(rules.catalogue().events[new.what]):
        return [new]
    return [
        dataclasses.replace(new, parties=(party_id,))
        for party_id in kept_dates.persons_of_date(draft.file, new.parties)
    ]


def record_in_draft(draft: Draft, staff: Staff, new: NewNotice) -> UUID:
    """Store a notice or event in a draft, with the deadlines that follow. Return the id of the record that has it.

    A date of a person replaces an earlier one of its kind; the last arrival is stored on the person.
    """
    event = rules.catalogue().events[new.what]
    is_of_person = kept_dates.is_kept_once(event)
    _refuse_impossible(draft, new)
    if event.id == kept_dates.ARRIVAL:
        birth_and_arrival.set_arrival(draft, staff, new.parties[0], new.dated_on, new.answers)
        return new.parties[0]
    if event.event == kept_dates.BIRTH:
        birth_and_arrival.store_birth(draft, new.parties[0], new.dated_on)
    notice_id = draft.add(_notice_of(new, event))
    closed = kept_dates.replace_earlier(draft, staff, notice_id) if is_of_person else []
    deadline_ids = start_deadlines_of(draft, staff, notice_id, new)
    if is_of_person:
        closed += kept_dates.end_same_rules(draft, staff, notice_id, deadline_ids)
        clocks.link_successors(draft, closed, deadline_ids)
        kept_dates.carry_over(draft, closed)
        follow_birth(draft, staff, new)
    _update_detention(draft, new)
    case_stages.ask_after_notice(draft, new.what)
    if new.what == asylum_clock.FILED:
        asylum_clock.close_one_year_deadline(draft, staff, new.dated_on)
    return notice_id


def _notice_of(new: NewNotice, event: rules.CatalogueEvent) -> Notice:
    return Notice(
        what=new.what,
        event=event.event,
        dated_on=new.dated_on,
        received_on=new.received_on,
        how=new.how,
        printed_due_on=new.printed_due_on,
        parties=new.parties,
        facts=dict(new.answers),
        text=new.text,
    )


def start_deadlines_of(
    draft: Draft, staff: Staff, notice_id: UUID, new: NewNotice, *, settled: Set[str] = frozenset()
) -> list[UUID]:
    """Add the deadlines that follow from a stored notice to the draft, with what the case already knows.

    settled  names of deadlines that do not start a second time
    """
    event = rules.catalogue().events[new.what]
    known, cautions = _known_answers(draft, event), tuple[rules.Sentence, ...]()
    if new.parties and event.recorded_on == kept_dates.PERSON:
        known |= birth_and_arrival.known_answers(draft.file, event, new.parties[0])
        cautions = birth_and_arrival.birth_cautions(draft.file, event, new.parties[0])
    answers = {**known, **{name: text for name, text in new.answers.items() if text}}
    recorded = RecordedEvent(
        event=event,
        on=_moment_of(new),
        printed=new.printed_due_on,
        answers=answers,
        cautions=cautions,
        settled=settled,
    )
    links = clocks.DeadlineLinks(trigger=notice_id, parties=new.parties)
    served = clocks.Circumstances(by_mail=new.how == "mail")
    deadline_ids = event_deadlines.start_event_deadlines(draft, staff, recorded, links, served)
    if event.own_severity and event.label_en not in settled:
        deadline_ids.append(draft.add(_deadline_of_own_date(event, links, new.dated_on)))
    if new.printed_due_on is not None:
        _apply_printed_date(draft, staff, deadline_ids, notice_id, new)
    return deadline_ids


def _deadline_of_own_date(event: rules.CatalogueEvent, links: clocks.DeadlineLinks, on: dt.date) -> Deadline:
    """Return the deadline of an event whose own date is the last day: the document gives it, no rule computes it."""
    deadline = changes.manual_deadline(
        what=event.label_en, due_on=on, severity=event.own_severity, reason="printed on the paper"
    )
    return replace(deadline, trigger=links.trigger, parties=links.parties)


def follow_birth(draft: Draft, staff: Staff, new: NewNotice) -> None:
    """Record what else runs with a person's age anew when an entered date of birth is another one than before."""
    if rules.catalogue().events[new.what].event != kept_dates.BIRTH:
        return
    for entry in kept_dates.current_dates(draft.file, new.parties[0]):
        old = entry.record
        if old.event == kept_dates.BIRTH and old.dated_on != new.dated_on:
            again = NewNotice(what=old.what, dated_on=new.dated_on, parties=new.parties, answers=old.facts)
            record_in_draft(draft, staff, again)


def has_passed_deadline(draft: Draft, notice_id: UUID, today: dt.date) -> bool:
    """Return True when an open deadline that follows from a record lies before today."""
    every = (entry.record for entry in draft.file.entries_of(Deadline))
    started = [deadline for deadline in every if (deadline.trigger, deadline.state) == (notice_id, "open")]
    days = [deadline.act_by or deadline.due_on for deadline in started if not _is_watched_only(deadline)]
    return any(day is not None and day < today for day in days)


def _is_watched_only(deadline: Deadline) -> bool:
    """Return True for a date that binds the other side, so that its passing asks nothing of us."""
    rule = deadline.working.rule if deadline.working else ""
    return rule in rules.standard().known_names.rules and rules.get_rule(rule).duty == "watch"


def _refuse_impossible(draft: Draft, new: NewNotice) -> None:
    if draft.file.get_only(Case).record.stage == "closed":
        raise Refused("what", CLOSED)
    event = rules.catalogue().events[new.what]
    if kept_dates.is_kept_once(event):
        kept_dates.refuse_repeated(draft.file, event, new.parties[0], new.dated_on)
        return
    known = [entry.record for entry in draft.file.entries_of(Notice)]
    is_known = any((old.what, old.dated_on, old.parties) == (new.what, new.dated_on, new.parties) for old in known)
    if is_known and not new.again:
        raise Refused("again", "The same event with the same date is recorded already.")
    if new.what == RELEASED and any(since > new.dated_on for since in _custody_days(draft, new)):
        raise Refused("dated_on", "The release is before the day custody began. Correct the date of the release.")


def _custody_days(draft: Draft, new: NewNotice) -> list[dt.date]:
    """Return the days on which custody began for the persons that a notice concerns."""
    parties = [entry for entry in draft.file.entries_of(Party) if not new.parties or entry.id in new.parties]
    return [entry.record.detained_since for entry in parties if entry.record.detained_since is not None]


def _moment_of(new: NewNotice) -> clocks.Moment:
    """Return the day of the event, or its minute where the hour is known."""
    hour = new.answers.get(HOUR, "")
    return dt.datetime.combine(new.dated_on, dt.time.fromisoformat(hour)) if hour else new.dated_on


def _known_answers(draft: Draft, event: rules.CatalogueEvent) -> dict[str, str]:
    """Return the answers that the case already has: where something is pending, and whether a client is detained."""
    case = draft.file.get_only(Case).record
    forums = {entry.record.forum for entry in draft.file.entries_of(Proceeding) if entry.record.state == "open"}
    is_detained = any(entry.record.detained_since for entry in draft.file.entries_of(Party))
    known = {
        "pending_court": case.stage in BEFORE_A_JUDGE or "immigration_court" in forums,
        "pending_board": case.stage == "on_appeal" or "bia" in forums,
        "detained_now": is_detained,
    }
    answers = {name: "yes" if is_so else "no" for name, is_so in known.items() if name in event.ask}
    if is_detained and ASKED_AT_NOTICE in event.ask:
        answers[ASKED_AT_NOTICE] = "yes"
    return answers


def is_of_office(staff: Staff, event_id: str) -> bool:
    """Return True for an event of the law that this office works with."""
    pack = rules.catalogue().pack_of[event_id]
    return pack in office_law.packs_in_use(office_law.law_of(staff.keys).office)


def _update_detention(draft: Draft, new: NewNotice) -> None:
    """Store or clear the day a client was taken into custody, so that lists show it."""
    if new.what not in {*CUSTODY_BEGINS, RELEASED}:
        return
    for entry in draft.file.entries_of(Party):
        if entry.id in new.parties or (not new.parties and entry.record.role == "lead"):
            since = new.dated_on if new.what in CUSTODY_BEGINS else None
            draft.change(entry.id, replace(entry.record, detained_since=since))


def _apply_printed_date(draft: Draft, staff: Staff, deadline_ids: list[UUID], notice_id: UUID, new: NewNotice) -> None:
    """Make the document's own date count where no rule computed with it.

    It moves the first new deadline when it is earlier; without a rule it is a deadline of its own.
    """
    printed = new.printed_due_on
    assert printed is not None
    if not deadline_ids:
        draft.add(_deadline_from_notice(printed, notice_id, new))
        return
    law = office_law.law_of(staff.keys)
    started = [draft.file.get(deadline_id, Deadline) for deadline_id in deadline_ids]
    if any(e.record.working and event_deadlines.uses_printed_date(law, e.record.working.rule) for e in started):
        return
    first = started[0]
    if printed < (first.record.act_by or printed):
        draft.change(
            first.id,
            changes.with_own_dates(first.record, to=printed, target=None, reason="printed on the paper, and earlier"),
        )


def _deadline_from_notice(printed: dt.date, notice_id: UUID, new: NewNotice) -> Deadline:
    """Return a fatal deadline for the date that a document gives; what is due is in the person's own words."""
    what = new.answers.get(WHAT_DUE, "").strip() or ONE_FOR_ALL
    deadline = changes.manual_deadline(what=what, due_on=printed, severity="fatal", reason="printed on the paper")
    return replace(deadline, trigger=notice_id, parties=new.parties)
