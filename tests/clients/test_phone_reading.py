"""A telephone is shown as it was typed, with how it is dialled in the office's country or why it cannot be."""

import re

import pytest
from django.urls import reverse

from caseapp.lib.errors import Refused
from caseapp.records.consent import Consent
from tests.clients import client_world
from tests.helpers.two_offices import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def _page(worker: Worker, number: str) -> str:
    case_id = client_world.a_case(worker.staff, number=number)
    return re.sub(r"\s+", " ", worker.client.get(reverse("cases:case", args=[case_id])).content.decode())


def _make_french(worker: Worker) -> None:
    assert worker.client.post("/office/", {"country": "FR"}).status_code == 303


@pytest.mark.parametrize(
    ("typed", "country", "dialled"),
    [
        ("(212) 555-0122", "US", "+12125550122"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("787-555-0122", "US", "+17875550122"),
        ("011 33 6 12 34 56 78", "US", "+33612345678"),
    ],
)
def test_what_was_typed_stays_next_to_how_it_is_dialled(
    attorney: Worker, typed: str, country: str, dialled: str
) -> None:
    if country == "FR":
        _make_french(attorney)
    html = _page(attorney, typed)
    assert typed in html
    assert "dialed as" in html
    assert dialled in html


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("555 0122", "with its area code"),
        ("+1 555 0122", "too few digits"),
        ("06 12 34 56 78", "with a plus and its country first"),
        ("ask for Rosa", "has digits only"),
    ],
)
def test_a_number_that_cannot_be_dialled_is_kept_and_says_why(attorney: Worker, typed: str, sentence: str) -> None:
    html = _page(attorney, typed)
    assert typed in html
    assert sentence in html
    assert "dialed as" not in html


@pytest.mark.parametrize("typed", ["+12125550122", "+502 5123 4567", "0033 6 12 34 56 78", "+1 (212) 555-0122"])
def test_a_number_typed_as_it_is_dialled_is_shown_once(attorney: Worker, typed: str) -> None:
    html = _page(attorney, typed)
    assert typed in html
    assert "dialed as" not in html


def test_neither_form_is_in_the_page_while_covered(attorney: Worker) -> None:
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    html = _page(attorney, "(212) 555-0122")
    assert "555-0122" not in html
    assert "2125550122" not in html


def test_the_same_digits_are_another_number_in_an_office_of_another_country(attorney: Worker) -> None:
    case_id = client_world.a_case(attorney.staff, number="06 12 34 56 78")
    with pytest.raises(Refused, match="contact"):
        client_world.agreed(attorney.staff, case_id, contact="06 12 34 56 78")
    _make_french(attorney)
    client_world.agreed(attorney.staff, case_id, contact="06 12 34 56 78")
    (consent,) = client_world.opened(attorney.staff, case_id).entries_of(Consent)
    assert (consent.record.contact, consent.record.number) == ("06 12 34 56 78", "+33612345678")
