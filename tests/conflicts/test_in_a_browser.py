"""Conflict checks in Chromium: asked on a phone in the dark, compared and answered on a wide screen."""

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.casefile import sharing
from tests.conflicts.offices import make_officer, open_case
from tests.conflicts.test_conflict_checks import _browser_of
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.cast import colleague_of
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def ana(transactional_db: None) -> Worker:
    return signed_in("Ana Ruiz", "ana@office.test")


def _come_in(shown: Page, live_server: LiveServer, token: str, path: str) -> None:
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])
    shown.goto(live_server.url + path)


def test_a_check_is_asked_on_a_phone_and_answered_by_the_officer(ana: Worker, live_server: LiveServer) -> None:
    walled = open_case(ana.staff, "Halima Yusuf", "000-555-417")
    sharing.restrict_to_members(ana.staff, walled, [ana.staff.member_id])
    open_case(ana.staff, "Halimo Yuusuf")
    make_officer(ana.staff, ana.staff.member_id)
    colleague_of(ana.staff)
    _, ben = _browser_of("ben@office.test")
    with browser() as running:
        with page(running, width=360, scheme="dark") as shown:
            token = ben.cookies[settings.SESSION_COOKIE].value
            _come_in(shown, live_server, token, "/conflicts/new/")
            look_at(shown, "conflict-ask")
            shown.fill("[name=names]", "Halima Yusuf\nHalimo Yuusuf")
            shown.select_option("[name=relation]", "adverse")
            follow(shown.get_by_role("button", name="Send to the conflict officer"))
            expect(shown.locator("main")).to_contain_text("Sent to the conflict officer")
            look_at(shown, "conflict-own")
            shown.goto(live_server.url + "/conflicts/")
            look_at(shown, "conflict-list-phone")
        with page(running, language="es") as shown:
            _come_in(shown, live_server, ana.client.cookies[settings.SESSION_COOKIE].value, "/conflicts/")
            look_at(shown, "conflict-queue")
            follow(shown.locator("main table a").first)
            expect(shown.locator("main")).to_contain_text("Halimo Yuusuf")
            look_at(shown, "conflict-check")
            shown.check("[name=decision][value=waivable]")
            shown.fill("[name=sentence]", "Please ring me before the intake.")
            shown.fill("[name=reason]", "Other side of a restricted case.")
            follow(shown.locator("main form button.primary"))
            expect(shown.locator("main")).to_contain_text("Other side of a restricted case.")
            look_at(shown, "conflict-register")
            shown.goto(live_server.url + f"/cases/{walled}/conflict/")
            look_at(shown, "conflict-case")
