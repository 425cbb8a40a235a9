"""Sentences of the engine, as data: a sentence is a code with typed values, rendered by `explain.rendering`.

As JSON each value is an array that begins with its kind: {"day": ["day", "2026-12-25"], "number": ["number", 90]}.
Codes, names of values and kinds are stored in records: they never change, and none gets another meaning.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from caseapp.rules.terms.words import Moment, to_iso

Unit = Literal["d", "b", "m", "y", "h"]


class DayValue(Struct, frozen=True, array_like=True, tag="day"):
    """A day, or an instant in the wall time of the question: an ISO date, or ISO to the minute."""

    moment: str


class NoDayValue(Struct, frozen=True, array_like=True, tag="no_day"):
    """The absence of a date."""


class NumberValue(Struct, frozen=True, array_like=True, tag="number"):
    """A whole number."""

    number: int


class AmountValue(Struct, frozen=True, array_like=True, tag="amount"):
    """A number of calendar days, business days, months, years or hours."""

    number: int
    unit: Unit


class CountValue(Struct, frozen=True, array_like=True, tag="count"):
    """A count in the notation of the packs: "+5y -90d"."""

    count: str


class CodeValue(Struct, frozen=True, array_like=True, tag="code"):
    """The id of a rule, a position or a version. It is the same in every language."""

    code: str


class NameValue(Struct, frozen=True, array_like=True, tag="name"):
    """A proper name as a person entered it: of a judge, a court, or the source of a closure."""

    name: str


class StepNameValue(Struct, frozen=True, array_like=True, tag="step"):
    """The name of a kind of step (`ComputationStep.name`)."""

    name: str


class EventValue(Struct, frozen=True, array_like=True, tag="event"):
    """The id of an event."""

    event: str


class AnyEventValue(Struct, frozen=True, array_like=True, tag="any_event"):
    """The ids of several events, one of which is enough."""

    events: tuple[str, ...]


class DatedEventsValue(Struct, frozen=True, array_like=True, tag="dated_events"):
    """The ids of several events, each with its date as in `DayValue`."""

    items: tuple[tuple[str, str], ...]


class PackTextValue(Struct, frozen=True, array_like=True, tag="text"):
    """The English text of a pack, translated as a whole; an office's own text stays as the office wrote it."""

    text: str
    starts_sentence: bool = False


class RuleNameValue(Struct, frozen=True, array_like=True, tag="rule_name"):
    """The short name of a rule: its English `what`."""

    what: str


class HolidayName(Struct, frozen=True, array_like=True):
    """A public holiday by its English name. `observed`: on another day than the holiday itself."""

    name: str
    observed: bool = False


class ClosedReasonValue(Struct, frozen=True, array_like=True, tag="closed"):
    """Why a day is closed: a weekend day, holidays, or a closure that the office added.

    closure  the source of the office's closure, "" for one without a source; None: no closure
    """

    weekend: Literal["", "Saturday", "Sunday"] = ""
    holidays: tuple[HolidayName, ...] = ()
    closure: str | None = None


class Sentence(Struct, frozen=True, array_like=True, tag="sentence"):
    """A code of `explain.sentences` with a value for each of its places. It can be the value of another sentence."""

    code: str
    values: Mapping[str, "Value"] = {}


Value = (
    DayValue
    | NoDayValue
    | NumberValue
    | AmountValue
    | CountValue
    | CodeValue
    | NameValue
    | StepNameValue
    | EventValue
    | AnyEventValue
    | DatedEventsValue
    | PackTextValue
    | RuleNameValue
    | ClosedReasonValue
    | Sentence
)
Values = Mapping[str, Value]
PACK_TEXT = "text"  # the code of a sentence that is nothing but a text of a pack


def day(moment: Moment) -> DayValue:
    """Return a day or an instant as a value."""
    return DayValue(to_iso(moment))


def dated_events(events: Iterable[tuple[str, Moment]]) -> DatedEventsValue:
    """Return events with their dates as a value."""
    return DatedEventsValue(tuple((name, to_iso(moment)) for name, moment in events))


def as_sentence(value: PackTextValue | Sentence) -> Sentence:
    """Return a sentence unchanged, or a pack's text as a sentence of its own."""
    return value if isinstance(value, Sentence) else Sentence(PACK_TEXT, {"text": value})


def watch_sentence(then: str) -> Sentence:
    """Return whose time a watch date is, and what its end lets us do (`then`, a pack's English text)."""
    return Sentence("warning.watch", {"then": PackTextValue(then)})


def pack_sentence(text: str) -> Sentence:
    """Return a pack's English text as a sentence."""
    return Sentence(PACK_TEXT, {"text": PackTextValue(text)})


def birth_in_part_sentence(earliest: Moment, latest: Moment) -> Sentence:
    """Return the warning that a birth is not known to the day, so that the date counts from the earliest one."""
    return Sentence("warning.birth_in_part", {"first": day(earliest), "last": day(latest)})


def drop_repeated(sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    """Return the sentences, each once."""
    kept: list[Sentence] = []
    for sentence in sentences:
        if sentence not in kept:
            kept.append(sentence)
    return tuple(kept)


def begin_sentence(text: PackTextValue | Sentence) -> PackTextValue | Sentence:
    """Return the text of a reading as it begins a sentence, with a capital letter."""
    return text if isinstance(text, Sentence) else replace(text, starts_sentence=True)
