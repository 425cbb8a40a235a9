"""Closing, holding and destroying a case as pages; and the certificate that stays."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.accounts.keys.permissions import CASEWORKER, SUPERVISOR
from caseapp.cases.services import cases, closing
from caseapp.lib import clock
from caseapp.records.case import Case
from tests.helpers.two_offices import A_NUMBER, NAME, NOW, Worker, boxes
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
KEPT_UNTIL = dt.date(2026, 11, 24)  # today: tomorrow it may go
TOMORROW = NOW + dt.timedelta(days=1)


@pytest.fixture
def idle(attorney: Worker) -> UUID:
    """A case without any date."""
    return cases.open_case(attorney.staff, cases.NewCase(name=NAME, a_number=A_NUMBER))


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let a day pass; who is asked again for the passphrase is asked then."""
    return lambda: monkeypatch.setattr(clock, "now", lambda: TOMORROW)


def _closed(worker: Worker, case_id: UUID) -> str:
    """Close it over the page; answers its reference."""
    sent = {"act": "close", "code": "moved", "version": "1", **boxes("retain_until", KEPT_UNTIL)}
    assert worker.client.post(reverse("cases:close", args=[case_id]), sent).status_code == 303
    return worker.file(case_id).get_only(Case).record.ref


def test_the_page_says_how_many_dates_are_open_and_closes_nothing(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    path = reverse("cases:close", args=[case_id])
    html = attorney.client.get(path).content.decode()
    # One year after the arrival, and filings 30 days before the hearing.
    assert "2 deadlines are still open." in html
    assert "1 hearing has no outcome." in html
    sent = {"act": "close", "code": "granted", "version": "1", **boxes("retain_until", KEPT_UNTIL)}
    response = attorney.client.post(path, sent)
    assert response.status_code == 422
    assert b"3 dates of this case are still open." in response.content
    assert attorney.file(case_id).get_only(Case).record.closed_on is None


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"code": ""}, "Choose how the case ended."),
        (boxes("retain_until", None), "Enter the day until which it is kept"),
        (boxes("retain_until", dt.date(2026, 11, 23)), "Choose a day from today on."),
        ({"code": "x" * 5_000}, "is not one of the available choices"),
    ],
)
def test_closing_with_a_mistake_closes_nothing(
    attorney: Worker, idle: UUID, changed: dict[str, str], sentence: str
) -> None:
    sent = {"act": "close", "code": "moved", "version": "1", **boxes("retain_until", KEPT_UNTIL), **changed}
    response = attorney.client.post(reverse("cases:close", args=[idle]), sent)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert attorney.file(idle).get_only(Case).record.closed_on is None


def test_a_case_is_closed_from_its_own_page_and_opened_again(attorney: Worker, idle: UUID) -> None:
    path, page = reverse("cases:close", args=[idle]), reverse("cases:case", args=[idle])
    assert path in attorney.client.get(page).content.decode()
    _closed(attorney, idle)
    html = attorney.client.get(page).content.decode()
    assert "Closed on Tue, Nov 24, 2026." in html
    assert "Kept until Tue, Nov 24, 2026." in html
    stale = attorney.client.post(path, {"act": "reopen", "stage": "advice", "version": "1"})
    assert stale.status_code == 409
    assert attorney.client.post(path, {"act": "reopen", "stage": "advice", "version": "2"}).status_code == 303
    assert attorney.file(idle).get_only(Case).record.stage == "advice"


def test_a_stage_is_not_set_to_closed_past_the_closing_page(attorney: Worker, idle: UUID) -> None:
    lead = str(attorney.staff.member_id)
    sent = {"stage": "closed", "relief": [], "lead": lead, "version": "1"}
    assert attorney.client.post(reverse("cases:change", args=[idle]), sent).status_code == 422
    _closed(attorney, idle)
    sent = {"stage": "closed", "relief": ["asylum"], "lead": lead, "version": "2"}
    assert attorney.client.post(reverse("cases:change", args=[idle]), sent).status_code == 303


def test_a_hold_is_set_and_lifted_and_an_oversized_reason_is_kept_in_the_form(attorney: Worker, idle: UUID) -> None:
    path = reverse("cases:close", args=[idle])
    response = attorney.client.post(path, {"act": "hold", "reason": "y" * 501})
    assert response.status_code == 422
    assert b"y" * 501 in response.content
    assert attorney.client.post(path, {"act": "hold", "reason": "Subpoena of 3 November"}).status_code == 303
    assert b"There is a legal hold on this case." in attorney.client.get(reverse("cases:case", args=[idle])).content
    assert attorney.client.post(path, {"act": "lift"}).status_code == 303
    assert attorney.file(idle).get_only(Case).record.hold_reason == ""
    assert attorney.client.post(path, {"act": "lift"}).status_code == 422
    assert attorney.client.post(path, {"act": "burn"}).status_code == 404


def test_destroying_is_refused_on_its_page_until_it_is_due(attorney: Worker, idle: UUID) -> None:
    path = reverse("cases:shred", args=[idle])
    assert b"This case is not closed." in attorney.client.get(path).content
    ref = _closed(attorney, idle)
    response = attorney.client.post(path, {"typed_ref": ref, "reason": "done"})
    assert response.status_code == 422
    assert b"The day until which this case is kept is not over." in response.content
    assert attorney.file(idle).get_only(Case).record.ref == ref


def test_a_case_is_destroyed_after_the_passphrase_and_a_certificate_stays(
    attorney: Worker, idle: UUID, tomorrow: Callable[[], None]
) -> None:
    ref = _closed(attorney, idle)
    tomorrow()
    late = member(attorney.staff, SUPERVISOR, "sam@office.test")  # signed in just now
    path = reverse("cases:shred", args=[idle])
    wrong = late.client.post(path, {"typed_ref": "AAAAA", "reason": "Agreed time is over."})
    assert wrong.status_code == 422
    assert b"Agreed time is over." in wrong.content
    assert late.client.post(path, {"typed_ref": ref, "reason": "z" * 501}).status_code == 422
    response = late.client.post(path, {"typed_ref": ref, "reason": "Agreed time is over."})
    assert response.status_code == 303
    shown = late.client.get(response["Location"])
    html = shown.content.decode()
    for told in (ref, "Agreed time is over.", "Ben Okafor", "Wed, Nov 25, 2026", "Moved away", "Wed, Dec 9, 2026",
                 "destroyed: looked for just now, it is not there"):  # fmt: skip
        assert told in html, told
    for secret in (NAME, A_NUMBER):
        assert secret not in html
    assert late.client.get(path).status_code == 404
    assert late.client.get(reverse("cases:case", args=[idle])).status_code == 404
    assert NAME not in late.client.get("/cases/?show=closed").content.decode()
    assert ref in late.client.get(reverse("cases:certificates")).content.decode()
    made = closing.list_certificates(attorney.staff)[0].id
    caseworker = member(attorney.staff, CASEWORKER, "cora@office.test")
    for name, args in (("cases:certificate", [made]), ("cases:certificates", [])):
        assert caseworker.client.get(reverse(name, args=args)).status_code == 404


def test_destroying_asks_for_the_passphrase_when_it_was_long_ago(
    attorney: Worker, idle: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    _closed(attorney, idle)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=11))
    path = reverse("cases:shred", args=[idle])
    response = attorney.client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/security/check/")
    assert attorney.client.post(path, {"typed_ref": "AAAAA", "reason": "x"}).status_code == 403


def test_another_office_sees_no_certificate_of_ours(
    attorney: Worker, outsider: Worker, idle: UUID, tomorrow: Callable[[], None]
) -> None:
    ref = _closed(attorney, idle)
    tomorrow()
    made = closing.shred_case(attorney.staff, idle, typed_ref=ref, reason="Agreed time is over.")
    theirs = member(outsider.staff, SUPERVISOR, "sam@elsewhere.test")
    assert theirs.client.get(reverse("cases:certificate", args=[made])).status_code == 404
    assert ref not in theirs.client.get(reverse("cases:certificates")).content.decode()
