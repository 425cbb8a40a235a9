"""Dates of notices that cannot both be right are refused on the page, with the date that is wrong."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.records.notice import Notice
from caseapp.records.party import Party
from tests.helpers.two_offices import Worker, boxes

TAKEN = dt.date(2026, 11, 18)


def record(worker: Worker, case_id: UUID, what: str, on: dt.date) -> tuple[int, str]:
    sent = {"what": what, **boxes("dated_on", on), "no_printed_due_on": "on", "how": "by_hand", "text": ""}
    response = worker.client.post(reverse("cases:notice_new", args=[case_id]), sent)
    return response.status_code, response.content.decode()


def events_of(worker: Worker, case_id: UUID) -> list[str]:
    return [entry.record.what for entry in worker.file(case_id).entries_of(Notice)]


def test_a_release_before_custody_began_is_refused_and_names_the_release(attorney: Worker, case_id: UUID) -> None:
    assert record(attorney, case_id, "detained", TAKEN)[0] == 303
    status, page = record(attorney, case_id, "released", TAKEN - dt.timedelta(days=1))
    assert status == 422
    assert "The release is before the day custody began. Correct the date of the release." in page
    assert events_of(attorney, case_id) == ["detained"]


@pytest.mark.parametrize("days", [0, 2])
def test_a_release_on_the_day_of_custody_or_later_is_recorded(attorney: Worker, case_id: UUID, days: int) -> None:
    assert record(attorney, case_id, "detained", TAKEN)[0] == 303
    assert record(attorney, case_id, "released", TAKEN + dt.timedelta(days=days))[0] == 303
    assert {entry.record.detained_since for entry in attorney.file(case_id).entries_of(Party)} == {None}
