"""What the front and monitors ask, and what the front knows of the pages."""

import time
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve, reverse
from pytest_django import DjangoAssertNumQueries

from caseapp.accounts.signin import activity_stamp, sessions
from caseapp.cli.front import requests
from caseapp.cli.front.limits import Limits
from caseapp.lib import clock
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


@pytest.mark.django_db
def test_a_session_that_ended_within_the_last_week_is_said_to_have_ended(
    ana: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.client.get("/cases/")
    sessions.end(ana.token)
    assert ana.client.get("/session").status_code == 410
    now = clock.now()
    for days, status in ((6.9, 410), (7.1, 401)):
        monkeypatch.setattr(clock, "now", lambda days=days: now + timedelta(days=days))
        assert ana.client.get("/session").status_code == status
    monkeypatch.setattr(clock, "now", lambda: now)
    ana.client.cookies[settings.SESSION_COOKIE] = "x" * 43
    assert ana.client.get("/session").status_code == 401, "the stamp of another session says nothing of this one"


@pytest.mark.django_db
def test_a_browser_that_signed_out_is_known_for_a_week_and_a_stranger_who_signs_out_is_not(
    ana: Door, stranger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    for client, status in ((ana.client, 410), (stranger, 401)):
        client.post("/sign-out/")
        assert client.get("/session").status_code == status
    mark = ana.client.cookies[settings.ENDED_COOKIE]
    assert (mark["max-age"], mark["expires"], mark["httponly"], mark["samesite"]) == ("", "", True, "Lax")
    assert int(mark.value.partition(".")[0]) % (24 * 60) == 0, "only the day"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=8))
    assert ana.client.get("/session").status_code == 401
    for forged in ("", "x", f"{2**40}.{mark.value.partition('.')[2]}", activity_stamp.make_stamp("other", now)):
        stranger.cookies[settings.ENDED_COOKIE] = forged
        assert stranger.get("/session").status_code == 401


@pytest.mark.django_db
def test_the_mark_of_a_sign_out_opens_nothing(ana: Door) -> None:
    ana.client.post("/sign-out/")
    ana.client.cookies[settings.SESSION_COOKIE] = ana.client.cookies[settings.ENDED_COOKIE].value
    assert ana.client.get("/cases/").status_code == 302
    answer = ana.client.post("/cases/new/", {"name": "Selam Haile", "stage": "intake"})
    assert answer.status_code == 401
    assert "Selam Haile" in answer.content.decode()


@pytest.mark.django_db
def test_a_text_as_long_as_a_form_may_have_is_shown_again_after_the_session(ana: Door) -> None:
    text = "Asked for an interpreter in Mam. " * 30_000
    assert 64 * 1024 < len(text) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE < Limits().returning_body
    sessions.end(ana.token)
    answer = ana.client.post("/cases/new/", {"name": "Selam Haile", "story": text})
    assert answer.status_code == 401
    assert text.strip() in answer.content.decode()


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
