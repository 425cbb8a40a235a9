"""The custody page and the words of receipt in Chromium: nothing that axe faults, no sideways scroll, in the dark."""

import datetime as dt
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import reverse
from msgspec.structs import replace
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.clients.services import people
from caseapp.deadlines.services import notices
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import Worker, signed_in

FACILITY = "Kestrel Ridge Detention Center"
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def _detained_client(worker: Worker) -> UUID:
    """A case with a hearing, a final order and a client taken into custody yesterday."""
    case_id = cases.open_case(worker.staff, cases.NewCase(name="Olena Kovalenko-Hrushevska", stage="individual"))
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North", judge="Ames")
    hearings.book_hearing(worker.staff, case_id, hearing)
    notices.record_notice(worker.staff, case_id, what="order_final", dated_on=dt.date(2026, 10, 1))
    person = worker.file(case_id).entries_of(Party)[0]
    detained = replace(person.record, detained_since=dt.date(2026, 11, 23))
    people.change_person(worker.staff, case_id, person.id, detained, version=person.version)
    return case_id


def _sign_in(shown: Page, worker: Worker, live_server: LiveServer) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    cookie = {"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url, "httpOnly": True}
    shown.context.add_cookies([cookie])  # type: ignore[list-item]  # playwright's own dict type


def _filing_page(worker: Worker, case_id: UUID) -> str:
    """The page that records the filing before the hearing."""
    rule = "us.eoir.individual.filings"
    entries = worker.file(case_id).entries_of(Deadline)
    deadline = next(entry.id for entry in entries if entry.record.working and entry.record.working.rule == rule)
    return reverse("deadlines:filing", args=[deadline])


def test_custody_is_asked_about_and_undone_in_the_browser(transactional_db: None, live_server: LiveServer) -> None:
    looks = [(360, "en", "light"), (1366, "es", "dark"), (360, "fr", "dark"), (1366, "en", "light")]
    offices = []
    for width, language, scheme in looks:
        worker = signed_in("Ana Ruiz", f"ana@{width}{language}.test", language=language)
        case_id = _detained_client(worker)
        paths = (_filing_page(worker, case_id), reverse("clients:custody", args=[case_id]))
        offices.append((worker, paths, width, language, scheme))
    with browser() as running:
        for worker, (filing, custody_path), width, language, scheme in offices:
            with page(running, width=width, language=language, scheme=scheme) as shown:
                _sign_in(shown, worker, live_server)
                shown.goto(live_server.url + filing)
                look_at(shown, f"filing-{width}-{language}-{scheme}")
                shown.goto(live_server.url + custody_path)
                look_at(shown, f"custody-{width}-{language}-{scheme}")
                expect(shown.locator("[name=change]:checked")).to_have_count(3)
                shown.fill("[name=facility]", FACILITY)
                follow(shown.locator("main form:has([name=facility]) button[type=submit]"))
                expect(shown.locator("main")).to_contain_text(FACILITY)
                follow(shown.locator("button[value=apply]"))
                expect(shown.locator("[name=change]")).to_have_count(0)
                look_at(shown, f"custody-changed-{width}-{language}-{scheme}")
                changed = shown.locator("li.stream-item").filter(has_not_text=FACILITY)
                follow(changed.locator("button[value^='undo ']"))
                expect(shown.locator("[name=change]:checked")).to_have_count(3)
