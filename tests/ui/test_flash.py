"""The message after a write: said once, on the page it belongs to, and readable nowhere else."""

import html
import re

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from caseapp.accounts.signin import sessions
from caseapp.ui.requests import flash_cookie
from caseapp.ui.requests.flash import FLASH_SENTENCES
from caseapp.ui.requests.redirects import see_other
from tests.helpers.first_member import Door
from tests.helpers.flash import flash_code, redirect_of

SAVED = "Saved."
PROFILE = {"language": "en", "theme": "auto", "zone": "America/New_York"}
CASE = "2f0c1f3e-0000-4000-8000-0000000000aa"


def message(client: Client, path: str) -> str:
    """Return the message that the page at `path` shows, or an empty string."""
    page = client.get(path).content.decode()
    shown = re.search(r'<div class="result" role="status">.*?<p>(.*?)</p>', page, re.DOTALL)
    return html.unescape(shown[1].strip()) if shown else ""


def marks(client: Client) -> list[str]:
    """Return the names of the message cookies that the browser still has."""
    return [name for name, cookie in client.cookies.items() if name.startswith("flash_") and cookie.value]


def test_a_message_is_said_once_and_a_reload_says_nothing(ana: Door) -> None:
    assert redirect_of(ana.client.post("/account/", PROFILE)) == (303, "/account/", "saved")
    assert message(ana.client, "/account/") == SAVED
    assert message(ana.client, "/account/") == ""
    assert marks(ana.client) == []


def test_a_message_waits_for_its_own_page(ana: Door) -> None:
    ana.client.post("/account/", PROFILE)
    assert message(ana.client, "/account/security/") == ""
    assert message(ana.client, "/") == ""
    assert message(ana.client, "/account/") == SAVED


def test_two_tabs_keep_their_own_messages(ana: Door) -> None:
    ana.client.post("/account/", PROFILE)
    ana.client.post("/account/cover/", {"covered": "yes", "next": "/calendar/"})
    ana.client.post("/account/cover/", {"covered": "no", "next": "/search/"})
    assert message(ana.client, "/search/") == "Names are shown."
    assert message(ana.client, "/account/") == SAVED
    assert ana.client.get("/calendar/").status_code == 302  # leads on to a page of weeks: its message expires unsaid


def test_an_answer_to_a_form_is_never_mixed_with_an_older_message(ana: Door) -> None:
    ana.client.post("/account/", PROFILE)
    refused = ana.client.post("/account/", {**PROFILE, "zone": "Nowhere/Else"})
    assert refused.status_code == 422
    assert SAVED not in refused.content.decode()
    assert message(ana.client, "/account/") == SAVED


def test_another_browser_with_the_same_address_sees_no_message(ana: Door) -> None:
    address = ana.client.post("/account/", PROFILE).headers["Location"]
    assert "?" not in address
    other = Client()
    other.cookies["session_token"] = ana.token
    assert message(other, address) == ""


def test_the_cookie_lasts_a_minute_and_no_script_or_other_site_uses_it(ana: Door) -> None:
    answer = ana.client.post("/account/", PROFILE)
    cookie = answer.cookies[flash_cookie.cookie_name("/account/")]
    assert (cookie["max-age"], cookie["path"], cookie["samesite"]) == (60, "/", "Strict")
    assert cookie["httponly"]
    gone = ana.client.get("/account/").cookies[flash_cookie.cookie_name("/account/")]
    assert (gone.value, gone["max-age"], gone["path"]) == ("", 0, "/")


def test_over_tls_the_cookie_is_secure_and_bound_to_this_host(settings: Settings) -> None:
    settings.PLAIN_HTTP, settings.FLASH_COOKIE_PREFIX = False, "__Host-flash_"
    [cookie] = see_other("/account/", "saved").cookies.values()
    assert cookie.key.startswith("__Host-flash_")
    assert (cookie["secure"], cookie["domain"], cookie["path"]) == (True, "", "/")


def test_address_and_cookie_say_neither_what_was_done_nor_where() -> None:
    address = f"/cases/{CASE}/"
    first, second = see_other(address, "case-destroyed"), see_other(address, "case-destroyed")
    assert first.headers["Location"] == address
    [one], [two] = first.cookies.values(), second.cookies.values()
    assert re.fullmatch(r"flash_[0-9a-f]{12}", one.key)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", one.value)
    assert one.value != two.value, "the same act twice looks different"
    assert see_other(f"/cases/{CASE[:-1]}b/", "case-destroyed").cookies.keys() != first.cookies.keys()


def test_a_message_for_a_list_with_a_filter_is_shown_on_it(ana: Door) -> None:
    answer = see_other("/law/?pack=france&page=2#own", "rules-confirmed")
    assert (answer.headers["Location"], flash_code(answer)) == ("/law/?pack=france&page=2#own", "rules-confirmed")
    ana.client.cookies.update(answer.cookies)
    assert message(ana.client, "/law/?pack=france&page=2") == str(FLASH_SENTENCES["rules-confirmed"])


@pytest.mark.parametrize("planted", ["saved", "Call+me", "A" * 32, "é", "", "A" * 5000])
def test_a_value_that_we_did_not_make_shows_nothing_and_goes(ana: Door, planted: str) -> None:
    assert flash_cookie.read_code("/account/", planted) == ""
    if planted.isascii() and planted:
        ana.client.cookies[flash_cookie.cookie_name("/account/")] = planted
        page = ana.client.get("/account/").content.decode()
        assert 'class="result"' not in page
        assert "Call me" not in page
        assert marks(ana.client) == []


def test_a_value_of_another_page_or_with_one_letter_changed_is_not_ours() -> None:
    [cookie] = see_other("/account/", "saved").cookies.values()
    assert flash_cookie.read_code("/account/", cookie.value) == "saved"
    assert flash_cookie.read_code("/", cookie.value) == ""
    changed = ("B" if cookie.value[20] == "A" else "A").join((cookie.value[:20], cookie.value[21:]))
    assert flash_cookie.read_code("/account/", changed) == ""


def test_a_request_that_shows_no_page_uses_no_message_up() -> None:
    [cookie] = see_other("/account/", "saved").cookies.values()
    for method in ("HEAD", "POST"):
        request = RequestFactory().generic(method, "/account/")
        request.COOKIES[cookie.key] = cookie.value
        assert flash_cookie.take_flash(request) is None
        assert not hasattr(request, "is_flash_taken")


def test_every_sentence_has_its_own_value() -> None:
    for code in FLASH_SENTENCES:
        assert flash_code(see_other("/", code)) == code


def test_a_code_without_a_sentence_fails_at_once() -> None:
    with pytest.raises(KeyError):
        flash_cookie.set_flash(HttpResponse(), "/", "no-such-code")
    assert see_other("/").cookies == {}


def test_names_covered_by_the_pages_script_leave_no_message(ana: Door) -> None:
    answer = ana.client.post("/account/cover/", {"covered": "yes", "quietly": "yes"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert sessions.open(ana.token).covered
    assert marks(ana.client) == []
    assert message(ana.client, "/") == ""
