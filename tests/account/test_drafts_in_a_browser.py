"""Nothing typed is lost: ten forms, five ways to be locked out while typing, and the text is there again."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.models import Session, TypedDraft
from caseapp.cases.services import cases, notes
from caseapp.hearings.services import hearings
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.vault.tenancy import office_transaction
from tests.helpers.browsing import browser, follow, page, press
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import NAME, Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
EMAIL = "ana@office.test"
TEXT = "Her brother Idris has the passport."
T = TypeVar("T")
Lockout = Callable[[Page, LiveServer, Worker], None]


@pytest.fixture
def ana(transactional_db: None, frozen: None) -> Worker:
    return signed_in("Ana Ruiz", EMAIL)


@pytest.fixture
def case(ana: Worker) -> UUID:
    return cases.open_case(ana.staff, cases.NewCase(name=NAME, languages=("Dari",)))


def come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies(
        [{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url, "httpOnly": True}]
    )


def ten_forms(ana: Worker, case: UUID) -> dict[str, tuple[str, str]]:
    """Ten forms: the page of each, and the field that is typed into."""
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = hearings.book_hearing(
        ana.staff, case, Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    )
    notes.add_note(ana.staff, case, text="Phoned.")
    file = ana.file(case)
    party, note = file.entries_of(Party)[0].id, file.entries_of(Note)[0].id
    return {
        "a note on the page of a case": (reverse("cases:case", args=[case]), "text"),
        "a note": (reverse("cases:note_new", args=[case]), "text"),
        "a correction of a note": (reverse("cases:note", args=[case, note]), "text"),
        "a task": (reverse("cases:task_new", args=[case]), "text"),
        "a person": (reverse("clients:person_new", args=[case]), "name"),
        "a correction of a person": (reverse("clients:person", args=[case, party]), "other_names"),
        "a case": (reverse("cases:new"), "name"),
        "an invitation": (reverse("team:invite"), "name"),
        "a hearing": (reverse("hearings:book", args=[case]), "court"),
        "a correction of a hearing": (reverse("hearings:edit", args=[hearing]), "room"),
    }


def field(shown: Page, name: str) -> Locator:
    return shown.locator(f"main form [name={name}]").first


def unlock(shown: Page) -> None:
    if "/lock/" in shown.url:
        follow(shown.locator("main a").first)
    if "/sign-in/" in shown.url:
        shown.locator("#id_email").fill(EMAIL)
    shown.locator("#id_passphrase").fill(WORDS)
    follow(shown.locator("main form .primary").first)


def press_lock(shown: Page, live_server: LiveServer, ana: Worker) -> None:
    follow(shown.locator("[data-lock] button"))


def be_idle(shown: Page, live_server: LiveServer, ana: Worker) -> None:
    shown.clock.fast_forward("15:05")
    shown.wait_for_url("**/lock/**")


def sign_out(shown: Page, live_server: LiveServer, ana: Worker) -> None:
    """In another tab: the page with the text is then loaded again."""
    path = shown.url
    second = shown.context.new_page()
    second.goto(f"{live_server.url}/account/")
    follow(second.locator('main form[action="/sign-out/"] button'))
    second.close()
    shown.goto(path)


def lock_in_another_tab(shown: Page, live_server: LiveServer, ana: Worker) -> None:
    second = shown.context.new_page()
    second.goto(f"{live_server.url}/account/")
    follow(second.locator("[data-lock] button"))
    shown.wait_for_url("**/lock/**")
    second.close()


def be_ended_by_an_admin(shown: Page, live_server: LiveServer, ana: Worker) -> None:
    """Ten seconds after the last key at the latest the text is on the server: then the session ends."""
    path = shown.url
    wait_until_kept(shown, ana)
    apart(Session.objects.all().delete)
    shown.goto(path)


def apart(act: Callable[[], T]) -> T:
    """The browser's event loop and Django's ORM do not mix in one thread."""

    def run() -> T:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def count_drafts(ana: Worker) -> int:
    def count() -> int:
        with office_transaction(ana.staff.org_id):
            return TypedDraft.objects.count()

    return apart(count)


def wait_until_kept(shown: Page, ana: Worker) -> None:
    for _ in range(100):
        if count_drafts(ana):
            return
        shown.wait_for_timeout(100)
    raise AssertionError("no draft was kept")


@pytest.mark.parametrize("lock_out", [press_lock, be_idle, sign_out, lock_in_another_tab, be_ended_by_an_admin])
def test_text_typed_in_ten_forms_is_there_again_after_being_locked_out(
    ana: Worker, case: UUID, live_server: LiveServer, lock_out: Lockout
) -> None:
    forms = ten_forms(ana, case)
    with browser() as running, page(running) as shown:
        if lock_out is be_idle:
            shown.clock.install()
        come_in(shown, live_server, ana)
        for what, (path, name) in forms.items():
            shown.goto(f"{live_server.url}{path}")
            box = field(shown, name)
            press(box)
            box.fill("")
            shown.keyboard.type(TEXT)
            lock_out(shown, live_server, ana)
            assert TEXT not in shown.content(), what
            unlock(shown)
            expect(shown, what).to_have_url(f"{live_server.url}{path}")
            expect(field(shown, name), what).to_have_value(TEXT)
            expect(field(shown, name), what).to_be_focused()
            expect(shown.locator(".draft-offer"), what).to_contain_text("was put back")
            assert shown.evaluate("localStorage.length + sessionStorage.length") == 0
            press(shown.locator(".draft-offer [data-discard]"))
            expect(shown.locator(".draft-offer")).to_have_count(0)
        assert count_drafts(ana) == 0
