"""The case page as a whole: its summary, its phone numbers, its long lists and its facts edited in place."""

import datetime as dt
import gzip
import re
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.signin import preferences
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import acts
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact, Name, Party
from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.usefixtures("frozen")
IN_PLACE = {"X-In-Place": "yes"}


def _html(worker: Worker, case_id: UUID, query: str = "") -> str:
    answer = worker.client.get(reverse("cases:case", args=[case_id]) + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _summary(worker: Worker, case_id: UUID) -> str:
    part = re.search(r'<dl class="next-dates">(.*?)</dl>', _html(worker, case_id), re.DOTALL)
    assert part is not None
    return " ".join(re.sub(r"<[^>]*>", " ", part[1]).split())


def _change_client(worker: Worker, case_id: UUID, **fields: object) -> UUID:
    with case_transaction(worker.staff, case_id) as draft:
        entry = draft.file.entries_of(Party)[0]
        draft.change(entry.id, replace(entry.record, **fields))
    return entry.id


def test_the_summary_counts_as_overdue_only_what_passed_its_legal_deadline(attorney: Worker, case_id: UUID) -> None:
    with case_transaction(attorney.staff, case_id) as draft:
        for entry in draft.file.entries_of(Deadline):
            draft.change(entry.id, replace(entry.record, state="waived"))
        draft.add(
            Deadline(
                what="Internal date missed",
                severity="serious",
                due_on=dt.date(2026, 11, 30),
                act_by=dt.date(2026, 11, 20),
            )
        )
        draft.add(Deadline(what="Passed", severity="serious", due_on=dt.date(2026, 11, 23)))
    acts.set_by_hand(
        attorney.staff, case_id, what="Ahead", due_on=dt.date(2026, 12, 14), severity="serious", reason="order"
    )
    text = _summary(attorney, case_id)
    assert "Next hearing none booked" in text
    assert "Next due Internal deadline missed Fri, Nov 20, 2026 Internal date missed" in text
    assert text.endswith("Overdue 1")


@pytest.mark.parametrize(("safe", "is_called"), [("yes", True), ("no", False)])
def test_a_number_is_called_with_a_press_unless_it_is_not_safe(
    attorney: Worker, case_id: UUID, safe: str, is_called: bool
) -> None:
    _change_client(attorney, case_id, contacts=(Contact(way="phone", text="(212) 555-0122", safe=safe),))
    html = _html(attorney, case_id)
    assert "(212) 555-0122" in html
    assert ('href="tel:+12125550122"' in html) == is_called


def test_a_number_is_not_in_the_page_while_names_are_covered(attorney: Worker, case_id: UUID) -> None:
    _change_client(attorney, case_id, contacts=(Contact(way="phone", text="(212) 555-0122", safe="yes"),))
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    html = _html(attorney, case_id)
    assert "555-0122" not in html
    assert "tel:" not in html


def test_a_long_list_shows_its_first_lines_and_a_link_to_all(attorney: Worker, case_id: UUID) -> None:
    with case_transaction(attorney.staff, case_id) as draft:
        for number in range(12):
            starts = dt.datetime(2027, 1, 4 + number, 14, 0, tzinfo=dt.UTC)
            draft.add(Hearing(kind="other", starts_at=starts, zone="America/New_York", court=f"Court {number}!"))
    html = _html(attorney, case_id)
    assert f'href="/cases/{case_id}/all/hearings/"' in html
    assert "Show all 12" in html
    assert "Court 0!" in html
    assert "Court 11!" not in html.partition('id="stream"')[0]
    assert "Court 11!" in _html(attorney, case_id, "all/hearings/")


def test_more_than_four_people_are_folded_with_the_clients_first(attorney: Worker, case_id: UUID) -> None:
    with case_transaction(attorney.staff, case_id) as draft:
        for name in ("Abel Karimi", "Bina Karimi", "Cyrus Karimi", "Dara Karimi"):
            draft.add(Party(role="rider" if name.startswith("Dara") else "witness", name=Name(full=name)))
    html = _html(attorney, case_id)
    before, _fold, folded = html.partition("1 more person")
    assert "Cyrus Karimi" in folded
    assert before.index("Farid Karimi") < before.rindex("Dara Karimi") < before.rindex("Abel Karimi")


def test_a_fact_is_edited_in_the_page_and_saved_by_the_form_of_its_own_page(attorney: Worker, case_id: UUID) -> None:
    html = _html(attorney, case_id)
    links = re.findall(r'href="([^"]+)" data-edits', html)
    assert len(links) == 2
    for link in links:
        assert "<html" in attorney.client.get(link).content.decode(), "without scripts the same form opens as a page"
        answer = attorney.client.get(link, headers=IN_PLACE)
        assert answer.status_code == 200
        form = answer.content.decode()
        assert "<html" not in form
        assert f'action="{link}"' in form
        assert 'name="version"' in form
    party = attorney.file(case_id).entries_of(Party)[0].id
    assert (
        f'id="{party.hex[:8]}_name"'
        in attorney.client.get(reverse("clients:person", args=[case_id, party]), headers=IN_PLACE).content.decode()
    ), "two people edited in one page have boxes of their own"


def test_a_form_in_place_hides_from_the_outsider_and_needs_a_session(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    party = attorney.file(case_id).entries_of(Party)[0].id
    for path in (reverse("clients:person", args=[case_id, party]), reverse("cases:change", args=[case_id])):
        assert outsider.client.get(path, headers=IN_PLACE).status_code == 404
        attorney.client.cookies.clear()
        assert attorney.client.get(path, headers=IN_PLACE).status_code == 302


def test_a_deadline_is_short_in_lists_and_whole_on_its_page(attorney: Worker, case_id: UUID) -> None:
    deadline = next(e for e in attorney.file(case_id).entries_of(Deadline) if e.record.working)
    assert deadline.record.what == "File I-589 within one year of the last arrival"
    html = _html(attorney, case_id)
    assert "I-589: one-year deadline" in html
    assert deadline.record.what not in html
    page = attorney.client.get(reverse("deadlines:deadline", args=[deadline.id])).content.decode()
    assert f"<h1>{deadline.record.what}</h1>" in page, "the heading names the deadline, not its date"


def test_one_menu_adds_and_one_row_jumps(attorney: Worker, case_id: UUID) -> None:
    html = _html(attorney, case_id)
    main = html.partition("<main")[2].partition("</main>")[0]
    assert len(re.findall(r'<nav class="jump', main)) == 1
    assert main.count('data-key="h"') == 1
    letters = re.findall(r'aria-keyshortcuts="(.)"', html)
    assert letters == [], "single letters are shown only where they are switched on"
    assert attorney.file(case_id).get_only(Case).record.closed_on is None


def test_styles_and_scripts_of_the_case_page_stay_within_their_weight(attorney: Worker, case_id: UUID) -> None:
    preferences.save(attorney.staff, letter_keys=True)
    loaded = set(re.findall(r'(?:src|href)="/static/([^"]+\.(?:js|css))"', _html(attorney, case_id)))
    imported = {f"js/{name}" for name in re.findall(r'from "\./([a-z_]+\.js)"', "".join(map(_read, loaded)))}
    assert {"js/keys.js", "js/in_place.js", "js/drafts.js"} <= loaded | imported

    def weight(ending: str) -> int:
        return sum(len(gzip.compress(_read(path).encode())) for path in loaded | imported if path.endswith(ending))

    assert weight(".css") <= 14_000
    assert weight(".js") <= 30_000


def _read(path: str) -> str:
    file = finders.find(path)
    assert isinstance(file, str)
    return Path(file).read_text(encoding="utf-8")
