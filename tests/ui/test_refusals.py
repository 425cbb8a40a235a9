"""A refusal that names numbers is shown in the language of the page."""

import html

import pytest
from django.urls import reverse
from django.utils import translation

from caseapp.cases.services import cases
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
