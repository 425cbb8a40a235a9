"""The question about people who may be the same, on a phone without scripts: asked, kept, answered, saved."""

from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.records.party import Party
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def _sign_in(shown: Page, worker: Worker, live_server: LiveServer) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    cookie = {"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url, "httpOnly": True}
    shown.context.add_cookies([cookie])  # type: ignore[list-item]  # playwright's own dict type


def test_on_a_phone_without_scripts_the_page_asks_before_it_saves_and_keeps_what_was_typed(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    case_id = cases.open_case(worker.staff, cases.NewCase(name="فاطمه کریمی", born_period="1987", born_in="AF"))
    fatima = worker.file(case_id).entries_of(Party)[0].id
    lucia = signed_in("Lucía Paz", "lucia@office.test", language="es")
    of_lucia = cases.open_case(lucia.staff, cases.NewCase(name="فاطمه کریمی", born_period="1987", born_in="AF"))
    person = lucia.file(of_lucia).entries_of(Party)[0].id
    with browser() as running:
        with page(running, width=360, scripts=False) as shown:
            _sign_in(shown, worker, live_server)
            shown.goto(f"{live_server.url}/cases/new/")
            shown.get_by_label("Name as on documents").fill("Fatima Karimi")
            shown.get_by_label("Languages spoken").fill("Dari")
            shown.locator("[name=born_on_year]").fill("1987")
            follow(shown.get_by_role("button", name="Open case"))
            asked = shown.inner_text("main")
            assert "Is this one of these people?" in asked
            assert "same name in another script; same year of birth: 1987" in asked
            assert shown.get_by_label("Languages spoken").input_value() == "Dari"
            assert "Karimi" not in shown.url
            shown.get_by_label("Not the same: do not ask again").check()
            follow(shown.get_by_role("button", name="Open case").last)
            assert "Case opened." in shown.inner_text("main")
            opened = shown.url.rsplit("/", 2)[1]
        for width, scheme in ((360, "dark"), (1366, "light")):
            with page(running, width=width, language="es", scheme=scheme) as shown:
                _sign_in(shown, lucia, live_server)
                shown.goto(f"{live_server.url}/cases/{of_lucia}/people/{person}/")
                look_at(shown, f"person-facts-{width}-{scheme}")
                shown.goto(f"{live_server.url}/cases/new/")
                shown.locator("[name=name]").fill("Karimi Fatima")
                follow(shown.locator("main form button.primary"))
                look_at(shown, f"alike-{width}-{scheme}")
    assert fatima in next(iter(worker.file(UUID(opened)).entries_of(Party))).record.not_the_same
