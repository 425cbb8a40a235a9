"""Counting of days, months, years and hours from a trigger to the last day.

The trigger's day is day 0 (8 CFR 1.2; 8 CFR 1001.1(h); FRAP 26(a)(1)(A)). Months and years keep the day number, or
take the last day of a month that lacks it. Hours run through, to the minute.
"""

import calendar as month_lengths
import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from caseapp.rules.terms import words
from caseapp.rules.terms.calendars import FIRST_YEAR, LAST_YEAR, ONE_DAY, OfficeCalendar
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.words import Moment


class Term(NamedTuple):
    """A term of a count: `number` of `unit` (d b m y h), or the days from one event to another (unit "..")."""

    number: int
    unit: str
    first: str = ""
    last: str = ""


class CountResult(NamedTuple):
    """The result of a count. `later` is the other reading when a month lacked the day number: one day after."""

    moment: Moment
    lines: tuple[tuple[str, dt.date | None], ...]
    later: dt.date | None = None


@lru_cache(maxsize=1024)
def parse_terms(count: str) -> tuple[Term, ...]:
    """Parse the terms of a count text that the pack's shape already validated."""
    parsed = []
    for part in count.split():
        span = re.fullmatch(r"\+([a-z0-9_]+)\.\.([a-z0-9_]+)", part)
        parsed.append(Term(0, "..", span[1], span[2]) if span else Term(int(part[:-1]), part[-1]))
    return tuple(parsed)


@lru_cache(maxsize=1024)
def describe_count(count: str) -> str:
    """Return a count in words: "30 calendar days after", "5 years after, less 90 calendar days"."""
    phrases: list[str] = []
    for term in parse_terms(count):
        if term.unit == "..":
            phrases.append(f"plus the days from {words.format_event(term.first)} to {words.format_event(term.last)}")
        elif term.number == 0:
            phrases.append("on the day itself")
        else:
            text = words.format_amount(abs(term.number), term.unit)
            if phrases:
                phrases.append(f"{'plus' if term.number > 0 else 'less'} {text}")
            else:
                phrases.append(f"{text} {'after' if term.number > 0 else 'before'}")
    return ", ".join(phrases)


def uses_unit(count: str | None, unit: str) -> bool:
    """Return whether a term of the count is in this unit."""
    return bool(count) and any(term.unit == unit for term in parse_terms(count or ""))


def apply_terms(
    count: str, start: Moment, events: Mapping[str, Moment], calendar: OfficeCalendar, zone: str
) -> CountResult:
    """Apply each term of a count in turn. Raises RuleError for a missing event or dates out of range."""
    moment: Moment = start
    lines: list[tuple[str, dt.date | None]] = []
    later = None
    for position, term in enumerate(parse_terms(count)):
        if term.unit == "h":
            return _add_hours(term.number, start, zone)
        on = day_of(moment)
        if term.unit in "my":
            moment, clipped = _add_months(on, term.number * (12 if term.unit == "y" else 1))
            # Only a count with a single term has the other reading; an age never has.
            later = moment + ONE_DAY if clipped and term.number > 0 and len(parse_terms(count)) == 1 else None
        elif term.unit == "b":
            moment = require_in_range(calendar.add_business_days(on, term.number))
        elif term.unit == "..":
            moment = require_in_range(add_days(on, _days_between(term, events)))
        else:
            moment = require_in_range(add_days(on, term.number))
        lines.append((_describe_term(term, on, moment, first=position == 0), moment))
        lines += _describe_skipped_days(term, on, moment, calendar)
    return CountResult(moment, tuple(lines), later)


def day_of(moment: Moment) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def require_in_range(on: dt.date) -> dt.date:
    """Return the day unchanged. Raises RuleError outside the years for which holidays are known."""
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise RuleError(f"the dates leave the years {FIRST_YEAR} to {LAST_YEAR}")
    return on


def add_days(on: dt.date, days: int) -> dt.date:
    """Return `on` plus `days`. Raises RuleError beyond the range of dates."""
    try:
        return on + dt.timedelta(days=days)
    except OverflowError as exc:
        raise RuleError(f"the dates leave the years {FIRST_YEAR} to {LAST_YEAR}") from exc


def _add_months(on: dt.date, months: int) -> tuple[dt.date, bool]:
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleError(f"the dates leave the years {FIRST_YEAR} to {LAST_YEAR}")
    last = month_lengths.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(on.day, last)), on.day > last


def _days_between(term: Term, events: Mapping[str, Moment]) -> int:
    for name in (term.first, term.last):
        if name not in events:
            raise RuleError(f"the date of {name} is missing")
    days = (day_of(events[term.last]) - day_of(events[term.first])).days
    if days < 0:
        raise RuleError(f"{term.last} lies before {term.first}")
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
    lines: list[tuple[str, dt.date | None]] = [
        (
            f"{words.format_amount(number, 'h')} after {words.format_day(begun)} is {words.format_day(moment)}, "
            "through weekends and holidays",
            moment,
        )
    ]
    if not known:
        lines.insert(0, ("No hour is known: counted from 00:00, the earliest possible", start))
    if moment != by_clock:
        lines.append(("The clock changes in between: the elapsed hours end before the same clock hour", moment))
    return CountResult(moment, tuple(lines))


def _describe_term(term: Term, start: dt.date, end: dt.date, *, first: bool) -> str:
    if term.unit == "..":
        days = words.format_amount((end - start).days, "d")
        span = f"from {words.format_event(term.first)} to {words.format_event(term.last)}"
        return f"Plus {days} {span}: {words.format_day(end)}"
    if term.number == 0:
        return f"The day itself: {words.format_day(end)}"
    size = words.format_amount(abs(term.number), term.unit)
    if not first:
        return f"{'Plus' if term.number > 0 else 'Less'} {size}: {words.format_day(end)}"
    if term.unit in "my":
        return f"{size} {'after' if term.number > 0 else 'before'} {words.format_day(start)} is {words.format_day(end)}"
    if term.unit == "b":
        return f"Day {abs(term.number)} (business days only) = {words.format_day(end)}"
    day_one = start + (ONE_DAY if term.number > 0 else -ONE_DAY)
    backward = "" if term.number > 0 else ", counting back"
    if abs(term.number) == 1:
        return f"{words.format_day(end)} = day 1{backward}"
    return f"{words.format_day(day_one)} = day 1 ... {words.format_day(end)} = day {abs(term.number)}{backward}"


def _describe_skipped_days(
    term: Term, start: dt.date, end: dt.date, calendar: OfficeCalendar
) -> list[tuple[str, dt.date | None]]:
    """Describe the holidays and closures that a count of business days skipped; weekends are not listed."""
    if term.unit != "b":
        return []
    low, high = min(start, end), max(start, end)
    days = (low + dt.timedelta(days=n) for n in range(1, (high - low).days))
    return [
        (f"Not counted: {words.format_day(on)}, {calendar.closed_reason(on)}", on)
        for on in days
        if on.weekday() < 5 and not calendar.is_open(on)
    ]
