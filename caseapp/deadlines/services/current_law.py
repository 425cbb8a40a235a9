"""The dates that the office's current law gives a stored deadline: proposals, and the readings that the office chose.

A choice of a reading moves the legal deadline at once. The internal deadline stays with the earliest reading until the
case's lead or a supervising attorney accepts the choice in that case; the proposal says what it would be.
"""

import datetime as dt
from typing import Any

import msgspec
from msgspec.structs import replace

from caseapp import rules
from caseapp.casefile.office_law import Law
from caseapp.deadlines.services import calculation
from caseapp.records.deadline import Deadline, Proposal, Working
from caseapp.records.hearing import Hearing
from caseapp.vault.store import SealedFile

OWN_WORKING_DIFFERS = rules.Sentence("difference.own_working")


def compare_with_current_law(
    file: SealedFile, deadline: Deadline, law: Law, *, accepts_choice: bool = True
) -> rules.Comparison:
    """Return the comparison of a deadline with the current law. The deadline must have a working.

    The office's chosen reading and its settings of the court are used, and the court and judge of its hearing when the
    original question had none.

    accepts_choice  the internal deadline follows the chosen reading too, as it would once the choice is accepted
    """
    assert deadline.working is not None
    inputs = deadline.working.inputs
    chosen = law.position_of(deadline.working.rule)
    was_accepted = bool(inputs.get("is_position_accepted")) and chosen == inputs.get("position")
    changed = {
        **_changed_place(file, deadline, law),
        "position": chosen,
        "is_position_accepted": chosen is not None and (accepts_choice or was_accepted),
    }
    return rules.compare(msgspec.to_builtins(deadline.working), book=law.book, changed=changed)


def _changed_place(file: SealedFile, deadline: Deadline, law: Law) -> dict[str, object]:
    """Return court, judge, region and filing method as the hearing and the office's settings have them now.

    The filing method of a deadline that a member added by hand is what the member said, so it stays.
    """
    assert deadline.working is not None
    before = file.entries.get(deadline.trigger) if deadline.trigger else None
    court, changed = str(deadline.working.inputs.get("court", "")), dict[str, object]()
    if before is not None and isinstance(before.record, Hearing) and not court:
        court = before.record.court
        changed = {"court": court, "judge": before.record.judge}
    if deadline.trigger is not None:
        changed["electronic"] = law.files_electronically(court)
    return {**changed, "region": law.region_of(court)}


def follow_choice(file: SealedFile, deadline: Deadline, law: Law) -> Deadline:
    """Return the deadline with the legal deadline of the reading that the office chose since it was computed.

    Unchanged where the law changed too, or where the choice would move the internal deadline: the proposal lists that.
    """
    working = deadline.working
    if working is None or law.position_of(working.rule) == working.inputs.get("position"):
        return deadline
    before = rules.compare(msgspec.to_builtins(working), book=law.book, changed=_changed_place(file, deadline, law))
    would = compare_with_current_law(file, deadline, law, accepts_choice=False).would_be
    if before.changed or before.would_be is None or would is None:
        return deadline
    computed = calculation.deadline_from_computed(would)
    if (computed.act_by, computed.opens_on) != (deadline.act_by, deadline.opens_on):
        return deadline
    return replace(
        deadline,
        due_on=computed.due_on,
        due_minute=computed.due_minute,
        working=_with_cautions_of(working, before.would_be, computed.working),
    )


def _with_cautions_of(old: Working, again: rules.Computation, new: Working | None) -> Working | None:
    """Return the new working with the cautions that the old one got from its event.

    again  the old question, computed again: its own warnings are not repeated
    """
    if new is None or len(old.warnings) != len(old.warning_sentences):
        return new
    own = {rules.render_english(warning) for warning in again.warnings}
    kept = [pair for pair in zip(old.warnings, old.warning_sentences, strict=True) if pair[0] not in own]
    return replace(
        new,
        warnings=(*(text for text, _ in kept), *new.warnings),
        warning_sentences=(*(sentence for _, sentence in kept), *new.warning_sentences),
    )


def offer_choice(deadline: Deadline, law: Law, today: dt.date) -> Deadline:
    """Return a new deadline with the proposal to let its internal deadline follow the office's chosen reading too."""
    if deadline.working is None or law.position_of(deadline.working.rule) is None:
        return deadline
    stored: dict[str, Any] = msgspec.to_builtins(deadline.working)
    comparison = rules.compare(stored, book=law.book, changed={"is_position_accepted": True})
    proposal = build_proposal(comparison, law, today)
    return deadline if dates_of(proposal) == dates_of(deadline) else replace(deadline, proposal=proposal)


def build_proposal(comparison: rules.Comparison, law: Law, today: dt.date) -> Proposal:
    """Return a comparison as a proposal; without a working when no rule computes the date any more."""
    if comparison.would_be is None:
        no_rule = rules.Sentence("difference.no_rule", {"reason": comparison.why[0]})
        return with_reasons(Proposal(law=law.book.version, listed_on=today), (no_rule,))
    computed = calculation.deadline_from_computed(comparison.would_be)
    proposal = Proposal(
        law=law.book.version,
        listed_on=today,
        due_on=computed.due_on,
        act_by=computed.act_by,
        opens_on=computed.opens_on,
        due_minute=computed.due_minute,
        working=computed.working,
    )
    return with_reasons(proposal, comparison.why or (OWN_WORKING_DIFFERS,))


def with_reasons(proposal: Proposal, why: tuple[rules.Sentence, ...]) -> Proposal:
    """Return the proposal with its reasons, in English and as data."""
    texts = tuple(map(rules.render_english, why))
    return replace(proposal, why=texts, why_sentences=calculation.stored_sentences(why))


def is_choice(proposal: Proposal) -> bool:
    """Return whether the proposal is to accept the reading that the office chose."""
    return proposal.working is not None and bool(proposal.working.inputs.get("is_position_accepted"))


def dates_of(record: Deadline | Proposal) -> tuple[str, str, str]:
    """Return legal deadline, internal deadline and first day as ISO text; empty for a missing one."""
    due = record.due_minute or (record.due_on.isoformat() if record.due_on else "")
    return (
        due,
        record.act_by.isoformat() if record.act_by else "",
        record.opens_on.isoformat() if record.opens_on else "",
    )
