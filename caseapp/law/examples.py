"""A worked example of a rule: what it gives for an event of today, computed by the engine that computes cases."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.rules.explain.rendering import RenderedText
from caseapp.rules.terms.inputs import PRINTED
from caseapp.rules.terms.words import Moment
from caseapp.ui.display import date_texts, labels
from caseapp.ui.display.law_texts import render_sentence, translate_pack_text

MORNING = dt.time(10)  # of the event, for rules that count hours
PRINTED_AFTER = dt.timedelta(days=30)  # of the date printed on the notice, for rules without a period of their own
PERIOD = dt.timedelta(days=365)  # between the first event and a later one, for rules that count from two


@dataclass(frozen=True)
class ExampleStep:
    """One numbered line of `components/working.html`."""

    name: str
    what: RenderedText
    because: str
    on: None = None


@dataclass(frozen=True)
class WorkedExample:
    """The dates that the example starts from, as (meaning of the event, day), and what follows."""

    given: tuple[tuple[str, str], ...]
    steps: tuple[ExampleStep, ...]
    result: dt.date | None


def work_example(book: rules.Rulebook, rule: rules.Rule, today: dt.date) -> WorkedExample | None:
    """Return the first example that the rule answers; None where it needs more than dates."""
    for events in _example_events(book, rule, today):
        try:
            computation = rules.compute(rule.id, events, book=book)
        except rules.RuleError:
            continue
        date = computation.act_by or computation.due_on or computation.opens_on
        if date is not None:
            return _as_example(book, rule, events, computation, _day_of(date))
    return None


def _example_events(book: rules.Rulebook, rule: rules.Rule, today: dt.date) -> Iterator[Mapping[str, Moment]]:
    """Yield dates to try: each event alone, with its hour, with a printed date; then with the events it needs."""
    for event in rule.on:
        yield {event: today}
        yield {event: dt.datetime.combine(today, MORNING)}
        yield {event: today, PRINTED: today + PRINTED_AFTER}
    needed = book.events_needed(rule)
    yield {**dict.fromkeys(needed, today - PERIOD), **dict.fromkeys(rule.on, today)}
    yield {**dict.fromkeys(needed, today), **dict.fromkeys(rule.on, today - PERIOD)}


def _as_example(
    book: rules.Rulebook,
    rule: rules.Rule,
    events: Mapping[str, Moment],
    computation: rules.Computation,
    result: dt.date,
) -> WorkedExample:
    meanings = {name: translate_pack_text(text) for name, text in book.pack_of(rule.id).events.items()}
    meanings[PRINTED] = _("Response due date printed on the notice")
    return WorkedExample(
        given=tuple((meanings[name], _as_text(moment)) for name, moment in events.items()),
        steps=tuple(
            ExampleStep(labels.label_of(labels.WORKING_STEPS, step.name), render_sentence(step.sentence), step.citation)
            for step in computation.steps
        ),
        result=result,
    )


def _day_of(moment: Moment) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def _as_text(moment: Moment) -> str:
    text = date_texts.list_date(moment)
    return f"{text}, {date_texts.clock_text(moment.time())}" if isinstance(moment, dt.datetime) else text
