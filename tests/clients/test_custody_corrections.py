"""A facility or transfer opens as its form, filled in; a correction moves the court of the case with a preview."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.clients.services import custody
from caseapp.clients.services.custody import NewFacility
from caseapp.deadlines.services import notices
from caseapp.records.custody import CustodyStep
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from tests.helpers.corrections import correct, move_clock, said
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import Worker

MONDAY, TUESDAY = dt.date(2026, 11, 23), dt.date(2026, 11, 24)


@pytest.fixture
def step_id(attorney: Worker, case_id: UUID, hearing_id: UUID, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A transfer to a facility and a court, with the hearing of the case."""
    notices.record_event(attorney.staff, case_id, notices.NewNotice(what="detained", dated_on=MONDAY))
    move_clock(monkeypatch, minutes=1)
    party = attorney.file(case_id).entries_of(Party)[0].id
    new = NewFacility(party=party, facility="Kestrel Ridge", on=TUESDAY, court="Court South", hearings=(hearing_id,))
    custody.record_facility(attorney.staff, case_id, new)
    move_clock(monkeypatch, minutes=2)
    return attorney.file(case_id).entries_of(CustodyStep)[0].id


def page_of(case_id: UUID, step_id: UUID) -> str:
    """The address of a step."""
    return reverse("clients:custody_step", args=[case_id, step_id])


def court_of(worker: Worker, case_id: UUID) -> tuple[str, str]:
    """The court of the hearing and of the proceeding."""
    file = worker.file(case_id)
    return file.entries_of(Hearing)[0].record.court, file.entries_of(Proceeding)[0].record.court


def test_the_custody_page_links_to_a_step_that_opens_filled_in(
    attorney: Worker, case_id: UUID, hearing_id: UUID, step_id: UUID
) -> None:
    shown = attorney.client.get(reverse("clients:custody", args=[case_id])).content.decode()
    assert page_of(case_id, step_id) in shown
    form = PageForm.open(attorney.client, page_of(case_id, step_id))
    assert form.controls["facility"].values == ["Kestrel Ridge"]
    assert form.controls["court"].values == ["Court South"]
    assert form.controls["hearings"].values == [str(hearing_id)]


def test_a_corrected_court_moves_the_hearing_and_an_undo_goes_back_to_the_court_before(
    attorney: Worker, case_id: UUID, step_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = correct(attorney, page_of(case_id, step_id), {"court": "Court East", "facility": "Heron Creek"})
    assert "the court changes from Court South to Court East." in said(shown)
    assert court_of(attorney, case_id) == ("Court East", "Court East")
    assert attorney.file(case_id).get(step_id, CustodyStep).record.facility == "Heron Creek"
    move_clock(monkeypatch, minutes=3)
    custody.undo_step(attorney.staff, case_id, step_id)
    assert court_of(attorney, case_id) == ("Court North", "Court North")


def test_a_corrected_name_alone_moves_nothing(attorney: Worker, case_id: UUID, step_id: UUID) -> None:
    form = PageForm.open(attorney.client, page_of(case_id, step_id))
    form.fill_all({"facility": "Heron Creek", "on": MONDAY})
    form.send_and_leave()
    step = attorney.file(case_id).get(step_id, CustodyStep).record
    assert (step.facility, step.on, step.court) == ("Heron Creek", MONDAY, "Court South")
    assert court_of(attorney, case_id) == ("Court South", "Court South")


def test_a_day_before_custody_is_refused(attorney: Worker, case_id: UUID, step_id: UUID) -> None:
    form = PageForm.open(attorney.client, page_of(case_id, step_id))
    form.fill("on_day", "20")
    answer = form.send()
    assert answer.status == 422
    assert "before the day custody began" in answer.html


def test_an_outsider_finds_no_step_and_a_get_or_an_oversized_name_saves_nothing(
    attorney: Worker, case_id: UUID, step_id: UUID, outsider: Worker
) -> None:
    before = attorney.file(case_id).head_version
    assert outsider.client.get(page_of(case_id, step_id)).status_code == 404
    assert outsider.client.post(page_of(case_id, step_id), {"facility": "X"}).status_code == 404
    attorney.client.get(page_of(case_id, step_id), {"facility": "X", "version": "1"})
    form = PageForm.open(attorney.client, page_of(case_id, step_id))
    form.fill("facility", "x" * 70_000)
    assert form.send().status == 422
    assert attorney.file(case_id).head_version == before
