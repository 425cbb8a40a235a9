"""In Chromium: a holder shows and checks their sheet, by keyboard, without scripts, on a phone and in print."""

from contextlib import AbstractContextManager

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.sheets import collected, make_set, states_of
from tests.helpers.two_offices import Worker, signed_in
from tests.team.test_members import member

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
SHEET = "/recovery/sheet/"


@pytest.fixture
def office(transactional_db: None) -> tuple[Worker, Worker, Worker]:
    """Ana, an admin, with Ben and Vera."""
    ana = signed_in("Ana Ruiz", "ana@office.test")
    return ana, member(ana.staff, "caseworker"), member(ana.staff, "volunteer", "vera@office.test")


def _let_in(shown: Page, worker: Worker, url: str) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": url}])


def _words(shown: Page) -> str:
    return " ".join(shown.locator("ol.share li").all_inner_texts())


def test_an_admin_chooses_holders_and_one_of_them_collects_by_keyboard(
    office: tuple[Worker, Worker, Worker], live_server: LiveServer
) -> None:
    ana, ben, _ = office
    with browser() as running:
        with page(running) as shown:
            _let_in(shown, ana, live_server.url)
            shown.goto(f"{live_server.url}/recovery/")
            for number in (0, 1):
                shown.locator("input[name=holders]").nth(number).check()
            follow(shown.get_by_role("button", name="Create the sheets"))
            expect(shown.get_by_role("alert")).to_contain_text("Choose exactly 3 people.")
            look_at(shown, "holders-problem-1366")
            shown.locator("input[name=holders]").nth(2).check()
            follow(shown.get_by_role("button", name="Create the sheets"))
            assert shown.locator("ol.share").count() == 0
            look_at(shown, "holders-waiting-1366")
        with page(running, scheme="dark") as shown:
            _let_in(shown, ben, live_server.url)
            shown.goto(live_server.url)
            look_at(shown, "holder-today-1366-dark")
            follow(shown.get_by_role("link", name="Your recovery sheet is ready: print it"))
            button = shown.get_by_role("button", name="Show this sheet")
            button.focus()
            with shown.expect_navigation():
                shown.keyboard.press("Enter")
            look_at(shown, "holder-words-1366-dark")
            words = _words(shown)
            shown.emulate_media(media="print")
            printed = shown.locator("main").inner_text()
            assert words.split()[0] in printed
            assert not shown.get_by_role("link", name="It is on paper").is_visible()
            shown.emulate_media(media="screen")
            shown.get_by_role("link", name="It is on paper").focus()
            with shown.expect_navigation():
                shown.keyboard.press("Enter")
            box = shown.get_by_label("Type the 33 words of the printed sheet")
            box.focus()
            shown.keyboard.insert_text(words.replace(words.split()[4], "zebra", 1))
            shown.keyboard.press("Tab")
            with shown.expect_navigation():
                shown.keyboard.press("Enter")
            expect(shown.get_by_role("alert")).to_contain_text("These are not the 33 words of this sheet.")
            look_at(shown, "holder-wrong-word-1366-dark")
            box = shown.get_by_label("Type the 33 words of the printed sheet")
            assert "zebra" in box.input_value()
            box.fill(words)
            box.focus()
            shown.keyboard.press("Tab")
            with shown.expect_navigation():
                shown.keyboard.press("Enter")
            expect(shown.locator("main")).to_contain_text("The sheet is checked.")
    assert states_of(ana.staff) == ["waiting", "checked", "waiting"]


@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("es", "light"), ("fr", "light")])
def test_a_holder_collects_on_a_phone(
    office: tuple[Worker, Worker, Worker], live_server: LiveServer, language: str, scheme: str
) -> None:
    ana, ben, vera = office
    make_set(ana.staff, ben.staff, vera.staff)
    for worker in (ana, vera):
        if language != "en":
            _speaks(worker, language)
    collected(ana.staff)
    with browser() as running:
        with _phone(running, language, scheme) as shown:
            _let_in(shown, vera, live_server.url)
            shown.goto(live_server.url + SHEET)
            look_at(shown, f"holder-360-{language}-{scheme}")
            follow(shown.locator("main button.primary"))
            look_at(shown, f"holder-words-360-{language}-{scheme}")
            words = _words(shown)
            shown.goto(live_server.url + SHEET)
            shown.locator("main textarea").fill(words)
            follow(shown.locator("main form:has(textarea) button"))
            look_at(shown, f"holder-checked-360-{language}-{scheme}")
            assert words not in shown.content()
        with _phone(running, language, scheme) as shown:
            _let_in(shown, ana, live_server.url)
            shown.goto(f"{live_server.url}/recovery/")
            look_at(shown, f"recovery-status-360-{language}-{scheme}")
            assert "Ben Okafor" in shown.locator("table").inner_text()
    assert states_of(ana.staff) == ["checked", "waiting", "checked"]


def test_a_holder_collects_without_scripts(office: tuple[Worker, Worker, Worker], live_server: LiveServer) -> None:
    ana, ben, vera = office
    make_set(ana.staff, ben.staff, vera.staff)
    with browser() as running, page(running, scripts=False) as shown:
        _let_in(shown, vera, live_server.url)
        shown.goto(live_server.url + SHEET)
        follow(shown.get_by_role("button", name="Show this sheet"))
        assert not shown.get_by_role("button", name="Print").is_visible()
        words = _words(shown)
        follow(shown.get_by_role("link", name="It is on paper: type the words back"))
        shown.locator("main textarea").fill(words)
        follow(shown.get_by_role("button", name="Check my sheet"))
        expect(shown.locator("main")).to_contain_text("The sheet is checked.")
    assert states_of(ana.staff) == ["waiting", "waiting", "checked"]


def _phone(running: Browser, language: str, scheme: str) -> AbstractContextManager[Page]:
    return page(running, width=360, language=language, scheme=scheme)


def _speaks(worker: Worker, language: str) -> None:
    response = worker.client.post("/account/", {"language": language, "theme": "auto", "zone": "America/New_York"})
    assert response.status_code == 303, response.content.decode()
