"""The case list in Chromium: rows of 40 px, a head that stays, cards on a phone, and acts on selected cases."""

import datetime as dt

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.hearings.services import hearings
from caseapp.records.hearing import Hearing
from tests.helpers import cast
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
LONG = "María de los Ángeles Hernández-Villanueva Quetzaltenango y Montes de Oca de la Cruz del Río"


def _come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def _office(language: str = "en") -> Worker:
    worker = signed_in("Ana Ruiz", "ana@office.test", language=language)
    for number in range(16):
        new = cases.NewCase(name=LONG if number == 3 else f"Client Number {number}", languages=("Mam", "Spanish"))
        case_id = cases.open_case(worker.staff, new)
        if number < 3:
            starts_at = dt.datetime(2026, 12, 8 + number, 13, 30, tzinfo=dt.UTC)
            hearing = Hearing(
                kind="master", starts_at=starts_at, zone="America/New_York", court="Newark", judge="Amara Stone"
            )
            hearings.book_hearing(worker.staff, case_id, hearing)
    return worker


def test_the_list_fits_a_desk_and_a_phone(transactional_db: None, live_server: LiveServer) -> None:
    ana = _office()
    with browser() as running:
        with page(running) as shown:
            _come_in(shown, live_server, ana)
            shown.goto(live_server.url + "/cases/?sort=name")
            look_at(shown, "list-1366")
            heights = shown.locator(".case-list tbody tr").evaluate_all("rows => rows.map(row => row.offsetHeight)")
            assert set(heights) <= {40, 41}
            bottom = shown.locator(".case-list tbody tr").nth(11).evaluate("row => row.getBoundingClientRect().bottom")
            assert bottom <= 768, "twelve rows on the first screen"
            shown.mouse.wheel(0, 400)
            expect(shown.locator(".case-list th").first).to_be_in_viewport()
            press(shown.locator("summary").filter(has_text="Filter"))
            shown.get_by_label("Court").select_option("Newark")
            look_at(shown, "list-filter-1366")
            follow(shown.get_by_role("button", name="Filter"))
            expect(shown.locator(".case-list tbody tr")).to_have_count(3)
            assert "ewark" not in shown.url
            press(shown.locator("summary").filter(has_text="Saved views"))
            shown.get_by_label("Name of this view").fill("Newark")
            look_at(shown, "list-views-1366")
            follow(shown.get_by_role("button", name="Save these filters as a view"))
            expect(shown.get_by_role("status")).to_contain_text("View saved.")
        with page(running, width=360, scheme="dark") as phone:
            _come_in(phone, live_server, ana)
            phone.goto(live_server.url + "/cases/")
            look_at(phone, "list-360-dark")
            expect(phone.locator(".case-list tbody tr").first).to_be_visible()
            phone.locator(".case-list input[type=checkbox]").first.check()
            follow(phone.locator("button[name=act][value=task]"))
            look_at(phone, "task-360-dark")


def test_cases_are_reassigned_by_three_clicks_without_scripts(transactional_db: None, live_server: LiveServer) -> None:
    ana = _office("es")
    cast.colleague_of(ana.staff)
    with browser() as running, page(running, language="es") as seen, page(running, scripts=False) as shown:
        _come_in(seen, live_server, ana)
        seen.goto(live_server.url + "/cases/")
        look_at(seen, "list-1366-es")
        _come_in(shown, live_server, ana)
        shown.goto(live_server.url + "/cases/")
        for tick in shown.locator(".case-list input[type=checkbox]").all()[:2]:
            tick.check()
        follow(shown.locator("button[name=act][value=reassign]"))
        shown.locator("[name=lead]").select_option("Ben Okafor")
        follow(shown.locator("main form .primary"))
        expect(shown.locator(".case-list tbody tr")).to_have_count(14)
