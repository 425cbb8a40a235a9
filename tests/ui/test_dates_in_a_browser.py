"""Dates in Chromium: chosen from the list and typed, by mouse and by keyboard, with and without scripts, on a phone."""

import datetime as dt
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.records.hearing import Hearing
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import NAME, Worker, signed_in
from tests.team.test_office_country import office_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def _come_in(shown: Page, live_server: LiveServer, worker: Worker, path: str) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])
    shown.goto(live_server.url + path)


def _booking_page(worker: Worker) -> tuple[str, str]:
    """Return the path of the page that books a hearing, and of the case."""
    case_id = cases.open_case(worker.staff, cases.NewCase(name=NAME))
    return reverse("hearings:book", args=[case_id]), reverse("cases:case", args=[case_id])


def _fill_the_rest(shown: Page, kind: str = "individual") -> None:
    shown.locator(f"input[name=kind][value={kind}]").check()
    shown.locator("[name=court]").fill("Court North")
    shown.locator("[name=at]").fill("8:30 am")


def _date(shown: Page) -> Locator:
    return shown.locator("#id_on")


def _hearings(worker: Worker, case_path: str) -> list[dt.date]:
    case_id = UUID(case_path.strip("/").split("/")[-1])
    return [entry.record.starts_on for entry in worker.file(case_id).entries_of(Hearing)]


def test_a_date_is_typed_echoed_at_once_and_saved(transactional_db: None, live_server: LiveServer) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    book, case = _booking_page(worker)
    with browser() as running, page(running, width=360) as shown:
        _come_in(shown, live_server, worker, book)
        shown.locator("[name=on_text]").fill("3/4/2027")
        expect(_date(shown)).to_contain_text("Thursday, March 4, 2027, in 100 days")
        expect(shown.locator("[name=on_month]")).to_have_value("3")
        expect(shown.locator("[name=on_day]")).to_have_value("4")
        expect(shown.locator("[name=on_year]")).to_have_value("2027")
        look_at(shown, "date-typed-360-en")
        _fill_the_rest(shown)
        follow(shown.get_by_role("button", name="Book hearing"))
        expect(shown.locator("main")).to_contain_text("Thu, Mar 4, 2027")
    assert _hearings(worker, case) == [dt.date(2027, 3, 4)]


def test_a_date_is_chosen_by_keyboard_alone_and_an_unlikely_one_is_ticked(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    book, case = _booking_page(worker)
    with browser() as running, page(running, width=360, scheme="dark") as shown:
        _come_in(shown, live_server, worker, book)
        shown.locator("[name=on_month]").focus()
        for typed in ("December", "25", "2026"):
            shown.keyboard.type(typed)
            shown.keyboard.press("Tab")
        expect(_date(shown)).to_contain_text("Friday, December 25, 2026, in 31 days")
        expect(_date(shown)).to_contain_text("This day is a federal holiday (Christmas Day). Is this right?")
        look_at(shown, "date-unlikely-360-en-dark")
        _fill_the_rest(shown)
        shown.locator("[name=on_text]").focus()
        shown.keyboard.press("Tab")
        shown.keyboard.press("Space")
        expect(shown.locator("[name=on_sure]")).to_be_checked()
        follow(shown.get_by_role("button", name="Book hearing"))
    assert _hearings(worker, case) == [dt.date(2026, 12, 25)]


def test_without_scripts_a_typed_date_is_shown_before_it_is_saved(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    book, case = _booking_page(worker)
    with browser() as running, page(running, width=360, scripts=False) as shown:
        _come_in(shown, live_server, worker, book)
        shown.locator("[name=on_text]").fill("3/4/2027")
        _fill_the_rest(shown)
        follow(shown.get_by_role("button", name="Book hearing"))
        assert "You typed 3/4/2027: Thursday, March 4, 2027, in 100 days." in shown.locator("main").inner_text()
        assert shown.locator("[name=court]").input_value() == "Court North"
        follow(shown.get_by_role("button", name="Book hearing"))
        assert "Thu, Mar 4, 2027" in shown.locator("main").inner_text()
    assert _hearings(worker, case) == [dt.date(2027, 3, 4)]


def test_a_spanish_page_asks_for_a_tick_where_the_numbers_can_be_read_two_ways(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test", language="es")
    book, case = _booking_page(worker)
    with browser() as running, page(running, width=360, language="es") as shown:
        _come_in(shown, live_server, worker, book)
        shown.locator("[name=on_text]").fill("3/4/2027")
        expect(_date(shown)).to_contain_text("jueves, 4 de marzo de 2027")
        expect(_date(shown)).to_contain_text("En Estados Unidos el mes va primero")
        look_at(shown, "date-ambiguous-360-es")
        _fill_the_rest(shown)
        follow(shown.locator("main form .primary").first)
        assert "En Estados Unidos el mes va primero" in shown.locator("#problem").inner_text()
        shown.locator("[name=on_sure]").check()
        follow(shown.locator("main form .primary").first)
    assert _hearings(worker, case) == [dt.date(2027, 3, 4)]


def test_a_french_office_types_the_day_first(transactional_db: None, live_server: LiveServer) -> None:
    worker = office_in("Europe/Paris", language="fr")
    book, case = _booking_page(worker)
    with browser() as running, page(running, width=360, language="fr") as shown:
        _come_in(shown, live_server, worker, book)
        shown.locator("[name=on_text]").fill("4/3/2027")
        expect(_date(shown)).to_contain_text("jeudi 4 mars 2027, dans 100 jours")
        expect(shown.locator("[name=on_sure]")).to_have_count(0)
        look_at(shown, "date-typed-360-fr")
        _fill_the_rest(shown, "administrative_court")
        follow(shown.locator("main form .primary").first)
    assert _hearings(worker, case) == [dt.date(2027, 3, 4)]


def test_another_text_replaces_the_lists_and_another_choice_clears_the_text(
    transactional_db: None, live_server: LiveServer
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    book, _case = _booking_page(worker)
    with browser() as running, page(running, width=360) as shown:
        _come_in(shown, live_server, worker, book)
        shown.locator("[name=on_text]").fill("Mar 4 2027")
        expect(_date(shown)).to_contain_text("Thursday, March 4, 2027")
        shown.locator("[name=on_month]").select_option("4")
        expect(_date(shown)).to_contain_text("Sunday, April 4, 2027")
        expect(shown.locator("[name=on_text]")).to_have_value("")
        shown.locator("[name=on_text]").fill("2/30/2027")
        shown.locator("[name=on_text]").blur()
        expect(_date(shown)).to_contain_text("There is no day 30 in February 2027: it has 28 days.")
