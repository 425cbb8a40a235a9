"""The date field: its order by country, its echo, the dates that need a tick, and what is wrong with a date."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.utils import translation

from caseapp.lib import clock
from caseapp.ui.display.country import use_country
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.date_reading import BIRTH, EVENT, HEARING

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


@pytest.fixture(autouse=True)
def _on_the_24th(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def in_france() -> Iterator[None]:
    with use_country("FR"), translation.override("fr"):
        yield


class Dates(forms.Form):
    on = DateBoxes(what="the hearing date")
    until = DateBoxes(required=False)
    heard_on = DateBoxes(required=False, kind=HEARING)
    dated_on = DateBoxes(required=False, kind=EVENT)
    born_on = DateBoxes(required=False, kind=BIRTH)


def listed(day: str, month: str, year: str, **more: str) -> Dates:
    return Dates({"on_day": day, "on_month": month, "on_year": year, **more})


def typed(text: str, **more: str) -> Dates:
    return Dates({"on_text": text, **more})


def with_date(field: str, on: str, **more: str) -> Dates:
    return typed("2026-12-08", **{f"{field}_text": on}, **more)


def error(form: forms.Form, field: str = "on") -> Any:
    return form.errors.get(field, [])


def html_of(form: forms.Form, field: str = "on") -> str:
    return " ".join(form[field].as_field_group().split())


@pytest.mark.parametrize(
    "boxes",
    [
        ("8", "12", "2026"),
        ("08", "12", "2026"),
        (" 8", "Dec", "2026"),
        ("8", "december", "2026"),
        ("2026-12-08", "", ""),
        ("Dec 8 2026", "", ""),
    ],
)
def test_one_day_may_be_entered_in_many_ways(boxes: tuple[str, str, str]) -> None:
    form = listed(*boxes)
    assert form.is_valid()
    assert form.cleaned_data["on"] == date(2026, 12, 8)
    assert form.cleaned_data["until"] is None


def test_months_may_be_sent_by_name_in_all_our_languages() -> None:
    with translation.override("es"):
        assert listed("8", "diciembre", "2026").is_valid()
        assert listed("8", "dec", "2026").is_valid()
        assert listed("8", "déc.", "2026").is_valid()


def test_the_united_states_enter_the_month_first_by_its_name() -> None:
    html = html_of(Dates())
    assert html.index('for="id_on_0">Month<') < html.index('for="id_on_1">Day<') < html.index('for="id_on_2">Year<')
    assert '<option value="12">December</option>' in html


def test_a_spanish_page_of_a_united_states_office_has_the_same_order() -> None:
    with translation.override("es"):
        html = html_of(Dates())
    assert html.index('name="on_month"') < html.index('name="on_day"') < html.index('name="on_year"')
    assert '<option value="12">diciembre</option>' in html


def test_france_enters_the_day_first_and_the_month_by_its_name(in_france: None) -> None:
    html = html_of(Dates())
    assert html.index('name="on_day"') < html.index('name="on_month"') < html.index('name="on_year"')
    assert '<option value="12">décembre</option>' in html


def test_the_field_says_the_weekday_and_the_distance_of_its_date() -> None:
    assert "Thursday, November 5, 2026, 19 days ago" in html_of(typed("Nov 5 2026"))
    assert "Tuesday, December 8, 2026, in 14 days" in html_of(Dates(initial={"on": date(2026, 12, 8)}))


def test_the_spanish_and_the_french_echo_are_in_their_own_words(in_france: None) -> None:
    assert "mardi 8 décembre 2026" in html_of(typed("8 déc. 2026"))
    with use_country("US"), translation.override("es"):
        assert "martes, 8 de diciembre de 2026" in html_of(typed("8 dic. 2026"))


def test_a_date_that_the_page_has_not_echoed_is_shown_before_it_is_saved() -> None:
    form = typed("11/5/2026")
    assert error(form) == [
        "You typed 11/5/2026: Thursday, November 5, 2026, 19 days ago. If that is right, save again."
    ]
    html = html_of(form)
    assert 'value="11/5/2026"' in html
    assert '<input type="hidden" name="on_seen" value="2026-11-05">' in html
    assert '<option value="11" selected>November</option>' in html
    again = typed("11/5/2026", on_seen="2026-11-05", on_month="11", on_day="5", on_year="2026")
    assert again.is_valid()
    assert again.cleaned_data["on"] == date(2026, 11, 5)


def test_the_echo_of_another_day_does_not_count() -> None:
    assert error(typed("11/5/2026", on_seen="2026-05-11"))
    assert error(typed("today", on_seen="2026-11-23"))
    assert typed("today", on_seen="2026-11-24").is_valid()


@pytest.mark.parametrize("language", ["es", "fr"])
def test_numbers_that_the_page_language_reads_the_other_way_need_a_tick(language: str) -> None:
    with translation.override(language):
        form = typed("11/5/2026", on_seen="2026-11-05")
        assert error(form)
        assert '<input type="checkbox" name="on_sure" id="id_on_sure" value="2026-11-05"' in html_of(form)
        assert error(typed("11/5/2026", on_seen="2026-11-05", on_sure="2026-05-11"))
        ticked = typed("11/5/2026", on_sure="2026-11-05")
        assert ticked.is_valid()
        assert ticked.cleaned_data["on"] == date(2026, 11, 5)
        # A date with one possible order, or with the month by name, needs none.
        assert typed("11/15/2026").is_valid()
        assert typed("5 nov. 2026").is_valid()
        assert typed("5/5/2026").is_valid()


def test_a_page_in_english_of_a_french_office_asks_the_same() -> None:
    with use_country("FR"):
        form = typed("11/5/2026", on_seen="2026-05-11")
        assert error(form) == [
            "Monday 11 May 2026, 197 days ago. "
            "In France the day is first: 11/5/2026 is Monday 11 May 2026. Is this right?"
        ]
        ticked = typed("11/5/2026", on_sure="2026-05-11")
        assert ticked.is_valid()
        assert ticked.cleaned_data["on"] == date(2026, 5, 11)


def test_numbers_of_the_other_country_are_never_swapped_without_a_tick() -> None:
    form = typed("25/12/2026", on_seen="2026-12-25")
    assert error(form) == [
        "Friday, December 25, 2026, in 31 days. There is no month 25. Did you mean Friday, December 25, 2026?"
    ]
    ticked = typed("25/12/2026", on_sure="2026-12-25")
    assert ticked.is_valid()
    assert ticked.cleaned_data["on"] == date(2026, 12, 25)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (listed("31", "2", "2026"), "There is no day 31 in February 2026: it has 28 days."),
        (listed("29", "2", "2027"), "There is no day 29 in February 2027: it has 28 days."),
        (listed("0", "1", "2026"), "There is no day 0 in January 2026: it has 31 days."),
        (listed("8", "13", "2026"), "There is no month 13. Months go from 1 to 12."),
        (listed("", "12", "2026"), "Enter the day of the hearing date."),
        (listed("8", "", ""), "Choose the month of the hearing date."),
        (listed("8", "xyz", "2026"), "“xyz” is no month. Choose the month of the hearing date."),
        (listed("8", "ju", "2026"), "“ju” is no month. Choose the month of the hearing date."),
        (listed("8th", "12", "2026"), "“8th” is no day of a month. Enter a number, for example 8."),
        (listed("8", "12", ""), "Enter the year of the hearing date, with four digits."),
        (listed("8", "12", "26"), "Enter the year with four digits, for example 2026, not 26."),
        (listed("8", "12", "20260"), "The year 20260 is not possible here. Enter a year from 1800 to 2199."),
        (listed("8", "12", "1026"), "The year 1026 is not possible here. Enter a year from 1800 to 2199."),
        (listed("", "", ""), "Enter the hearing date, for example December 8, 2026."),
        (listed("next week", "", ""), "Enter the hearing date, for example December 8, 2026."),
        (typed("Fri, Nov 5, 2026"), "November 5, 2026 is a Thursday, not a Friday. Check the weekday or the date."),
        (
            typed("2026-11-05", on_month="11", on_day="6", on_year="2026"),
            "“2026-11-05” and the list show two different dates. Clear one of them.",
        ),
    ],
)
def test_the_sentence_names_the_part_that_is_wrong(form: Dates, sentence: str) -> None:
    assert error(form) == [sentence]


@pytest.mark.parametrize(
    ("field", "on", "question"),
    [
        ("dated_on", "Nov 25 2026", "This date is in the future. Is this right?"),
        ("dated_on", "Nov 23 2025", "This date is more than a year ago. Is this right?"),
        ("born_on", "Nov 25 2026", "The date of birth is after today. Is this right?"),
        (
            "heard_on",
            "Nov 23 2026",
            "The hearing date is before today. If it took place, its outcome is next. Is this right?",
        ),
        ("heard_on", "Dec 5 2026", "This day is a Saturday. Is this right?"),
        ("heard_on", "Dec 6 2026", "This day is a Sunday. Is this right?"),
        ("heard_on", "Nov 26 2026", "This day is a federal holiday (Thanksgiving Day). Is this right?"),
        ("heard_on", "Jul 5 2027", "This day is a federal holiday (Independence Day). Is this right?"),
    ],
)
def test_an_unlikely_date_is_asked_about_and_a_tick_answers(field: str, on: str, question: str) -> None:
    form = with_date(field, on)
    assert error(form, field)[0].endswith(question)
    assert question in html_of(form, field)
    iso = form[field].field.widget.get_context(field, form[field].data, None)["echo"].iso
    assert with_date(field, on, **{f"{field}_sure": iso}).is_valid()


@pytest.mark.parametrize(
    ("field", "on"),
    [
        ("dated_on", "Nov 24 2026"),  # today
        ("dated_on", "Nov 24 2025"),  # a year ago to the day
        ("born_on", "Nov 24 2026"),
        ("born_on", "Jan 1 1899"),
        ("heard_on", "Nov 24 2026"),
        ("heard_on", "Dec 7 2026"),
        ("until", "Dec 5 2026"),  # no hearing, so a Saturday is no question
    ],
)
def test_a_likely_date_is_not_asked_about(field: str, on: str) -> None:
    assert with_date(field, on).is_valid()


def test_a_french_office_is_asked_about_french_holidays(in_france: None) -> None:
    assert error(with_date("heard_on", "14 juillet 2027"), "heard_on")
    assert with_date("heard_on", "26 novembre 2026").is_valid()  # Thanksgiving Day


def test_only_a_birth_in_part_may_lack_its_day() -> None:
    for text in ("1987", "May 1987", "1987-05"):
        assert error(with_date("born_on", text), "born_on")
        assert error(typed(text))


def test_a_date_that_was_saved_before_is_not_asked_about_again() -> None:
    data = {"on_text": "2026-12-08", "heard_on_month": "11", "heard_on_day": "2", "heard_on_year": "2026"}
    assert error(Dates(data), "heard_on")
    assert Dates(data, initial={"heard_on": date(2026, 11, 2)}).is_valid()
    assert error(Dates(data, initial={"heard_on": date(2026, 11, 3)}), "heard_on")


def test_what_was_entered_stays_in_its_boxes() -> None:
    html = html_of(listed("31", "2", "2026"))
    assert 'value="31"' in html
    assert '<option value="2" selected>February</option>' in html
    assert 'value="2026"' in html
    assert 'value="next week"' in html_of(typed("next week"))


def test_the_error_is_tied_to_the_group_of_boxes() -> None:
    html = html_of(listed("31", "2", "2026"))
    assert '<fieldset class="field has-error" id="id_on" aria-describedby="id_on_error">' in html
    assert '<p class="wrong" id="id_on_error">' in html


def test_an_oversized_part_is_cut_before_it_is_read() -> None:
    assert error(typed("1" * 100_000)) == ["Enter the hearing date, for example December 8, 2026."]
    assert error(listed("9" * 100_000, "1" * 100_000, "2026"))
