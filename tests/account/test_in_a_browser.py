"""Passkeys in Chromium with a virtual authenticator, and how the pages of one's own account look."""

import re
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.errors import FactorNeeded
from caseapp.accounts.signin import factors, sessions, totp
from caseapp.accounts.signin import sign_in as doors
from caseapp.lib import clock
from caseapp.vault.core import onetime
from tests.helpers import authenticator_app
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
EMAIL = "ana@office.test"
T = TypeVar("T")
LOOKS = [(360, "es", "dark"), (1366, "en", "light"), (320, "fr", "light")]


def come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def apart(work: Callable[[], T]) -> T:
    """Do something with the database while a browser runs: its event loop and Django's ORM do not mix."""

    def whole() -> T:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(whole).result()


@contextmanager
def authenticator(shown: Page, *, verifies: bool = True) -> Generator[str]:
    """A device in software with a finger on it, which also gives its secret (PRF)."""
    devtools = shown.context.new_cdp_session(shown)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": verifies, "hasPrf": True,
                "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    yield str(made["authenticatorId"])
    devtools.send("WebAuthn.disable")


def make_passkey(shown: Page, live_server: LiveServer, name: str) -> None:
    shown.goto(f"{live_server.url}/account/security/passkey/")
    shown.get_by_label("Name of the device").fill(name)
    press(shown.get_by_role("button", name="Create a passkey"))


def sign_in(shown: Page, live_server: LiveServer) -> None:
    shown.goto(f"{live_server.url}/sign-in/")
    shown.get_by_label("E-mail").fill(EMAIL)
    shown.get_by_label("Passphrase", exact=True).fill(WORDS)
    follow(shown.get_by_role("button", name="Sign in"))


def test_a_passkey_is_made_shown_at_sign_in_unlocks_and_confirms(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", EMAIL)
    with browser() as running, page(running, width=360) as shown, authenticator(shown):
        come_in(shown, live_server, worker)
        make_passkey(shown, live_server, "My phone")
        expect(shown.locator("main")).to_contain_text("Added. From now on it is asked for when you sign in.")
        expect(shown.locator("main")).to_contain_text("My phone")
        [held] = apart(lambda: factors.list_factors(worker.staff.keys))
        assert held.means.way == b"", "its secret comes when it is first shown"

        shown.context.clear_cookies()
        sign_in(shown, live_server)
        expect(shown).to_have_url(re.compile("/sign-in/factor/"))
        press(shown.get_by_role("button", name="Use a passkey"))
        expect(shown).to_have_url(f"{live_server.url}/")
        [held] = apart(lambda: factors.list_factors(worker.staff.keys))
        assert len(held.means.way) == 8, "from here on the passkey unlocks by itself"
        assert held.means.counter > 0 or held.means.used_on is not None

        follow(shown.get_by_role("button", name="Lock").first)
        expect(shown).to_have_url(re.compile("/lock/"))
        shown.goto(f"{live_server.url}/unlock/?next=/cases/")
        look_at(shown, "unlock-passkey-360")
        press(shown.get_by_role("button", name="Unlock with a passkey"))
        expect(shown).to_have_url(f"{live_server.url}/cases/")

        shown.goto(f"{live_server.url}/account/security/check/")
        shown.get_by_label("Passphrase", exact=True).fill(WORDS)
        look_at(shown, "check-passkey-360")
        press(shown.get_by_role("button", name="Go on with a passkey"))
        expect(shown).to_have_url(re.compile("/account/security/$"))
        expect(shown.locator("main")).to_contain_text("also unlocks")
        # The same device has one passkey for us; a second one of it is not made.
        make_passkey(shown, live_server, "Again")
        expect(shown.locator("[data-passkey-failed]")).to_be_visible()
    assert len(factors.list_factors(worker.staff.keys)) == 1


def test_two_passkeys_of_two_devices_and_one_is_removed(transactional_db: None, live_server: LiveServer) -> None:
    worker = signed_in("Ana Ruiz", EMAIL)
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, worker)
        for name in ("Phone", "Key ring"):
            with authenticator(shown):
                make_passkey(shown, live_server, name)
                expect(shown.locator("main")).to_contain_text(name)
        look_at(shown, "two-passkeys-1366")
        follow(shown.get_by_role("link", name="Remove Phone"))
        look_at(shown, "remove-1366")
        follow(shown.get_by_role("button", name="Remove it"))
        expect(shown.locator("main")).to_contain_text("Removed. It opens nothing any more.")
    assert [one.means.name for one in factors.list_factors(worker.staff.keys)] == ["Key ring"]


def test_a_device_that_does_not_verify_its_owner_makes_no_passkey(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", EMAIL)
    with browser() as running, page(running) as shown, authenticator(shown, verifies=False):
        come_in(shown, live_server, worker)
        make_passkey(shown, live_server, "Phone")
        expect(shown.locator("[data-passkey-failed]")).to_be_visible()
    assert factors.list_factors(worker.staff.keys) == ()


def test_an_answer_recorded_once_does_not_count_again(transactional_db: None, live_server: LiveServer) -> None:
    worker = signed_in("Ana Ruiz", EMAIL)
    with browser() as running, page(running) as shown, authenticator(shown):
        come_in(shown, live_server, worker)
        make_passkey(shown, live_server, "Phone")
        expect(shown.locator("main")).to_contain_text("Phone")
        bodies: list[str] = []
        shown.on("request", lambda sent: bodies.append(sent.post_data or "") if sent.method == "POST" else None)
        for _ in range(2):
            shown.context.clear_cookies()
            sign_in(shown, live_server)
            if len(bodies) < 2:
                press(shown.get_by_role("button", name="Use a passkey"))
                expect(shown).to_have_url(f"{live_server.url}/")
        # At the second sign-in the first one's answer is sent.
        recorded = next(body for body in bodies if "proof=" in body and "credential" in body)
        answer = shown.request.post(
            f"{live_server.url}/sign-in/factor/",
            data=recorded,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": live_server.url},
        )
        assert answer.status in {403, 422}
        shown.goto(f"{live_server.url}/cases/")
        expect(shown).to_have_url(re.compile("/sign-in/"))


@pytest.mark.parametrize(
    ("width", "language", "scheme"), [(360, "es", "dark"), (1366, "en", "light"), (320, "fr", "light")]
)
def test_the_pages_are_fit_for_everybody(
    transactional_db: None, live_server: LiveServer, width: int, language: str, scheme: str
) -> None:
    worker = signed_in("Ana Ruiz", EMAIL, language=language)
    doors.sign_in(EMAIL, WORDS, agent="Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1")
    with browser() as running, page(running, width=width, language=language, scheme=scheme) as shown:
        come_in(shown, live_server, worker)
        for name in ("security", "security/app", "security/passkey", "security/check", "security/passphrase"):
            shown.goto(f"{live_server.url}/account/{name}/")
            look_at(shown, f"{name.replace('/', '-')}-{width}-{language}-{scheme}")
        follow(shown.locator("main form.card .primary").first)
        look_at(shown, f"security-passphrase-problem-{width}-{language}-{scheme}")
        shown.goto(f"{live_server.url}/account/")
        look_at(shown, f"me-{width}-{language}-{scheme}")
        text = totp.propose_secret()
        code = authenticator_app.code_at(onetime.parse_secret(text), _now())
        apart(lambda: totp.confirm_secret(worker.staff.keys, text, code, name="Teléfono"))
        shown.goto(f"{live_server.url}/account/security/")
        look_at(shown, f"security-app-there-{width}-{language}-{scheme}")
        shown.context.clear_cookies()
        shown.goto(f"{live_server.url}/sign-in/")
        shown.locator("[name=email]").fill(EMAIL)
        shown.locator("[name=passphrase]").fill(WORDS)
        follow(shown.locator("main form .primary").first)
        expect(shown).to_have_url(re.compile("/sign-in/factor/"))
        look_at(shown, f"factor-{width}-{language}-{scheme}")
        follow(shown.locator("main form .primary").first)
        look_at(shown, f"factor-problem-{width}-{language}-{scheme}")


def test_an_authenticator_app_works_without_scripts(transactional_db: None, live_server: LiveServer) -> None:
    worker = signed_in("Ana Ruiz", EMAIL)
    with browser() as running, page(running, width=360, scripts=False) as shown:
        come_in(shown, live_server, worker)
        shown.goto(f"{live_server.url}/account/security/app/")
        secret = onetime.parse_secret(shown.locator(".code").inner_text())
        shown.get_by_label("Code from your app").fill(authenticator_app.code_at(secret, _now()))
        follow(shown.get_by_role("button", name="Add this app"))
        assert "Added. From now on it is asked for when you sign in." in shown.locator("main").inner_text()
    later = authenticator_app.code_at(secret, _now() + 30)
    assert sessions.open(doors.submit_code(_half(), later).token).name == "Ana Ruiz"


def _half() -> str:
    try:
        doors.sign_in(EMAIL, WORDS)
    except FactorNeeded as more:
        return more.token
    raise AssertionError("no factor was asked for")


def _now() -> int:
    return int(clock.now().timestamp())
