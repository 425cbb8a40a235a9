"""Calendars of open and closed days, with the reason for each closed day.

Sources: 5 USC 6103 and Executive Order 11582 for the United States (observed days; Inauguration Day is local to
Washington and not counted), code du travail L3133-1 for France (never observed on another day). The `holidays` library
provides the dates; tests/rules/test_holidays.py compares them with the printed lists.
"""

import datetime as dt
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from msgspec import Struct

from caseapp.rules.terms.refusals import FIRST_YEAR, LAST_YEAR, outside_years
from caseapp.rules.terms.sentence import ClosedReasonValue, HolidayName

ONE_DAY = dt.timedelta(days=1)
_OBSERVED = " (observed)"


class ClosedDay(Struct, frozen=True):
    """A day on which the receiving office was closed, as the office entered it, with its source.

    `id` is the id of the closure in the office's pack; "" for a day given with the question.
    """

    on: dt.date
    source: str = ""
    id: str = ""


@lru_cache(maxsize=512)
def holidays_of(country: str, year: int) -> Mapping[dt.date, str]:
    """Return the names of one year's public holidays by date; a holiday observed on another day has "(observed)".

    Raises RuleError outside 1900 to 2099.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise outside_years("the dates leave")
    # The import takes a quarter of a second and listing rules needs no holidays, so it is not at the top of the file.
    import holidays

    # New Year's Day on a Saturday is observed in the old year, so the next year is included too.
    by_date = holidays.country_holidays(country, years=(year, year + 1), observed=True, language="en_US")
    return MappingProxyType({on: name for on, name in sorted(by_date.items()) if on.year == year})


@lru_cache(maxsize=512)
def _split_names(named: str) -> tuple[HolidayName, ...]:
    """Return the holidays of one day, which the library joins with "; "."""
    return tuple(HolidayName(name.removesuffix(_OBSERVED), name.endswith(_OBSERVED)) for name in named.split("; "))


@lru_cache(maxsize=8192)
def _is_working_day(country: str, on: dt.date) -> bool:
    """Return whether a day is neither at a weekend nor a public holiday. Raises RuleError outside 1900 to 2099."""
    return on.weekday() < 5 and on not in holidays_of(country, on.year)


def public_holiday(country: str, on: dt.date) -> str:
    """Return the English name of the public holiday on a day, also of one observed on it; "" for another day."""
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        return ""
    named = holidays_of(country, on.year).get(on)
    return _split_names(named)[0].name if named else ""


class OfficeCalendar:
    """Open and closed days of one country, including the office's own closures."""

    def __init__(self, country: str, closures: tuple[ClosedDay, ...] = (), *, shifted_open: bool = False) -> None:
        self.country = country
        self.shifted_open = shifted_open  # the reading in which a holiday observed on another day is an ordinary day
        self.closures = {closure.on: closure.source for closure in closures}

    def closed_reason(self, on: dt.date) -> ClosedReasonValue | None:
        """Return the reason a day is closed, or None for an open day."""
        named = self._holiday_on(on)
        holidays = _split_names(named) if named else ()
        if on.weekday() >= 5:
            return ClosedReasonValue("Saturday" if on.weekday() == 5 else "Sunday", holidays)
        if holidays:
            return ClosedReasonValue("", holidays)
        return ClosedReasonValue(closure=self.closures[on]) if on in self.closures else None

    def is_open(self, on: dt.date) -> bool:
        if self.shifted_open:
            return on.weekday() < 5 and on not in self.closures and self._holiday_on(on) is None
        return _is_working_day(self.country, on) and on not in self.closures

    def is_shifted_holiday(self, on: dt.date) -> bool:
        """Return whether a weekday is closed only because a weekend holiday is observed on it.

        Not all authorities count such a day as a holiday.
        """
        return on.weekday() < 5 and holidays_of(self.country, on.year).get(on, "").endswith(_OBSERVED)

    def without_shifted_holidays(self) -> "OfficeCalendar":
        """Return a copy of this calendar in which holidays observed on another day are open days."""
        calendar = OfficeCalendar(self.country, shifted_open=True)
        calendar.closures = self.closures
        return calendar

    def _holiday_on(self, on: dt.date) -> str | None:
        named = holidays_of(self.country, on.year).get(on)
        return None if named and self.shifted_open and self.is_shifted_holiday(on) else named

    def first_open_day_from(self, on: dt.date) -> dt.date:
        """Return the first open day, starting with `on`."""
        while not self.is_open(on):
            on += ONE_DAY
        return on

    def last_open_day_until(self, on: dt.date) -> dt.date:
        """Return the last open day, counting back from `on` inclusive."""
        while not self.is_open(on):
            on -= ONE_DAY
        return on

    def add_business_days(self, on: dt.date, days: int) -> dt.date:
        """Return the open day that is `days` business days after `on` (before it, when negative).

        Day 1 is the first open day after (or before) `on`.
        """
        step = ONE_DAY if days >= 0 else -ONE_DAY
        for _ in range(abs(days)):
            on += step
            while not self.is_open(on):
                on += step
        return on


@cache
def plain_calendar(country: str) -> OfficeCalendar:
    """Return the calendar of a country without an office's closures."""
    return OfficeCalendar(country)
