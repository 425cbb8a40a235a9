"""Proceedings of a case: court, docket, and the NTA with the day and manner of its service, which is an event."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp.casefile.transaction import case_transaction
from caseapp.records.case import Case
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from tests.helpers.corrections import move_clock
from tests.helpers.two_offices import Worker, boxes

pytestmark = pytest.mark.usefixtures("frozen")
SERVED = dt.date(2026, 11, 4)


def add(worker: Worker, case_id: UUID, **typed: str) -> Any:
    """The answer to the form of a new proceeding."""
    sent = {"forum": "immigration_court", "court": "Newark", "docket": "NWK-7", "began_how": "in_person"}
    path = reverse("cases:proceeding_new", args=[case_id])
    return worker.client.post(path, {**sent, **boxes("began_on", SERVED), **typed})


def change(worker: Worker, case_id: UUID, on: dt.date | None, **typed: str) -> Any:
    """The answer to a change of the only proceeding."""
    [entry] = worker.file(case_id).entries_of(Proceeding)
    sent = {"forum": "immigration_court", "court": "Newark", "version": str(entry.version), **boxes("began_on", on)}
    return worker.client.post(reverse("cases:proceeding", args=[case_id, entry.id]), {**sent, **typed})


def services_of(worker: Worker, case_id: UUID) -> list[dt.date]:
    notices = [entry.record for entry in worker.file(case_id).entries_of(Notice)]
    return [notice.dated_on for notice in notices if notice.what == "nta_served"]


def test_a_proceeding_with_the_service_of_its_nta_is_saved_and_shown_in_the_case(
    attorney: Worker, case_id: UUID
) -> None:
    assert add(attorney, case_id).status_code == 303
    [entry] = attorney.file(case_id).entries_of(Proceeding)
    known = entry.record
    assert (known.forum, known.court, known.docket, known.began_on, known.began_how, known.state) == (
        "immigration_court", "Newark", "NWK-7", SERVED, "in_person", "open",
    )  # fmt: skip
    clients = [each.id for each in attorney.file(case_id).entries_of(Party)]
    assert list(known.parties) == clients
    html = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    assert "Wed, Nov 4, 2026, In person" in html
    assert "NWK-7" in html


def test_the_service_of_the_nta_is_the_event_and_a_corrected_day_corrects_it(attorney: Worker, case_id: UUID) -> None:
    add(attorney, case_id)
    assert services_of(attorney, case_id) == [SERVED]
    assert change(attorney, case_id, dt.date(2026, 11, 5)).status_code == 303
    assert services_of(attorney, case_id) == [dt.date(2026, 11, 5)]
    assert change(attorney, case_id, dt.date(2026, 11, 5), judge="Rivera").status_code == 303
    assert services_of(attorney, case_id) == [dt.date(2026, 11, 5)]


def test_only_an_immigration_court_has_a_service_of_an_nta(attorney: Worker, case_id: UUID) -> None:
    assert add(attorney, case_id, forum="bia").status_code == 303
    assert services_of(attorney, case_id) == []


def test_a_stale_form_of_a_proceeding_is_a_conflict_and_keeps_both(attorney: Worker, case_id: UUID) -> None:
    add(attorney, case_id)
    change(attorney, case_id, SERVED, judge="Rivera")
    stale = change(attorney, case_id, SERVED, judge="Okoye", version="1")
    assert stale.status_code == 409
    assert "Rivera" in stale.content.decode()


def test_a_proceeding_is_taken_back_under_recent_changes(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=5)
    add(attorney, case_id)
    html = attorney.client.get(reverse("cases:changes", args=[case_id])).content.decode()
    assert "Proceeding added" in html
    line = html.partition("Proceeding added")[2].partition("</form>")[0]
    mark, state = (line.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("change", "state"))
    path = reverse("cases:changes", args=[case_id])
    assert attorney.client.post(path, {"change": mark, "state": state}).status_code == 303
    assert attorney.file(case_id).entries_of(Proceeding) == []
    assert services_of(attorney, case_id) == []


@pytest.mark.parametrize("typed", [{"forum": ""}, {"forum": "moon"}, {"court": "x" * 5000}, {"began_how": "pigeon"}])
def test_a_proceeding_that_makes_no_sense_is_refused(attorney: Worker, case_id: UUID, typed: dict[str, str]) -> None:
    assert add(attorney, case_id, **typed).status_code == 422
    assert attorney.file(case_id).entries_of(Proceeding) == []


def test_a_proceeding_hides_from_another_office(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    assert add(outsider, case_id).status_code == 404
    add(attorney, case_id)
    [entry] = attorney.file(case_id).entries_of(Proceeding)
    path = reverse("cases:proceeding", args=[case_id, entry.id])
    assert outsider.client.post(path, {"forum": "bia", "version": "1"}).status_code == 404


def test_who_referred_the_case_and_what_another_system_knew_are_shown(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=5)
    entry = attorney.file(case_id).get_only(Case)
    sent = {"stage": "intake", "lead": str(attorney.staff.member_id), "version": str(entry.version)}
    path = reverse("cases:change", args=[case_id])
    assert attorney.client.post(path, {**sent, "referred_by": "City shelter"}).status_code == 303
    with case_transaction(attorney.staff, case_id) as draft:
        record = draft.file.get_only(Case).record
        brought = replace(record, other_facts=(("Grant code", "LSC-12"),), external_ids={"clio": "88123"})
        draft.change(entry.id, replace(brought, receipts=("MSC2190000123",)))
    html = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    for text in ("City shelter", "Grant code", "LSC-12", "Id in clio", "88123", "MSC2190000123"):
        assert text in html
    changes = attorney.client.get(reverse("cases:changes", args=[case_id])).content.decode()
    assert "Facts of the case changed" in changes
