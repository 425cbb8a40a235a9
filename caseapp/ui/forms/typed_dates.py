"""A date typed as text: 11/5/2026, 2026-11-05, Nov 5 2026, 5 nov. 2026, today, +30.

The office's country decides the order of numbers, never the language of the page. Months and weekdays are understood
in all our languages. A text that has no clear meaning is refused with the part that is wrong; the order of the numbers
is never changed silently.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from caseapp.lib.countries import UNITED_STATES
from caseapp.lib.partial_dates import PartialDate
from caseapp.lib.text.calendar_words import month_number, plain_letters, weekday_number
from caseapp.lib.text.digits import normalise_digits

EARLIEST_YEAR, LATEST_YEAR = 1800, 2199
TEXT_LIMIT = 60  # characters that are read
Reading = Literal["clear", "in_order", "relative", "other_order"]

_RELATIVE_DAYS = {
    **dict.fromkeys(("today", "hoy", "aujourd'hui", "aujourdhui"), 0),
    **dict.fromkeys(("tomorrow", "manana", "demain"), 1),
    **dict.fromkeys(("yesterday", "ayer", "hier"), -1),
}
_OFFSET = re.compile(r"([+-]) ?([0-9]{1,5})")
_YEAR_FIRST = re.compile(r"([0-9]{4}) ?[-/. ] ?([0-9]{1,2}) ?[-/. ] ?([0-9]{1,2})")
_NUMBERS = re.compile(r"([0-9]{1,2}) ?[-/. ] ?([0-9]{1,2})(?: ?[-/. ] ?([0-9]{1,6}))?")
_MONTH_AND_YEAR = re.compile(r"(?P<month>[0-9]{1,2}) ?[-/. ] ?(?P<year>[0-9]{4})")
_YEAR_AND_MONTH = re.compile(r"(?P<year>[0-9]{4}) ?[-/. ] ?(?P<month>[0-9]{1,2})")
_ORDINAL = re.compile(r"(?<=[0-9])(?:er|st|nd|rd|th|o|ro)\b")
_NAMED = re.compile(r"[a-z0-9 ,./-]+")
_JOINTS = {"de", "del", "le", "el", "the", "of"}


@dataclass(frozen=True)
class TypedDate:
    """A date that was read from a text.

    reading      clear: the text can mean only this day; in_order: numbers in the order of the country, which could
                 also be read the other way; relative: counted from today; other_order: the numbers fit only the order
                 of another country
    """

    on: date
    reading: Reading


class UnreadableDate(ValueError):
    """A text that is not a date. `code` names the wrong part, `values` are for the sentence."""

    def __init__(self, code: str, **values: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def parse_typed_date(text: str, *, country: str, today: date) -> TypedDate:
    """Return the date in a typed text, its numbers in the order of `country` (US or FR).

    Raises UnreadableDate(code="unknown", "no_day", "no_month", "no_year", "short_year", "day_missing", "month_missing",
    "year_missing" or "weekday").
    """
    plain = _plain_text(text)
    if len(plain) > TEXT_LIMIT:
        raise UnreadableDate("unknown")
    if plain in _RELATIVE_DAYS:
        return TypedDate(today + timedelta(days=_RELATIVE_DAYS[plain]), "relative")
    if match := _OFFSET.fullmatch(plain):
        return TypedDate(_add_days(today, int(match[1] + match[2])), "relative")
    if match := _YEAR_FIRST.fullmatch(plain):
        year, month, day = map(int, match.groups())
        return TypedDate(build_date(year, month, day), "clear")
    if match := _NUMBERS.fullmatch(plain):
        return _read_numbers(int(match[1]), int(match[2]), match[3] or "", country)
    return TypedDate(_read_named(plain), "clear")


def parse_partial_date(text: str) -> PartialDate | None:
    """Return the year, or year and month, in a text that names no day: 1987, 5/1987, 1987-05, May 1987; else None.

    Raises UnreadableDate(code="no_month", "no_year").
    """
    plain = _plain_text(text)
    if re.fullmatch(r"[0-9]{4}", plain):
        return PartialDate(parse_year(plain))
    if match := _MONTH_AND_YEAR.fullmatch(plain) or _YEAR_AND_MONTH.fullmatch(plain):
        on = build_date(int(match["year"]), int(match["month"]), 1)
        return PartialDate(on.year, on.month)
    pieces = re.findall(r"[a-z]+|[0-9]+", plain)
    names = [piece for piece in pieces if piece.isalpha() and piece not in _JOINTS]
    numbers = [piece for piece in pieces if piece.isdigit()]
    month = month_number(names[0]) if len(names) == 1 else None
    if month is None or len(numbers) != 1 or len(numbers[0]) != 4 or not _NAMED.fullmatch(plain):
        return None
    return PartialDate(parse_year(numbers[0]), month)


def _plain_text(text: str) -> str:
    """Return the text in plain digits and letters. Raises UnreadableDate(code="unknown") for a raised or framed digit.

    In plain letters 5² would be 52.
    """
    normal = normalise_digits(text)
    if any(sign.isnumeric() and not sign.isascii() for sign in normal):
        raise UnreadableDate("unknown")
    return plain_letters(normal).strip(" .,")


def parse_year(text: str) -> int:
    """Return the year in a text of four digits. Raises UnreadableDate(code="year_missing", "short_year", "no_year")."""
    if not text:
        raise UnreadableDate("year_missing")
    if re.fullmatch(r"[0-9]{1,3}", text):
        raise UnreadableDate("short_year", year=text)
    if not re.fullmatch(r"[0-9]{4}", text) or not EARLIEST_YEAR <= int(text) <= LATEST_YEAR:
        raise UnreadableDate("no_year", year=text)
    return int(text)


def build_date(year: int, month: int, day: int) -> date:
    """Return the date. Raises UnreadableDate(code="no_year", "no_month", "no_day")."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise UnreadableDate("no_year", year=str(year))
    if not 1 <= month <= 12:
        raise UnreadableDate("no_month", month=month)
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise UnreadableDate("no_day", day=day, month=month, year=year, last=last)
    return date(year, month, day)


def _add_days(today: date, days: int) -> date:
    try:
        on = today + timedelta(days=days)
    except OverflowError:
        raise UnreadableDate("no_year", year=f"{days:+d}") from None
    return build_date(on.year, on.month, on.day)


def _read_numbers(first: int, second: int, year_text: str, country: str) -> TypedDate:
    year = parse_year(year_text)
    month, day = (first, second) if country == UNITED_STATES else (second, first)
    if month > 12 and 1 <= day <= 12:
        return TypedDate(build_date(year, day, month), "other_order")
    can_be_swapped = day <= 12 and day != month
    return TypedDate(build_date(year, month, day), "in_order" if can_be_swapped else "clear")


def _read_named(plain: str) -> date:
    """Return the date of a text with the month by name, with or without a weekday."""
    text = _ORDINAL.sub("", plain)
    if not _NAMED.fullmatch(text):
        raise UnreadableDate("unknown")
    pieces = re.findall(r"[a-z]+|[0-9]+", text)
    names = [piece for piece in pieces if piece.isalpha() and piece not in _JOINTS]
    month, weekday = _month_and_weekday(names)
    day, year = _day_and_year([piece for piece in pieces if piece.isdigit()])
    on = build_date(year, month, day)
    if weekday is not None and on.weekday() != weekday:
        raise UnreadableDate("weekday", weekday=weekday, day=on.day, month=on.month, year=on.year)
    return on


def _month_and_weekday(names: list[str]) -> tuple[int, int | None]:
    if len(names) == 1 and (month := month_number(names[0])):
        return month, None
    if len(names) == 2:
        # "mar." is March as well as Tuesday in Spanish and French: the first of two names is the weekday.
        for weekday_name, month_name in (names, reversed(names)):
            weekday, month = weekday_number(weekday_name), month_number(month_name)
            if weekday is not None and month is not None:
                return month, weekday
    raise UnreadableDate("unknown")


def _day_and_year(numbers: list[str]) -> tuple[int, int]:
    if len(numbers) == 1:
        raise UnreadableDate("day_missing" if len(numbers[0]) == 4 else "year_missing")
    if len(numbers) != 2:
        raise UnreadableDate("unknown")
    day, year = sorted(numbers, key=len) if len(numbers[0]) != len(numbers[1]) else numbers
    if len(day) > 2:
        raise UnreadableDate("unknown")
    return int(day), parse_year(year)
