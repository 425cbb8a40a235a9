"""Opening very many cases, or a marked one, is told to supervisors and admins and stops nobody."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.casefile import access_alerts
from caseapp.cases.services import cases
from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.reminders.sending.messages import message_for
from caseapp.vault.head import Access
from caseapp.vault.tenancy import office_transaction
from tests.helpers import process_state
from tests.helpers.smtp import post_office
from tests.helpers.two_offices import NOW, Worker
from tests.team.test_members import member
from tests.trail.test_what_is_recorded import trail_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _nobody_opened_anything() -> Iterator[None]:
    process_state.forget_case_openings()
    yield
    process_state.forget_case_openings()


def told(worker: Worker) -> list[tuple[UUID, str, int]]:
    """(member, reason, count) of what an auditor reads as unusual."""
    return [(one.member, one.reason, one.count) for one in trail_of(worker.staff) if one.what == "unusual"]


def look_at(worker: Worker, *case_ids: UUID) -> None:
    for case_id in case_ids:
        assert worker.client.get(reverse("cases:case", args=[case_id])).status_code == 200


def test_more_cases_in_an_hour_than_the_budget_are_told_once_and_all_of_them_open(
    attorney: Worker, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CASES_AN_HOUR = 3
    colleague = member(attorney.staff, CASEWORKER)
    five = [cases.open_case(attorney.staff, cases.NewCase(name=f"Mina {letter}")) for letter in "ABCDE"]
    look_at(colleague, *five[:3], five[0], five[1])
    assert told(attorney) == []
    look_at(colleague, *five[3:])
    assert told(attorney) == [(colleague.staff.member_id, access_alerts.MANY_CASES, 4)]
    monkeypatch.setattr(clock, "now", lambda: NOW + access_alerts.HOUR)
    with office_transaction(attorney.staff.org_id):
        for case_id in five[:3]:
            access_alerts.check_opening(colleague.staff, attorney.file(case_id))
    assert len(told(attorney)) == 1
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert "many cases within an hour" in attorney.client.get("/trail/").content.decode()


def test_a_marked_case_opens_and_tells_the_auditors_but_not_the_cases_people(attorney: Worker, case_id: UUID) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    access = reverse("cases:access", args=[case_id])
    assert attorney.client.post(access, {"act": "mark"}).status_code == 303
    assert attorney.file(case_id).get_only(Access).record.marked
    look_at(colleague, case_id, case_id)
    assert told(attorney) == [(colleague.staff.member_id, access_alerts.MARKED_CASE, 1)]
    page = colleague.client.get(reverse("trail:of_case", args=[case_id])).content.decode()
    assert "Unusual" not in page
    assert "marked" not in page
    assert "Decoy alert" not in colleague.client.get(access).content.decode()
    attorney.client.post(access, {"act": "unmark"})
    process_state.forget_case_openings()
    look_at(colleague, case_id)
    assert len(told(attorney)) == 1


def test_only_an_admin_marks(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    access = reverse("cases:access", args=[case_id])
    for worker in (colleague, outsider):
        assert worker.client.post(access, {"act": "mark"}).status_code == 404
    assert attorney.client.get(access, {"act": "mark"}).status_code == 200
    assert not attorney.file(case_id).get_only(Access).record.marked


def test_the_letter_is_the_constant_one_and_goes_to_others_than_the_member(attorney: Worker, settings: Any) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    org_id = attorney.staff.org_id
    recipients.set_address(
        org_id, colleague.staff.member_id, address="ben@office.test", language="en", zone="UTC", admin=True
    )
    with post_office() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        assert access_alerts.send_alert(org_id, colleague.staff.member_id) == 1
    (letter,) = box.letters
    assert letter["To"] == "ana@office.test"
    assert letter["Subject"] == message_for("urgent", "en").subject


def test_a_mail_server_that_is_away_stops_nobody(attorney: Worker, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert access_alerts.send_alert(attorney.staff.org_id, attorney.staff.member_id) == 0
