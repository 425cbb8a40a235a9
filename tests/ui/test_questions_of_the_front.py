"""What the front and monitors ask, and what the front knows of the pages."""

import time
from datetime import datetime

import pytest
from django.test import Client
from django.urls import resolve, reverse
from pytest_django import DjangoAssertNumQueries

from caseapp.cli.front import requests
from caseapp.ui import readiness
from caseapp.ui.requests.page_permissions import PUBLIC_PAGES
from tests.helpers.first_member import Door

NO_SIGN_IN = {"account:logout", "account:lock", "account:draft_save"}  # of a session that is, and cheap


def test_the_front_counts_every_page_that_is_posted_before_sign_in_as_a_sign_in() -> None:
    posted = {name for name in PUBLIC_PAGES if name.startswith("account:")} - NO_SIGN_IN
    assert {path.decode() for path in requests.SIGN_IN_PATHS} == {reverse(name) for name in posted}


def test_the_address_that_the_front_asks_is_that_of_the_session_page() -> None:
    assert resolve(requests.SESSION_PATH.decode()).url_name == "session"


@pytest.mark.django_db
def test_a_session_is_said_to_be_open_or_not_without_a_word(ana: Door, stranger: Client) -> None:
    assert (ana.client.get("/session").status_code, ana.client.get("/session").content) == (204, b"")
    assert (stranger.get("/session").status_code, stranger.get("/session").content) == (401, b"")
    stranger.cookies["session_token"] = "x" * 43
    assert stranger.get("/session").status_code == 401


@pytest.mark.django_db
def test_a_long_text_sent_after_the_lock_reaches_its_page_too(ana: Door) -> None:
    assert ana.client.post("/lock/").status_code == 303
    assert ana.client.get("/session").status_code == 204
    ana.client.cookies["session_token"] = "x" * 43
    assert ana.client.get("/session").status_code == 401


def looked(seconds_ago: float, **words: str) -> readiness.ReadinessWatch:
    watch = readiness.ReadinessWatch()
    watch._is_started, watch._last = True, readiness.Readiness(words, time.monotonic() - seconds_ago)
    return watch


@pytest.mark.django_db
def test_ready_is_answered_from_the_last_look(
    stranger: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def look_again() -> readiness.Readiness:
        raise AssertionError("no request waits for a look")

    monkeypatch.setattr(readiness, "look", look_again)
    monkeypatch.setattr(readiness, "watch", looked(5, database="ok", queue="ok"))
    with django_assert_num_queries(0):
        answer = stranger.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"database ok\nqueue ok\n")
    monkeypatch.setattr(readiness, "watch", looked(5, database="down"))
    assert stranger.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_a_look_that_does_not_end_makes_it_not_ready(stranger: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "watch", looked(readiness.OLD_AFTER + 1, database="ok"))
    answer = stranger.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"database ok\nstate old\n")


def test_looks_are_repeated_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[datetime] = []
    watch = readiness.ReadinessWatch()
    is_enough = RuntimeError("three looks")

    def look_once() -> readiness.Readiness:
        looks.append(datetime.min)
        return readiness.Readiness({"database": "ok"}, time.monotonic())

    def no_pause(_: float) -> None:
        if len(looks) == 3:
            raise is_enough

    monkeypatch.setattr(readiness, "look", look_once)
    monkeypatch.setattr(readiness, "close_old_connections", lambda: None)
    monkeypatch.setattr("caseapp.ui.readiness.time.sleep", no_pause)
    with pytest.raises(RuntimeError):
        watch._keep_looking()
    assert (len(looks), watch._last is not None) == (3, True)
