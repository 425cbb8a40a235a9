"""The frame and the doors as a person meets them, in Chromium."""

import re
from threading import Event

import pytest
from django.conf import settings
from django.db import OperationalError
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import preferences
from caseapp.lib.errors import EditConflict
from caseapp.lib.setup_code import setup_link
from tests.helpers.browsing import HEIGHTS, browser, follow, look_at, page, press
from tests.helpers.cast import WORDS
from tests.helpers.first_member import EMAIL, Door, found

pytestmark = pytest.mark.browser
LOOKS = ["", "theme=dark", "lang=es&covered=1", "dir=rtl", "lang=fr&covered=1&theme=dark"]


@pytest.fixture
def at_work(transactional_db: None, live_server: LiveServer) -> Door:
    """Ana at work, in an office that the served pages see."""
    from django.test import Client

    from caseapp.accounts.signin import recovery_code

    signed_in = found()
    code = recovery_code.propose_recovery_code(signed_in.staff)
    recovery_code.confirm_recovery_code(signed_in.staff, code, code)
    return Door(Client(), signed_in)


def come_in(shown: Page, live_server: LiveServer, door: Door) -> None:
    shown.context.add_cookies(
        [{"name": settings.SESSION_COOKIE, "value": door.signed_in.token, "url": live_server.url, "httpOnly": True}]
    )
    shown.goto(f"{live_server.url}/account/")


@pytest.mark.parametrize("query", LOOKS)
def test_every_component_is_fit_for_everybody(live_server: LiveServer, query: str) -> None:
    with browser() as running:
        for width in HEIGHTS:
            with page(running, width=width) as shown:
                shown.goto(f"{live_server.url}/styleguide/?{query}")
                look_at(shown, f"styleguide-{width}-{re.sub('[^a-z0-9]+', '-', query)}")


@pytest.mark.parametrize(
    ("width", "language", "scheme", "scripts"),
    [(360, "en", "light", True), (1366, "es", "dark", True), (320, "fr", "dark", True), (360, "en", "light", False)],
)
def test_an_office_is_set_up_locked_unlocked_left_and_entered(
    transactional_db: None, live_server: LiveServer, code: str, width: int, language: str, scheme: str, scripts: bool
) -> None:
    named = f"{width}-{language}-{scheme}"
    with browser() as running, page(running, width=width, language=language, scheme=scheme, scripts=scripts) as shown:

        def look(name: str) -> None:
            if scripts:  # axe is a script
                look_at(shown, f"{name}-{named}")

        def send() -> None:
            follow(shown.locator("main form .primary").first)

        shown.goto(f"{live_server.url}/")
        look("not-set-up")
        shown.goto(setup_link(live_server.url, code))
        if scripts:
            expect(shown).to_have_url(f"{live_server.url}/setup/")  # the code is no longer in the address bar
        else:
            shown.locator("#id_code").fill(code.upper().replace("-", " "))
        expect(shown.locator("#id_code")).to_have_value(code if scripts else code.upper().replace("-", " "))
        look("setup-code")
        send()
        look("setup")
        send()
        look("setup-problem")
        shown.get_by_role("textbox").nth(0).fill("Harbor Legal Aid")
        shown.locator("[name=country]").first.check()
        send()
        look("you")
        send()
        look("you-problem")
        shown.get_by_role("textbox").nth(0).fill("Ana Ruiz")
        shown.get_by_role("textbox").nth(1).fill(EMAIL)
        shown.locator("[name=role]").first.check()
        shown.locator("[name=is_supervising]").first.check()
        send()
        look("words")
        words = " ".join(shown.locator(".words li").all_inner_texts())
        shown.locator("#id_words").fill("not these")
        send()
        look("words-problem")
        shown.locator("#id_words").fill(words)
        send()
        look("second-factor")
        send()
        look("second-factor-problem")
        follow(shown.locator("main form").last.locator("button"))
        look("recovery")
        shown.locator("#id_typed").fill(shown.locator(".code").inner_text())
        send()
        look("test-mail")
        follow(shown.locator("main a.primary"))
        look("first-colleague")
        follow(shown.locator("main a.button[href='/']"))
        look("today-first")
        expect(shown.locator("header.top")).to_be_visible()
        shown.goto(f"{live_server.url}/account/")
        look("me")
        follow(shown.locator("[data-lock] button"))
        look("lock")
        follow(shown.locator("main a").first)
        look("unlock")
        shown.locator("#id_passphrase").fill("wrong words")
        send()
        look("unlock-problem")
        shown.locator("#id_passphrase").fill(words)
        send()
        expect(shown).to_have_url(f"{live_server.url}/account/")
        follow(shown.locator('main form[action="/sign-out/"] button'))
        look("login")
        shown.locator("#id_email").fill(EMAIL)
        shown.locator("#id_passphrase").fill(words)
        send()
        expect(shown.locator("header.top")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_message_is_gone_after_a_reload_and_does_not_come_back(
    at_work: Door, live_server: LiveServer, scripts: bool
) -> None:
    with browser() as running, page(running, scripts=scripts) as shown:
        come_in(shown, live_server, at_work)
        message = shown.locator(".result")
        expect(message).to_have_count(0)
        shown.locator("#id_zone").select_option("America/Chicago")
        follow(shown.locator("main .primary").first)
        expect(message).to_have_text("Saved.")
        expect(shown).to_have_url(f"{live_server.url}/account/")
        shown.reload()
        expect(message).to_have_count(0)
        shown.goto(f"{live_server.url}/search/")
        shown.go_back()
        expect(shown).to_have_url(f"{live_server.url}/account/")
        expect(message).to_have_count(0)
        assert [cookie for cookie in shown.context.cookies() if cookie.get("name", "").startswith("flash_")] == []


def test_the_page_locks_by_itself_and_leaves_nothing_behind(at_work: Door, live_server: LiveServer) -> None:
    with browser() as running, page(running) as shown:
        shown.clock.install()
        come_in(shown, live_server, at_work)
        shown.goto(f"{live_server.url}/account/?again")  # another address, so that "Back" leads here
        expect(shown.locator("[data-idle-note]")).to_be_hidden()
        shown.clock.fast_forward("13:05")
        expect(shown.locator("[data-idle-note]")).to_be_visible()
        press(shown.locator("[data-idle-stay]"))
        expect(shown.locator("[data-idle-note]")).to_be_hidden()
        shown.clock.fast_forward("15:05")
        shown.wait_for_url("**/lock/**")
        assert "Ana" not in shown.content()
        assert shown.evaluate("localStorage.length + sessionStorage.length") == 0
        shown.go_back()
        expect(shown).to_have_url(re.compile("/unlock/"))
        assert "Ana Ruiz" not in shown.content()


def test_names_are_covered_at_once_and_typed_text_stays(at_work: Door, live_server: LiveServer) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, at_work)
        shown.locator("#id_zone").select_option("America/Chicago")
        name = shown.get_by_text("Ana Ruiz")
        expect(name).to_be_visible()
        with shown.expect_response("**/account/cover/"):
            press(shown.locator("[data-cover] button"))
        expect(name).to_be_hidden()
        expect(shown.locator("[data-cover] button")).to_have_accessible_name("Show names")
        with shown.expect_response("**/account/cover/"):
            press(shown.locator("[data-cover] button"))
        expect(name).to_be_visible()
        shown.keyboard.press("Escape")
        with shown.expect_response("**/account/cover/"):
            shown.keyboard.press("Escape")
        expect(name).to_be_hidden()
        expect(shown.locator("#id_zone")).to_have_value("America/Chicago")
        shown.reload()
        expect(shown.get_by_text("Ana Ruiz")).to_have_count(0)
        follow(shown.locator("[data-cover] button"))
        expect(shown.get_by_text("Ana Ruiz")).to_be_visible()


def test_the_server_hears_of_covering_and_showing_in_the_order_of_the_presses(
    at_work: Door, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, come, saved, done = preferences.save, Event(), list[bool](), list[bool]()

    def late(staff: Staff, *, covered: bool) -> None:
        saved.append(covered)
        assert come.wait(30)
        save(staff, covered=covered)
        done.append(covered)

    monkeypatch.setattr("caseapp.accounts.signin.preferences.save", late)
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, at_work)
        for _ in range(4):  # covered, shown, covered, shown: all while the first is still being saved
            press(shown.locator("[data-cover] button"))
        shown.wait_for_timeout(500)
        assert saved == [True], "nothing overtakes what is still on its way"
        come.set()
        for _ in range(100):
            if len(done) == 2:
                break
            shown.wait_for_timeout(50)
        assert done == [True, False], "and the last one counts"
        shown.reload()
        expect(shown.get_by_text("Ana Ruiz")).to_be_visible()


@pytest.mark.parametrize("exc", [OperationalError("gone"), EditConflict(7)])
def test_a_failed_save_is_sent_again_from_its_error_page(
    at_work: Door, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, exc: Exception
) -> None:
    def away(*_: object, **__: object) -> None:
        raise exc

    with browser() as running, page(running, width=360) as shown:
        come_in(shown, live_server, at_work)
        shown.locator("#id_zone").select_option("America/Chicago")
        with monkeypatch.context() as broken:
            broken.setattr("caseapp.accounts.signin.preferences.save", away)
            follow(shown.locator("main .primary"))
            expect(shown.locator("h1")).to_have_text(re.compile("Not available just now|Two people edited this"))
            look_at(shown, f"failed-{type(exc).__name__}")
        follow(shown.locator("main form .primary"))
        expect(shown).to_have_url(f"{live_server.url}/account/")
        expect(shown.locator(".result")).to_have_text("Saved.")
        expect(shown.locator("#id_zone")).to_have_value("America/Chicago")


def test_another_tab_locks_with_the_first(at_work: Door, live_server: LiveServer) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, at_work)
        second = shown.context.new_page()
        second.goto(f"{live_server.url}/account/")
        # Both have arrived: Chromium sometimes never closed a context in which a page was still on its way.
        follow(shown.locator("[data-lock] button"))
        second.wait_for_url("**/lock/**")


def test_the_keyboard_reaches_the_content_first_and_every_control_shows_its_focus(
    at_work: Door, live_server: LiveServer
) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, at_work)
        shown.keyboard.press("Tab")
        expect(shown.locator(".skip")).to_be_focused()
        expect(shown.locator(".skip")).to_be_in_viewport()
        shown.keyboard.press("Enter")
        expect(shown.locator("main")).to_be_focused()
        controls = shown.locator("a[href], button, select, input:not([type=hidden]), summary").locator("visible=true")
        unseen = []
        for index in range(controls.count()):
            shown.keyboard.press("Tab")
            ring = shown.evaluate("(e => [getComputedStyle(e).outlineStyle, e.outerHTML])(document.activeElement)")
            if ring[0] != "solid" and not ring[1].startswith("<body"):
                unseen.append((index, ring[1][:80]))
        assert unseen == []


def test_a_passphrase_can_be_shown_and_is_hidden_again_when_sent(at_work: Door, live_server: LiveServer) -> None:
    with browser() as running, page(running) as shown:
        shown.goto(f"{live_server.url}/sign-in/")
        shown.locator("#id_email").fill(EMAIL)
        shown.locator("#id_passphrase").fill(WORDS)
        press(shown.get_by_role("button", name="Show Passphrase"))
        expect(shown.locator("#id_passphrase")).to_have_attribute("type", "text")
        kinds = (
            "window.kinds = []; document.forms[0].addEventListener('submit', e => kinds.push(e.target.passphrase.type))"
        )
        shown.evaluate(kinds + "; document.forms[0].addEventListener('submit', e => e.preventDefault())")
        press(shown.get_by_role("button", name="Sign in"))
        assert shown.evaluate("kinds") == ["password"]
