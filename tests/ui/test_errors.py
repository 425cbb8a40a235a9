"""Errors become pages with the right status; what was typed comes back, secrets never."""

import logging
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, RequestFactory

from caseapp.lib.errors import EditConflict, NotFound, Refused, TooMany, Unavailable
from caseapp.lib.logs.quiet_logs import QuietRecord
from caseapp.ui.requests.error_reports import QuietReporter
from caseapp.ui.requests.preserved_input import preserved_form_of
from caseapp.vault.errors import NoKey, OpenFailed
from tests.helpers.first_member import Door

TYPED = {"language": "fr", "theme": "dark", "zone": "America/Chicago", "note": "Phoned twice.\nWill come on Tuesday."}
FAILURES = [
    (Refused("closed", "The case is closed."), 422, "The case is closed."),
    (TooMany("busy", "Try again in a minute."), 429, "Try again in a minute."),
    (EditConflict(7), 409, "Another member saved this after you opened it."),
    (Unavailable("storage"), 503, "Nothing was saved."),
    (OperationalError("server closed the connection"), 503, "Nothing was saved."),
    (OpenFailed("record 7"), 503, "it was altered or damaged. Nothing was changed."),
    (ZeroDivisionError("secret-canary"), 500, "What you sent was not saved."),
]


@pytest.mark.parametrize(("exc", "status", "sentence"), FAILURES)
def test_a_failed_save_gives_back_what_was_typed(
    ana: Door, raises: Callable[[Exception], None], exc: Exception, status: int, sentence: str
) -> None:
    raises(exc)
    answer = ana.client.post("/account/", TYPED)
    page = answer.content.decode()
    assert answer.status_code == status
    assert sentence in page
    assert "\nPhoned twice.\nWill come on Tuesday.</textarea>" in page
    assert 'name="zone" value="America/Chicago"' in page
    assert 'action="/account/"' in page
    assert "canary" not in page


@pytest.mark.parametrize("exc", [NotFound("case 1"), NoKey("case 1")])
def test_not_there_and_not_shared_look_like_an_address_that_never_was(
    ana: Door, raises: Callable[[Exception], None], exc: Exception
) -> None:
    raises(exc)
    hidden, never = ana.client.post("/account/", TYPED), ana.client.post("/no/such/page/", TYPED)
    assert (hidden.status_code, never.status_code) == (404, 404)
    assert "or it is not shared with you" in hidden.content.decode()
    assert "Phoned twice" not in hidden.content.decode()


@pytest.mark.parametrize("exc", [Unavailable("storage"), OpenFailed("record 7"), ZeroDivisionError()])
def test_what_is_our_side_carries_the_number_that_is_in_the_log(
    ana: Door, raises: Callable[[Exception], None], exc: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    raises(exc)
    with caplog.at_level(logging.ERROR, logger="caseapp.ui"):
        logging.getLogger("caseapp.ui").addHandler(caplog.handler)
        page = ana.client.post("/account/", TYPED).content.decode()
        logging.getLogger("caseapp.ui").removeHandler(caplog.handler)
    number = caplog.records[-1].getMessage().split()[1].removeprefix("number=")
    assert f"Request number {number}." in page


def test_keep_mine_sends_the_version_that_stands_now(ana: Door, raises: Callable[[Exception], None]) -> None:
    raises(EditConflict(7))
    page = ana.client.post("/account/", {**TYPED, "version": "5"}).content.decode()
    assert '<input type="hidden" name="version" value="7">' in page
    assert "Keep mine" in page


def test_a_save_after_the_session_ended_keeps_the_text_and_shows_the_way_back(stranger: Client, ana: Door) -> None:
    answer = stranger.post("/account/", TYPED)
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "Phoned twice." in page
    assert 'href="/sign-in/" target="_blank"' in page


def test_a_save_while_locked_keeps_the_text_and_leads_to_unlock(ana: Door) -> None:
    ana.client.post("/lock/")
    page = ana.client.post("/account/", TYPED).content.decode()
    assert "Phoned twice." in page
    assert 'href="/unlock/" target="_blank"' in page


def test_an_old_form_token_costs_nobody_their_text(ana: Door) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies[settings.SESSION_COOKIE] = ana.token
    answer = strict.post("/account/", TYPED, headers={"Origin": "http://testserver"})
    assert answer.status_code == 403
    assert "Phoned twice." in answer.content.decode()


def test_words_from_another_site_never_enter_a_form_of_ours(ana: Door) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies[settings.SESSION_COOKIE] = ana.token
    answer = strict.post("/account/", TYPED, headers={"Origin": "https://elsewhere.test"})
    assert answer.status_code == 403
    assert "Phoned twice." not in answer.content.decode()


def test_secrets_are_not_kept(rf: RequestFactory) -> None:
    secrets = dict.fromkeys(("passphrase", "words", "typed", "code", "proof", "csrfmiddlewaretoken"), "canary")
    form = preserved_form_of(rf.post("/sign-in/", {"email": "ana@office.test", **secrets}))
    assert form is not None
    assert [(field.name, field.value) for field in form.fields] == [("email", "ana@office.test")]


@pytest.mark.parametrize("name", ["set-code", "try-passphrase", "a-b-words", "form-typed"])
def test_a_secret_under_a_prefixed_name_is_not_kept(rf: RequestFactory, name: str) -> None:
    form = preserved_form_of(rf.post("/account/", {"email": "ana@office.test", name: "canary"}))
    assert form is not None
    assert [field.name for field in form.fields] == ["email"]


def test_a_database_that_is_away_answers_503_before_any_view(ana: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("could not connect to server")

    monkeypatch.setattr("caseapp.accounts.signin.sessions.open", away)
    answer = ana.client.post("/account/", TYPED)
    assert answer.status_code == 503
    assert "Phoned twice." in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def test_when_even_the_error_page_breaks_there_is_a_plain_one(
    ana: Door, raises: Callable[[Exception], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("canary")

    raises(ZeroDivisionError())
    monkeypatch.setattr("caseapp.ui.requests.error_pages.render", broken)
    answer = ana.client.post("/account/", TYPED)
    assert answer.status_code == 500
    assert "Go back: what you typed is still in the form." in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_too_much_text_is_told_apart(ana: Door) -> None:
    answer = ana.client.post("/account/", {"note": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "One form can contain up to 1 MB of text." in answer.content.decode()


def failure() -> Exception:
    try:
        raise ValueError("canary-of-a-client")
    except ValueError as exc:
        return exc


def test_a_report_holds_type_and_place_only(rf: RequestFactory) -> None:
    exc = failure()
    request = rf.post("/sign-in/?q=canary", {"email": "canary"}, headers={"Referer": "https://canary.test"})
    reporter = QuietReporter(request, type(exc), exc, exc.__traceback__)
    for text in (reporter.get_traceback_text(), reporter.get_traceback_html(), str(reporter.get_traceback_data())):
        assert "ValueError at tests.ui.test_errors:" in text
        assert "canary" not in text


@pytest.mark.parametrize("name", ["caseapp.ui", "celery.app.trace", "django.request"])
def test_a_log_line_never_quotes_an_exception(name: str) -> None:
    exc = failure()
    said = "Task failed: %r" if name == "celery.app.trace" else "Task failed"
    record = QuietRecord(
        name, logging.ERROR, __file__, 1, said, (exc,) if "%r" in said else (), (type(exc), exc, exc.__traceback__)
    )
    line = logging.Formatter().format(record)
    assert "ValueError at tests.ui.test_errors:" in line
    assert "canary" not in line
