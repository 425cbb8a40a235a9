"""One's own account over the pages: second factor, step-up, devices, a new passphrase, and the recovery code's way."""

import datetime as dt
import re
from html import unescape

import pytest
from django.conf import settings as configured
from django.test import Client
from pytest_django.fixtures import Settings

from caseapp.accounts.errors import SessionGone
from caseapp.accounts.signin import factors, recovery_code, sessions, sign_in, totp
from caseapp.lib import clock
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.core import onetime
from tests.helpers import authenticator_app
from tests.helpers.cast import WORDS
from tests.helpers.flash import redirect_of
from tests.helpers.smtp import post_office
from tests.helpers.two_offices import NOW, Worker

pytestmark = pytest.mark.usefixtures("frozen")

EMAIL = "ana@office.test"
NEW = "kettle meridian thistle orbit pebble saffron"
PAGES = ("/account/security/", "/account/security/app/", "/account/security/passkey/", "/account/security/check/",
         "/account/security/passphrase/")  # fmt: skip


def later(monkeypatch: pytest.MonkeyPatch, **by: int) -> int:
    moment = NOW + dt.timedelta(**by)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return int(moment.timestamp())


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page) or re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


def add_app(worker: Worker) -> bytes:
    """Through the page, with the code of this moment."""
    page = worker.client.get("/account/security/app/").content.decode()
    secret = onetime.parse_secret(hidden(page, "proof"))
    code = authenticator_app.code_at(secret, int(clock.now().timestamp()))
    typed = {"proof": hidden(page, "proof"), "code": code, "name": "My phone"}
    answer = worker.client.post("/account/security/app/", typed)
    assert redirect_of(answer) == (303, "/account/security/", "factor-added")
    return secret


def at_the_factor(passphrase: str = WORDS) -> Client:
    client = Client(raise_request_exception=False)
    answer = client.post("/sign-in/", {"email": EMAIL, "passphrase": passphrase, "next": "/cases/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/factor/?next=%2Fcases%2F")
    assert configured.SESSION_COOKIE not in answer.cookies
    return client


def test_an_app_is_set_up_with_a_picture_made_here_and_its_secret_as_letters(attorney: Worker) -> None:
    page = attorney.client.get("/account/security/app/").content.decode()
    assert "<svg" in page
    assert "style=" not in page
    assert len(hidden(page, "proof").split()) == 8
    assert hidden(page, "proof") in page.partition('class="code"')[2]
    add_app(attorney)
    overview = attorney.client.get("/account/security/").content.decode()
    assert "My phone" in overview
    assert "One can be lost. Add a second one." in overview


@pytest.mark.parametrize("code", ["", "000000", "x" * 5000])
def test_a_wrong_code_adds_nothing_and_shows_the_same_secret_again(attorney: Worker, code: str) -> None:
    secret = totp.propose_secret()
    answer = attorney.client.post("/account/security/app/", {"proof": secret, "code": code, "name": "x"})
    assert answer.status_code == 422
    assert secret in answer.content.decode()
    assert factors.list_factors(attorney.staff.keys) == ()


@pytest.mark.parametrize("secret", ["", "not base 32 at all!", "A" * 5000])
def test_a_secret_that_is_none_begins_anew(attorney: Worker, secret: str) -> None:
    answer = attorney.client.post("/account/security/app/", {"proof": secret, "code": "123456"})
    assert answer.status_code in {303, 422}
    assert factors.list_factors(attorney.staff.keys) == ()


def test_signing_in_asks_for_the_code_and_then_goes_where_it_was_meant_to(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = add_app(attorney)
    now = later(monkeypatch, seconds=30)
    client = at_the_factor()
    assert client.get("/cases/").headers["Location"] == "/sign-in/?next=%2Fcases%2F"
    assert client.get("/sign-in/factor/?next=/cases/").status_code == 200
    wrong = client.post("/sign-in/factor/", {"code": "000000", "next": "/cases/"})
    assert wrong.status_code == 422
    assert "This code was not right, or it was used before." in wrong.content.decode()
    assert "check the clock of your phone: it must set its time automatically" in wrong.content.decode()
    code = authenticator_app.code_at(secret, now)
    right = client.post("/sign-in/factor/", {"code": code, "next": "/cases/"})
    assert (right.status_code, right.headers["Location"]) == (303, "/cases/")
    assert client.get("/cases/").status_code == 200
    again = at_the_factor().post("/sign-in/factor/", {"code": code})
    assert again.status_code == 422


def test_the_half_sessions_cookie_is_no_session(attorney: Worker) -> None:
    add_app(attorney)
    client = at_the_factor()
    client.cookies[configured.SESSION_COOKIE] = client.cookies[configured.HALF_COOKIE].value
    for path in ("/", "/cases/", "/account/security/"):
        assert client.get(path).headers["Location"].startswith("/sign-in/")
    client.post("/lock/")
    assert client.post("/unlock/", {"passphrase": WORDS}).headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("path", ["/sign-in/factor/", "/sign-in/rescue/"])
def test_without_a_half_session_these_doors_lead_to_the_first_one(db: None, attorney: Worker, path: str) -> None:
    for answer in (Client().get(path), Client().post(path, {"code": "123456"})):
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/")
    assert Client().delete(path).status_code == 405


def test_ten_wrong_codes_say_how_long_to_wait(attorney: Worker) -> None:
    add_app(attorney)
    client = at_the_factor()
    for _ in range(10):
        assert client.post("/sign-in/factor/", {"code": "000000"}).status_code == 422
    slow = client.post("/sign-in/factor/", {"code": "000000"})
    assert (slow.status_code, slow.headers["Retry-After"]) == (429, "3601")


def test_wrong_sign_ins_say_how_long_to_wait_and_a_known_browser_does_not_wait(attorney: Worker) -> None:
    known = Client()
    assert known.post("/sign-in/", {"email": EMAIL, "passphrase": WORDS}).status_code == 303
    device = known.cookies[configured.DEVICE_COOKIE]
    assert (device["httponly"], device["samesite"], device["path"]) == (True, "Lax", "/")
    stranger = Client()
    for _ in range(10):
        assert stranger.post("/sign-in/", {"email": EMAIL, "passphrase": "wrong"}).status_code == 422
    slow = stranger.post("/sign-in/", {"email": EMAIL, "passphrase": WORDS})
    assert (slow.status_code, slow.headers["Retry-After"]) == (429, "901")
    assert "Too many tries. Wait a while and try again. Nothing is locked for good." in slow.content.decode()
    known.post("/sign-out/")
    assert known.post("/sign-in/", {"email": EMAIL, "passphrase": WORDS}).status_code == 303


def test_an_admin_without_a_factor_goes_nowhere_but_to_its_set_up(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.ADMINS_NEED_FACTOR = True
    assert attorney.client.get("/cases/").status_code == 200
    later(monkeypatch, days=1)
    client = Client()
    client.post("/sign-in/", {"email": EMAIL, "passphrase": WORDS})
    for path in ("/", "/cases/", "/account/", "/search/", "/account/security/passphrase/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/account/security/"), path
    page = client.get("/account/security/").content.decode()
    assert "you need a second factor before anything else" in page
    assert 'href="/cases/"' not in page
    add_app(Worker(attorney.staff, client))
    assert client.get("/cases/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/account/security/app/", "/account/security/passkey/", "/account/security/passphrase/"]
)
def test_what_touches_keys_asks_again_after_ten_minutes(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    later(monkeypatch, minutes=10, seconds=1)
    answer = attorney.client.get(path)
    assert answer.headers["Location"] == f"/account/security/check/?next={path.replace('/', '%2F')}"
    refused = attorney.client.post(path, {"name": "typed before"})
    assert refused.status_code == 403
    assert "Confirm that it is you" in refused.content.decode()
    wrong = attorney.client.post("/account/security/check/", {"passphrase": "not the words at all", "next": path})
    assert wrong.status_code == 422
    before = attorney.client.cookies[configured.SESSION_COOKIE].value
    right = attorney.client.post("/account/security/check/", {"passphrase": WORDS, "next": path})
    assert redirect_of(right) == (303, path, "checked")
    assert attorney.client.cookies[configured.SESSION_COOKIE].value != before
    assert attorney.client.get(path).status_code == 200


def test_a_factor_is_removed_after_one_question_and_hides_from_others(
    attorney: Worker, outsider: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_app(attorney)
    [held] = factors.list_factors(attorney.staff.keys)
    path = f"/account/security/factors/{held.id}/remove/"
    assert (outsider.client.get(path).status_code, outsider.client.post(path).status_code) == (404, 404)
    last = attorney.client.post(path)
    assert last.status_code == 422
    assert "An admin keeps a second factor." in last.content.decode()
    later(monkeypatch, minutes=1)
    add_app(attorney)
    assert attorney.client.get(path).status_code == 200
    assert redirect_of(attorney.client.post(path)) == (303, "/account/security/", "factor-removed")
    assert held.id not in {one.id for one in factors.list_factors(attorney.staff.keys)}
    assert attorney.client.post(path).status_code == 404


def test_devices_are_listed_and_ended_and_hide_from_others(attorney: Worker, outsider: Worker) -> None:
    elsewhere = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1"})
    elsewhere.post("/sign-in/", {"email": EMAIL, "passphrase": WORDS})
    token = elsewhere.cookies[configured.SESSION_COOKIE].value
    page = attorney.client.get("/account/").content.decode()
    assert "Safari · iPhone" in page
    assert "(this one)" in page
    ends = re.findall(r'action="(/account/devices/[0-9a-f-]{36}/end/)"', page)
    [path] = [end for end in ends if str(sessions.open(token).presence.session) in end]  # type: ignore[union-attr]
    assert attorney.client.get(path).status_code == 405
    assert outsider.client.post(path).status_code == 404
    sessions.open(token)
    assert redirect_of(attorney.client.post(path, {"next": "/account/"})) == (303, "/account/", "device-ended")
    with pytest.raises(SessionGone):
        sessions.open(token)


def test_all_other_devices_are_ended_at_once(attorney: Worker) -> None:
    token = sign_in.sign_in(EMAIL, WORDS).token
    assert attorney.client.get("/account/devices/end-others/").status_code == 405
    assert attorney.client.post("/account/devices/end-others/").status_code == 303
    with pytest.raises(SessionGone):
        sessions.open(token)
    assert attorney.client.get("/account/").status_code == 200


def shown_code(page: str) -> str:
    found = re.search(r'<p class="code"[^>]*>([^<]+)</p>', page)
    assert found is not None
    return found[1]


def test_a_new_passphrase_is_chosen_with_a_new_code_and_everybody_else_is_signed_out(attorney: Worker) -> None:
    elsewhere = sign_in.sign_in(EMAIL, WORDS).token
    page = attorney.client.get("/account/security/passphrase/").content.decode()
    code = shown_code(page)
    assert code not in " ".join(re.findall(r"<input[^>]*>", page))
    typed = {"passphrase": WORDS, "words": NEW, "again": NEW, "typed": code.lower(), "proof": hidden(page, "proof")}
    for change in ({"passphrase": "wrong"}, {"again": "another"}, {"typed": "0000"}, {"words": "short"},
                   {"words": "x" * 5000}, {"proof": "made up"}):  # fmt: skip
        answer = attorney.client.post("/account/security/passphrase/", {**typed, **change})
        assert answer.status_code == 422, change
        assert not [secret for secret in (NEW, WORDS, code) if secret in answer.content.decode()]
    local, domain = EMAIL.split("@")
    mine = f"{local} {local} {domain} 26"
    answer = attorney.client.post("/account/security/passphrase/", {**typed, "words": mine, "again": mine})
    assert "made of your name, your e-mail" in answer.content.decode()
    answer = attorney.client.post("/account/security/passphrase/", typed)
    assert redirect_of(answer) == (303, "/account/security/", "passphrase-changed")
    assert attorney.client.get("/cases/").status_code == 200
    with pytest.raises(SessionGone):
        sessions.open(elsewhere)
    assert sign_in.sign_in(EMAIL, NEW).staff.member_id == attorney.staff.member_id


def test_the_recovery_code_leads_to_a_new_passphrase_and_a_constant_letter(
    attorney: Worker, settings: Settings
) -> None:
    code = recovery_code.propose_recovery_code(attorney.staff)
    recovery_code.confirm_recovery_code(attorney.staff, code, code)
    client = Client(raise_request_exception=False)
    answer = client.post("/sign-in/", {"email": EMAIL, "passphrase": code})
    assert answer.headers["Location"] == "/sign-in/factor/"
    assert client.get("/sign-in/factor/").headers["Location"] == "/sign-in/rescue/"
    assert client.get("/cases/").headers["Location"] == "/sign-in/?next=%2Fcases%2F"
    page = client.get("/sign-in/rescue/").content.decode()
    typed = {"words": NEW, "again": NEW, "typed": shown_code(page), "proof": hidden(page, "proof")}
    mine = f"{EMAIL.partition('@')[0]} {EMAIL.replace('@', ' ')} 26"
    near = client.post("/sign-in/rescue/", {**typed, "words": mine, "again": mine})
    assert "made of your name, your e-mail" in near.content.decode()
    with post_office() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        done = client.post("/sign-in/rescue/", typed)
    assert redirect_of(done) == (303, "/", "passphrase-changed")
    assert client.get("/cases/").status_code == 200
    [letter] = box.letters
    assert letter["Subject"] == "Your account was opened in a new way"
    assert letter["To"] == EMAIL
    assert not [word for word in (b"Ana", b"Harbor", b"Caseapp", b"http") if word in box.raw[0]]
    assert Client().post("/sign-in/", {"email": EMAIL, "passphrase": code}).status_code == 422


def test_a_mail_server_that_is_away_keeps_nobody_out(attorney: Worker, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    code = recovery_code.propose_recovery_code(attorney.staff)
    recovery_code.confirm_recovery_code(attorney.staff, code, code)
    client = Client(raise_request_exception=False)
    client.post("/sign-in/", {"email": EMAIL, "passphrase": code})
    page = client.get("/sign-in/rescue/").content.decode()
    typed = {"words": NEW, "again": NEW, "typed": shown_code(page), "proof": hidden(page, "proof")}
    assert client.post("/sign-in/rescue/", typed).status_code == 303


def test_the_recovery_code_does_not_go_round_the_second_factor(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = add_app(attorney)
    code = recovery_code.propose_recovery_code(attorney.staff)
    recovery_code.confirm_recovery_code(attorney.staff, code, code)
    now = later(monkeypatch, minutes=1)
    client = at_the_factor(code)
    assert client.get("/sign-in/rescue/").headers["Location"] == "/sign-in/factor/"
    shown = client.post("/sign-in/factor/", {"code": authenticator_app.code_at(secret, now)})
    assert shown.headers["Location"] == "/sign-in/rescue/"
    assert client.get("/sign-in/rescue/").status_code == 200


NO_PASSKEYS = (
    "", "{}", "[]", "x" * 30_000, '{"credential": {}}', '{"credential": {"response": 1}}',
    '{"credential": {"rawId": "é", "response": {"clientDataJSON": "é"}}}',
)  # fmt: skip


@pytest.mark.parametrize("answer", NO_PASSKEYS)
def test_what_is_no_passkey_is_refused_everywhere(attorney: Worker, answer: str) -> None:
    assert attorney.client.post("/account/security/passkey/", {"proof": answer, "name": "x"}).status_code == 422
    checked = attorney.client.post("/account/security/check/", {"proof": answer, "passphrase": "wrong"})
    assert checked.status_code == 422
    add_app(attorney)
    assert at_the_factor().post("/sign-in/factor/", {"proof": answer}).status_code == 422
    attorney.client.post("/lock/")
    assert attorney.client.post("/unlock/passkey/", {"proof": answer}).status_code == 422
    assert attorney.client.get("/unlock/passkey/").status_code == 405


def test_the_pages_want_somebody_signed_in(db: None, attorney: Worker) -> None:
    for path in PAGES:
        assert Client().get(path).headers["Location"].startswith("/sign-in/?next=")
        assert Client().post(path).status_code == (405 if path == "/account/security/" else 401)
        assert attorney.client.delete(path).status_code == 405


def test_the_pages_need_no_more_than_the_rights_of_the_web(attorney: Worker) -> None:
    with acting_as("web"):
        for path in PAGES:
            assert attorney.client.get(path).status_code == 200, path
        add_app(attorney)
