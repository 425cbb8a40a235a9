"""A fact entered on a person's page is the event: a move, custody, a birth date start the same deadlines.

Expected dates are worked by hand.
"""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.cases.services import cases
from caseapp.records.deadline import Deadline
from caseapp.records.party import Party
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.usefixtures("frozen")


def _person_page(worker: Worker, case_id: UUID) -> str:
    return reverse("clients:person", args=[case_id, worker.file(case_id).entries_of(Party)[0].id])


def _save(worker: Worker, case_id: UUID, typed: Mapping[str, str | dt.date]) -> None:
    """Change the person's page and save it with its own button."""
    path = _person_page(worker, case_id)
    html = worker.client.get(path).content.decode()
    first = html.partition("<main")[2].partition("</form>")[0]
    form = PageForm(worker.client, path, f"<main{first}</form></main>")
    form.fill_all(typed)
    form.send_and_leave()


def _dates(worker: Worker, case_id: UUID, rule: str, state: str = "open") -> list[tuple[dt.date | None, ...]]:
    records = (entry.record for entry in worker.file(case_id).entries_of(Deadline))
    return [
        (record.due_on, record.act_by, record.opens_on)
        for record in records
        if record.working and record.working.rule == rule and record.state == state
    ]


def test_a_new_address_on_the_person_is_the_event_of_the_move(attorney: Worker) -> None:
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Kwame Mensah", stage="in_court"))
    _save(attorney, case_id, {"address": "12 Dock Street, Newark"})
    assert _dates(attorney, case_id, "us.uscis.ar11") == []  # the first address that is known is no move
    _save(attorney, case_id, {"address": "80 Elm Street, Newark"})
    # Tue 24 Nov 2026 and 10 days: Fri 4 Dec. Five days: Sun 29 Nov; the internal date is the open day before, Fri 27.
    assert _dates(attorney, case_id, "us.uscis.ar11") == [(dt.date(2026, 12, 4), dt.date(2026, 12, 4), None)]
    [court] = _dates(attorney, case_id, "us.eoir.address.court")
    assert court[:2] == (dt.date(2026, 11, 29), dt.date(2026, 11, 27))
    assert _dates(attorney, case_id, "us.eoir.address.board") == []


def test_a_person_marked_detained_starts_the_clocks_of_custody_once(attorney: Worker, case_id: UUID) -> None:
    _save(attorney, case_id, {"detained_since": dt.date(2026, 11, 23)})
    assert _dates(attorney, case_id, "us.habeas") == [(None, None, dt.date(2026, 11, 23))]
    _save(attorney, case_id, {"pronouns": "he"})
    assert len(_dates(attorney, case_id, "us.habeas")) == 1
    _save(attorney, case_id, {"detained_since": dt.date(2026, 11, 20)})
    assert _dates(attorney, case_id, "us.habeas") == [(None, None, dt.date(2026, 11, 20))]
    assert len(_dates(attorney, case_id, "us.habeas", "superseded")) == 1


def test_a_birth_date_and_the_relief_sij_start_the_last_day_under_21(attorney: Worker) -> None:
    new = cases.NewCase(name="Luis Hernández Paz", relief=("sij",), born_on=dt.date(2009, 3, 4))
    case_id = cases.open_case(attorney.staff, new)
    # 21st birthday: Mon 4 Mar 2030; the last day under 21 is Sun 3 Mar.
    assert [dates[0] for dates in _dates(attorney, case_id, "us.uscis.sij.21")] == [dt.date(2030, 3, 3)]
    _save(attorney, case_id, {"born_on": dt.date(2009, 3, 14)})
    assert [dates[0] for dates in _dates(attorney, case_id, "us.uscis.sij.21")] == [dt.date(2030, 3, 13)]
    assert [dates[0] for dates in _dates(attorney, case_id, "us.uscis.sij.21", "superseded")] == [dt.date(2030, 3, 3)]


def test_the_relief_sij_chosen_later_starts_it_too_and_an_adult_starts_nothing(attorney: Worker) -> None:
    for born, count in ((dt.date(2009, 3, 4), 1), (dt.date(1990, 3, 4), 0)):
        case_id = cases.open_case(attorney.staff, cases.NewCase(name="Roza Aliyeva", born_on=born))
        assert _dates(attorney, case_id, "us.uscis.sij.21") == []
        cases.change_case(attorney.staff, case_id, version=1, relief=("sij",))
        assert len(_dates(attorney, case_id, "us.uscis.sij.21")) == count
