"""Twelve notices in a real browser: legal and internal deadline equal the dates worked by hand here.

Today is Tuesday, 24 November 2026; the notices are of Friday, 20 November.
"""

import datetime as dt
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact, Party
from tests.helpers.browsing import browser, follow, page
from tests.helpers.two_offices import Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]

FRIDAY = dt.date(2026, 11, 20)
MONDAY = dt.date(2026, 12, 7)
BEFORE_CHRISTMAS = dt.date(2026, 12, 21)
Dates = tuple[dt.date | None, dt.date | None, dt.date | None]  # legal, internal, first day


def _come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def _fill_date(shown: Page, name: str, on: dt.date) -> None:
    shown.locator(f"select[name={name}_month]").select_option(str(on.month))
    shown.locator(f"input[name={name}_day]").fill(str(on.day))
    shown.locator(f"input[name={name}_year]").fill(str(on.year))


def _record(shown: Page, live_server: LiveServer, case_id: UUID, what: str, **typed: dt.date | str | bool) -> None:
    """Choose the event in the list, answer what is given, and save."""
    shown.goto(live_server.url + reverse("cases:notice_new", args=[case_id]))
    shown.locator("select[name=what]").select_option(what)
    follow(shown.get_by_role("button", name="Continue"))
    for name, value in typed.items():
        if isinstance(value, dt.date):
            _fill_date(shown, name, value)
        elif value is True:
            shown.locator(f"input[name={name}]").check()
        else:
            shown.locator(f"input[name={name}]").fill(str(value))
    follow(shown.get_by_role("button", name="Save and add its dates"))
    said = shown.locator("main").inner_text()
    assert "The dates that follow are below." in said or "One of its deadlines is already overdue" in said


def _dates(worker: Worker, case_id: UUID) -> dict[str, Dates]:
    records = (entry.record for entry in worker.file(case_id).entries_of(Deadline))
    return {
        record.working.rule: (record.due_on, record.act_by, record.opens_on)
        for record in records
        if record.working and record.state == "open"
    }


def _case(worker: Worker, **facts: object) -> UUID:
    return cases.open_case(worker.staff, cases.NewCase(name="Roza Aliyeva", **facts))  # type: ignore[arg-type]


def test_twelve_notices_have_the_dates_worked_by_hand(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the cases are read while the browser is open
    worker = signed_in("Ana Ruiz", "ana@office.test")
    with browser() as running, page(running) as shown:
        _come_in(shown, live_server, worker)
        _play_uscis_notices(shown, live_server, worker)
        _play_court_notices(shown, live_server, worker)
        _play_facts_of_a_person(shown, live_server, worker)
    french = signed_in("Inès Moreau", "ines@cabinet.test", zone="Europe/Paris")
    with browser() as running, page(running) as shown:
        _come_in(shown, live_server, french)
        case_id = _case(french)
        _record(shown, live_server, case_id, "oqtf", no_printed_due_on=True, dated_on=FRIDAY, q_hour="17:10")
    # Nothing more is known: 48 hours, as in detention, Sunday 22 November at 17:10.
    due_on, act_by, _opens = _dates(french, case_id)["fr.oqtf.retention"]
    assert (due_on, act_by) == (dt.date(2026, 11, 22), dt.date(2026, 11, 22))
    assert "fr.oqtf.recours" not in _dates(french, case_id)


def _play_uscis_notices(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    # Asylum office NOID: 16 days are Sun 6 Dec, extended to Mon 7 Dec.
    case_id = _case(worker)
    _record(shown, live_server, case_id, "asylum_noid", no_printed_due_on=True, dated_on=FRIDAY)
    assert _dates(worker, case_id) == {"us.asylum.noid": (MONDAY, MONDAY, None)}
    # Revocation: 15 days are Sat 5 Dec, extended to Mon 7 Dec.
    case_id = _case(worker)
    _record(shown, live_server, case_id, "uscis_revocation", dated_on=FRIDAY)
    assert _dates(worker, case_id) == {"us.uscis.appeal.revocation": (MONDAY, MONDAY, None)}
    # RFE without a printed date, form not said: 30 days (I-539) are Sun 20 Dec, extended to Mon 21 Dec.
    case_id = _case(worker)
    _record(shown, live_server, case_id, "rfe", no_printed_due_on=True, dated_on=FRIDAY)
    assert _dates(worker, case_id) == {"us.uscis.rfe": (BEFORE_CHRISTMAS, BEFORE_CHRISTMAS, None)}
    # N-400 denial: 30 days are Sun 20 Dec, extended to Mon 21 Dec.
    case_id = _case(worker)
    _record(shown, live_server, case_id, "n400_denied", dated_on=FRIDAY)
    assert _dates(worker, case_id) == {"us.uscis.n336": (BEFORE_CHRISTMAS, BEFORE_CHRISTMAS, None)}


def _play_court_notices(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    # BIA briefing schedule: only its own date, a Friday.
    case_id, due_on = _case(worker), dt.date(2026, 12, 11)
    _record(shown, live_server, case_id, "briefing_schedule", printed_due_on=due_on, dated_on=FRIDAY)
    assert _dates(worker, case_id) == {"us.bia.brief": (due_on, due_on, None)}
    # BIA remand: nothing.
    case_id = _case(worker)
    _record(shown, live_server, case_id, "board_remanded", dated_on=FRIDAY)
    assert _dates(worker, case_id) == {}
    # In absentia order at a hearing of today: 180 days are Sun 23 May 2027, extended to Mon 24 May.
    case_id = _case(worker)
    starts = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearing_id = hearings.book_hearing(worker.staff, case_id, hearing)
    shown.goto(live_server.url + reverse("hearings:outcome", args=[hearing_id]))
    shown.locator("input[name=what][value=absent]").check()
    shown.locator("select[name=absentia]").select_option("yes")
    shown.locator("select[name=in_custody]").select_option("no")
    follow(shown.get_by_role("button", name="Save outcome"))
    dates = _dates(worker, case_id)
    assert dates["us.ij.reopen.absentia.exceptional"][0] == dt.date(2027, 5, 24)
    assert dates["us.ij.reopen.absentia.notice"] == (None, None, dt.date(2026, 11, 24))
    assert "us.bia.appeal" not in dates
    # Custody since 16:40: the 48 hours of the charging decision end on Sunday; bond and habeas are open at once.
    case_id = _case(worker)
    _record(shown, live_server, case_id, "detained", dated_on=FRIDAY, q_hour="16:40")
    dates = _dates(worker, case_id)
    assert dates["us.habeas"] == dates["us.eoir.bond.request"] == (None, None, FRIDAY)
    assert dates["us.detention.charging"][0] == dt.date(2026, 11, 22)


def _save_person(shown: Page) -> None:
    """Save; the people of the other cases, who have the same name, are others."""
    follow(shown.get_by_role("button", name="Save person"))
    if others := shown.locator("[name^=alike-][value=other]").all():
        for answer in others:
            answer.check()
        follow(shown.get_by_role("button", name="Save person"))


def _play_facts_of_a_person(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    # EAD until Wed 19 May 2027: the renewal opens 180 days before, Fri 20 Nov 2026.
    case_id, expires = _case(worker), dt.date(2027, 5, 19)
    _record(shown, live_server, case_id, "ead_expiry", dated_on=expires)
    assert _dates(worker, case_id)["us.uscis.ead.renewal"] == (expires, expires, FRIDAY)
    # 17 years old, SIJ: 21 on Tue 11 Jun 2030; the last day under 21 is Mon 10 Jun.
    case_id = _case(worker, relief=("sij",))
    [person] = worker.file(case_id).entries_of(Party)
    shown.goto(live_server.url + reverse("clients:person", args=[case_id, person.id]))
    _fill_date(shown, "born_on", dt.date(2009, 6, 11))
    _save_person(shown)
    assert _dates(worker, case_id)["us.uscis.sij.21"][0] == dt.date(2030, 6, 10)
    # New address on the person's page, today: USCIS 10 days, Fri 4 Dec; the court 5 days, Sun 29 Nov, internal Fri 27.
    address = Contact(way="address", text="12 Dock Street, Newark")
    case_id = _case(worker, stage="in_court", contacts=(address,))
    [person] = worker.file(case_id).entries_of(Party)
    shown.goto(live_server.url + reverse("clients:person", args=[case_id, person.id]))
    shown.locator("[name=address]").fill("80 Elm Street, Newark")
    _save_person(shown)
    dates = _dates(worker, case_id)
    assert dates["us.uscis.ar11"][0] == dt.date(2026, 12, 4)
    assert dates["us.eoir.address.court"][:2] == (dt.date(2026, 11, 29), dt.date(2026, 11, 27))
