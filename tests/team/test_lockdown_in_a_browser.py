"""In Chromium: an admin reads who opened what, locks the office down, comes back and lifts it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from tests.helpers import cast, process_state
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import NAME, Worker, signed_in
from tests.team.test_members import member

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def _come_in(shown: Page, url: str, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": url}])


def _sign_in(shown: Page, url: str, email: str) -> None:
    shown.goto(url + "/sign-in/")
    shown.locator("[name=email]").fill(email)
    shown.locator("[name=passphrase]").fill(cast.WORDS)
    follow(shown.locator("main form .primary").first)


def test_lock_down_and_return(transactional_db: None, live_server: LiveServer) -> None:
    process_state.forget_audit_chains()
    ana = signed_in("Ana Ruiz", "ana@office.test")
    ben = member(ana.staff, "caseworker")
    case_id = cases.open_case(ana.staff, cases.NewCase(name=NAME))
    with ThreadPoolExecutor(1) as apart:  # the browser's event loop and Django's ORM do not mix in one thread
        apart.submit(_drive, live_server.url, ana, ben, f"/cases/{case_id}/").result()


def _drive(url: str, ana: Worker, ben: Worker, case: str) -> None:
    with browser() as running, page(running) as admin, page(running, width=360) as colleague:
        _come_in(admin, url, ana)
        _come_in(colleague, url, ben)
        colleague.goto(url + case)
        assert NAME in colleague.locator("h1").inner_text()

        admin.goto(url + "/trail/")
        assert "Opened a case" in admin.locator("main").inner_text()
        look_at(admin, "audit")
        admin.goto(url + case + "trail/")
        assert "Ben Okafor" in admin.locator("main").inner_text()
        look_at(admin, "audit-case")

        admin.goto(url + "/team/lockdown/")
        look_at(admin, "lockdown")
        admin.locator("[name=sure]").check()
        follow(admin.get_by_role("button", name="Lock the office down"))
        assert admin.url.endswith("/sign-in/")

        colleague.goto(url + case)
        assert "/sign-in/" in colleague.url
        _sign_in(colleague, url, "ben@office.test")
        colleague.get_by_text("Only an admin can sign in until it is lifted.").first.wait_for()
        look_at(colleague, "lockdown-out-360")

        _sign_in(admin, url, "ana@office.test")
        admin.goto(url + case)
        assert "The office is locked down." in admin.locator("main").inner_text()
        follow(admin.get_by_role("link", name="How to lift it"))
        assert "Restore access" in admin.get_by_role("heading", name="Restore access").inner_text()
        look_at(admin, "lockdown-back")
        follow(admin.get_by_role("button", name="Lift the lock-down"))
        assert "All members can sign in again." in admin.locator("main").inner_text()

        _sign_in(colleague, url, "ben@office.test")
        colleague.goto(url + case)
        assert NAME in colleague.locator("h1").inner_text()
        colleague.goto(url + case + "trail/")
        look_at(colleague, "audit-case-360")
    with browser() as running, page(running, width=360, scheme="dark") as small:
        _sign_in(small, url, "ana@office.test")
        small.goto(url + "/trail/")
        look_at(small, "audit-360-dark")
