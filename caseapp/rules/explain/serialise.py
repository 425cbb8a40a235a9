"""Parsing of questions: JSON inputs of batches and of stored workings, and dates as people type them."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from caseapp.rules.terms.calendars import ClosedDay
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.inputs import Options
from caseapp.rules.terms.office import StandingOrder
from caseapp.rules.terms.words import Moment

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}.{0,20})?")
OPTIONS = frozenset(Options.__struct_fields__)


def parse_moment(text: object) -> Moment:
    """Parse YYYY-MM-DD, or YYYY-MM-DDTHH:MM for rules in hours. Raises RuleError."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise RuleError(f"{_quote_input(text)} is not a date like 2026-11-05 or 2026-11-05T18:30")
    try:
        return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)
    except ValueError as exc:
        raise RuleError(f"{_quote_input(text)} is a date that does not exist") from exc


def parse_day(text: object) -> dt.date:
    """Parse YYYY-MM-DD. Raises RuleError."""
    parsed = parse_moment(text)
    if isinstance(parsed, dt.datetime):
        raise RuleError(f"{_quote_input(text)} has a time; a date is wanted")
    return parsed


def question_from_batch(inputs: object) -> tuple[dict[str, Moment], Options]:
    """Return the events and options of one `inputs_json`: known options; any other name is an event."""
    if not isinstance(inputs, Mapping):
        raise RuleError("inputs_json is not a JSON object")
    given = {name: value for name, value in inputs.items() if name in OPTIONS and value is not None}
    events = {name: value for name, value in inputs.items() if name not in OPTIONS}
    return question_from_json({**given, "events": events})


def question_from_json(stored: Mapping[str, Any]) -> tuple[dict[str, Moment], Options]:
    """Return the events and options of `Inputs.as_json()`, including closures of an office's pack. Raises RuleError."""
    options: dict[str, Any] = {name: value for name, value in stored.items() if name in OPTIONS and value is not None}
    if not isinstance(stored.get("events"), Mapping):
        raise RuleError("the events are not a JSON object")
    events = {str(name): parse_moment(text) for name, text in stored["events"].items()}
    if "clock_stops" in options:
        options["clock_stops"] = _parse_stops(options["clock_stops"])
    if options.get("closures") == []:
        del options["closures"]
    elif "closures" in options:
        options["closures"] = _parse_closures(options["closures"])
    return events, Options(**options)


def orders_from_json(stored: Mapping[str, Any]) -> tuple[StandingOrder, ...]:
    """Return the standing orders that a stored working used. Raises RuleError."""
    try:
        return msgspec.convert(stored.get("orders") or (), tuple[StandingOrder, ...])
    except msgspec.ValidationError as exc:
        raise RuleError("the standing orders are not those of a stored working") from exc


def _parse_stops(stops: object) -> list[tuple[dt.date, dt.date]]:
    if not isinstance(stops, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in stops):
        raise RuleError("clock_stops are pairs of two dates: the day it stops and the day it restarts")
    return [(parse_day(stop), parse_day(restart)) for stop, restart in stops]


def _parse_closures(closures: object) -> list[ClosedDay]:
    if not isinstance(closures, list):
        raise RuleError("closures are a list of dates")
    return [
        ClosedDay(parse_day(item.get("on")), str(item.get("source", "")), str(item.get("id", "")))
        if isinstance(item, Mapping)
        else ClosedDay(parse_day(item))
        for item in closures
    ]


def _quote_input(text: object) -> str:
    return repr(str(text)[:40])
