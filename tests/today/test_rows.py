"""Today lists one row for each item: what is first, what is folded, and what each row offers.

It is Tuesday, 24 November 2026, 10:00 in New York.
"""

import datetime as dt
import re
from html import unescape
from uuid import UUID

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.keys.permissions import ATTORNEY
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases, tasks
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.today import folds
from tests.helpers.two_offices import Worker
from tests.team.test_members import member
from tests.today.busy_office import BRIEF, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def page_of(worker: Worker, path: str = "/") -> str:
    response = worker.client.get(path)
    assert response.status_code == 200
    return " ".join(unescape(response.content.decode()).split())


def section(html: str, name: str) -> str:
    """Return the section of Today with this heading id, or an empty string."""
    return html.partition(f'aria-labelledby="{name}"')[2].partition("</section>")[0]


def rows_of(html: str) -> list[str]:
    """Return the text of each row."""
    items = re.findall(r'<li class="stream-item[^"]*">.*?</li>', html)
    return [" ".join(re.sub(r"<[^>]+>", " ", item).split()) for item in items]


def add_deadline(worker: Worker, what: str, days: int, *, name: str = "Farid Karimi", **more: object) -> UUID:
    """Open a case for a person with one date, so many days from today; return the case."""
    case_id = cases.open_case(worker.staff, cases.NewCase(name=name))
    fields: dict[str, object] = {"due_on": TODAY + dt.timedelta(days=days), "severity": "serious", "reason": "order"}
    with case_transaction(worker.staff, case_id) as draft:
        draft.add(Deadline(what=what, **{**fields, **more}))  # type: ignore[arg-type]  # test
    return case_id


def detain(worker: Worker, case_id: UUID) -> None:
    with case_transaction(worker.staff, case_id) as draft:
        party = draft.file.entries_of(Party)[0]
        draft.change(party.id, replace(party.record, detained_since=TODAY))


def book(worker: Worker, case_id: UUID, hour: int, *, day: int = 24, goes: UUID | None = None) -> UUID:
    """Book a hearing at an hour of New York."""
    starts_at = dt.datetime(2026, 11, day, hour + 5, tzinfo=dt.UTC)
    record = Hearing(kind="master", starts_at=starts_at, zone="America/New_York", court="Newark", goes=goes)
    return hearings.book_hearing(worker.staff, case_id, record)


def test_a_row_says_date_distance_short_name_case_and_owner_and_offers_the_filing(attorney: Worker) -> None:
    case_id = add_deadline(attorney, BRIEF, 9, owner=attorney.staff.member_id)
    html = section(page_of(attorney), "due")
    [row] = rows_of(html)
    assert re.fullmatch(
        r"Thu, Dec 3 in 9 days Notice of appeal, EOIR-26 to the BIA \w{5} Farid Karimi Ana Ruiz Record filing \w{5}",
        row,
    )
    assert re.search(rf'<a href="{reverse("cases:case", args=[case_id])}"> ?<span class="ref"', html)
    assert BRIEF not in html
    deadline = re.search(r'href="(/deadlines/[0-9a-f-]+/)"', html)
    assert deadline
    assert BRIEF in page_of(attorney, deadline[1]), "the full name is on the page of the deadline"


def test_within_a_day_detained_clients_are_first_and_then_the_gravest(attorney: Worker) -> None:
    add_deadline(attorney, "Later and grave", 4, severity="fatal")
    add_deadline(attorney, "Grave", 3, severity="fatal")
    add_deadline(attorney, "Routine", 3, severity="routine")
    detain(attorney, add_deadline(attorney, "Routine of a detained client", 3, severity="routine"))
    html = page_of(attorney)
    order = re.findall(r">(Later and grave|Grave|Routine|Routine of a detained client)</a>", section(html, "due"))
    assert order == ["Routine of a detained client", "Grave", "Routine", "Later and grave"]
    [row] = rows_of(section(html, "detained"))
    assert "Farid Karimi" in row
    assert "Custody" in row


def test_dates_of_the_other_side_are_folded_and_counted(attorney: Worker) -> None:
    add_deadline(attorney, "USCIS decides", 5, duty="watch")
    add_deadline(attorney, "Our brief", 6)
    html = page_of(attorney)
    due = section(html, "due")
    assert "Next 14 days (1)" in due
    shown, _, folded = due.partition("<summary>Watching (1)</summary>")
    assert "USCIS decides" in folded
    assert "USCIS decides" not in shown
    assert "Record filing" not in folded, "nothing of ours is due on it"


def test_the_outcome_is_asked_for_only_after_the_hour_of_the_hearing(attorney: Worker, case_id: UUID) -> None:
    over, ahead = book(attorney, case_id, 9, goes=attorney.staff.member_id), book(attorney, case_id, 11)
    first, second = rows_of(section(page_of(attorney), "hearings"))
    assert "Appearing: Ana Ruiz" in first
    assert "Record outcome" in first
    assert "Appearing: not assigned" in second
    assert "Record outcome" not in second
    assert "Assign" in second
    html = page_of(attorney)
    assert reverse("hearings:outcome", args=[over]) in html
    assert reverse("hearings:outcome", args=[ahead]) not in html


def test_a_day_without_hearings_names_the_next_one(attorney: Worker, case_id: UUID) -> None:
    assert "No hearings today, and none is scheduled." in section(page_of(attorney), "hearings")
    book(attorney, case_id, 9, day=26)
    words = re.sub(r"<[^>]+>", "", section(page_of(attorney), "hearings"))
    assert "No hearings today. The next one is Thu, Nov 26, 2026, 9:00 AM ET." in " ".join(words.split())


def test_each_empty_list_offers_one_action(attorney: Worker) -> None:
    html = page_of(attorney)
    assert section(html, "hearings").count("<a ") == 1
    assert section(html, "due").count("<a ") == 1
    for absent in ("overdue", "internal-missed", "detained", "telling", "awaited", "noted", "check"):
        assert section(html, absent) == ""


def test_the_lead_sees_which_colleague_has_a_task_in_their_case(attorney: Worker, case_id: UUID) -> None:
    ben = member(attorney.staff, ATTORNEY)
    mine = tasks.add_task(attorney.staff, case_id, text="Call the school")
    tasks.add_task(attorney.staff, case_id, text="Ask for the records", owner=ben.staff.member_id)
    html = page_of(attorney)
    assert [row for row in rows_of(section(html, "tasks")) if "Call the school" in row]
    assert "Ask for the records" not in section(html, "tasks")
    [awaited] = rows_of(section(html, "awaited"))
    assert "Ask for the records" in awaited
    assert "Done" not in awaited
    assert "Waiting for others" not in page_of(ben), "only the lead waits"
    tasks.finish_task(attorney.staff, case_id, mine)
    assert "Waiting for others (1)" in page_of(attorney)


def test_long_lists_are_folded_and_their_headings_count_every_row(attorney: Worker) -> None:
    for number in range(6):
        add_deadline(attorney, f"Overdue {number}", -1 - number)
    html = section(page_of(attorney), "overdue")
    assert "Overdue (6)" in html
    shown, _, folded = html.partition("<details")
    assert len(rows_of(shown)) == folds.OVERDUE_ROWS == 3
    assert "3 more" in folded
    assert len(rows_of(folded)) == 3
    sheet = page_of(attorney, "/?sheet=day")
    assert "<details" in section(sheet, "overdue")
    assert '<details class="fold" open>' in section(sheet, "overdue"), "paper has no folds"


@pytest.mark.parametrize(("count", "shown", "folded", "left_out"), [(0, 0, 0, 0), (3, 3, 0, 0), (4, 4, 0, 0),
    (5, 3, 2, 0), (9, 3, 6, 0), (10, 3, 0, 7)])  # fmt: skip
def test_a_list_is_bounded_and_a_fold_never_has_a_single_row(
    count: int, shown: int, folded: int, left_out: int
) -> None:
    rows = folds.fold_rows(list(range(count)), 3, str, "/today/tasks/")
    assert (len(rows.shown), len(rows.folded), rows.left_out) == (shown, folded, left_out)
    assert rows.total == count


def test_nothing_is_above_the_dates_but_what_makes_them_doubtful(attorney: Worker) -> None:
    html = page_of(attorney)
    before = html.partition('id="content"')[2].partition('aria-labelledby="hearings"')[0]
    assert [note for note in re.findall(r'<p class="note[^>]*>', before) if 'role="alert"' not in note] == []
    assert "Waiting for you" in html.partition('aria-labelledby="due"')[2], "of recovery sheets, for one"


def test_the_page_counts_all_detained_clients_and_its_day_sheet_names_them(attorney: Worker) -> None:
    for name in ("Aminata Diallo", "Kwame Mensah", "Tesfaye Bekele", "Mamadou Bah"):
        detain(attorney, cases.open_case(attorney.staff, cases.NewCase(name=name)))
    page = section(page_of(attorney), "detained")
    assert 'href="/cases/?show=detained">Detained (4)</a>' in page
    assert len(rows_of(page)) == folds.DETAINED_ROWS
    assert len(rows_of(section(page_of(attorney, "/?sheet=day"), "detained"))) == 4
