"""Long lists of Today and of the calendar: the first rows, the number of all, and pages that show each row once."""

import datetime as dt
import re
from uuid import uuid4

import pytest

from caseapp.calendar.pages import PAGE_ENTRIES
from caseapp.index import store
from caseapp.today.sections import KINDS
from caseapp.vault.tenancy import office_transaction
from tests.helpers.large_office import TODAY, fill_index
from tests.helpers.two_offices import Worker
from tests.index.factories import deadline, hearing, row

pytestmark = pytest.mark.usefixtures("frozen")
COUNTED = re.compile(r"<h1>[^<]*\((\d+)\)</h1>")


def _page(worker: Worker, path: str) -> str:
    answer = worker.client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def _count(html: str) -> int:
    counted = COUNTED.search(html)
    assert counted is not None
    return int(counted.group(1))


def test_today_counts_all_rows_and_leads_to_pages_that_show_each_once(attorney: Worker) -> None:
    fill_index(attorney.staff, 1600)
    today = _page(attorney, "/?who=team")
    totals = {name: _count(_page(attorney, f"/today/{name}/?who=team")) for name in KINDS}
    assert all(totals.values()), totals
    for name in ("overdue", "missed", "hearings", "tasks", "awaited", "contacts", "replies", "stops"):
        assert totals[name] >= 40, name
        assert re.search(rf'href="/today/{name}/">\s*Show all {totals[name]}\b', today), name
    assert totals["overdue"] == 40
    assert f"Overdue ({totals['overdue']})" in today
    assert f"My tasks ({totals['tasks']})" in today
    pages = [_page(attorney, f"/today/overdue/?page={number}") for number in (1, 2)]
    links = [href for html in pages for href in re.findall(r'class="what">\s*<a href="(/deadlines/[^"]+)"', html)]
    assert len(links) == len(set(links)) == 40
    assert "Page 2 of 2" in pages[1]
    assert "Next page" not in pages[1]


@pytest.mark.parametrize(("hearings_today", "printed"), [(11, 11), (13, 13), (20, 13)])
def test_the_day_sheet_prints_the_hearings_of_the_day_before_other_rows_of_long_lists(
    attorney: Worker, hearings_today: int, printed: int
) -> None:
    at = dt.datetime(2026, 11, 24, 19, tzinfo=dt.UTC)  # 2 PM in New York, today
    rows = [row(f"Client {number}", ref=f"H{number:04}", hearings=(hearing(at),)) for number in range(hearings_today)]
    late = deadline(TODAY - dt.timedelta(days=2))
    rows += [row(f"Late {number}", ref=f"D{number:04}", deadlines=(late,)) for number in range(30)]
    with office_transaction(attorney.staff.org_id):
        store.save(attorney.staff.keys, {attorney.staff.keys.groups[0].group: [(uuid4(), each) for each in rows]})
    sheet = _page(attorney, "/?who=team&sheet=day")
    section = sheet.partition('aria-labelledby="hearings"')[2].partition("</section>")[0]
    assert section.count("row-hearing") == printed
    assert ("These are the first of 20." in section) == (printed < hearings_today)


def test_the_team_filter_stays_on_the_pages_of_the_days_ahead(attorney: Worker) -> None:
    fill_index(attorney.staff, 1600)
    today = _page(attorney, "/?who=team")
    assert 'href="/today/due/?who=team"' in today
    mine, team = _page(attorney, "/today/due/"), _page(attorney, "/today/due/?who=team")
    assert 0 < _count(mine) < _count(team)
    assert 'href="?who=team&amp;page=2"' in team


def test_a_list_that_today_does_not_have_is_not_found_and_an_empty_one_says_so(attorney: Worker) -> None:
    assert attorney.client.get("/today/secrets/").status_code == 404
    assert attorney.client.post("/today/tasks/").status_code == 405
    for name in KINDS:
        assert "Nothing here now." in _page(attorney, f"/today/{name}/"), name


def test_names_stay_covered_on_the_pages_of_today(attorney: Worker) -> None:
    fill_index(attorney.staff, 400)
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    for path in ("/", *(f"/today/{name}/" for name in KINDS)):
        html = _page(attorney, path)
        assert "Guadalupe" not in html, path
        assert "school records" not in html, path


def _fill_days(worker: Worker, entries: int) -> None:
    """Fill the first of December with deadlines, and the second with two hearings and a deadline."""
    first, second = dt.date(2026, 12, 1), dt.date(2026, 12, 2)
    nine = dt.datetime(2026, 12, 2, 14, tzinfo=dt.UTC)
    due = [row(f"Client {number}", ref=f"A{number:04}", deadlines=(deadline(first),)) for number in range(entries)]
    heard = row("Olena Kovalenko", ref="B1", hearings=(hearing(nine), hearing(nine)), deadlines=(deadline(second),))
    rows = [(uuid4(), each) for each in (*due, heard)]
    with office_transaction(worker.staff.org_id):
        store.save(worker.staff.keys, {worker.staff.keys.groups[0].group: rows})


def test_the_calendar_goes_on_where_a_page_ended_and_shows_each_entry_once(attorney: Worker) -> None:
    _fill_days(attorney, 80)
    path, seen, pages = "/calendar/agenda/2026-11-24/", list[str](), 0
    while path:
        html = _page(attorney, path).partition("<main")[2]
        seen += re.findall(r'<a href="(/(?:deadlines|hearings)/[0-9a-f-]{36}/)"', html)
        if pages < 2:
            assert "(80)" in html, "the heading counts all of the day"
        more = re.search(r'href="([^"]+)">Show what follows', html)
        path, pages = more.group(1) if more else "", pages + 1
    assert len(set(seen)) == 83
    assert pages == -(-83 // PAGE_ENTRIES) == 3


def test_a_calendar_of_few_entries_is_one_page_of_four_weeks(attorney: Worker) -> None:
    _fill_days(attorney, 3)
    html = _page(attorney, "/calendar/agenda/2026-11-24/")
    assert "Show what follows" not in html
    assert "Mon, Dec 21, 2026" in html, "the last of the 28 days"
    assert dt.date(2026, 11, 24) == TODAY
