"""Search by telephone number, court and colleague, from the page to the case."""

import datetime as dt
import re
from html import unescape
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.casefile.upkeep import reminder_reconciliation
from caseapp.cases.services import cases
from caseapp.hearings.services import hearings
from caseapp.index import reader, rows, store
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import NAME, Worker
from tests.search.test_palette import palette

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
COURT = "Newark Immigration Court"


@pytest.fixture
def called_case(attorney: Worker) -> UUID:
    """A case with a telephone number and a hearing at which Ben appears."""
    ben = cast.colleague_of(attorney.staff)
    contact = Contact(way="phone", text="862 555 0101 (sister)")
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Aminata Diallo", contacts=(contact,)))
    starts_at = dt.datetime(2026, 12, 8, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(
        kind="master", starts_at=starts_at, zone="America/New_York", court=COURT, judge="Amara Stone", goes=ben
    )
    hearings.book_hearing(attorney.staff, case_id, hearing)
    return case_id


def found(worker: Worker, text: str) -> str:
    response = worker.client.post("/search/", {"text": text})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_case_with_the_telephone_number_opens(attorney: Worker, case_id: UUID, called_case: UUID) -> None:
    for typed in ("+1 (862) 555-0101", "5550101"):
        answer = attorney.client.post("/search/", {"text": typed})
        assert (answer.status_code, answer["Location"]) == (303, reverse("cases:case", args=[called_case]))


def test_a_court_shows_its_cases_and_a_link_to_their_list(attorney: Worker, case_id: UUID, called_case: UUID) -> None:
    html = found(attorney, "newark")
    assert "Aminata Diallo" in html
    assert "found by: court" in html
    assert NAME not in html
    link = re.search(r'<a href="(/cases/\?[^"]*)">Cases at Newark Immigration Court</a>', html)
    assert link is not None
    assert "ewark" not in link[1]
    listed = attorney.client.get(unescape(link[1])).content.decode()
    assert ("Aminata Diallo" in listed, NAME in listed) == (True, False)


def test_a_colleague_shows_the_cases_in_which_they_appear(attorney: Worker, case_id: UUID, called_case: UUID) -> None:
    html = found(attorney, "okafor")
    assert "Aminata Diallo" in html
    assert "found by: colleague" in html
    assert NAME not in html
    assert "Cases led by Ben Okafor" in html


def test_the_palette_goes_to_the_list_of_a_court_and_not_while_names_are_covered(
    attorney: Worker, called_case: UUID
) -> None:
    assert [line for line in palette(attorney, "newark") if "Cases at Newark Immigration Court" in line]
    assert not [line for line in palette(attorney, "newark", covered="on") if "Newark" in line]


def test_number_court_and_colleague_of_another_office_are_not_found(
    attorney: Worker, outsider: Worker, called_case: UUID
) -> None:
    for typed in ("862 555 0101", "newark", "okafor"):
        html = found(outsider, typed)
        assert "Nothing found" in html
        assert "Aminata" not in html
        assert "Okafor</a>" not in html


def test_a_row_of_an_older_program_is_found_by_its_number_once_it_is_renewed_also_of_a_closed_case(
    attorney: Worker, called_case: UUID
) -> None:
    staff = attorney.staff
    group = staff.keys.teams[0].group
    with office_transaction(staff.org_id):
        row = reader.open_view(staff.keys).find_row(called_case)
        assert row is not None
        kept = {name: getattr(row, name) for name in row.__struct_fields__ if name not in {"schema", "contact_phones"}}
        store.save(staff.keys, {group: [(called_case, rows.CaseRow(schema=2, **{**kept, "hearings": ()}))]})
    assert "Nothing found" in found(attorney, "5550101")
    assert reminder_reconciliation.renew_rows(staff) == 1
    assert reminder_reconciliation.renew_rows(staff) == 0
    assert attorney.client.post("/search/", {"text": "5550101"}).status_code == 303
