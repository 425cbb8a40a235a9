"""Telling clients, in Chromium: nothing that axe faults, no sideways scroll, big enough for a thumb, in the dark."""

import datetime as dt

import pytest
from django.conf import settings
from msgspec.structs import replace
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.directory import opt_out_inbox
from caseapp.clients.services import contact, people, texting
from caseapp.lib import clock
from caseapp.records.party import Contact, Name, Party
from caseapp.vault.tenancy import office_transaction
from tests.clients import client_world
from tests.clients.test_pages import Told
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.two_offices import NOW, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
LONG = "Do not leave voicemail. Call after 17:00 only; her daughter does not know about the case and often answers."


def _busy(language: str, monkeypatch: pytest.MonkeyPatch) -> Told:
    """An office with a text that is due, one that was refused, one in doubt, somebody detained, and a STOP."""
    worker = signed_in("Ana Ruiz", "ana@office.test", language=language)
    staff = worker.staff
    client_world.use_gateway(staff, "json://user:5ecret@127.0.0.1:1/{to}")
    first = client_world.a_case(staff, name="María Fernanda López García de la Torre y Ruiz")
    client_world.agreed(staff, first)
    person = worker.file(first).entries_of(Party)[0]
    people.change_person(staff, first, person.id, replace(person.record, careful=LONG), version=person.version)
    rider = Party(role="rider", name=Name(full="Leo López"), contacts=(Contact(way="phone", text="555", safe="no"),))
    people.add_person(staff, first, rider)
    told = Told(worker, first)
    contact.record_call(
        staff, first, told.party, contact.CallResult(result="no_answer", note="Line was busy."), hearing_id=told.hearing
    )
    refused = client_world.a_case(staff, number="(212) 555-0133", name="Olena Kovalenko")
    client_world.agreed(staff, refused, contact="(212) 555-0133")
    assert texting.send(
        staff, refused, client_world.client_of(staff, refused), client_world.hearing_of(staff, refused), "text_7"
    )
    ready = client_world.a_case(staff, number="(212) 555-0144", name="Samira Haddad")
    client_world.agreed(staff, ready, contact="(212) 555-0144", detail="date_time")
    stopped = client_world.a_case(staff, number="(212) 555-0155", name="Tuan Pham")
    client_world.agreed(staff, stopped, contact="(212) 555-0155")
    doubt = client_world.a_case(staff, number="(212) 555-0166", name="Amina Diallo")
    client_world.agreed(staff, doubt, contact="(212) 555-0166")
    texting.start_sending(
        staff, doubt, client_world.client_of(staff, doubt), client_world.hearing_of(staff, doubt), "text_7"
    )
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=10))
    with office_transaction(staff.org_id):
        token = opt_out_inbox.create_address(staff.keys)
    opt_out_inbox.store_opt_out(opt_out_inbox.find_hook(token), "+12125550155")
    return told


def _sign_in(shown: Page, told: Told, live_server: LiveServer) -> None:
    token = told.worker.client.cookies[settings.SESSION_COOKIE].value
    cookie = {"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url, "httpOnly": True}
    shown.context.add_cookies([cookie])  # type: ignore[list-item]  # playwright's own dict type


def _fits_a_thumb(shown: Page) -> None:
    for button in shown.locator("main .tell-acts button, main .tell-acts .button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44, button.inner_text()


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [(360, "en", "light"), (360, "es", "dark"), (1366, "fr", "light"), (1366, "en", "dark")],
)
def test_the_pages_of_telling_clients_are_fit_for_everybody(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch, width: int, language: str,
    scheme: str,
) -> None:  # fmt: skip
    told = _busy(language, monkeypatch)
    with browser() as running, page(running, width=width, language=language, scheme=scheme) as shown:
        _sign_in(shown, told, live_server)
        pages = {
            "today": "/", "case": told.case, "person": told.person, "consent": told.consent, "call": told.call,
            "slip": f"{told.slip}?in=es&name=yes", "gateway": "/reminders/clients/",
        }  # fmt: skip
        for name, path in pages.items():
            shown.goto(live_server.url + path)
            closed = shown.locator("main details:not([open]) > summary:visible")
            while closed.count():  # each that opens is found no more, and may show others
                press(closed.first)
            look_at(shown, f"clients-{name}-{width}-{language}-{scheme}")
            _fits_a_thumb(shown)


def test_without_scripts_a_call_is_recorded_and_a_mistake_keeps_what_was_typed(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _busy("en", monkeypatch)
    with browser() as running, page(running, width=360, scripts=False) as shown:
        _sign_in(shown, told, live_server)
        shown.goto(f"{live_server.url}/")
        follow(shown.locator("main").get_by_role("link", name="Record a call").first)
        shown.get_by_label("Note").fill("Her brother answered.")
        follow(shown.get_by_role("button", name="Save call"))
        assert "Choose how the call ended." in shown.inner_text("main")
        assert shown.get_by_label("Note").input_value() == "Her brother answered."
        shown.get_by_label("Reached: they know the day").check()
        follow(shown.get_by_role("button", name="Save call"))
        assert "Call saved." in shown.inner_text("body")
        assert shown.url == f"{live_server.url}/"


def test_the_slip_prints_on_one_page(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _busy("en", monkeypatch)
    with browser() as running, page(running, width=1366) as shown:
        _sign_in(shown, told, live_server)
        for language in ("en", "es", "fr"):
            shown.goto(f"{live_server.url}{told.slip}?in={language}&name=yes&office=yes")
            printed = shown.pdf(format="Letter", margin={"top": "15mm", "bottom": "15mm"})
            # One leaf of the tree of pages; the program's own footer is not for the client.
            assert printed.count(b"/Type /Page\n") == 1
