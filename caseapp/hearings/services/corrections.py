"""Correction of a recorded outcome, with the deadlines, the next hearing, the task and the stage that followed it."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes.preview import require_shown_state
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import case_stages
from caseapp.deadlines.services.corrections import follow
from caseapp.deadlines.services.corrections.follow import KeptDeadline
from caseapp.deadlines.services.triggers import BOOKED
from caseapp.hearings.services import hearings
from caseapp.hearings.services.hearings import OutcomeFacts
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.case import IN_COURT, Case
from caseapp.records.deadline import ENTRY_CORRECTED, Deadline
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.task import Task
from caseapp.vault.store import Draft, Entry, SealedFile

PRINTED = "printed_date"
ABSENTIA = "absentia"  # stored with an outcome without an order: was one made? No deadline depends on it
_FILING_RULES = frozenset(start.rule for started in BOOKED.values() for start in started)


@dataclass(frozen=True, kw_only=True)
class OutcomeCorrection:
    """A corrected outcome.

    version       of the hearing, as the member saw it
    next_hearing  the corrected next hearing; without one, the one that was booked with the outcome goes
    """

    outcome: Outcome
    version: int
    next_hearing: Hearing | None = None
    facts: OutcomeFacts = hearings.NO_FACTS


def correct_outcome(
    staff: Staff, case_id: UUID, hearing_id: UUID, correction: OutcomeCorrection, *, head_version: int
) -> None:
    """Correct the outcome of a hearing with what followed from it, as `correct_in_draft`.

    `head_version` is the state of the case for which the member saw what changes; Refused for another one.
    """
    with case_transaction(staff, case_id, what="case.correct") as draft:
        require_shown_state(draft, head_version)
        correct_in_draft(draft, staff, hearing_id, correction)


def correct_in_draft(
    draft: Draft, staff: Staff, hearing_id: UUID, correction: OutcomeCorrection
) -> tuple[KeptDeadline, ...]:
    """Correct an outcome in a draft; return the deadlines that stay closed as a person left them.

    Raises EditConflict; Refused for a closed case, a reset without a date, a next hearing that has an outcome, and
    where a fatal deadline would end (`follow.restart_deadlines`).
    """
    outcome, version, facts = correction.outcome, correction.version, correction.facts
    next_hearing = correction.next_hearing
    record = draft.get_at_version(hearing_id, Hearing, version)
    before = _refuse_impossible(draft, record, outcome, next_hearing)
    known = complete_outcome(draft.file, hearing_id, before)
    stated = replace(outcome, decided_on=outcome.decided_on or record.starts_on)
    corrected = replace(
        hearings.with_facts(stated, facts), recorded_by=before.recorded_by, recorded_at=before.recorded_at
    )
    booked = find_next_hearing(draft.file, hearing_id, before)
    draft.change(hearing_id, replace(record, outcome=corrected), version=version)
    entry = draft.file.get(hearing_id, Hearing)
    kept: tuple[KeptDeadline, ...] = ()
    if _decision_inputs(known) != _decision_inputs(corrected):
        decided = [item for item in _deadlines_of(draft.file, hearing_id) if not _is_filing(item.record)]
        kept = follow.restart_deadlines(
            draft, staff, decided, lambda copy: hearings.start_decision_deadlines(copy, staff, entry, corrected)
        )
    _follow_filings(draft, staff, hearing_id, before, corrected)
    _follow_stage(draft, record, before, corrected)
    _follow_task(draft, staff, record, before, facts)
    next_id = _follow_next_hearing(draft, staff, booked, next_hearing)
    if next_id != corrected.next_hearing:
        draft.change(hearing_id, replace(entry.record, outcome=replace(corrected, next_hearing=next_id)))
    return kept


def _refuse_impossible(draft: Draft, hearing: Hearing, outcome: Outcome, following: Hearing | None) -> Outcome:
    """Return the recorded outcome. Raises Refused where it cannot be corrected."""
    if hearing.outcome is None:
        raise Refused("what", "No outcome is recorded for this hearing any more. Record it again.")
    if draft.file.get_only(Case).record.stage == "closed":
        raise Refused("what", "This case is closed. Open it again, then correct the entry.")
    if outcome.what == "reset" and following is None:
        raise Refused("next", "Enter the new date, or choose that there is no new date yet.")
    return hearing.outcome


def complete_outcome(file: SealedFile, hearing_id: UUID, outcome: Outcome) -> Outcome:
    """Return a recorded outcome with the last day to leave, which older ones kept only in the deadlines that follow."""
    if outcome.leave_by is not None:
        return outcome
    for entry in _deadlines_of(file, hearing_id):
        printed = entry.record.working.events.get(PRINTED, "") if entry.record.working else ""
        if entry.record.state != "superseded" and printed:
            return replace(outcome, leave_by=dt.date.fromisoformat(printed[:10]))
    return outcome


def find_next_hearing(file: SealedFile, hearing_id: UUID, outcome: Outcome) -> Entry[Hearing] | None:
    """Return the hearing booked with an outcome, while it is in the case. An older outcome does not name it."""
    for entry in file.entries_of(Hearing):
        is_named = entry.id == outcome.next_hearing
        is_same_save = outcome.recorded_at is not None and entry.record.entered_at == outcome.recorded_at
        if is_named or (outcome.next_hearing is None and is_same_save and entry.id != hearing_id):
            return entry
    return None


def _deadlines_of(file: SealedFile, hearing_id: UUID) -> list[Entry[Deadline]]:
    return [entry for entry in file.entries_of(Deadline) if entry.record.trigger == hearing_id]


def _is_filing(deadline: Deadline) -> bool:
    """Return True for a filing deadline that runs before a hearing; the others follow from its decision."""
    working = deadline.working
    if working is None:
        return False
    return working.rule in _FILING_RULES or any(name.startswith("hearing") for name in working.events)


def _decision_inputs(outcome: Outcome) -> tuple[object, ...]:
    """Return what the deadlines of a decision depend on."""
    facts = {name: text for name, text in outcome.facts.items() if name != ABSENTIA}
    return outcome.decision, outcome.decided_on, outcome.appeal_waived, outcome.leave_by, facts


def _is_unknown(outcome: Outcome) -> bool:
    """Return True while it is not known if an order was made in absence: the filing deadlines then go on."""
    return outcome.what == "absent" and not outcome.decision


def _follow_filings(draft: Draft, staff: Staff, hearing_id: UUID, before: Outcome, corrected: Outcome) -> None:
    """End the filing deadlines of a hearing that took place, or open again those that its outcome had ended."""
    if _is_unknown(before) == _is_unknown(corrected):
        return
    for entry in _deadlines_of(draft.file, hearing_id):
        record = entry.record
        if not _is_filing(record):
            continue
        if record.state == "open" and not _is_unknown(corrected):
            ended = replace(record, state="superseded", closed_by=staff.member_id, closed_on=clock.today(staff.zone))
            draft.change(entry.id, ended)
        elif _was_ended_with(record, before) and _is_unknown(corrected):
            draft.change(entry.id, replace(record, state="open", closed_by=None, closed_on=None))


def _was_ended_with(record: Deadline, outcome: Outcome) -> bool:
    is_ended = record.state == "superseded" and record.superseded_by is None and not record.closed_reason
    return is_ended and record.changed_at is not None and record.changed_at == outcome.recorded_at


def _follow_stage(draft: Draft, hearing: Hearing, before: Outcome, corrected: Outcome) -> None:
    """Ask for the stage after another decision; after none, take the question back or ask again."""
    was, would = hearings.is_decision(hearing, before), hearings.is_decision(hearing, corrected)
    if would and (not was or before.decision != corrected.decision):
        case_stages.ask_for_stage(draft, case_stages.question_after_decision(corrected.decision))
    elif was and not would:
        entry = draft.file.get_only(Case)
        if entry.record.stage_question:
            draft.change(entry.id, replace(entry.record, stage_question=""))
        elif entry.record.stage not in IN_COURT:
            case_stages.ask_for_stage(draft, "other_decision")


def _follow_task(draft: Draft, staff: Staff, hearing: Hearing, before: Outcome, facts: OutcomeFacts) -> None:
    """Finish the task that asked for an order once the outcome says it, or add it where it is now unknown."""
    asked = [
        entry
        for entry in draft.file.entries_of(Task)
        if entry.record.done_on is None
        and before.recorded_at is not None
        and entry.record.entered_at == before.recorded_at
    ]
    today = clock.today(staff.zone)
    if facts.task_text and not asked and not _is_unknown(before):
        draft.add(Task(text=facts.task_text, owner=hearing.goes, due_on=today))
    elif not facts.task_text and _is_unknown(before):
        for entry in asked:
            draft.change(entry.id, replace(entry.record, done_on=today, done_by=staff.member_id))


def _follow_next_hearing(
    draft: Draft, staff: Staff, booked: Entry[Hearing] | None, wanted: Hearing | None
) -> UUID | None:
    """Book, move or take away the next hearing. Return its id."""
    if booked is None:
        return hearings.add_hearing(draft, staff, wanted)[0] if wanted is not None else None
    if wanted is not None and (wanted.kind, wanted.starts_at) == (booked.record.kind, booked.record.starts_at):
        return booked.id
    if booked.record.outcome is not None:
        raise Refused("next_on", "The next hearing has an outcome already. Correct that hearing on its own page.")
    if wanted is not None:
        moved = replace(booked.record, kind=wanted.kind, starts_at=wanted.starts_at)
        hearings.change_hearing_in_draft(draft, staff, booked.id, moved)
        return booked.id
    remove_hearing(draft, staff, booked.id)
    return None


def remove_hearing(draft: Draft, staff: Staff, hearing_id: UUID) -> None:
    """Take a hearing out of a case; its open deadlines end and stay visible. Raises Refused as `end_deadlines`."""
    following = [entry for entry in _deadlines_of(draft.file, hearing_id) if entry.record.state == "open"]
    follow.end_deadlines(draft, staff, following, ENTRY_CORRECTED)
    draft.remove(hearing_id)
