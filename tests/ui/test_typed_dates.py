"""Dates typed as text: each country's and language's own forms are read back, and no two numbers are ever swapped."""

import calendar
from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from caseapp.ui.display import date_texts
from caseapp.ui.display.country import use_country
from caseapp.ui.forms.typed_dates import UnreadableDate, parse_typed_date

TODAY = date(2026, 11, 24)
NOVEMBER_5 = date(2026, 11, 5)
FIFTH_OF_NOVEMBER = """\
11/5/2026
11-05-2026
11.5.2026
11 5 2026
 11 / 5 / 2026
2026-11-05
2026/11/5
Nov 5 2026
nov. 5 2026
Nov. 5, 2026
NOVEMBER 5TH, 2026
5 nov 2026
5-Nov-2026
5 de noviembre de 2026
le 5 novembre 2026
Thu, Nov 5, 2026
jueves, 5 de noviembre de 2026
jeu. 5 nov. 2026""".splitlines()
dates = st.dates(date(1800, 1, 1), date(2199, 12, 31))
countries = st.sampled_from(("US", "FR"))
languages = st.sampled_from(("en", "es", "fr"))


def read(text: str, country: str = "US") -> date:
    return parse_typed_date(text, country=country, today=TODAY).on


def refusal(text: str, country: str = "US") -> str:
    with pytest.raises(UnreadableDate) as refused:
        parse_typed_date(text, country=country, today=TODAY)
    return refused.value.code


@pytest.mark.parametrize("text", FIFTH_OF_NOVEMBER)
def test_the_fifth_of_november_may_be_typed_in_many_ways_in_the_united_states(text: str) -> None:
    assert read(text, "US") == NOVEMBER_5


@pytest.mark.parametrize("text", ["5/11/2026", "05.11.2026", "5 11 2026", "2026-11-05", "Nov 5 2026", "5 nov. 2026"])
def test_in_france_the_day_is_first(text: str) -> None:
    assert read(text, "FR") == NOVEMBER_5


def test_the_same_numbers_are_two_days_in_two_countries() -> None:
    assert read("11/5/2026", "US") == date(2026, 11, 5)
    assert read("11/5/2026", "FR") == date(2026, 5, 11)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("today", date(2026, 11, 24)),
        ("hoy", date(2026, 11, 24)),
        ("aujourd’hui", date(2026, 11, 24)),  # as a French keyboard writes it
        ("mañana", date(2026, 11, 25)),
        ("hier", date(2026, 11, 23)),
        ("+30", date(2026, 12, 24)),
        ("-1", date(2026, 11, 23)),
    ],
)
def test_a_date_may_be_counted_from_today(text: str, on: date) -> None:
    typed = parse_typed_date(text, country="US", today=TODAY)
    assert (typed.on, typed.reading) == (on, "relative")


def test_march_and_the_spanish_or_french_tuesday_are_told_apart() -> None:
    assert read("mar. 3 mar. 2026") == date(2026, 3, 3)  # a Tuesday in March
    assert read("mar. 1 dic. 2026") == date(2026, 12, 1)  # a Tuesday in December
    assert read("mardi 1er décembre 2026") == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2/30/2026", "no_day"),
        ("Feb 29 2026", "no_day"),
        ("Nov 0 2026", "no_day"),
        ("13/13/2026", "no_month"),
        ("0/5/2026", "no_month"),
        ("2026-13-05", "no_month"),
        ("11/5", "year_missing"),
        ("June 5", "year_missing"),
        ("June 2026", "day_missing"),
        ("11/5/26", "short_year"),
        ("Nov 5 26", "short_year"),
        ("11/5/1026", "no_year"),
        ("11/5/20260", "no_year"),
        ("+999999", "unknown"),
        ("+99999", "no_year"),
        ("Friday, November 5, 2026", "weekday"),
        ("ju 5 2026", "unknown"),
        ("5 juxx 2026", "unknown"),
        ("next week", "unknown"),
        ("", "unknown"),
        ("11052026", "unknown"),
        ("11/5/2026 <b>", "unknown"),
        ("Nov 5 2026 " + "x" * 100, "unknown"),
    ],
)
def test_a_text_without_a_clear_meaning_is_refused_by_the_part_that_is_wrong(text: str, code: str) -> None:
    assert refusal(text) == code


@given(dates, countries, languages)
def test_every_form_that_a_page_shows_is_read_back_as_the_same_day(on: date, country: str, language: str) -> None:
    with use_country(country), translation.override(language):
        shown = [date_texts.list_date(on), date_texts.long_date(on), date_texts.date_without_weekday(on)]
    for text in (*shown, on.isoformat()):
        for order in ("US", "FR"):
            typed = parse_typed_date(text, country=order, today=TODAY)
            assert (typed.on, typed.reading) == (on, "clear"), text


@given(dates, countries, st.sampled_from("/-. "))
def test_numbers_in_the_order_of_the_country_are_that_day(on: date, country: str, between: str) -> None:
    numbers = (on.month, on.day) if country == "US" else (on.day, on.month)
    typed = parse_typed_date(between.join(map(str, (*numbers, on.year))), country=country, today=TODAY)
    assert typed.on == on
    assert typed.reading == ("in_order" if on.day <= 12 and on.day != on.month else "clear")


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1800, 2199), countries)
def test_two_numbers_are_never_swapped_silently(first: int, second: int, year: int, country: str) -> None:
    month, day = (first, second) if country == "US" else (second, first)
    exists = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    try:
        typed = parse_typed_date(f"{first}/{second}/{year}", country=country, today=TODAY)
    except UnreadableDate:
        assert not exists
        return
    if typed.reading == "other_order":
        assert month > 12
        assert typed.on == date(year, day, month)
    else:
        assert typed.on == date(year, month, day)


@given(st.integers(-9999, 9999))
def test_a_number_with_a_sign_counts_days_from_today(days: int) -> None:
    expected = TODAY + timedelta(days=days)
    assert parse_typed_date(f"{days:+d}", country="FR", today=TODAY).on == expected


@given(st.text(max_size=80), countries)
def test_any_text_is_a_date_or_a_refusal(text: str, country: str) -> None:
    try:
        on = parse_typed_date(text, country=country, today=TODAY).on
    except UnreadableDate:
        return
    assert 1800 <= on.year <= 2199
