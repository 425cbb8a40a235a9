"""A page reads in few statements and one transaction: the session, the member and the office are read once for it."""

from uuid import UUID

import pytest

from tests.helpers.large_office import fill_case, fill_index
from tests.helpers.statements import captured_statements, in_words, savepoints_in, transactions_in
from tests.helpers.two_offices import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
ROWS = 60  # cases with dates, so that no list is empty
PAGES = {"case": 10, "list": 10, "agenda": 10, "search": 10, "note": 10}


def _address_of(page: str, case_id: UUID) -> str:
    return {
        "case": f"/cases/{case_id}/",
        "list": "/cases/?show=team",
        "agenda": "/calendar/agenda/2026-11-24/",
        "search": "/search/",
        "note": f"/cases/{case_id}/notes/new/",
    }[page]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_one_transaction_of_few_statements(
    page: str, attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    fill_index(attorney.staff, ROWS)
    fill_case(attorney.staff, case_id, 40)
    path = _address_of(page, case_id)
    for _ in range(2):  # the process reads the index, and what was written a moment ago, once
        attorney.client.get(path)
    with captured_statements() as statements:
        answer = attorney.client.get(path)
    assert answer.status_code == 200
    assert len(statements) <= PAGES[page], in_words(statements)
    assert transactions_in(statements) <= 1, in_words(statements)
    assert savepoints_in(statements) == [], in_words(statements)


def test_today_reads_directory_and_office_once_and_sets_no_savepoint(attorney: Worker, case_id: UUID) -> None:
    fill_index(attorney.staff, ROWS)
    for _ in range(2):
        attorney.client.get("/")
    with captured_statements() as statements:
        assert attorney.client.get("/").status_code == 200
    last = len(statements) - 1 - statements[::-1].index("BEGIN")  # upkeep and the seen mark have their own before
    page = statements[last:]
    assert len([text for text in page if "accounts_roster" in text]) == 1, in_words(page)
    assert len([text for text in page if "FROM vault_case" in text]) == 1, in_words(page)
    assert savepoints_in(page) == [], in_words(page)
    assert len(page) <= 18, in_words(page)


def test_rows_are_read_again_once_the_page_is_done(attorney: Worker) -> None:
    keys, reads = attorney.staff.keys, iter(range(9))
    with keys.reading_once():
        assert [keys.read_once("row", lambda: next(reads)) for _ in range(3)] == [0, 0, 0]
    assert [keys.read_once("row", lambda: next(reads)) for _ in range(2)] == [1, 2]
