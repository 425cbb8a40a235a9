"""Which days an office is closed, and what each closed day is called.

Sources: 5 USC 6103 and Executive Order 11582 for the United States (observed days; Inauguration Day is local to
Washington and not counted), code du travail L3133-1 for France (never observed on another day). The `holidays` library
holds the dates; tests/rules/test_holidays.py holds them against the printed lists.
"""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from msgspec import Struct

from caseapp.rules import words
from caseapp.rules.errors import RuleError

FIRST_YEAR, LAST_YEAR = 1900, 2099
ONE_DAY = dt.timedelta(days=1)
_OBSERVED = " (observed)"


class Closure(Struct, frozen=True):
    """A day on which the receiving office was closed, as the office itself entered it, with its source.

    `id` names the closure of an office's pack it comes from; "" = given with the question.
    """

    on: dt.date
    source: str = ""
    id: str = ""


@lru_cache(maxsize=512)
def holidays_of(country: str, year: int) -> Mapping[dt.date, str]:
    """Public holidays of one year by name; a holiday observed on another day stands there with "(observed)".

    Raises RuleError outside 1900 to 2099.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleError(f"the dates leave the years {FIRST_YEAR} to {LAST_YEAR}")
    # Imported here: it takes a quarter of a second, and listing rules needs no holidays.
    import holidays

    # New Year's Day on a Saturday is observed in the old year, so the next year is asked too.
    found = holidays.country_holidays(country, years=(year, year + 1), observed=True, language="en_US")
    return MappingProxyType({on: name for on, name in sorted(found.items()) if on.year == year})


class Calendar:
    """Open and closed days of one country, with the office's own closures on top."""

    def __init__(self, country: str, closures: tuple[Closure, ...] = (), *, shifted_open: bool = False) -> None:
        self.country = country
        self.shifted_open = shifted_open  # the reading in which a shifted holiday is a day like any other
        self.closures = {closure.on: closure.source for closure in closures}

    def why_closed(self, on: dt.date) -> str | None:
        """ "Saturday", "Thanksgiving Day", "closure added by the office: ...", or None for an open day."""
        named = self._holiday(on)
        if on.weekday() >= 5:
            return f"{words.weekday(on)}, {named}" if named else words.weekday(on)
        if named:
            return named
        if on in self.closures:
            source = self.closures[on]
            return f"closure added by the office: {source}" if source else "closure added by the office"
        return None

    def is_open(self, on: dt.date) -> bool:
        return on.weekday() < 5 and on not in self.closures and self._holiday(on) is None

    def is_shifted(self, on: dt.date) -> bool:
        """A weekday closed only because a holiday of the weekend is observed on it: authorities do not all count it."""
        return on.weekday() < 5 and holidays_of(self.country, on.year).get(on, "").endswith(_OBSERVED)

    def without_shifted(self) -> "Calendar":
        """The same days, with shifted holidays open."""
        found = Calendar(self.country, shifted_open=True)
        found.closures = self.closures
        return found

    def _holiday(self, on: dt.date) -> str | None:
        named = holidays_of(self.country, on.year).get(on)
        return None if named and self.shifted_open and self.is_shifted(on) else named

    def open_from(self, on: dt.date) -> dt.date:
        """The first open day, `on` included."""
        while not self.is_open(on):
            on += ONE_DAY
        return on

    def open_until(self, on: dt.date) -> dt.date:
        """The last open day, `on` included."""
        while not self.is_open(on):
            on -= ONE_DAY
        return on

    def business_days(self, on: dt.date, days: int) -> dt.date:
        """Day 1 is the first open day after (before, when negative) `on`; the result is an open day by itself."""
        step = ONE_DAY if days >= 0 else -ONE_DAY
        for _ in range(abs(days)):
            on += step
            while not self.is_open(on):
                on += step
        return on
