"""Key dates in a real browser: a card is entered, its window read, its day corrected; the pages have no fault."""

import datetime as dt

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.signin import preferences
from tests.clients.person_dates_world import add_rider, enter, open_case
from tests.helpers.browsing import browser, follow, look_at, page, press
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def _come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def _fill_date(shown: Page, name: str, on: dt.date) -> None:
    shown.locator(f"select[name={name}_month]").select_option(str(on.month))
    shown.locator(f"input[name={name}_day]").fill(str(on.day))
    shown.locator(f"input[name={name}_year]").fill(str(on.year))


def test_a_card_is_entered_read_and_corrected_on_the_page_of_the_person(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the language is changed while the browser is open
    worker = signed_in("Ana Ruiz", "ana@office.test")
    case_id, client = open_case(worker, "Nilufar Yusupova", "sij", born_on=dt.date(2010, 3, 4))
    rider = add_rider(worker, case_id, "Bobur Yusupov", dt.date(2014, 5, 20))
    enter(worker, case_id, client, "i94_expiry", dt.date(2026, 10, 31))
    person = live_server.url + reverse("clients:person", args=[case_id, client])
    with browser() as running, page(running) as shown:
        _come_in(shown, live_server, worker)
        shown.goto(person)
        look_at(shown, "person-dates")
        press(shown.get_by_text("Add a date"))
        shown.get_by_label("Which date?").select_option("ead_expiry")
        follow(shown.get_by_role("button", name="Continue"))
        look_at(shown, "person-date-new")
        _fill_date(shown, "dated_on", dt.date(2027, 1, 31))
        follow(shown.get_by_role("button", name="Save and add its dates"))
        said = shown.locator("main").inner_text()
        assert "From Tue, Aug 4, 2026 until Sun, Jan 31, 2027" in said
        follow(shown.get_by_role("link", name="Correct EAD expiration date"))
        look_at(shown, "person-date-correct")
        _fill_date(shown, "dated_on", dt.date(2027, 3, 31))
        follow(shown.get_by_role("button", name="Save and add its dates"))
        assert "until Wed, Mar 31, 2027" in shown.locator("main").inner_text()
        preferences.save(worker.staff, language="es")
        for width, scheme in ((360, "dark"), (1366, "light")):
            with page(running, width=width, language="es", scheme=scheme) as small:
                _come_in(small, live_server, worker)
                small.goto(person)
                look_at(small, f"person-dates-{width}-es-{scheme}")
                small.goto(live_server.url + reverse("clients:person", args=[case_id, rider]))
                look_at(small, f"rider-dates-{width}-es-{scheme}")
