"""In a browser: a double click, "Back", and a text put back after its answer was lost."""

from uuid import UUID

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.records.note import Note
from tests.account.test_drafts_in_a_browser import apart, come_in, count_drafts, wait_until_kept
from tests.helpers.browsing import browser, follow, page, press
from tests.helpers.two_offices import NAME, Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
TEXT = "Her brother Idris has the passport."
FORM = "main form.card"
SAVE = f"{FORM} button.primary"


def test_a_note_is_made_once_by_a_double_click_and_by_a_text_that_is_put_back(
    live_server: LiveServer, frozen: None
) -> None:
    ana = signed_in("Ana Ruiz", "ana@office.test")
    case = cases.open_case(ana.staff, cases.NewCase(name=NAME))
    with browser() as running, page(running) as shown:
        come_in(shown, live_server, ana)
        _send_twice(shown, live_server.url, ana, case)


def _send_twice(shown: Page, origin: str, ana: Worker, case: UUID) -> None:
    def count_notes() -> int:
        return apart(lambda: len(ana.file(case).entries_of(Note)))

    path = reverse("cases:note_new", args=[case])
    shown.goto(origin + path)
    shown.fill("main [name=text]", TEXT)
    first = shown.input_value(f"{FORM} [name=form_mark]")
    shown.locator(SAVE).dblclick()
    shown.wait_for_url("**/cases/*/")
    expect(shown.locator("main")).to_contain_text(TEXT)
    assert count_notes() == 1

    shown.go_back()
    shown.wait_for_url("**/notes/new/")
    # A browser that keeps the page keeps both; one that loads it again has neither.
    back = shown.input_value("main [name=text]"), shown.input_value(f"{FORM} [name=form_mark]")
    assert (back[0] == TEXT) == (back[1] == first), back

    # The text is kept as a draft; its form is saved, and the answer does not arrive.
    shown.goto(origin + path)
    shown.fill("main [name=text]", "A second talk.")
    wait_until_kept(shown, ana)
    mark = shown.input_value(f"{FORM} [name=form_mark]")
    sent = {"text": "A second talk.", "told_by": shown.input_value(f"{FORM} [name=told_by]"), "form_mark": mark}
    assert apart(lambda: ana.client.post(path, sent)).status_code == 303
    assert (count_notes(), count_drafts(ana)) == (2, 1)
    shown.goto(origin + path)
    press(shown.locator(".draft-offer [data-restore]"))
    expect(shown.locator("main [name=text]")).to_have_value("A second talk.")
    expect(shown.locator(f"{FORM} [name=form_mark]")).to_have_value(mark)
    follow(shown.locator(SAVE))
    expect(shown.locator(".result")).to_contain_text("nothing was saved twice")
    assert (count_notes(), count_drafts(ana)) == (2, 0)
