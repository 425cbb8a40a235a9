"""Booking a hearing and recording its outcome, with the deadlines that follow."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import case_stages, event_deadlines
from caseapp.deadlines.services import starts as clocks
from caseapp.deadlines.services.event_deadlines import RecordedEvent
from caseapp.deadlines.services.triggers import BOOKED, event_of_outcome
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from caseapp.records.task import Task
from caseapp.vault.store import Draft, Entry


def book_hearing(staff: Staff, case_id: UUID, hearing: Hearing) -> UUID:
    """Add a hearing to the case with its filing deadlines and reminders. Return the hearing's id.

    A hearing that already took place is added so that its outcome can be recorded; it starts no filing deadline.
    """
    with case_transaction(staff, case_id) as draft:
        return add_hearing(draft, staff, hearing)[0]


def add_hearing(draft: Draft, staff: Staff, hearing: Hearing) -> tuple[UUID, list[UUID]]:
    """Add a hearing to the draft; return its id and those of the deadlines that follow from it."""
    pack = pack_of_hearing(staff, hearing)
    case_stages.follow_hearing(draft, hearing.kind, pack)
    proceeding = hearing.proceeding
    if proceeding is None and case_stages.is_before_court(hearing.kind, pack):
        proceeding = _ensure_proceeding(draft, hearing)
    placed = replace(
        hearing,
        proceeding=proceeding,
        parties=hearing.parties or _client_parties(draft),
    )
    hearing_id = draft.add(placed)
    return hearing_id, _start_filing_deadlines(draft, staff, hearing_id, placed)


def pack_of_hearing(staff: Staff, hearing: Hearing) -> str:
    """Return the id of the pack whose law decides at a hearing of this office."""
    return office_law.pack_of_hearing(office_law.law_of(staff.keys).office, hearing)


def starts_deadlines(hearing: Hearing) -> bool:
    """Return whether filing deadlines run before this hearing.

    For a detained person the court sets every date itself: a computed one could promise time that does not exist.
    """
    return not hearing.detained and hearing.starts_at >= clock.now() - dt.timedelta(days=1)


def _start_filing_deadlines(draft: Draft, staff: Staff, hearing_id: UUID, hearing: Hearing) -> list[UUID]:
    """Start the filing deadlines of a hearing, if it has any, and return their ids."""
    if not starts_deadlines(hearing):
        return []
    on = hearing.starts_on
    return clocks.start_deadlines(
        draft,
        staff,
        BOOKED.get(hearing.kind, ()),
        on,
        clocks.DeadlineLinks(trigger=hearing_id, parties=hearing.parties, owner=hearing.goes),
        clocks.Circumstances(court=hearing.court, judge=hearing.judge),
    )


def _ensure_proceeding(draft: Draft, hearing: Hearing) -> UUID:
    """Return the open immigration court proceeding, or add one."""
    for entry in draft.file.entries_of(Proceeding):
        if entry.record.forum == "immigration_court" and entry.record.state == "open":
            return entry.id
    return draft.add(
        Proceeding(forum="immigration_court", court=hearing.court, judge=hearing.judge, parties=_client_parties(draft))
    )


def _client_parties(draft: Draft) -> tuple[UUID, ...]:
    return tuple(sorted(entry.id for entry in draft.file.entries_of(Party) if entry.record.role in {"lead", "rider"}))


def change_hearing(staff: Staff, case_id: UUID, hearing_id: UUID, hearing: Hearing, *, version: int) -> None:
    """Correct a hearing. When day, kind or custody changed, new filing deadlines supersede the old ones."""
    with case_transaction(staff, case_id) as draft:
        change_hearing_in_draft(draft, staff, hearing_id, hearing, version=version)


def change_hearing_in_draft(
    draft: Draft, staff: Staff, hearing_id: UUID, hearing: Hearing, *, version: int | None = None
) -> None:
    """Correct a hearing in a draft, as `change_hearing` does."""
    before = draft.file.get(hearing_id, Hearing)
    draft.change(hearing_id, hearing, version=version)
    if _deadline_inputs(before.record) != _deadline_inputs(hearing):
        restart_filing_deadlines(draft, staff, hearing_id)


def restart_filing_deadlines(draft: Draft, staff: Staff, hearing_id: UUID) -> None:
    """Compute the filing deadlines of a hearing again; the new ones supersede the old ones."""
    hearing = draft.file.get(hearing_id, Hearing).record
    closed = clocks.supersede_deadlines(draft, staff, trigger=hearing_id)
    clocks.link_successors(draft, closed, _start_filing_deadlines(draft, staff, hearing_id, hearing))


def _deadline_inputs(hearing: Hearing) -> tuple[object, ...]:
    """Return the values of a hearing that its filing deadlines depend on."""
    return hearing.kind, hearing.detained, hearing.starts_on


@dataclass(frozen=True, kw_only=True)
class OutcomeFacts:
    """Facts that were entered with an outcome.

    leave_by   the last day to leave, as an order of voluntary departure gives it
    answers    answers to the questions of the decision's event in the catalogue
    task_text  a task for today, where something must be found out first; "": none
    """

    leave_by: dt.date | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    task_text: str = ""


NO_FACTS = OutcomeFacts()


def record_outcome(
    staff: Staff,
    case_id: UUID,
    hearing_id: UUID,
    outcome: Outcome,
    *,
    version: int,
    next_hearing: Hearing | None = None,
    facts: OutcomeFacts = NO_FACTS,
) -> UUID | None:
    """Record the outcome of a hearing and start the deadlines that follow. Return the next hearing's id, if any.

    The filing deadlines of this hearing are superseded, except when the respondent did not appear and no order is
    known. Raises Refused(code="next") for a reset without a date, EditConflict.
    """
    if outcome.what == "reset" and next_hearing is None:
        raise Refused("next", "Enter the new date, or choose that there is no new date yet.")
    with case_transaction(staff, case_id) as draft:
        entry = draft.file.get(hearing_id, Hearing)
        on = outcome.decided_on or entry.record.starts_on
        recorded = with_facts(replace(outcome, decided_on=on, recorded_by=staff.member_id, recorded_at=draft.at), facts)
        draft.change(hearing_id, replace(entry.record, outcome=recorded), version=version)
        is_unknown = outcome.what == "absent" and not outcome.decision
        closed = [] if is_unknown else clocks.supersede_deadlines(draft, staff, trigger=hearing_id)
        if is_decision(entry.record, recorded):
            case_stages.ask_for_stage(draft, case_stages.question_after_decision(recorded.decision))
        start_decision_deadlines(draft, staff, entry, recorded)
        if facts.task_text:
            draft.add(Task(text=facts.task_text, owner=entry.record.goes, due_on=clock.today(staff.zone)))
        if next_hearing is None:
            return None
        next_id, new_ids = add_hearing(draft, staff, next_hearing)
        clocks.link_successors(draft, closed, new_ids)
        draft.change(hearing_id, replace(entry.record, outcome=replace(recorded, next_hearing=next_id)))
        return next_id


def with_facts(outcome: Outcome, facts: OutcomeFacts) -> Outcome:
    """Return the outcome with the facts that a correction shows again."""
    return replace(outcome, leave_by=facts.leave_by, facts={name: text for name, text in facts.answers.items() if text})


def is_decision(hearing: Hearing, outcome: Outcome) -> bool:
    """Return whether an outcome may end a stage of the case; a decision on bond ends none."""
    return (outcome.what == "decided" or bool(outcome.decision)) and hearing.kind != "bond"


def start_decision_deadlines(draft: Draft, staff: Staff, entry: Entry[Hearing], outcome: Outcome) -> None:
    """Start the deadlines that follow from a decision, as the catalogue has them for its event."""
    event = event_of_outcome(outcome.decision, pack_of_hearing(staff, entry.record))
    if event is None or outcome.decided_on is None:
        return
    waived = {"waived": "waived" if outcome.appeal_waived else "reserved"}
    if outcome.appeal_waived:
        # An appeal waived makes the order final at once: no appeal deadline, and the others without their caution.
        kept = (replace(start, caution="") for start in event.starts if (start.on or event.event) != "oral_decision")
        event = replace(event, starts=tuple(kept))
    is_detained = any(item.record.detained_since for item in draft.file.entries_of(Party))
    known = {"detained_now": "yes" if is_detained else "no"}
    recorded = RecordedEvent(
        event=event, on=outcome.decided_on, printed=outcome.leave_by, answers={**known, **waived, **outcome.facts}
    )
    links = clocks.DeadlineLinks(trigger=entry.id, parties=entry.record.parties, owner=entry.record.goes)
    event_deadlines.start_event_deadlines(draft, staff, recorded, links)
