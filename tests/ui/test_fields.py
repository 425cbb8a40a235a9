"""A date in three boxes: what is understood, what is asked, and which days do not exist."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.utils import translation

from caseapp.ui.forms.date_fields import DateBoxes


class Hearing(forms.Form):
    on = DateBoxes(what="the hearing date")
    until = DateBoxes(required=False)


def typed(day: str, month: str, year: str) -> Hearing:
    return Hearing({"on_day": day, "on_month": month, "on_year": year})


def error(form: Hearing) -> Any:
    return form.errors["on"]


@pytest.mark.parametrize(
    "boxes",
    [
        ("8", "12", "2026"),
        ("08", "12", "2026"),
        (" 8", "Dec", "2026"),
        ("8", "december", "2026"),
        ("2026-12-08", "", ""),
    ],
)
def test_one_day_may_be_typed_in_many_ways(boxes: tuple[str, str, str]) -> None:
    form = typed(*boxes)
    assert form.is_valid()
    assert form.cleaned_data == {"on": date(2026, 12, 8), "until": None}


@pytest.mark.parametrize("text", ["25/12/2026", "12/25/2026"])
def test_a_pasted_date_that_can_only_mean_one_day_is_understood(text: str) -> None:
    form = typed(text, "", "")
    assert form.is_valid()
    assert form.cleaned_data["on"] == date(2026, 12, 25)


def test_a_pasted_date_that_can_mean_two_days_asks_which_is_the_month() -> None:
    assert error(typed("8/12/2026", "", "")) == [
        "Which is the month in 8/12/2026? Type day, month and year in their own boxes."
    ]


@pytest.mark.parametrize(
    "boxes",
    [("31", "2", "2026"), ("29", "2", "2026"), ("0", "1", "2026"), ("8", "13", "2026"), ("", "12", "2026"),
     ("8", "xyz", "2026"), ("8", "ju", "2026"), ("", "", ""), ("tomorrow", "", ""), ("8", "12", "20260"),
     ("8", "12", "1026")],
)  # fmt: skip
def test_a_day_that_does_not_exist_is_asked_for_with_an_example(boxes: tuple[str, str, str]) -> None:
    assert error(typed(*boxes)) == ["Enter the hearing date, for example 8 12 2026."]


def test_a_short_year_is_asked_for_in_full() -> None:
    assert error(typed("8", "12", "26")) == ["Enter the year with four digits, for example 2026."]


def test_what_was_typed_stays_in_its_boxes() -> None:
    html = str(typed("31", "2", "2026")["on"])
    assert 'value="31"' in html
    assert 'value="2"' in html


def test_months_may_be_typed_in_the_page_language() -> None:
    with translation.override("es"):
        assert typed("8", "diciembre", "2026").is_valid()
        assert typed("8", "dec", "2026").is_valid()


def test_the_error_is_tied_to_the_group_of_boxes() -> None:
    html = " ".join(typed("31", "2", "2026")["on"].as_field_group().split())
    assert '<fieldset class="field has-error" id="id_on" aria-describedby="id_on_error">' in html
    assert '<p class="wrong" id="id_on_error">' in html
