"""Births known to the day, the month or the year, and dates of a person that cannot both be right."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.cases.services import cases
from caseapp.lib.partial_dates import PartialDate
from caseapp.records.party import Name, Party
from caseapp.vault.registry import decode_record, encode_record
from tests.helpers.two_offices import Worker, boxes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NO_DAY = {"born_on_day": "", "born_on_month": "5", "born_on_year": "1987"}
NO_MONTH = {"born_on_day": "", "born_on_month": "", "born_on_year": "1987"}


def client_of(worker: Worker, case_id: UUID) -> Party:
    return next(e.record for e in worker.file(case_id).entries_of(Party) if e.record.role == "lead")


def open_case(worker: Worker, **fields: str) -> tuple[UUID | None, str]:
    """Open a case through its page; return its id, or None with the page that refused."""
    response = worker.client.post(reverse("cases:new"), {"name": "Tesfaye Bekele", **fields})
    if response.status_code != 303:
        return None, response.content.decode()
    return UUID(response["Location"].split("/")[2]), ""


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        (NO_MONTH, "1987", "1987 (day and month not known)"),
        (NO_DAY, "1987-05", "May 1987 (day not known)"),
        ({"born_on_text": "1987"}, "1987", "1987 (day and month not known)"),
        ({"born_on_text": "May 1987"}, "1987-05", "May 1987 (day not known)"),
        ({"born_on_text": "mayo de 1987"}, "1987-05", "May 1987 (day not known)"),
        ({"born_on_text": "5/1987"}, "1987-05", "May 1987 (day not known)"),
        ({"born_on_text": "1987-05"}, "1987-05", "May 1987 (day not known)"),
    ],
)
def test_a_birth_may_be_known_by_year_or_month_alone(
    attorney: Worker, typed: dict[str, str], stored: str, shown: str
) -> None:
    case_id, _page = open_case(attorney, **typed)
    assert case_id is not None
    party = client_of(attorney, case_id)
    assert (party.born_on, party.born_period) == (None, stored)
    assert shown in attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    # A namesake: a single hit would open at once. A page would ask if it is the same person.
    cases.open_case(attorney.staff, cases.NewCase(name="Tesfaye Bekele"))
    found = attorney.client.post("/search/", {"text": "Tesfaye"}).content.decode()
    assert f"born {shown}" in " ".join(found.split())


def test_a_birth_before_1900_is_kept_to_the_day(attorney: Worker) -> None:
    case_id, _page = open_case(attorney, **boxes("born_on", dt.date(1899, 3, 2)))
    assert case_id is not None
    assert client_of(attorney, case_id).born_on == dt.date(1899, 3, 2)
    assert "Thu, Mar 2, 1899" in attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()


def test_a_day_without_its_month_is_not_a_birth(attorney: Worker) -> None:
    case_id, page = open_case(attorney, born_on_day="9", born_on_year="1987")
    assert case_id is None
    assert "Choose the month of the date of birth." in page


def test_the_person_page_shows_what_is_known_and_saves_the_day_once_it_is_known(attorney: Worker) -> None:
    case_id, _page = open_case(attorney, **NO_DAY)
    assert case_id is not None
    entry = next(e for e in attorney.file(case_id).entries_of(Party) if e.record.role == "lead")
    path = reverse("clients:person", args=[case_id, entry.id])
    html = attorney.client.get(path).content.decode()
    assert '<option value="5" selected>May</option>' in html
    sent = {"name": "Tesfaye Bekele", "version": entry.version, **boxes("born_on", dt.date(1987, 5, 9))}
    assert attorney.client.post(path, sent).status_code == 303
    party = client_of(attorney, case_id)
    assert (party.born_on, party.born_period) == (dt.date(1987, 5, 9), "")


@pytest.mark.parametrize(
    ("born", "arrived", "is_saved"),
    [
        (boxes("born_on", dt.date(2026, 4, 10)), dt.date(2026, 4, 9), False),
        (boxes("born_on", dt.date(2026, 4, 9)), dt.date(2026, 4, 9), True),
        ({"born_on_year": "2026"}, dt.date(2026, 4, 9), True),
        ({"born_on_year": "2026", "born_on_month": "5"}, dt.date(2026, 4, 9), False),
    ],
)
def test_no_person_arrives_before_the_earliest_day_of_birth(
    attorney: Worker, born: dict[str, str], arrived: dt.date, is_saved: bool
) -> None:
    case_id, page = open_case(attorney, **born, **boxes("last_arrival_on", arrived))
    assert (case_id is not None) is is_saved
    if not is_saved:
        assert "The last arrival is before the date of birth. Correct one of the two dates." in page
        assert "Tesfaye Bekele" in page


def test_a_birth_after_the_stored_arrival_is_refused_on_the_person_page(attorney: Worker, case_id: UUID) -> None:
    entry = next(e for e in attorney.file(case_id).entries_of(Party) if e.record.role == "lead")
    sent = {"name": entry.record.name.full, "version": entry.version, **boxes("born_on", dt.date(2026, 4, 10))}
    response = attorney.client.post(reverse("clients:person", args=[case_id, entry.id]), sent)
    assert response.status_code == 422
    assert "The date of birth is after the last arrival. Correct one of the two dates." in response.content.decode()


def test_an_arrival_before_the_stored_birth_is_refused(attorney: Worker) -> None:
    case_id, _page = open_case(attorney, **boxes("born_on", dt.date(2026, 4, 10)))
    assert case_id is not None
    entry = next(e for e in attorney.file(case_id).entries_of(Party) if e.record.role == "lead")
    sent = {"act": "arrival", "version": entry.version, **boxes("last_arrival_on", dt.date(2026, 4, 9))}
    response = attorney.client.post(reverse("clients:person", args=[case_id, entry.id]), sent)
    assert response.status_code == 422
    assert "The last arrival is before the date of birth." in response.content.decode()


def test_a_birth_or_an_arrival_in_the_future_is_saved_with_a_tick(attorney: Worker) -> None:
    case_id, page = open_case(attorney, **boxes("born_on", dt.date(2027, 1, 5)))
    assert case_id is None
    assert "The date of birth is after today. Is this right?" in page
    case_id, _page = open_case(attorney, **boxes("born_on", dt.date(2027, 1, 5)), born_on_sure="2027-01-05")
    assert case_id is not None


def test_a_person_of_the_first_schema_opens_with_the_day_it_has() -> None:
    old = Party(role="lead", name=Name(full="Amina Diallo"), born_on=dt.date(1990, 1, 31))
    party = decode_record(Party.KIND, 1, encode_record(old))
    assert isinstance(party, Party)
    assert party.birth == PartialDate(1990, 1, 31)


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1987", dt.date(1987, 1, 1), dt.date(1987, 12, 31)),
        ("1988-02", dt.date(1988, 2, 1), dt.date(1988, 2, 29)),
        ("1987-05-09", dt.date(1987, 5, 9), dt.date(1987, 5, 9)),
    ],
)
def test_a_date_known_in_part_has_an_earliest_and_a_latest_day(text: str, earliest: dt.date, latest: dt.date) -> None:
    known = PartialDate.of_text(text)
    assert (known.earliest, known.latest, str(known)) == (earliest, latest, text)


@pytest.mark.parametrize("text", ["1987-13", "1987-02-30", "x", "", "1987-05-09-01"])
def test_a_text_that_is_no_date_is_no_partial_date(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        PartialDate.of_text(text)
