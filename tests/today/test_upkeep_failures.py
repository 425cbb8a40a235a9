"""Opening Today begins upkeep; whatever happens to it, what is due is shown and the failure is reported."""

import datetime as dt
import logging

import pytest
from django.conf import settings
from django.db import OperationalError

from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.accounts.signin import preferences
from caseapp.casefile import sharing
from caseapp.casefile.upkeep import index_rebuild, key_upkeep, reminder_reconciliation
from caseapp.casefile.upkeep import run as upkeep
from caseapp.cases.services import cases
from caseapp.clients.services import opt_outs, replies
from caseapp.deadlines.services import acts, recompute
from caseapp.deadlines.services.upkeep import consistency_check
from caseapp.lib import clock
from caseapp.reminders.planning import outbox
from caseapp.reminders.sending import delivery_log
from caseapp.team.services import replayed_ends
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.errors import OpenFailed
from tests.helpers.database_down import takes_nothing
from tests.helpers.two_offices import NOW, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
FAILED = "A background task did not finish."
UPKEEP = [
    (delivery_log, "mark_seen"),
    (replayed_ends, "complete_replayed_ends"),
    (index_rebuild, "tend_lists"),
    (preferences, "follow_office_country"),
    (key_upkeep, "renew_case_keys"),
    (recompute, "recompute_due_cases"),
    (reminder_reconciliation, "renew_rows"),
    (opt_outs, "apply"),
    (replies, "apply"),
    (consistency_check, "check_open_cases"),
    (reminder_reconciliation, "reconcile"),
    (reminder_reconciliation, "extend_ending_reminders"),
]
NAMES = [f"{module.__name__}.{name}" for module, name in UPKEEP]


@pytest.fixture
def due(attorney: Worker) -> str:
    """The page of a deadline that stands on Today."""
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Leila Hosseini"))
    soon = dt.date(2026, 11, 27)
    deadline = acts.set_by_hand(attorney.staff, case_id, what="Brief", due_on=soon, severity="fatal", reason="schedule")
    return f"/deadlines/{deadline}/"


@pytest.mark.parametrize("problem", [OperationalError("Hosseini: no space left on device"), KeyError("Hosseini")])
@pytest.mark.parametrize(("module", "name"), UPKEEP, ids=NAMES)
def test_what_is_due_is_shown_whatever_fails_beside(
    attorney: Worker, due: str, module: object, name: str, problem: Exception, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def fails(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(module, name, fails)
    upkeep.log.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.ERROR):
            answer = attorney.client.get("/")
    finally:
        upkeep.log.removeHandler(caplog.handler)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert due in page
    assert FAILED in page
    assert type(problem).__name__ in caplog.text
    assert "Hosseini" not in caplog.text


def test_a_day_on_which_nothing_fails_says_nothing_of_it(attorney: Worker, due: str) -> None:
    page = attorney.client.get("/").content.decode()
    assert due in page
    assert FAILED not in page


def later(monkeypatch: pytest.MonkeyPatch, **by: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(**by))


@pytest.mark.parametrize("minutes", [0, 6, 19])
def test_what_is_due_is_shown_by_a_database_that_takes_nothing(
    attorney: Worker, due: str, minutes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting_as("clock"):
        outbox.merge()  # so that there is something to look for
    later(monkeypatch, minutes=minutes)  # from the fifth on a session writes when it was used
    with takes_nothing():
        page = attorney.client.get("/")
        assert page.status_code == 200
        assert due in page.content.decode()
        assert FAILED in page.content.decode()
        for path in ("/cases/", "/calendar/agenda/2026-11-27/", "/deadlines/what-if/"):
            assert attorney.client.get(path).status_code == 200, path
        opened = attorney.client.get(due)
        assert opened.status_code == 503, "nothing is opened without a trace"
        assert "Not available just now" in opened.content.decode()
        kept = attorney.client.post("/cases/new/", {"name": "Amina Diallo"})
        assert kept.status_code == 503
        assert "Amina Diallo" in kept.content.decode(), "what was typed is kept"
    assert attorney.client.get(due).status_code == 200


def test_a_session_that_was_idle_too_long_stays_shut_although_its_lock_cannot_be_written(
    attorney: Worker, due: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(monkeypatch, minutes=21)
    with takes_nothing():
        assert attorney.client.get("/")["Location"].startswith("/unlock/")
    later(monkeypatch, hours=9)
    with takes_nothing():
        assert attorney.client.get("/")["Location"].startswith("/sign-in/")


def test_a_cookie_that_cannot_be_renewed_serves_on(attorney: Worker, due: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for minutes in range(10, 60, 10):
        later(monkeypatch, minutes=minutes)
        attorney.client.get("/cases/")
    later(monkeypatch, minutes=61)
    cookie = attorney.client.cookies[settings.SESSION_COOKIE].value
    with takes_nothing():
        assert attorney.client.get("/").status_code == 200
        assert attorney.client.cookies[settings.SESSION_COOKIE].value == cookie
    assert attorney.client.get("/").status_code == 200
    assert attorney.client.cookies[settings.SESSION_COOKIE].value != cookie


def test_keys_that_wait_for_somebody_are_taken_up_when_the_database_takes_something_again(
    attorney: Worker, due: str
) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Amina Diallo"))
    sharing.restrict_to_members(attorney.staff, case_id, (colleague.staff.member_id,))
    path = f"/cases/{case_id}/"
    with takes_nothing():
        assert colleague.client.get("/").status_code == 200
        assert colleague.client.get("/cases/?show=team").status_code == 200
    assert colleague.client.get(path).status_code == 200


@pytest.mark.parametrize("problem", [OperationalError("Hosseini"), OpenFailed("Hosseini"), KeyError("Hosseini")])
def test_pages_are_shown_although_keys_that_are_due_cannot_be_made(
    attorney: Worker, due: str, problem: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(key_upkeep, "_newest_keys", fails)
    for path in ("/", due, "/cases/"):
        assert attorney.client.get(path).status_code == 200, path
