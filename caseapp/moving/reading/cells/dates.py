"""Dates and times in cells. The order of the numbers is declared for the file and never guessed for a cell."""

import datetime as dt
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from caseapp.lib import clock
from caseapp.lib.countries import FRANCE, UNITED_STATES
from caseapp.lib.partial_dates import PartialDate
from caseapp.moving.reading.cells.problems import CellProblem
from caseapp.ui.forms.typed_dates import UnreadableDate, build_date, parse_partial_date, parse_typed_date

ORDERS = ("mdy", "dmy", "ymd")
_COUNTRY_OF_ORDER = {"mdy": UNITED_STATES, "dmy": FRANCE, "ymd": FRANCE, "": FRANCE}
_TIME = re.compile(
    r"(?:^|[T ,]) ?(?P<hour>[0-9]{1,2})[:h](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)? ?"
    r"(?P<half>[ap]\.? ?m\.?)? ?(?P<offset>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?$",
    re.IGNORECASE,
)
_HOUR_ALONE = re.compile(r"(?:^|[T ,]) ?(?P<hour>[0-9]{1,2}) ?(?P<half>[ap]\.? ?m\.?)$", re.IGNORECASE)
_NUMBERS = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_SHORT_YEAR = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{2}|0{2}[0-9]{2})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
# Days since this date, as spreadsheets count them. Below 10000 (May 1927) a number may be a year.
_SERIAL = re.compile(r"([1-7][0-9]{4})(?:\.([0-9]+))?")
_SERIAL_START = dt.date(1899, 12, 30)
_MINUTES_A_DAY = 1440


class CellTime(NamedTuple):
    """A time on the clock; `offset` is None where the text has no zone."""

    clock: dt.time
    offset: dt.timedelta | None = None


class CellMoment(NamedTuple):
    """A date, and a time where the cell has one."""

    on: dt.date
    time: CellTime | None = None


class CellDateOrder(NamedTuple):
    """Settings by which the dates of a file are read."""

    order: str = ""  # one of ORDERS; "": not declared, so a date of two orders is asked about
    short_years_from: int = 0


def read_date(text: str, reading: CellDateOrder) -> dt.date:
    """Return the date of a cell; a time after it is left out. Raises CellProblem."""
    return read_moment(text, reading).on


def read_moment(text: str, reading: CellDateOrder) -> CellMoment:
    """Return the date of a cell with its time, if it has one. Raises CellProblem.

    Its codes: date_unknown, date_order (two orders are possible and none is declared), date_other_order (it fits
    another order than the declared one), short_year, no_day, time_unknown.
    """
    if match := _ISO.fullmatch(text):
        return CellMoment(_build(*map(int, match.groups())))
    if match := _SHORT_YEAR.fullmatch(text):
        return CellMoment(_read_short_year(match, reading))
    if match := _NUMBERS.fullmatch(text):
        return CellMoment(_read_numbers(int(match[1]), int(match[3]), int(match[4]), reading.order))
    if match := _SERIAL.fullmatch(text):
        return _read_serial(match)
    day_text, time = _split_time(text)
    if time is not None:
        return CellMoment(read_moment(day_text, reading).on, time)
    return CellMoment(_read_words(text, reading.order))


def evidence_of_order(text: str) -> str:
    """Return which order a date of three numbers needs: "mdy", "dmy", "both" where each is possible, else ""."""
    match = re.match(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2[0-9]{2,4}(?![0-9])", text)
    if match is None:
        return ""
    first, second = int(match[1]), int(match[3])
    if first == second:
        return ""
    if 1 <= first <= 12:
        return "both" if 1 <= second <= 12 else "mdy"
    return "dmy" if 1 <= second <= 12 else ""


def _read_numbers(first: int, second: int, year: int, order: str) -> dt.date:
    evidence = evidence_of_order(f"{first}/{second}/{year}")
    if order in {"mdy", "dmy"}:
        if evidence in {"mdy", "dmy"} and evidence != order:
            raise CellProblem("date_other_order")
        month, day = (first, second) if order == "mdy" else (second, first)
        return _build(year, month, day)
    if evidence == "both" or order == "ymd":
        raise CellProblem("date_order")
    month, day = (second, first) if evidence == "dmy" else (first, second)
    return _build(year, month, day)


def _build(year: int, month: int, day: int) -> dt.date:
    try:
        return build_date(year, month, day)
    except UnreadableDate as exc:
        raise CellProblem("no_day" if exc.code in {"no_day", "no_month"} else "date_unknown") from exc


def _read_short_year(match: re.Match[str], reading: CellDateOrder) -> dt.date:
    """Return a date whose year has two digits, by the century that was answered. Raises CellProblem("short_year").

    05/05/0019 is what a program made of 05/05/19.
    """
    if not reading.short_years_from:
        raise CellProblem("short_year")
    first = reading.short_years_from
    year = first + (int(match[4]) - first) % 100
    return _read_numbers(int(match[1]), int(match[3]), year, reading.order)


def _read_serial(match: re.Match[str]) -> CellMoment:
    on = _SERIAL_START + dt.timedelta(days=int(match[1]))
    if not match[2] or not int(match[2]):
        return CellMoment(on)
    minutes = min(round(float(f"0.{match[2]}") * _MINUTES_A_DAY), _MINUTES_A_DAY - 1)
    return CellMoment(on, CellTime(dt.time(minutes // 60, minutes % 60)))


def _read_words(text: str, order: str) -> dt.date:
    try:
        typed = parse_typed_date(text, country=_COUNTRY_OF_ORDER[order], today=_SERIAL_START)
    except UnreadableDate as exc:
        raise CellProblem(
            {"short_year": "short_year", "no_day": "no_day", "no_month": "no_day"}.get(exc.code, "date_unknown")
        ) from exc
    if typed.reading == "relative":
        raise CellProblem("date_unknown")
    if typed.reading == "other_order" and order:
        raise CellProblem("date_other_order")
    if typed.reading == "in_order" and order not in {"mdy", "dmy"}:
        raise CellProblem("date_order")
    return typed.on


def read_birth(text: str, reading: CellDateOrder) -> PartialDate:
    """Return a date of birth of which only the year, or the month and year, may be known. Raises CellProblem."""
    try:
        partial = parse_partial_date(text)
    except UnreadableDate as exc:
        raise CellProblem("date_unknown") from exc
    return partial or PartialDate.of_date(read_date(text, reading))


def read_time(text: str) -> CellTime:
    """Return the time on the clock: 13:30, 1:30 PM, 13h30, 9 am, 13:30-05:00. Raises CellProblem("time_unknown")."""
    rest, time = _split_time(text)
    if time is None or rest:
        raise CellProblem("time_unknown")
    return time


def _split_time(text: str) -> tuple[str, CellTime | None]:
    """Return the text before a time, and the time at its end. Raises CellProblem("time_unknown") for 25:00."""
    match = _TIME.search(text) or _HOUR_ALONE.search(text)
    if match is None:
        return text, None
    parts = match.groupdict()
    hour, half = int(parts["hour"]), (parts["half"] or "")[:1].lower()
    if half:
        if not 1 <= hour <= 12:
            raise CellProblem("time_unknown")
        hour = hour % 12 + (12 if half == "p" else 0)
    minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise CellProblem("time_unknown")
    on_the_clock = dt.time(hour, minute)
    return text[: match.start()].strip(" ,"), CellTime(on_the_clock, _read_offset(parts.get("offset") or ""))


def _read_offset(text: str) -> dt.timedelta | None:
    if not text:
        return None
    if text[0].isalpha():
        return dt.timedelta()
    digits = text[1:].replace(":", "")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset >= dt.timedelta(days=1):
        raise CellProblem("time_unknown")
    return -offset if text[0] == "-" else offset


def to_utc(on: dt.date, time: CellTime, zone: str) -> dt.datetime:
    """Return the moment in UTC. Raises CellProblem("zone") without a zone, "no_such_hour" in the hour clocks skip."""
    if time.offset is not None:
        return (dt.datetime.combine(on, time.clock, dt.UTC) - time.offset).astimezone(dt.UTC)
    if not zone:
        raise CellProblem("zone")
    local = dt.datetime.combine(on, time.clock, ZoneInfo(zone))
    moment = local.astimezone(dt.UTC)
    if clock.local_time(moment, zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise CellProblem("no_such_hour")
    return moment
