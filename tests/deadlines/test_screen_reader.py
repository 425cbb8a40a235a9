"""An attorney checks any date without another page: what a screen reader is told holds the whole proof.

Worked by hand: 30 days before Wed 17 Feb 2027 is Mon 18 Jan 2027, the Birthday of Martin Luther King, Jr. The court's
manual reads that as Tue 19 Jan; our safe day is Fri 15 Jan, the open day before the weekend and the holiday.
"""

import datetime as dt
import os
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from caseapp.cases.services import cases
from caseapp.clients.services import people
from caseapp.deadlines.services import acts, asylum_clock, notices
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import NAME, Worker, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]


def _come_in(shown: Page, live_server: LiveServer, worker: Worker) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": live_server.url}])


def _aloud(shown: Page) -> str:
    """The main part of the page as its accessibility tree says it, on one line."""
    return " ".join(shown.locator("main").aria_snapshot().split())


def _rule(worker: Worker, case_id: UUID, rule: str) -> UUID:
    found = worker.file(case_id).entries_of(Deadline)
    return next(e.id for e in found if e.record.working is not None and e.record.working.rule == rule)


def test_a_date_is_checked_by_ear_on_its_own_page(transactional_db: None, live_server: LiveServer) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    case_id = cases.open_case(worker.staff, cases.NewCase(name=NAME))
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearings.book_hearing(worker.staff, case_id, hearing)
    path = reverse("deadlines:deadline", args=[_rule(worker, case_id, "us.eoir.individual.filings")])
    with browser() as running, page(running) as shown:
        _come_in(shown, live_server, worker)
        shown.goto(live_server.url + path)
        aloud = _aloud(shown)
    for told in (
        "heading \"Evidence and briefs before an individual hearing, not detained\"",  # what it is, first
        "Friday, January 15, 2027",  # the day to act, next
        "Internal deadline: Fri, Jan 15, 2027",
        "Legal deadline: Tue, Jan 19, 2027",
        "Individual hearing (merits), Wed, Feb 17, 2027",  # the trigger, as the case says it
        "Starts",
        "Wed, Feb 17, 2027",
        "30 calendar days before",  # the rule in words
        "Policy Manual pt II 3.1(b)(2) (number before 2026), App. C; PM 25-21",  # its text
        "us.eoir.individual.filings",
        "Mon, Jan 18, 2027 = day 30",  # the count, end to end
        "Moved",
        "Martin Luther King",  # the holiday by name
        "Checked by",
        "Acknowledged by",
    ):  # fmt: skip
        assert told in aloud, (told, aloud)
    # And in the order in which a person would count it again.
    places = [
        aloud.index(word) for word in ("How this date was computed", "Starts", "Rule", "Count", "Moved", "Result")
    ]
    assert places == sorted(places)


def test_a_disputed_date_says_both_readings_by_ear(transactional_db: None, live_server: LiveServer) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    case_id = cases.open_case(worker.staff, cases.NewCase(name=NAME))
    notices.record_notice(worker.staff, case_id, what="judge_decision_mailed", dated_on=dt.date(2026, 11, 20))
    path = reverse("deadlines:deadline", args=[_rule(worker, case_id, "us.bia.appeal")])
    with browser() as running, page(running, width=360, scripts=False) as shown:
        _come_in(shown, live_server, worker)
        shown.goto(live_server.url + path)
        aloud = _aloud(shown)
    # 10 days after Fri 20 Nov 2026 is Mon 30 Nov; 30 days is Sun 20 Dec, moved to Mon 21 Dec.
    for told in ("Position", "Mon, Nov 30, 2026", "Mon, Dec 21, 2026", "FR Doc. 2026-02326", "Could also be argued",
                 "The law on this date is in dispute or changing."):  # fmt: skip
        assert told in aloud, (told, aloud)


def test_a_date_is_tried_by_keyboard_alone_and_read_by_ear(transactional_db: None, live_server: LiveServer) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test")
    with browser() as running, page(running, scripts=False) as shown:
        _come_in(shown, live_server, worker)
        shown.goto(live_server.url + reverse("deadlines:what_if"))
        shown.get_by_label("Find").focus()
        shown.keyboard.type("us.foia.appeal")
        with shown.expect_navigation():
            shown.keyboard.press("Enter")
        shown.get_by_label("Month", exact=True).first.focus()
        for typed in ("November", "20", "2026"):
            shown.keyboard.type(typed)
            shown.keyboard.press("Tab")
        shown.keyboard.press("Shift+Tab")
        with shown.expect_navigation():
            shown.keyboard.press("Enter")
        aloud = _aloud(shown)
    # 90 days after Fri 20 Nov 2026 is Thu 18 Feb 2027.
    for told in (
        "Result",
        "Thu, Feb 18, 2027",
        "Fri, Nov 20, 2026",
        "Starts",
        "Rule",
        "Count",
        "Nothing was stored.",
    ):
        assert told in aloud, (told, aloud)


def _places(worker: Worker) -> dict[str, str]:
    """Every page of a deadline in each of its states."""
    staff = worker.staff
    case_id = cases.open_case(staff, cases.NewCase(name=NAME, last_arrival_on=dt.date(2026, 4, 9)))
    party = worker.file(case_id).get_only(Party)
    people.set_last_arrival(staff, case_id, party.id, dt.date(2026, 5, 4), version=party.version)
    notices.record_notice(staff, case_id, what="asylum_filed", dated_on=dt.date(2026, 7, 10))
    asylum_clock.add_stop(
        staff, case_id, first=dt.date(2026, 9, 1), until=dt.date(2026, 9, 15), why="earlier_date_declined",
        source="Hearing record of 1 September, page 2",
    )  # fmt: skip
    stop = asylum_clock.add_stop(
        staff, case_id, first=dt.date(2026, 11, 17), why="The interpreter of the office was ill"
    )
    notices.record_notice(staff, case_id, what="judge_decision_mailed", dated_on=dt.date(2026, 11, 20))
    appeal = _rule(worker, case_id, "us.bia.appeal")
    moved = dt.date(2026, 12, 2)
    acts.set_own_dates(staff, case_id, appeal, to=moved, target=dt.date(2026, 12, 4), reason="Ana is away", version=1)
    return {
        "deadline-moved": reverse("deadlines:deadline", args=[appeal]),
        "deadline-done": reverse("deadlines:deadline", args=[_state(worker, case_id, "done")]),
        "deadline-replaced": reverse("deadlines:deadline", args=[_state(worker, case_id, "superseded")]),
        "asylum-clock": reverse("deadlines:asylum_clock", args=[case_id]),
        "asylum-stop": reverse("deadlines:asylum_stop", args=[case_id, stop]),
        "case-with-clock": reverse("cases:case", args=[case_id]),
        "what-if": reverse("deadlines:what_if"),
    }


def _state(worker: Worker, case_id: UUID, state: str) -> UUID:
    return next(e.id for e in worker.file(case_id).entries_of(Deadline) if e.record.state == state)


@pytest.mark.parametrize(
    ("width", "language", "scheme"), [(360, "es", "dark"), (1366, "en", "light"), (320, "fr", "light")]
)
def test_the_pages_of_a_date_are_fit_for_everybody(
    transactional_db: None, live_server: LiveServer, width: int, language: str, scheme: str
) -> None:
    worker = signed_in("Ana Ruiz", "ana@office.test", language=language)
    addresses = _places(worker)
    seen = f"{width}-{language}-{scheme}"
    with browser() as running, page(running, width=width, language=language, scheme=scheme) as shown:
        _come_in(shown, live_server, worker)
        for name, path in addresses.items():
            shown.goto(live_server.url + path)
            shown.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
            look_at(shown, f"{name}-{seen}")
        shown.goto(live_server.url + addresses["what-if"])
        follow(shown.locator("main form .primary"))
        look_at(shown, f"what-if-problem-{seen}")
        shown.locator("select[name=what]").select_option("rule:us.bia.appeal")
        follow(shown.locator("main form .primary"))
        look_at(shown, f"what-if-boxes-{seen}")
        shown.locator("select[name=on_oral_decision_month]").select_option("11")
        for name, typed in (("day", "20"), ("year", "2026")):
            shown.locator(f"input[name=on_oral_decision_{name}]").fill(typed)
        follow(shown.locator("main form .primary"))
        look_at(shown, f"what-if-answer-{seen}")
        if folder := os.environ.get("CASEAPP_SHOTS"):
            shown.emulate_media(media="print")
            shown.screenshot(path=str(Path(folder) / f"what-if-print-{seen}.png"), full_page=True)
