"""The palette in Chromium: by keys, by thumb, without scripts, and nothing of it stays in the browser."""

from uuid import UUID

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
OPTIONS = "[data-palette] [role=option]"
STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"


@pytest.fixture
def ana(transactional_db: None) -> Worker:
    return signed_in("Ana Ruiz", "ana@office.test")


def _two_cases(ana: Worker) -> UUID:
    cases.open_case(ana.staff, cases.NewCase(name="Aminata Diallo"))
    return cases.open_case(ana.staff, cases.NewCase(name="María López"))


def _come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])
    shown.goto(live_server.url + "/")


def test_a_case_opens_by_ctrl_k_four_letters_and_enter(ana: Worker, live_server: LiveServer) -> None:
    case_path = reverse("cases:case", args=[_two_cases(ana)])
    with browser() as running, page(running) as shown:
        _come_in(shown, live_server, ana)
        keys = ["Control+k", *"lope", "Enter"]
        with shown.expect_navigation(url=f"**{case_path}"):  # Enter before the answer came: it opens all the same
            for key in keys:
                shown.keyboard.press(key)
        assert len(keys) == 6
        assert "lope" not in shown.url
        kept = shown.evaluate(STORED).casefold()
        assert [text for text in ("lope", "lópez", "maría") if text in kept] == []


def test_the_palette_by_keys_is_accessible_and_gives_the_focus_back(ana: Worker, live_server: LiveServer) -> None:
    case_id = _two_cases(ana)
    with browser() as running, page(running, language="es", scheme="dark") as shown:
        _come_in(shown, live_server, ana)
        link = shown.get_by_role("link", name="Cases").first
        link.focus()
        shown.keyboard.press("Control+k")
        box = shown.get_by_role("combobox", name="Search or jump to")
        expect(box).to_be_focused()
        expect(shown.locator(OPTIONS).first).to_be_visible()
        look_at(shown, "palette-empty")
        box.fill("dia")
        expect(shown.locator(OPTIONS).first).to_contain_text("Aminata Diallo")
        expect(box).to_have_attribute("aria-activedescendant", "palette-0")
        shown.keyboard.press("ArrowDown")
        expect(box).to_have_attribute("aria-activedescendant", "palette-1")
        expect(shown.locator("#palette-1")).to_have_attribute("aria-selected", "true")
        look_at(shown, "palette-found")
        box.fill("nobody")
        expect(shown.locator("[data-palette] [role=status]")).to_contain_text("Nothing found")
        look_at(shown, "palette-nothing")
        shown.keyboard.press("Escape")
        expect(box).to_be_hidden()
        expect(link).to_be_focused()
        assert "Diallo" not in shown.locator("[data-palette]").inner_html()
        shown.keyboard.press("Control+k")
        box.fill("note")
        box.fill("dial")
        expect(shown.locator(OPTIONS).nth(1)).to_contain_text("Add note to")
        shown.keyboard.press("ArrowDown")
        with shown.expect_navigation(url="**/notes/new/"):
            shown.keyboard.press("Enter")
        shown.keyboard.press("Control+k")
        box.fill("lock")
        expect(shown.locator(OPTIONS)).to_have_count(1)
        with shown.expect_navigation(url="**/lock/**"):
            shown.keyboard.press("Enter")
        assert reverse("cases:case", args=[case_id]) not in shown.content()


def test_on_a_phone_a_case_opens_by_two_taps_and_letters(ana: Worker, live_server: LiveServer) -> None:
    case_path = reverse("cases:case", args=[_two_cases(ana)])
    with browser() as running, page(running, width=360) as shown:
        _come_in(shown, live_server, ana)
        press(shown.get_by_role("link", name="Search"))  # the first tap
        shown.keyboard.type("lope")
        option = shown.locator(OPTIONS).first
        expect(option).to_contain_text("María López")
        look_at(shown, "palette-360")
        with shown.expect_navigation(url=f"**{case_path}"):
            press(option)  # the second one


def test_without_scripts_the_palette_is_a_link_to_search(ana: Worker, live_server: LiveServer) -> None:
    case_path = reverse("cases:case", args=[_two_cases(ana)])
    with browser() as running, page(running, scripts=False) as shown:
        _come_in(shown, live_server, ana)
        follow(shown.get_by_role("link", name="Search"))
        shown.locator("main [name=text]").fill("lope")
        follow(shown.locator("main form button"))
        assert shown.url == live_server.url + case_path
