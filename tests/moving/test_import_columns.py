"""The pages that say what a file's columns mean: found, missing, left behind, asked; and what the check found."""

import csv
import io
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from caseapp.moving.reading.settings import LEFT_BEHIND
from caseapp.moving.services.importing import import_store, runner
from caseapp.moving.services.importing.shapes import READY, ImportState
from tests.helpers.two_offices import Worker

ROWS = (
    "Case ID#,Client Name,Date of Birth,Date Opened,S.S.N.,Borough,Legal Problem Code\n"
    '26-0000001,"Diallo, Amina",05/25/1987,05/06/2026,000-00-0001,Bronx,Asylum and withholding\n'
    '26-0000002,"Kovalenko, Olena",12/31/1990,25/06/2026,000-00-0002,Queens,Code 99\n'
    '26-0000003,"=cmd(), Thuy",02/30/1990,05/07/2026,,Bronx,\n'
)
PAGES = ("mapping", "rows", "rejected")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of an import in the request, as a test sees one connection only."""
    monkeypatch.setattr(runner, "start", runner.work_until_rest)


def upload(worker: Worker, content: bytes) -> UUID:
    answer = worker.client.post("/moving/import/", {"source": SimpleUploadedFile("cases.csv", content)})
    assert answer.status_code == 303, answer.content.decode()
    return UUID(answer.headers["Location"].strip("/").split("/")[-1])


def page_of(worker: Worker, import_id: UUID, name: str = "mapping") -> str:
    answer = worker.client.get(f"/moving/import/{import_id}/{name}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def save_columns(worker: Worker, import_id: UUID, **changed: str) -> int:
    """Send the form of the columns as the page shows it, with some boxes changed."""
    sent = {
        "act": "columns",
        "column-0": "Case: number in the other system",
        "column-1": "Client: name as written",
        "column-2": "Client: date of birth",
        "column-3": "Case: opened on",
        "column-4": "Not imported",
        "column-5": "",
        "column-6": "Case: relief sought",
        "date_order": "mdy",
        "short_years_from": "0",
        **changed,
    }
    return int(worker.client.post(f"/moving/import/{import_id}/mapping/", sent).status_code)


def check(worker: Worker, import_id: UUID) -> ImportState:
    assert worker.client.post(f"/moving/import/{import_id}/run/", {"act": "check"}).status_code == 303
    return import_store.open_import(worker.staff, import_id)


def test_the_page_shows_what_was_found_left_behind_and_asked_and_the_first_rows(attorney: Worker) -> None:
    import_id = upload(attorney, ROWS.encode())
    assert (
        f'href="/moving/import/{import_id}/mapping/"'
        in attorney.client.get(f"/moving/import/{import_id}/").content.decode()
    )
    page = page_of(attorney, import_id)
    assert 'value="Client: date of birth"' in page  # found
    assert 'value="Not imported"' in page  # left behind on purpose
    assert "Known for this kind of file, and not in it:" in page
    assert "Which is first in the dates of this file, the month or the day?" in page
    assert "Amina Diallo" in page
    assert "As its words say: Asylum, Withholding of removal" in page
    assert "is a day that does not exist" in page


def test_columns_and_answers_are_saved_checked_and_shown_again(attorney: Worker) -> None:
    import_id = upload(attorney, ROWS.encode())
    assert save_columns(attorney, import_id, **{"column-5": "case: FUNDER", "relief-1": "family"}) == 303
    state = import_store.open_import(attorney.staff, import_id)
    assert state.mapping is not None
    assert [choice.field for choice in state.mapping.columns][4:6] == [LEFT_BEHIND, "case.funder"]
    assert (state.answers.date_order, state.answers.relief) == ("mdy", {"code 99": "family"})
    page = page_of(attorney, import_id)
    assert 'value="Case: funder"' in page
    checked = check(attorney, import_id)
    assert (checked.step, checked.counts) == (READY, {"check.new": 1, "check.rejected": 2})
    rows = page_of(attorney, import_id, "rows")
    assert "does not fit the order of dates of this file" in rows
    assert "Thuy" in rows


def test_rejected_rows_are_downloaded_with_their_reasons_and_without_a_formula(attorney: Worker) -> None:
    import_id = upload(attorney, ROWS.encode())
    save_columns(attorney, import_id)
    check(attorney, import_id)
    answer = attorney.client.get(f"/moving/import/{import_id}/rejected/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rejected-rows.csv"'
    head, second, third = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert head[:4] == ["Row", "Reasons", "Case ID#", "Client Name"]
    assert (second[0], third[0]) == ("3", "4")
    assert "02/30/1990" in third[1]
    assert third[3] == "'=cmd(), Thuy"


def test_a_text_that_is_no_field_and_two_columns_of_one_field_are_refused_and_kept(attorney: Worker) -> None:
    import_id = upload(attorney, ROWS.encode())
    assert save_columns(attorney, import_id, **{"column-5": "Case: fnder"}) == 422
    assert save_columns(attorney, import_id, **{"column-5": "Case: opened on"}) == 422
    answer = attorney.client.post(f"/moving/import/{import_id}/mapping/", {"act": "columns", "column-5": "Case: fnder"})
    text = answer.content.decode()
    assert "“Case: fnder” is no field." in text
    assert 'value="Case: fnder"' in text
    assert import_store.open_import(attorney.staff, import_id).mapping is None


def test_a_file_that_cannot_be_read_says_why_and_is_read_in_another_way(attorney: Worker) -> None:
    import_id = upload(attorney, b"Title only\n\n" * 12 + ROWS.encode())
    assert "No row with headings is among the first 10 rows." in page_of(attorney, import_id)
    again = {"act": "read", "preset": "legalserver-cases", "heading_row": "25"}
    wrong = attorney.client.post(f"/moving/import/{import_id}/mapping/", {**again, "separator": ";"})
    assert wrong.status_code == 422
    assert "Every row has one column only." in wrong.content.decode()
    assert attorney.client.post(f"/moving/import/{import_id}/mapping/", again).status_code == 303
    assert "Amina Diallo" in page_of(attorney, import_id)


def test_the_columns_of_the_last_file_are_remembered_for_the_next(attorney: Worker) -> None:
    first = upload(attorney, ROWS.encode())
    save_columns(attorney, first, **{"column-5": "Case: funder"})
    second = upload(attorney, ROWS.replace("Borough,Legal", "BOROUGH ,Legal").encode())
    assert 'value="Case: funder"' in page_of(attorney, second)


def test_three_hundred_columns_are_shown_and_saved(attorney: Worker) -> None:
    headings = ["Case ID#", "Client Name", *(f"Own field {number}" for number in range(298))]
    import_id = upload(attorney, (",".join(headings) + "\n" + ",".join(["1"] * 300) + "\n").encode())
    page = page_of(attorney, import_id)
    assert "Own field 297" in page
    assert len(page) < 400_000
    sent = {"act": "columns", "column-0": "Case: number in the other system", "column-1": "Client: name as written"}
    assert attorney.client.post(f"/moving/import/{import_id}/mapping/", sent).status_code == 303


def test_names_are_covered_on_the_pages_of_a_file(attorney: Worker) -> None:
    import_id = upload(attorney, ROWS.encode())
    assert attorney.client.post("/account/cover/", {"covered": "yes"}).status_code in {303, 204}
    page = page_of(attorney, import_id)
    assert "Amina" not in page
    assert "05/25/1987" not in page


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_hide_from_another_office_and_from_a_colleague(attorney: Worker, outsider: Worker, name: str) -> None:
    import_id = upload(attorney, ROWS.encode())
    assert outsider.client.get(f"/moving/import/{import_id}/{name}/").status_code == 404
    assert outsider.client.post(f"/moving/import/{import_id}/mapping/", {"act": "columns"}).status_code == 404
    if name != "mapping":
        assert attorney.client.post(f"/moving/import/{import_id}/{name}/").status_code == 405


def test_showing_the_columns_writes_nothing(attorney: Worker) -> None:
    import_id = upload(attorney, ROWS.encode())
    before = import_store.open_import(attorney.staff, import_id)
    page_of(attorney, import_id)
    assert import_store.open_import(attorney.staff, import_id) == before
