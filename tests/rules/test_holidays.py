"""The holiday library held against the lists printed in the facts."""

import datetime as dt

import pytest

from caseapp import rules
from caseapp.rules.terms.calendars import ClosedDay, OfficeCalendar, holidays_of
from caseapp.rules.terms.sentence import ClosedReasonValue, HolidayName, day

# Weekdays only: a Saturday or Sunday is closed anyway.
US = {
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
}
FRANCE = {
    2026: "01-01 04-06 05-01 05-08 05-14 05-25 07-14 11-11 12-25",
    2027: "01-01 03-29 05-06 05-17 07-14 11-01 11-11",
}


@pytest.mark.parametrize("year", US)
def test_federal_holidays_are_those_of_the_printed_list(year: int) -> None:
    assert weekdays("US", year) == [dt.date.fromisoformat(f"{year}-{day}") for day in US[year].split()]


@pytest.mark.parametrize("year", FRANCE)
def test_french_holidays_are_those_of_the_printed_list_and_never_observed_elsewhere(year: int) -> None:
    assert weekdays("FR", year) == [dt.date.fromisoformat(f"{year}-{day}") for day in FRANCE[year].split()]
    assert not any("observed" in name for name in holidays_of("FR", year).values())


@pytest.mark.parametrize("day", ["2026-07-03", "2027-06-18", "2027-12-24", "2027-12-31", "2027-07-05", "2028-11-10"])
def test_a_holiday_observed_on_another_day_is_shifted(day: str) -> None:
    assert OfficeCalendar("US").is_shifted_holiday(dt.date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-06-19", "2026-12-25", "2027-06-19", "2028-07-04", "2026-11-27"])
def test_a_holiday_on_its_own_day_a_weekend_and_an_open_day_are_not_shifted(day: str) -> None:
    assert not OfficeCalendar("US").is_shifted_holiday(dt.date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2021-01-20", "2025-01-21", "2033-01-20"])
def test_inauguration_day_is_a_normal_day(day: str) -> None:
    assert OfficeCalendar("US").is_open(dt.date.fromisoformat(day))


def test_a_closed_day_says_why() -> None:
    calendar = OfficeCalendar("US", (ClosedDay(dt.date(2026, 11, 30), "snow"), ClosedDay(dt.date(2026, 12, 1))))

    def reason(on: dt.date) -> str:
        why = calendar.closed_reason(on)
        assert why is not None
        return rules.render_english(rules.Sentence("count.skipped", {"day": day(on), "why": why})).partition(", ")[2]

    assert reason(dt.date(2026, 11, 26)) == "Thanksgiving Day"
    assert reason(dt.date(2026, 7, 3)) == "Independence Day (observed)"
    assert reason(dt.date(2026, 7, 4)) == "Saturday, Independence Day"
    assert reason(dt.date(2026, 11, 30)) == "closure added by the office: snow"
    assert reason(dt.date(2026, 12, 1)) == "closure added by the office"
    assert calendar.closed_reason(dt.date(2026, 11, 27)) is None


def test_two_holidays_on_one_day_are_both_named() -> None:
    # Ascension Day of 2008 was on 1 May in France, Labor Day.
    why = OfficeCalendar("FR").closed_reason(dt.date(2008, 5, 1))
    assert why == ClosedReasonValue(holidays=(HolidayName("Ascension Day"), HolidayName("Labor Day")))


def weekdays(country: str, year: int) -> list[dt.date]:
    return sorted(on for on in holidays_of(country, year) if on.weekday() < 5)
