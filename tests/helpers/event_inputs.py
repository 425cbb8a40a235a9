"""What a person types for an event of the catalogue so that one of its rules starts, and the rule's own inputs."""

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from caseapp import rules
from caseapp.rules import CatalogueEvent, EventStart

Typed = Mapping[str, str | dt.date]


@dataclass(frozen=True)
class EventDays:
    """The days from which the fields of an event are filled.

    past    the day an event happened; future: an expiration, a hearing, a date that a document gives
    before  an earlier date that a rule needs too; first: the filing of a petition, before its approval
    """

    past: dt.date
    future: dt.date
    before: dt.date
    first: dt.date
    born: dt.date

    def moved(self, days: int) -> "EventDays":
        """Return all days later (or earlier) by the same number."""
        by = dt.timedelta(days=days)
        return replace(self, **{day.name: getattr(self, day.name) + by for day in fields(self)})


@dataclass
class Inputs:
    """What was entered: the rule (with its variant) and its dates, as the command takes them."""

    rule: str
    events: dict[str, dt.date] = field(default_factory=dict)
    by_mail: bool = False


def entries_of(pack: str) -> list[tuple[CatalogueEvent, EventStart]]:
    """Every event of the pack with each rule it starts: what the pages promise as "Starts automatically when"."""
    catalogue = rules.catalogue()
    events = [event for event in catalogue.events.values() if catalogue.pack_of[event.id] == pack]
    return [(event, start) for event in events for start in event.starts]


def has_period(rule_id: str) -> bool:
    """Whether the rule has a date of its own; another one has only the date that a document gives."""
    book = rules.standard()
    rule = book.versions_of(rule_id)[-1]
    return bool(rule_id in book.known_names.counted or rule.opens or rule.positions_of or rule.at_once)


def answers_for(event: CatalogueEvent, start: EventStart) -> dict[str, str]:
    """Answers to the questions with choices for which this start is the only one of its alternatives, if there are."""
    questions = {name: rules.catalogue().questions[name] for name in event.ask}
    choices = {
        name: start.when.get(name) or tuple(choice.id for choice in question.choices)
        for name, question in questions.items()
        if question.kind == "choice"
    }
    combinations = [dict(zip(choices, picked, strict=True)) for picked in itertools.product(*choices.values())]

    def alternatives(answers: dict[str, str]) -> int:
        possible = rules.possible_starts(event, answers)
        return sum(item.start.one_of == start.one_of != "" for item in possible)

    return min(combinations, key=alternatives)


def _ends(start: EventStart, question: str) -> bool:
    """Whether the date that a question asks for would end the rule's period for good."""
    ended_by = rules.get_rule(start.rule).ended_by
    return any(name in ended_by and asked == question for name, asked in start.dates.items())


def question_values(event: CatalogueEvent, start: EventStart, days: EventDays) -> dict[str, str | dt.date]:
    """The fields of the event's questions, answered so that the rule starts; the document prints no date."""
    values: dict[str, str | dt.date] = {f"q_{name}": choice for name, choice in answers_for(event, start).items()}
    for name in event.ask:
        kind = rules.catalogue().questions[name].kind
        if kind == "printed" and has_period(start.rule):
            values["no_printed_due_on"] = "on"
        elif kind == "printed" or kind == "printed_required":
            values["printed_due_on"] = days.future
        elif kind == "date" and not _ends(start, name):
            values[f"q_{name}"] = {"birth_date": days.born, "petition_filed": days.first}.get(name, days.before)
        elif kind == "text":
            values[f"q_{name}"] = "As the document says"
    return values


def day_of_event(event: CatalogueEvent, start: EventStart, days: EventDays) -> dt.date:
    """The day of the event: past, or ahead for an expiration; within the days for which the reading governs."""
    readings = rules.standard().readings_of(rules.get_rule(start.rule))
    ended = [reading.effective_until for reading in readings if reading.id == start.variant]
    if ended and ended[0] and ended[0] < days.past:
        return ended[0]
    if event.event in {"birth_date", "petition_filed"}:
        return days.born if event.event == "birth_date" else days.first
    return days.future if rules.catalogue().questions[event.date].future else days.past


def engine_inputs(event: CatalogueEvent, start: EventStart, values: Typed, on: dt.date) -> Inputs:
    """The inputs that the typed values are to the rule."""
    book = rules.standard()
    rule = book.versions_of(start.rule)[-1]
    events = {start.on or event.event: on}
    for name, question in start.dates.items():
        if isinstance(answer := values.get(f"q_{question}"), dt.date):
            events[name] = answer
    printed = values.get("printed_due_on") or values.get("leave_by")
    if isinstance(printed, dt.date) and (rule.paper_controls or not has_period(rule.id)):
        events["printed_date"] = printed
    return Inputs(start.question, events)
