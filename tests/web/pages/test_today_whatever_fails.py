"""Whoever opens Today also does some upkeep; whatever happens to it, what is due is shown and the failure is told."""

import datetime as dt
import logging

import pytest
from django.db import OperationalError

from caseapp.casework import cases, deadlines, lawchange, reconciling, rekeying, stops, watch
from caseapp.reminders import sent
from caseapp.web.today import upkeep
from tests.web.pages.conftest import Worker

pytestmark = pytest.mark.django_db(transaction=True)
FAILED = "Something that this page does beside failed."
UPKEEP = [
    (sent, "saw"), (rekeying, "step"), (lawchange, "step"), (reconciling, "renew_rows"), (stops, "apply"),
    (watch, "look"), (reconciling, "go_on"),
]  # fmt: skip
NAMES = [f"{module.__name__}.{name}" for module, name in UPKEEP]


@pytest.fixture
def due(attorney: Worker) -> str:
    """The page of a deadline that stands on Today."""
    case_id = cases.open_case(attorney.staff, name="Leila Hosseini")
    soon = dt.date(2026, 11, 27)
    deadline = deadlines.set_by_hand(
        attorney.staff, case_id, what="Brief", due_on=soon, severity="fatal", reason="schedule"
    )
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
    assert (FAILED in page) == (name != "go_on"), "what is done after the page is told by the log alone"
    assert type(problem).__name__ in caplog.text
    assert "Hosseini" not in caplog.text


def test_a_day_on_which_nothing_fails_says_nothing_of_it(attorney: Worker, due: str) -> None:
    page = attorney.client.get("/").content.decode()
    assert due in page
    assert FAILED not in page
