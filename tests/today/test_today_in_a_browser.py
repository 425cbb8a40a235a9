"""Today in Chromium: rows on the first screen, height with 40 cases, and the clicks of everyday tasks (ux.md)."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.keys.permissions import ATTORNEY
from caseapp.reminders.monitoring import status
from tests.helpers.browsing import HEIGHTS, browser, follow, look_at, page, press
from tests.helpers.two_offices import Worker, signed_in
from tests.team.test_members import member
from tests.today.busy_office import fill_office

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
ROWS = ".rows > .stream-item"
OTHERS = "#overdue ~ .rows li, #hearings ~ .rows li, #detained ~ .rows li"


@pytest.fixture
def office(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Ana, who leads 40 cases; Ben has tasks in two of them."""
    monkeypatch.setattr(status, "is_unreliable", lambda org_id: False)  # as where beat and worker run
    worker = signed_in("Ana Ruiz", "ana@office.test")
    ben = member(worker.staff, ATTORNEY)
    fill_office(worker.staff, ben.staff.member_id)
    return worker


def _sign_in(shown: Page, worker: Worker, live_server: LiveServer) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    cookie = {"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url, "httpOnly": True}
    shown.context.add_cookies([cookie])  # type: ignore[list-item]  # playwright's own dict type


def _choose(shown: Page, live_server: LiveServer, language: str, theme: str) -> None:
    shown.goto(f"{live_server.url}/account/")
    shown.locator("#id_language").select_option(language)
    shown.locator(f'[name=theme][value="{theme}"]').check()
    follow(shown.locator("main .primary").first)
    shown.goto(f"{live_server.url}/")


def _bottom_of(row: Locator) -> float:
    box = row.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_forty_cases_fit_two_screens_and_twelve_rows_the_first(office: Worker, live_server: LiveServer) -> None:
    with browser() as running, page(running, width=1366) as shown:
        _sign_in(shown, office, live_server)
        answer = shown.goto(f"{live_server.url}/")
        assert answer is not None
        assert len(answer.body()) <= 60_000
        look_at(shown, "today-1366")
        rows = [row for row in shown.locator(ROWS).all() if row.is_visible()]
        boxes = [box for row in rows if (box := row.bounding_box())]
        assert all(box["height"] == 40 for box in boxes), sorted({box["height"] for box in boxes})
        assert sum(box["y"] + box["height"] <= HEIGHTS[1366] for box in boxes) >= 12
        assert shown.evaluate("document.documentElement.scrollHeight") <= 2 * HEIGHTS[1366]
        cells = [row.locator(".whose").bounding_box() for row in shown.locator(f"#due ~ .rows li, {OTHERS}").all()]
        lefts = {cell["x"] for cell in cells if cell}
        assert len(lefts) == 1, "the columns line up over all lists"
        # Task 1: today's hearings, their room and who appears, without a click and without scrolling.
        hearings = shown.locator('[aria-labelledby="hearings"] .stream-item')
        assert hearings.count() == 4
        for row in hearings.all():
            assert "room 12" in row.inner_text()
            assert "Appearing:" in row.inner_text()
            assert _bottom_of(row) <= HEIGHTS[1366]
        # The sheet for paper has every row, in columns, and nothing to press.
        follow(shown.get_by_role("link", name="Print day sheet"))
        shown.emulate_media(media="print")
        printed = shown.locator(f".day {ROWS}:not(.no-print *)").all()
        assert len(printed) > 30
        assert all(row.is_visible() for row in printed)
        expect(shown.locator("header.top")).to_be_hidden()
        expect(shown.get_by_text("Record filing").first).to_be_hidden()
        if folder := os.environ.get("CASEAPP_SHOTS"):
            shown.pdf(path=str(Path(folder) / "day-sheet.pdf"), format="Letter")
        shown.emulate_media(media="screen")
        look_at(shown, "day-sheet-1366")
        _choose(shown, live_server, "fr", "dark")
        look_at(shown, "today-1366-fr-dark")
        _choose(shown, live_server, "en", "light")
        # Task 7: one click from a date to why it is that date.
        follow(shown.locator('[aria-labelledby="due"] .what a').first)
        expect(shown.locator("main")).to_contain_text("received by the Board")


def test_on_a_phone_the_first_hearing_is_in_view_and_its_outcome_takes_five_taps(
    office: Worker, live_server: LiveServer
) -> None:
    taps = 0

    def tap(target: Locator, *, leads_on: bool = False) -> None:
        nonlocal taps
        taps += 1
        (follow if leads_on else press)(target)

    with browser() as running, page(running, width=360) as shown:
        _sign_in(shown, office, live_server)
        shown.goto(f"{live_server.url}/")
        look_at(shown, "today-360")
        first = shown.locator('[aria-labelledby="hearings"] .stream-item').first
        bar = shown.locator("header.top").bounding_box()
        assert bar is not None
        assert _bottom_of(first) <= bar["y"], "above the bar at the bottom, with three overdue dates above it"
        _choose(shown, live_server, "es", "dark")
        look_at(shown, "today-360-es-dark")
        shown.set_viewport_size({"width": 320, "height": HEIGHTS[320]})
        look_at(shown, "today-320-es-dark")
        shown.set_viewport_size({"width": 360, "height": HEIGHTS[360]})
        _choose(shown, live_server, "en", "light")
        # Task 3: the outcome and the next hearing.
        tap(first.get_by_role("link", name="Record outcome"), leads_on=True)
        tap(shown.locator("[name=what]").first)
        shown.locator("[name=next_on_month]").select_option("2")
        shown.locator("[name=next_on_day]").fill("17")
        shown.locator("[name=next_on_year]").fill("2027")
        shown.locator("[name=next_at]").fill("8:30")
        shown.locator("[name=next_half]").select_option("am")
        tap(shown.locator("main form .primary").first, leads_on=True)
        expect(shown.locator("main")).to_contain_text("Feb 17")
        assert taps <= 5
