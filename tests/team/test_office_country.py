"""The country of the office decides the order in which dates are entered; members choose how dates are shown."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from caseapp.account.services import new_office
from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.accounts.members.new_office import Hosting
from caseapp.accounts.signin import recovery_code
from caseapp.vault.tenancy import office_transaction
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
PAGE = "/office/"


def order_of(worker: Worker) -> list[str]:
    """Return the parts of the birth date in the order in which a new case asks for them."""
    html = worker.client.get(reverse("cases:new")).content.decode()
    return sorted(("day", "month", "year"), key=lambda part: html.index(f'name="born_on_{part}"'))


def office_in(zone: str, *, language: str) -> Worker:
    arrived = new_office.found_office(
        office_name="Cabinet du Port",
        zone=zone,
        language=language,
        member_name="Inès Moreau",
        email="ines@cabinet.test",
        passphrase=WORDS,
        hosting=Hosting(is_first=False),
    )
    code = recovery_code.propose_recovery_code(arrived.staff)
    recovery_code.confirm_recovery_code(arrived.staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = arrived.token
    return Worker(arrived.staff, client)


def test_an_office_in_paris_enters_the_day_first_whatever_the_language(db: None) -> None:
    lawyer = office_in("Europe/Paris", language="fr")
    assert order_of(lawyer) == ["day", "month", "year"]
    lawyer.client.post("/account/", {"language": "en", "theme": "auto", "zone": "Europe/Paris"})
    assert order_of(lawyer) == ["day", "month", "year"]


def test_an_office_in_new_york_enters_the_month_first_whatever_the_language_or_the_members_zone(
    attorney: Worker,
) -> None:
    assert order_of(attorney) == ["month", "day", "year"]
    attorney.client.post("/account/", {"language": "es", "theme": "auto", "zone": "Europe/Paris"})
    assert order_of(attorney) == ["month", "day", "year"]


def test_an_admin_sets_the_country_and_colleagues_follow_when_they_open_today(attorney: Worker) -> None:
    ben = member(attorney.staff, CASEWORKER)
    assert order_of(ben) == ["month", "day", "year"]
    assert attorney.client.post(PAGE, {"country": "FR"}).status_code == 303
    assert order_of(attorney) == ["day", "month", "year"]
    with office_transaction(attorney.staff.org_id):
        assert office_file.read_office(attorney.staff.keys).country_code == "FR"
    assert ben.client.get("/").status_code == 200
    assert order_of(ben) == ["day", "month", "year"]


def test_only_an_admin_sets_the_country_and_reading_the_page_changes_nothing(attorney: Worker) -> None:
    ben = member(attorney.staff, CASEWORKER)
    assert ben.client.get(PAGE).status_code == 404
    assert ben.client.post(PAGE, {"country": "FR"}).status_code == 404
    assert attorney.client.get(f"{PAGE}?country=FR").status_code == 200
    for wrong in ("", "DE", "F" * 100_000):
        assert attorney.client.post(PAGE, {"country": wrong}).status_code == 422
    assert order_of(attorney) == ["month", "day", "year"]


def test_another_office_keeps_its_own_country(attorney: Worker, outsider: Worker) -> None:
    attorney.client.post(PAGE, {"country": "FR"})
    outsider.client.get("/")
    assert order_of(outsider) == ["month", "day", "year"]


def test_a_member_may_see_dates_as_france_writes_them_and_still_enters_the_month_first(attorney: Worker) -> None:
    assert "Tuesday, November 24, 2026" in attorney.client.get("/").content.decode()
    wanted = {"language": "en", "theme": "auto", "zone": "America/New_York", "shown_country": "FR"}
    assert attorney.client.post("/account/", wanted).status_code == 303
    assert "Tuesday 24 November 2026" in attorney.client.get("/").content.decode()
    assert order_of(attorney) == ["month", "day", "year"]
    typed = {"name": "on", "id": "id_on", "on_text": "11/5/2026"}
    assert "Thursday 5 November 2026" in attorney.client.post("/dates/echo/", typed).content.decode()
    assert attorney.client.post("/account/", {**wanted, "shown_country": "DE"}).status_code == 422


def test_what_a_spanish_page_of_the_office_shows_is_read_back_as_the_same_day(attorney: Worker) -> None:
    attorney.client.post("/account/", {"language": "es", "theme": "auto", "zone": "America/New_York"})
    html = attorney.client.post("/dates/echo/", {"name": "on", "id": "id_on", "on_text": "lun. 7 dic. 2026"})
    assert "lunes, 7 de diciembre de 2026" in html.content.decode()
    asks = attorney.client.post("/dates/echo/", {"name": "on", "id": "id_on", "on_text": "11/5/2026"})
    assert "En Estados Unidos el mes va primero" in asks.content.decode()
