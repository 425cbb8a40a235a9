"""A case with 2,000 records: each page shows a part of them, counts all, and leads to the others."""

import re
from uuid import UUID

import pytest
from django.test import Client

from caseapp.cases.pages.parts import KINDS
from caseapp.cases.services import notes
from caseapp.ui.paging import PAGE_ROWS
from tests.helpers.large_office import fill_case
from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.usefixtures("frozen")
LONG = "The uncle's letter says that the village was burned twice. " * 40


def _page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def test_each_list_of_a_large_case_has_pages_that_show_every_line_once(attorney: Worker, case_id: UUID) -> None:
    fill_case(attorney.staff, case_id, 300)
    case = f"/cases/{case_id}/"
    html = _page(attorney.client, case)
    for name in KINDS:
        first = _page(attorney.client, f"{case}all/{name}/")
        counted = re.search(r"<h1>[^<]*\((\d+)\)</h1>", first)
        assert counted is not None, name
        total = int(counted.group(1))
        if total > KINDS[name].limit and name != "attempts":  # those are linked from the page of their client
            assert f'href="{case}all/{name}/"' in html, name
            assert f"Show all {total}" in html, name
        if total > PAGE_ROWS:
            assert f"Page 1 of {-(-total // PAGE_ROWS)}" in first, name
    pages = [_page(attorney.client, f"{case}all/hearings/?page={number}") for number in (1, 2, 3)]
    shown = [href for page in pages for href in re.findall(r'class="line-what">\s*<a href="(/hearings/[^"]+/)"', page)]
    assert len(shown) == len(set(shown)) == 60
    assert 'href="?page=2"' in pages[2]
    assert "Next page" not in pages[2]


def test_a_page_that_does_not_exist_shows_the_nearest_one(attorney: Worker, case_id: UUID) -> None:
    fill_case(attorney.staff, case_id, 300)
    path = f"/cases/{case_id}/all/activity/"
    last = _page(attorney.client, f"{path}?page=99999")
    assert re.search(r"Page (\d+) of \1\b", last)
    for typed in ("0", "-1", "", "x" * 5000, "1e3", "٢"):
        assert "Page 1 of" in _page(attorney.client, f"{path}?page={typed}"), typed


def test_the_pages_of_the_activity_keep_its_filter(attorney: Worker, case_id: UUID) -> None:
    fill_case(attorney.staff, case_id, 300)
    assert f'href="/cases/{case_id}/all/activity/?show=notes"' in _page(
        attorney.client, f"/cases/{case_id}/?show=notes"
    )
    first = _page(attorney.client, f"/cases/{case_id}/all/activity/?show=notes")
    assert 'href="?show=notes&amp;page=2"' in first
    assert "i-gavel" not in first.partition("<main")[2].partition("</main>")[0]


def test_the_calls_and_contacts_of_one_client_are_on_pages_of_their_own(attorney: Worker, case_id: UUID) -> None:
    fill_case(attorney.staff, case_id, 300)
    people = re.search(rf'href="(/cases/{case_id}/people/([0-9a-f-]+)/)"', _page(attorney.client, f"/cases/{case_id}/"))
    assert people is not None
    page = _page(attorney.client, people.group(1))
    for name in ("contacts", "attempts"):
        listed = f"/cases/{case_id}/all/{name}/?person={people.group(2)}"
        assert f'href="{listed}"' in page
        assert f'href="?person={people.group(2)}&amp;page=2"' in _page(attorney.client, listed)
    assert attorney.client.get(f"/cases/{case_id}/all/attempts/?person=none").status_code == 404


def test_a_list_that_a_case_does_not_have_is_not_found(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    assert attorney.client.get(f"/cases/{case_id}/all/secrets/").status_code == 404
    assert outsider.client.get(f"/cases/{case_id}/all/hearings/").status_code == 404
    assert attorney.client.post(f"/cases/{case_id}/all/hearings/").status_code == 405


def test_an_empty_list_says_so(attorney: Worker, case_id: UUID) -> None:
    assert "Nothing here yet." in _page(attorney.client, f"/cases/{case_id}/all/hearings/")


def test_a_long_note_is_cut_in_the_activity_and_whole_on_its_page(attorney: Worker, case_id: UUID) -> None:
    note = notes.add_note(attorney.staff, case_id, text=LONG + "The end.")
    html = _page(attorney.client, f"/cases/{case_id}/")
    assert "The end." not in html
    assert f'<a href="/cases/{case_id}/notes/{note}/">Read all of it</a>' in html
    assert "The end." in _page(attorney.client, f"/cases/{case_id}/notes/{note}/")


def test_names_stay_covered_on_the_pages_of_a_list(attorney: Worker, case_id: UUID) -> None:
    fill_case(attorney.staff, case_id, 40)
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    for name in KINDS:
        html = _page(attorney.client, f"/cases/{case_id}/all/{name}/")
        for secret in ("Guadalupe", "school records", ") 555-"):
            assert secret not in html, name
