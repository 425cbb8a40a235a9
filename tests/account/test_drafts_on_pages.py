"""Drafts as a person meets them: offered on each device, never of a secret, both forms of a page kept."""

import re
from uuid import UUID

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.models import Session
from caseapp.accounts.signin import preferences
from caseapp.cases.services import cases, notes
from caseapp.records.note import Note
from tests.account.test_drafts_in_a_browser import (
    EMAIL,
    TEXT,
    apart,
    come_in,
    count_drafts,
    field,
    unlock,
    wait_until_kept,
)
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import NAME, Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
OFFER, NOT_KEPT = ".draft-offer", "[data-not-kept='{}']"


@pytest.fixture
def ana(transactional_db: None, frozen: None) -> Worker:
    return signed_in("Ana Ruiz", EMAIL)


@pytest.fixture
def case(ana: Worker) -> str:
    case_id = cases.open_case(ana.staff, cases.NewCase(name=NAME, languages=("Dari",)))
    return reverse("cases:case", args=[case_id])


def id_of(case: str) -> UUID:
    return UUID(case.split("/")[2])


def note_texts(ana: Worker, case: str) -> list[str]:
    return apart(lambda: [entry.record.text for entry in ana.file(id_of(case)).entries_of(Note)])


def note_saves(sent: list[str], request: Request) -> None:
    if "/drafts/save/" in request.url:
        sent.append(request.post_data or "")


def type_note(shown: Page, live_server: LiveServer, ana: Worker, case: str) -> None:
    shown.goto(f"{live_server.url}{case}")
    field(shown, "text").fill(TEXT)
    wait_until_kept(shown, ana)


def test_a_saved_note_leaves_no_draft_and_no_offer(ana: Worker, case: str, live_server: LiveServer) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        type_note(shown, live_server, ana, case)
        with shown.expect_response("**/account/drafts/offers/"):
            follow(shown.locator("main form:has([name=text]) .buttons button").first)
        expect(shown.locator("main")).to_contain_text(TEXT)
        expect(shown.locator(OFFER)).to_have_count(0)
        expect(field(shown, "text")).to_have_value("")
        assert count_drafts(ana) == 0


def test_text_that_is_saved_at_once_never_becomes_a_draft(ana: Worker, case: str, live_server: LiveServer) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}{case}")
        field(shown, "text").fill(TEXT)
        follow(shown.locator("main form:has([name=text]) .buttons button").first)
        expect(shown.locator("main")).to_contain_text(TEXT)
        shown.wait_for_timeout(2500)
        assert count_drafts(ana) == 0


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(360, "light", "en"), (1366, "dark", "en"), (360, "dark", "es"), (1366, "light", "fr")],
)
def test_the_text_is_offered_on_another_device_and_restored_by_a_press(
    ana: Worker, case: str, live_server: LiveServer, width: int, scheme: str, language: str
) -> None:
    preferences.save(ana.staff, language=language)
    named = f"{width}-{scheme}-{language}"
    with browser() as running, page(running) as desk:
        come_in(desk, live_server, ana)
        type_note(desk, live_server, ana, case)
        with page(running, width=width, scheme=scheme, language=language) as phone:
            phone.goto(f"{live_server.url}/sign-in/")
            look_at(phone, f"drafts-sign-in-{named}")
            phone.locator("#id_email").fill(EMAIL)
            phone.locator("#id_passphrase").fill(WORDS)
            follow(phone.locator("main form .primary").first)
            phone.goto(f"{live_server.url}/account/drafts/")
            expect(phone.locator("main")).to_contain_text(TEXT)
            look_at(phone, f"drafts-list-{named}")
            phone.goto(f"{live_server.url}{case}")
            offer = phone.locator(OFFER)
            expect(offer).to_contain_text({"en": "is here", "es": "está aquí", "fr": "est ici"}[language])
            expect(field(phone, "text")).to_have_value("")
            assert TEXT not in phone.content(), "the text arrives with the press"
            expect(offer).to_be_in_viewport()
            look_at(phone, f"drafts-offer-{named}")
            press(offer.locator("[data-restore]"))
            expect(field(phone, "text")).to_have_value(TEXT)
            expect(field(phone, "text")).to_be_focused()
            look_at(phone, f"drafts-put-back-{named}")
            follow(phone.locator("[data-lock] button"))
            follow(phone.locator("main a").first)
            look_at(phone, f"drafts-unlock-{named}")


def test_saving_one_form_keeps_what_was_typed_into_the_other(ana: Worker, live_server: LiveServer) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}/reminders/")
        press(shown.locator("summary", has_text="Add an address"))
        address = shown.locator("form:has([value=add]) [name$=address]")
        address.fill("+12125550122")
        shown.locator("form:has([value=hours]) [name$=zone]").select_option("America/Chicago")
        follow(shown.locator("form:has([value=hours]) .primary"))
        expect(shown.locator(".result")).to_be_visible()
        expect(shown.locator("form:has([value=hours]) [name$=zone]")).to_have_value("America/Chicago")
        expect(address).to_have_value("+12125550122")
        expect(address).to_be_visible()
        expect(shown.locator(OFFER)).to_contain_text("was put back")


def test_leaving_a_half_filled_form_asks_and_staying_keeps_the_text(
    ana: Worker, case: str, live_server: LiveServer
) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}{case}")
        shown.on("dialog", stay)
        press(field(shown, "text"))
        shown.keyboard.type("Her")
        press(shown.locator("header a[href='/calendar/']").first)
        shown.wait_for_timeout(300)
        assert asked == ["beforeunload"]
        expect(shown).to_have_url(f"{live_server.url}{case}")
        expect(field(shown, "text")).to_have_value("Her")
        field(shown, "text").fill("")
        follow(shown.locator("header a[href='/calendar/']").first)
        assert asked == ["beforeunload"], "an empty form is left without a question"


def test_saving_and_locking_ask_nothing(ana: Worker, case: str, live_server: LiveServer) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    with browser() as running, page(running) as shown:
        shown.on("dialog", leave)
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}{case}")
        press(field(shown, "text"))
        shown.keyboard.type(TEXT)
        follow(shown.locator("main form:has([name=text]) .buttons button").first)
        press(field(shown, "text"))
        shown.keyboard.type(TEXT)
        follow(shown.locator("[data-lock] button"))
        assert asked == []


def test_a_passphrase_is_never_sent_even_while_it_is_shown(ana: Worker, live_server: LiveServer) -> None:
    sent: list[str] = []
    with browser() as running, page(running) as shown:
        shown.on("request", lambda request: note_saves(sent, request))
        come_in(shown, live_server, ana)
        for path in (
            "/account/security/check/",
            "/account/security/app/",
            "/recovery/",
            "/account/security/passphrase/",
        ):
            shown.goto(f"{live_server.url}{path}")
            for show in shown.locator("main [data-shows]").all():
                press(show)
            for box in shown.locator("main form input:not([type=hidden]):visible").all():
                if box.get_attribute("type") in {"text", "password"}:
                    press(box)
                    shown.keyboard.type("harbor candle")
            shown.wait_for_timeout(2500)
        assert not [text for text in sent if "candle" in text and re.search("passphrase|words|again|typed|code", text)]


def test_text_typed_after_the_session_was_ended_stays_and_is_kept_after_signing_in(
    ana: Worker, case: str, live_server: LiveServer
) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}{case}")
        apart(Session.objects.all().delete)
        field(shown, "text").fill(TEXT)
        note = shown.locator(NOT_KEPT.format("gone"))
        expect(note).to_be_visible()
        look_at(shown, "drafts-signed-out")
        with shown.expect_popup() as popup:
            press(note.locator("a"))
        second = popup.value
        second.locator("#id_email").fill(EMAIL)
        second.locator("#id_passphrase").fill(WORDS)
        follow(second.locator("main form .primary").first)
        second.close()
        expect(field(shown, "text")).to_have_value(TEXT)
        shown.keyboard.press("End")
        field(shown, "text").press_sequentially(" Call")
        wait_until_kept(shown, ana)
        expect(note).to_be_hidden()


def test_without_a_connection_the_lock_clears_the_screen_and_waits_until_the_text_is_kept(
    ana: Worker, case: str, live_server: LiveServer
) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}{case}")
        shown.context.set_offline(True)
        field(shown, "text").fill(TEXT)
        press(shown.locator("[data-lock] button"))
        expect(shown.locator("[data-waits-to-lock]")).to_be_visible()
        expect(shown.locator("main")).to_be_hidden()
        expect(shown.locator("header").first).to_be_hidden()
        shown.context.set_offline(False)
        shown.wait_for_url("**/lock/**")
        unlock(shown)  # the server was locked too, once it could be reached
        expect(field(shown, "text")).to_have_value(TEXT)


def test_a_colleagues_save_in_between_is_a_conflict_and_both_texts_are_shown(
    ana: Worker, case: str, live_server: LiveServer
) -> None:
    note = notes.add_note(ana.staff, id_of(case), text="First.")
    path = reverse("cases:note", args=[id_of(case), note])
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}{path}")
        field(shown, "text").fill(TEXT)
        follow(shown.locator("[data-lock] button"))
        apart(lambda: notes.change_note(ana.staff, id_of(case), note, text="Of a colleague.", version=1))
        unlock(shown)
        expect(field(shown, "text")).to_have_value(TEXT)
        follow(shown.locator("main form .primary").first)
        expect(shown.locator("main")).to_contain_text("Of a colleague.")
        expect(field(shown, "text")).to_have_value(TEXT)
        assert count_drafts(ana) == 1
        follow(shown.locator("main form .primary").first)
        assert count_drafts(ana) == 0
        assert note_texts(ana, case) == [TEXT]


def test_text_that_could_not_be_saved_is_there_again_after_a_lock(
    ana: Worker, case: str, live_server: LiveServer
) -> None:
    path = f"{case}hearings/new/"
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}{path}")
        field(shown, "court").fill("Court North")
        follow(shown.locator("main form .primary").first)
        expect(shown.locator(".problem")).to_be_visible()
        follow(shown.locator("[data-lock] button"))
        unlock(shown)
        expect(field(shown, "court")).to_have_value("Court North")
        expect(shown.locator(OFFER)).to_have_count(1)


def test_without_scripts_a_form_sent_while_locked_is_found_in_the_list_and_can_be_saved(
    ana: Worker, case: str, live_server: LiveServer
) -> None:
    with browser() as running, page(running, scripts=False) as shown:
        come_in(shown, live_server, ana)
        shown.goto(f"{live_server.url}{case}")
        field(shown, "text").fill(TEXT)
        apart(lambda: ana.client.post("/lock/"))  # in another window
        follow(shown.locator("main form:has([name=text]) .buttons button").first)
        expect(shown.locator("main")).to_contain_text("your text is kept")
        shown.goto(f"{live_server.url}/unlock/?next=/account/drafts/")
        unlock(shown)
        expect(shown.locator("main")).to_contain_text(TEXT)
        follow(shown.locator("main form .primary").first)
        expect(field(shown, "text")).to_have_value(TEXT)
        follow(shown.locator("main form .primary").first)
        assert note_texts(ana, case) == [TEXT]
        assert count_drafts(ana) == 0


def test_a_search_and_a_calculation_are_never_kept(ana: Worker, case: str, live_server: LiveServer) -> None:
    sent: list[str] = []
    with browser() as running, page(running) as shown:
        shown.on("request", lambda request: note_saves(sent, request))
        come_in(shown, live_server, ana)
        for path in ("/search/", "/deadlines/what-if/", "/reminders/clients/"):
            shown.goto(f"{live_server.url}{path}")
            for box in shown.locator("main form input[type=text]:visible, main form input[type=search]:visible").all():
                box.fill("Karimi")
            shown.wait_for_timeout(2000)
        assert sent == []


def test_while_names_are_covered_nothing_is_put_back_without_a_press(
    ana: Worker, case: str, live_server: LiveServer
) -> None:
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        type_note(shown, live_server, ana, case)
        apart(lambda: preferences.save(ana.staff, covered=True))
        follow(shown.locator("[data-lock] button"))
        unlock(shown)
        expect(shown.locator(f"{OFFER} [data-restore]")).to_be_visible()
        shown.wait_for_timeout(1000)
        expect(field(shown, "text")).to_have_value("")
        expect(shown.locator(f"{OFFER} [data-restore]")).to_be_visible()
