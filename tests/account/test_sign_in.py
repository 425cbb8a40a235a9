"""Coming in and going out."""

import re

import pytest
from django.conf import settings
from django.test import Client

from caseapp.accounts.errors import SessionGone, SessionLocked
from caseapp.accounts.signin import sessions
from caseapp.lib.errors import TooMany
from caseapp.tools.pytest_plugin import acting_as
from tests.helpers.cast import WORDS
from tests.helpers.first_member import EMAIL, Door
from tests.helpers.flash import redirect_of
from tests.helpers.setting_up import hidden, set_up


@pytest.mark.parametrize("email", [EMAIL, "nobody@office.test"])
def test_a_wrong_passphrase_and_an_unknown_address_get_the_same_sentence(
    ana: Door, stranger: Client, email: str
) -> None:
    answer = stranger.post("/sign-in/", {"email": email, "passphrase": "not the words at all"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "That did not match. Nothing is locked yet." in page
    assert f'value="{email}"' in page
    assert "not the words at all" not in page
    assert settings.SESSION_COOKIE not in answer.cookies


def test_signing_in_goes_to_the_page_that_was_asked_for(ana: Door, stranger: Client) -> None:
    answer = stranger.post("/sign-in/", {"email": EMAIL.upper(), "passphrase": WORDS, "next": "/account/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/")
    cookie = answer.cookies[settings.SESSION_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/", "")


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:1", "/\\elsewhere"])
def test_signing_in_never_leads_to_another_site(ana: Door, stranger: Client, elsewhere: str) -> None:
    answer = stranger.post("/sign-in/", {"email": EMAIL, "passphrase": WORDS, "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_too_many_at_once_says_so_and_keeps_the_address(
    ana: Door, stranger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise TooMany("busy", "Many people are signing in just now. Try again in a minute.")

    monkeypatch.setattr("caseapp.accounts.signin.sign_in.sign_in", busy)
    answer = stranger.post("/sign-in/", {"email": EMAIL, "passphrase": WORDS})
    assert answer.status_code == 429
    assert f'value="{EMAIL}"' in answer.content.decode()


def test_locking_forgets_the_keys_and_unlocking_returns_with_a_new_cookie(ana: Door) -> None:
    before = ana.token
    answer = ana.client.post("/lock/", {"next": "/account/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/lock/?next=%2Faccount%2F")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    with pytest.raises(SessionLocked):
        sessions.open(before)
    assert ana.client.get("/account/").headers["Location"] == "/unlock/?next=%2Faccount%2F"
    answer = ana.client.post("/unlock/", {"passphrase": WORDS, "next": "/account/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/")
    assert ana.token != before
    with pytest.raises(SessionGone):
        sessions.open(before)


def test_a_wrong_passphrase_keeps_it_locked(ana: Door) -> None:
    ana.client.post("/lock/")
    answer = ana.client.post("/unlock/", {"passphrase": "not the words at all"})
    assert answer.status_code == 422
    assert "That did not match. Nothing is locked yet." in answer.content.decode()


def test_the_lock_page_names_nobody(ana: Door) -> None:
    ana.client.post("/lock/")
    page = ana.client.get("/lock/").content.decode()
    assert not [word for word in ("Ana", "Ruiz", "Harbor", "Caseapp", "Cases") if word in page]


def test_signing_out_ends_the_session_on_the_server(ana: Door) -> None:
    before = ana.token
    answer = ana.client.post("/sign-out/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert ana.token == ""
    with pytest.raises(SessionGone):
        sessions.open(before)


@pytest.mark.parametrize("path", ["/sign-out/", "/account/cover/", "/account/here/"])
def test_nothing_is_written_by_get(ana: Door, path: str) -> None:
    assert ana.client.get(path).status_code == 405


def test_language_colours_and_zone_are_kept(ana: Door) -> None:
    wanted = {"language": "fr", "theme": "dark", "zone": "America/Chicago"}
    assert redirect_of(ana.client.post("/account/", wanted)) == (303, "/account/", "saved")
    page = ana.client.get("/account/").content.decode()
    assert re.search(r'<html lang="fr" dir="ltr" data-theme="dark"\s*>', page)
    assert "Enregistré." in page


def test_still_here_says_nothing(ana: Door) -> None:
    answer = ana.client.post("/account/here/")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.django_db
def test_the_doors_need_no_more_than_the_rights_of_the_web(stranger: Client, code: str) -> None:
    with acting_as("web"):
        words = set_up(stranger, code)
        page = stranger.get("/setup/recovery/").content.decode()
        shown = re.search(r'<p class="code"[^>]*>([^<]+)</p>', page)
        assert shown is not None
        assert stranger.post("/setup/recovery/", {"proof": hidden(page, "proof"), "typed": shown[1]}).status_code == 303
        wanted = {"language": "fr", "theme": "dark", "zone": "America/Chicago"}
        assert stranger.post("/account/", wanted).status_code == 303
        assert stranger.post("/lock/").status_code == 303
        assert stranger.post("/unlock/", {"passphrase": words}).status_code == 303
        assert stranger.post("/sign-out/").status_code == 303
        assert stranger.post("/sign-in/", {"email": EMAIL, "passphrase": words}).status_code == 303
