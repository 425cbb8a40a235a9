"""What stands first: Today lists by day, and a hearing nobody closed does not vanish from its case."""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.deadlines.services import acts
from caseapp.hearings.services import hearings
from caseapp.records.hearing import Hearing
from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.usefixtures("frozen")

NEXT = re.compile(r'<section class="case-next.*?</section>', re.DOTALL)


def _standing(worker: Worker, case_id: UUID) -> str:
    found = NEXT.search(worker.client.get(reverse("cases:case", args=[case_id])).content.decode())
    assert found
    return found[0]


def _book(worker: Worker, case_id: UUID, starts_at: dt.datetime, court: str = "Court North") -> UUID:
    hearing = Hearing(kind="other", starts_at=starts_at, zone="America/New_York", court=court)
    return hearings.book_hearing(worker.staff, case_id, hearing)


def test_what_is_due_is_listed_by_day_and_the_gravest_first_within_it(attorney: Worker, case_id: UUID) -> None:
    for what, day, severity in (
        ("Third", 27, "fatal"),
        ("Second", 25, "routine"),
        ("First", 25, "fatal"),
    ):
        acts.set_by_hand(
            attorney.staff, case_id, what=what, due_on=dt.date(2026, 11, day), severity=severity, reason="order, page 2"
        )
    page = attorney.client.get("/").content.decode()
    assert re.findall(r">(First|Second|Third)<", page) == ["First", "Second", "Third"]


def test_a_hearing_of_this_morning_without_outcome_still_stands_first(attorney: Worker, case_id: UUID) -> None:
    # It is 10:00 in New York: 8:30 is over, and nobody has said what happened.
    today = _book(attorney, case_id, dt.datetime(2026, 11, 24, 13, 30, tzinfo=dt.UTC))
    _book(attorney, case_id, dt.datetime(2026, 12, 8, 13, 30, tzinfo=dt.UTC))
    assert reverse("hearings:hearing", args=[today]) in _standing(attorney, case_id)


def test_an_older_hearing_without_outcome_gives_way_to_the_next_one(attorney: Worker, case_id: UUID) -> None:
    older = _book(attorney, case_id, dt.datetime(2026, 11, 23, 15, 30, tzinfo=dt.UTC))
    assert reverse("hearings:hearing", args=[older]) in _standing(attorney, case_id)
    coming = _book(attorney, case_id, dt.datetime(2026, 12, 8, 13, 30, tzinfo=dt.UTC))
    assert reverse("hearings:hearing", args=[coming]) in _standing(attorney, case_id)


def test_the_files_of_an_upload_are_not_called_optional(attorney: Worker, case_id: UUID) -> None:
    page = attorney.client.get(reverse("documents:papers", args=[case_id])).content.decode()
    label = page[page.index('for="id_papers"') :].partition("</label>")[0]
    assert "optional" not in label
    refused = attorney.client.post(reverse("documents:papers", args=[case_id]), {"title": "Birth record"})
    assert refused.status_code == 422
    assert "Choose at least one file." in refused.content.decode()
