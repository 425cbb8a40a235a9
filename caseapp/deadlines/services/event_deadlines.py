"""The deadlines that follow from an event of the catalogue: never later than the earliest rule that could fit."""

import datetime as dt
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.deadlines.services import starts as clocks
from caseapp.deadlines.services.triggers import DeadlineStart
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline
from caseapp.vault.store import Draft

PRINTED = "printed_date"


@dataclass(frozen=True, kw_only=True)
class RecordedEvent:
    """An event of the catalogue with its date and the answers to its questions.

    printed   the date the document gives
    answers   question id to the id of a choice, or to an ISO date
    cautions  what is uncertain about the event itself
    settled   names of deadlines that do not start a second time
    """

    event: rules.CatalogueEvent
    on: clocks.Moment
    printed: dt.date | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    cautions: tuple[rules.Sentence, ...] = ()
    settled: Set[str] = frozenset()


def start_event_deadlines(
    draft: Draft,
    staff: Staff,
    recorded: RecordedEvent,
    links: clocks.DeadlineLinks,
    circumstances: clocks.Circumstances = clocks.ORDINARY,
) -> list[UUID]:
    """Add the deadlines that follow from the event to the draft. Return the new ids, in the order of the catalogue.

    Raises Refused for a date that a rule needs or cannot use.
    """
    law = office_law.law_of(staff.keys)
    today = clock.today(staff.zone)
    new_ids = []
    for deadline in compute_event_deadlines(law, recorded, circumstances, today=today):
        if deadline.what in recorded.settled:
            continue
        new_ids.append(draft.add(replace(deadline, trigger=links.trigger, parties=links.parties, owner=links.owner)))
    return new_ids


def compute_event_deadlines(
    law: Law, recorded: RecordedEvent, circumstances: clocks.Circumstances, *, today: dt.date
) -> list[Deadline]:
    """Return the deadlines that follow from the event, and those of the office's own rules, without storing them.

    Of the rules of which only one can apply, the earliest that no answer excludes is kept. It names the questions that
    would settle it.
    """
    deadlines, needs_printed = [], False
    for alternatives in _alternatives(recorded):
        ready = [possible for possible in alternatives if _has_dates(law, possible.start, recorded)]
        computed = [_compute_start(law, possible, recorded, circumstances, today) for possible in ready]
        needs_printed = needs_printed or any(_lacks_printed_date(law, item.start, recorded) for item in alternatives)
        if computed:
            deadlines.append(min(computed, key=_first_day))
    if needs_printed and not deadlines:
        raise Refused("printed_due_on", "Enter the date that the document gives: without it there is no deadline.")
    return deadlines + _office_deadlines(law, recorded, circumstances, today)


def uses_printed_date(law: Law, rule_id: str) -> bool:
    """Return True when the date printed on the document counts for the rule."""
    rule = law.book.versions_of(rule_id)[-1]
    return rule.paper_controls or _has_no_period(law, rule)


def _alternatives(recorded: RecordedEvent) -> Iterable[list[rules.PossibleStart]]:
    """Return the possible starts, those of which only one can apply together."""
    grouped: dict[str, list[rules.PossibleStart]] = {}
    for number, possible in enumerate(rules.possible_starts(recorded.event, recorded.answers)):
        grouped.setdefault(possible.start.one_of or str(number), []).append(possible)
    return grouped.values()


def _compute_start(
    law: Law,
    possible: rules.PossibleStart,
    recorded: RecordedEvent,
    circumstances: clocks.Circumstances,
    today: dt.date,
) -> Deadline:
    start = possible.start
    events = _events_of(law, start, recorded)
    item = DeadlineStart(
        start.question,
        "",
        rules.pack_sentence(start.caution) if start.caution else None,
        further=(*recorded.cautions, *(_unanswered_sentence(name) for name in possible.unanswered)),
    )
    deadline = clocks.compute_for_office(law, item, events, circumstances)
    return clocks.with_target_if_urgent(law, deadline, start.rule, today)


def _events_of(law: Law, start: rules.EventStart, recorded: RecordedEvent) -> dict[str, clocks.Moment]:
    """Return the dates that the event gives the rule."""
    events: dict[str, clocks.Moment] = {start.on or recorded.event.event: recorded.on}
    for name, question in start.dates.items():
        if answer := recorded.answers.get(question, ""):
            events[name] = dt.date.fromisoformat(answer)
    if recorded.printed is not None and uses_printed_date(law, start.rule):
        events[PRINTED] = recorded.printed
    return events


def _has_dates(law: Law, start: rules.EventStart, recorded: RecordedEvent) -> bool:
    """Return True when every date of the rule is known; a rule that needs an unknown one starts with a later event."""
    rule = law.book.versions_of(start.rule)[-1]
    has_needed = law.book.events_needed(rule) <= _events_of(law, start, recorded).keys()
    return has_needed and not _lacks_printed_date(law, start, recorded)


def _lacks_printed_date(law: Law, start: rules.EventStart, recorded: RecordedEvent) -> bool:
    """Return True for a rule whose only date is the one that the document gives, while none is given."""
    return recorded.printed is None and _has_no_period(law, law.book.versions_of(start.rule)[-1])


def _has_no_period(law: Law, rule: rules.Rule) -> bool:
    counted = rule.id in law.book.known_names.counted or rule.opens or rule.positions_of
    return not counted and not rule.at_once


def _unanswered_sentence(question_id: str) -> rules.Sentence:
    return rules.unanswered_sentence(rules.catalogue().questions[question_id].en)


def _first_day(deadline: Deadline) -> tuple[dt.date, str]:
    """Return the day that decides which of several rules is the earliest; on the same day, the earlier hour."""
    on = deadline.act_by or deadline.due_on or deadline.opens_on or dt.date.max
    return on, deadline.due_minute or "~"


def _office_deadlines(
    law: Law, recorded: RecordedEvent, circumstances: clocks.Circumstances, today: dt.date
) -> list[Deadline]:
    """Return the deadlines of the office's own rules that the same event starts."""
    if not recorded.event.follows:
        return []
    seed = DeadlineStart("", recorded.event.event, pack_event=recorded.event.follows)
    started = clocks.with_office_rules(law, (seed,))[1:]
    computed = (clocks.compute_for_office(law, item, {item.event: recorded.on}, circumstances) for item in started)
    return [
        clocks.with_target_if_urgent(law, deadline, item.rule, today)
        for item, deadline in zip(started, computed, strict=True)
    ]
