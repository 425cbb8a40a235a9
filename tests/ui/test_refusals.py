"""A refusal that names numbers is shown in the language of the page."""

import datetime as dt
import html

import pytest
from django.urls import reverse
from django.utils import translation

from caseapp import rules
from caseapp.cases.services import cases
from caseapp.deadlines.services.calculation import compute_deadline
from caseapp.lib.errors import Refused
from caseapp.records import names
from caseapp.ui.display.refusals import translate_refusal
from tests.helpers.two_offices import signed_in


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "This name has 201 characters. The limit is 200."),
        ("es", "Este nombre tiene 201 caracteres. El límite es 200."),
        ("fr", "Ce nom compte 201 caractères. La limite est de 200."),
    ],
)
def test_its_numbers_are_filled_in_after_it_is_translated(language: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused, translation.override(language):
        names.clean_full_name("x" * 201)
    with translation.override(language):
        assert translate_refusal(refused.value) == sentence


def test_code_and_command_line_read_it_in_english() -> None:
    with pytest.raises(Refused) as refused, translation.override("fr"):
        names.clean_full_name("x" * 201)
    assert refused.value.sentence == "This name has 201 characters. The limit is 200."


def test_a_sentence_without_numbers_may_contain_a_percent_sign() -> None:
    assert translate_refusal(Refused("share", "100 % is the most.")) == "100 % is the most."


@pytest.mark.usefixtures("db", "frozen")
def test_a_note_that_is_too_long_is_refused_in_the_readers_language() -> None:
    worker = signed_in("Awa Traoré", "awa@office.test", language="fr")
    case_id = cases.open_case(worker.staff, cases.NewCase(name="Farid Karimi"))
    page = worker.client.post(reverse("cases:note_new", args=[case_id]), {"text": "x" * 50_001})
    assert page.status_code == 422
    assert "Cette note compte 50001 caractères. La limite est de 50000" in html.unescape(page.content.decode())


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Enter the date of “The judge said the decision in court” or “"),
        ("es", "Escriba la fecha de «El juez dijo la decisión en la corte» o «"),
        ("fr", "Saisissez la date de «"),
    ],
)
def test_what_a_rule_cannot_answer_is_said_in_the_readers_language_without_ids(language: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        compute_deadline("us.bia.appeal", {"nta_served": dt.date(2026, 11, 5)}, rules.Options(zone="America/New_York"))
    with translation.override(language):
        shown = translate_refusal(refused.value)
    assert shown.startswith(sentence)
    assert "_" not in shown
    assert "us.bia" not in shown


@pytest.mark.parametrize(
    ("language", "day"), [("en", "Mar 5, 2021"), ("es", "5\u00a0mar.\u00a02021"), ("fr", "5\u00a0mars\u00a02021")]
)
def test_a_period_that_ended_is_named_with_its_days(language: str, day: str) -> None:
    events = {"continuous_presence_start": dt.date(2015, 6, 1), "complete_nta_served": dt.date(2021, 3, 5)}
    with pytest.raises(Refused) as refused:
        compute_deadline("us.cancel.42b.ten", events, rules.Options(zone="America/New_York"))
    with translation.override(language):
        shown = translate_refusal(refused.value)
    assert day in shown
    assert "complete_nta" not in shown


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ({}, "Escriba una fecha: esta regla cuenta desde ella."),
        ({"order_final": dt.date(2099, 12, 30)}, "1900"),
        ({"order_final": dt.date(1850, 12, 30)}, "2099"),
    ],
)
def test_no_date_and_a_wrong_century_are_refused_in_spanish(events: dict[str, dt.date], shown: str) -> None:
    with pytest.raises(Refused) as refused:
        compute_deadline("us.ca.pfr", events, rules.Options(zone="America/New_York"))
    with translation.override("es"):
        assert shown in translate_refusal(refused.value)
