"""The echo of a date field while it is filled in: the same reading as when it is saved, and nothing else."""

import pytest

from tests.helpers.two_offices import Worker

pytestmark = pytest.mark.usefixtures("frozen")
ASKED = {"name": "on", "id": "id_on", "kind": "hearing", "what": "the hearing date"}


def echo_of(worker: Worker, **typed: str) -> str:
    response = worker.client.post("/dates/echo/", {**ASKED, **typed})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_echo_says_the_weekday_the_distance_and_what_to_tick(attorney: Worker) -> None:
    html = echo_of(attorney, on_text="12/5/2026")
    assert "Saturday, December 5, 2026, in 11 days" in html
    assert "This day is a Saturday. Is this right?" in html
    assert 'name="on_seen" value="2026-12-05"' in html
    assert 'name="on_sure" id="id_on_sure" value="2026-12-05"' in html


def test_the_echo_names_the_part_that_is_wrong(attorney: Worker) -> None:
    assert "There is no day 30 in February 2027" in echo_of(attorney, on_day="30", on_month="2", on_year="2027")
    assert "Enter the year of the hearing date" in echo_of(attorney, on_text="11/5")


def test_the_echo_of_nothing_is_empty(attorney: Worker) -> None:
    assert echo_of(attorney) == ""


def test_the_saved_date_is_not_asked_about(attorney: Worker) -> None:
    assert "Is this right?" not in echo_of(attorney, on_text="2026-12-05", saved="2026-12-05")
    assert "Is this right?" in echo_of(attorney, on_text="2026-12-05", saved="not a date")


def test_the_echo_answers_posts_of_members_only(attorney: Worker) -> None:
    assert attorney.client.get("/dates/echo/").status_code == 405
    attorney.client.cookies.clear()
    assert attorney.client.post("/dates/echo/", {**ASKED, "on_text": "today"}).status_code == 401


def test_oversized_and_hostile_values_stay_short_and_text(attorney: Worker) -> None:
    html = echo_of(attorney, name='"><script>', what="x" * 100_000, on_text="y" * 100_000, kind="<b>")
    assert "<script>" not in html
    long = echo_of(attorney, what="<i>" * 50_000, on_text="y" * 100_000)
    assert len(long) < 2_000
    assert "<i>" not in long
