"""Dates and times as the country writes them, in the language of the page. The expected texts are from language.md."""

from datetime import UTC, date, datetime, time

import pytest
from django.utils import translation

from caseapp.ui.display import date_texts, tags
from caseapp.ui.display.country import office_country, use_country

DECEMBER_7 = date(2026, 12, 7)
AFTERNOON = datetime(2026, 12, 7, 18, 30, tzinfo=UTC)  # 1:30 PM in New York


def fixed(text: str) -> str:
    """Return the text with every space non-breaking."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("country", "language", "in_lists", "without_year", "in_text"),
    [
        ("US", "en", "Mon, Dec 7, 2026", "Mon, Dec 7", "Monday, December 7, 2026"),
        ("US", "es", fixed("lun. 7 dic. 2026"), fixed("lun. 7 dic."), "lunes, 7 de diciembre de 2026"),
        ("US", "fr", fixed("lun. 7 déc. 2026"), fixed("lun. 7 déc."), "lundi 7 décembre 2026"),
        ("FR", "fr", fixed("lun. 7 déc. 2026"), fixed("lun. 7 déc."), "lundi 7 décembre 2026"),
        ("FR", "en", "Mon 7 Dec 2026", "Mon 7 Dec", "Monday 7 December 2026"),
        ("FR", "es", fixed("lun. 7 dic. 2026"), fixed("lun. 7 dic."), "lunes, 7 de diciembre de 2026"),
    ],
)
def test_a_date_is_written_as_the_country_writes_it(
    country: str, language: str, in_lists: str, without_year: str, in_text: str
) -> None:
    with use_country(country), translation.override(language):
        assert tags.day(DECEMBER_7) == in_lists
        assert tags.day_short(DECEMBER_7) == without_year
        assert tags.day_long(DECEMBER_7) == in_text


def test_the_first_of_a_month_is_premier_in_french() -> None:
    with use_country("FR"), translation.override("fr"):
        assert tags.day(date(2026, 12, 1)) == fixed("mar. 1er déc. 2026")
        assert tags.day_long(date(2026, 12, 1)) == "mardi 1er décembre 2026"


@pytest.mark.parametrize(
    ("country", "language", "shown"),
    [
        ("US", "en", "1:30 PM ET"),
        ("US", "es", fixed("1:30 p. m. (hora del Este)")),
        ("US", "fr", fixed("13 h 30 (heure de l’Est)")),
        ("FR", "fr", fixed("13 h 30 (heure de l’Est)")),
        ("FR", "en", "13:30 ET"),
    ],
)
def test_a_hearing_is_shown_in_the_time_of_its_court(country: str, language: str, shown: str) -> None:
    with use_country(country), translation.override(language):
        assert tags.court_clock(AFTERNOON, "America/New_York") == shown


def test_a_french_hearing_names_its_zone_only_to_readers_elsewhere() -> None:
    with use_country("FR"), translation.override("fr"):
        assert tags.court_clock(AFTERNOON, "Europe/Paris") == fixed("19 h 30")
    with use_country("US"), translation.override("en"):
        assert tags.court_clock(AFTERNOON, "Europe/Paris") == "7:30 PM (Paris time)"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/Chicago", "12:30 PM CT"),
        ("America/Denver", "11:30 AM MT"),
        ("America/Phoenix", "11:30 AM (Arizona time)"),
        ("America/Los_Angeles", "10:30 AM PT"),
        ("America/Anchorage", "9:30 AM AKT"),
        ("Pacific/Honolulu", "8:30 AM HT"),
    ],
)
def test_each_zone_of_the_united_states_has_the_name_that_people_use(zone: str, shown: str) -> None:
    assert tags.court_clock(AFTERNOON, zone) == shown


@pytest.mark.parametrize(
    ("at", "shown"),
    [(time(0, 5), "12:05 AM"), (time(8), "8:00 AM"), (time(12), "12:00 PM"), (time(23, 59), "11:59 PM")],
)
def test_midnight_and_noon_are_twelve(at: time, shown: str) -> None:
    assert date_texts.clock_text(at) == shown


def test_a_member_may_see_the_dates_of_another_country_and_still_enters_those_of_the_office() -> None:
    with use_country("US", shown="FR"), translation.override("en"):
        assert tags.day(DECEMBER_7) == "Mon 7 Dec 2026"
        assert office_country() == "US"
