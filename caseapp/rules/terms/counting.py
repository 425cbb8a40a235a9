"""Counting of days, months, years and hours from a trigger to the last day.

The trigger's day is day 0 (8 CFR 1.2; 8 CFR 1001.1(h); FRAP 26(a)(1)(A)). Months and years keep the day number, or
take the last day of a month that lacks it. Hours run through, to the minute.
"""

import calendar as month_lengths
import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from caseapp.rules.terms.calendars import ONE_DAY, OfficeCalendar
from caseapp.rules.terms.refusals import FIRST_YEAR, LAST_YEAR, Unanswerable, outside_years
from caseapp.rules.terms.sentence import (
    AmountValue,
    AnyEventValue,
    EventValue,
    NumberValue,
    Sentence,
    Unit,
    Values,
    day,
)
from caseapp.rules.terms.words import Moment

CountLine = tuple[Sentence, dt.date | None]
FISCAL_YEAR_END = "=fy"


class Term(NamedTuple):
    """A term of a count: `number` of `unit`, the days from one event to another (".."), or the fiscal year's end."""

    number: int
    unit: Literal[Unit, "..", "fy"]
    first: str = ""
    last: str = ""


class CountResult(NamedTuple):
    """The result of a count. `later` is the other reading when a month lacked the day number: one day after."""

    moment: Moment
    lines: tuple[CountLine, ...]
    later: dt.date | None = None


@lru_cache(maxsize=1024)
def parse_terms(count: str) -> tuple[Term, ...]:
    """Parse the terms of a count text that the pack's shape already validated."""
    parsed = []
    for part in count.split():
        if part == FISCAL_YEAR_END:
            parsed.append(Term(0, "fy"))
            continue
        span = re.fullmatch(r"\+([a-z0-9_]+)\.\.([a-z0-9_]+)", part)
        parsed.append(Term(0, "..", span[1], span[2]) if span else Term(int(part[:-1]), cast(Unit, part[-1])))
    return tuple(parsed)


@lru_cache(maxsize=1024)
def _units_of(count: str) -> frozenset[str]:
    return frozenset(term.unit for term in parse_terms(count))


def uses_unit(count: str | None, unit: str) -> bool:
    """Return whether a term of the count is in this unit."""
    return bool(count) and unit in _units_of(count or "")


def apply_terms(
    count: str,
    start: Moment,
    events: Mapping[str, Moment],
    calendar: OfficeCalendar,
    zone: str,
    *,
    describes: bool = True,
) -> CountResult:
    """Apply each term of a count in turn; without `describes` the result has no lines.

    Raises RuleError for a missing event or dates out of range.
    """
    moment: Moment = start
    lines: list[CountLine] = []
    later = None
    terms = parse_terms(count)
    for position, term in enumerate(terms):
        if term.unit == "h":
            return _add_hours(term.number, start, zone)
        on = day_of(moment)
        if term.unit == "d":
            moment = add_days(on, term.number)
            if not FIRST_YEAR <= moment.year <= LAST_YEAR:
                raise outside_years("the dates leave")
        elif term.unit in ("m", "y"):
            moment, clipped = _add_months(on, term.number * (12 if term.unit == "y" else 1))
            # Only a count with a single term has the other reading; an age never has.
            later = moment + ONE_DAY if clipped and term.number > 0 and len(terms) == 1 else None
        elif term.unit == "b":
            moment = require_in_range(calendar.add_business_days(on, term.number))
        elif term.unit == "fy":
            moment = dt.date(on.year, 9, 30)
        else:
            moment = require_in_range(add_days(on, _days_between(term, events)))
        if describes:
            lines.append((_describe_term(term, on, moment, first=position == 0), moment))
            lines += _describe_skipped_days(term, on, moment, calendar)
    return CountResult(moment, tuple(lines), later)


def day_of(moment: Moment) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def require_in_range(on: dt.date) -> dt.date:
    """Return the day unchanged. Raises RuleError outside the years for which holidays are known."""
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise outside_years("the dates leave")
    return on


def add_days(on: dt.date, days: int) -> dt.date:
    """Return `on` plus `days`. Raises RuleError beyond the range of dates."""
    try:
        return on + dt.timedelta(days=days)
    except OverflowError as exc:
        raise outside_years("the dates leave") from exc


def _add_months(on: dt.date, months: int) -> tuple[dt.date, bool]:
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise outside_years("the dates leave")
    last = month_lengths.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(on.day, last)), on.day > last


def _days_between(term: Term, events: Mapping[str, Moment]) -> int:
    for name in (term.first, term.last):
        if name not in events:
            missing: Values = {"events": AnyEventValue((name,))}
            raise Unanswerable(f"the date of {name} is missing", Sentence("refused.needs_date", missing))
    days = (day_of(events[term.last]) - day_of(events[term.first])).days
    if days < 0:
        ends: Values = {"last": EventValue(term.last), "first": EventValue(term.first)}
        raise Unanswerable(f"{term.last} lies before {term.first}", Sentence("refused.wrong_order", ends))
    return days


def _add_hours(number: int, start: Moment, zone: str) -> CountResult:
    """Add hours from the minute of the event; a date alone counts from 00:00.

    Over a change of the clock, the earlier of the same clock hour and the elapsed hours is the end.
    """
    known = isinstance(start, dt.datetime)
    begun = start if isinstance(start, dt.datetime) else dt.datetime.combine(start, dt.time())
    by_clock = begun + dt.timedelta(hours=number)
    require_in_range(by_clock.date())
    aware = begun.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC) + dt.timedelta(hours=number)
    moment = min(by_clock, aware.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
    values: Values = {"amount": AmountValue(number, "h"), "start": day(begun), "end": day(moment)}
    lines: list[CountLine] = [(Sentence("count.hours", values), moment)]
    if not known:
        lines.insert(0, (Sentence("count.no_hour"), start))
    if moment != by_clock:
        lines.append((Sentence("count.clock_change"), moment))
    return CountResult(moment, tuple(lines))


def _describe_term(term: Term, start: dt.date, end: dt.date, *, first: bool) -> Sentence:
    if term.unit == "..":
        values: Values = {"first": EventValue(term.first), "last": EventValue(term.last), "day": day(end)}
        return Sentence("count.plus_span", {**values, "amount": AmountValue((end - start).days, "d")})
    if term.unit == "fy":
        return Sentence("count.fiscal_year", {"day": day(end)})
    if term.number == 0:
        return Sentence("count.same_day", {"day": day(end)})
    forward, size = term.number > 0, abs(term.number)
    amount = AmountValue(size, term.unit)
    if not first:
        return Sentence("count.plus" if forward else "count.less", {"amount": amount, "day": day(end)})
    if term.unit in ("m", "y"):
        values = {"amount": amount, "start": day(start), "end": day(end)}
        return Sentence("count.after" if forward else "count.before", values)
    if term.unit == "b":
        return Sentence("count.business_days", {"number": NumberValue(size), "day": day(end)})
    if size == 1:
        return Sentence("count.day_one" if forward else "count.day_one_back", {"day": day(end)})
    day_one = day(start + (ONE_DAY if forward else -ONE_DAY))
    values = {"first": day_one, "last": day(end), "number": NumberValue(size)}
    return Sentence("count.days" if forward else "count.days_back", values)


def _describe_skipped_days(term: Term, start: dt.date, end: dt.date, calendar: OfficeCalendar) -> list[CountLine]:
    """Describe the holidays and closures that a count of business days skipped; weekends are not listed."""
    if term.unit != "b":
        return []
    low, high = min(start, end), max(start, end)
    days = (low + dt.timedelta(days=n) for n in range(1, (high - low).days))
    return [
        (Sentence("count.skipped", {"day": day(on), "why": why}), on)
        for on in days
        if on.weekday() < 5 and (why := calendar.closed_reason(on))
    ]
