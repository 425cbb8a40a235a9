"""A supervising attorney chooses 30 days for the Board in a browser. Dates worked by hand.

An oral decision of Fri 20 Nov 2026: 10 days end on Mon 30 Nov; 30 days on Sun 20 Dec, so on Mon 21 Dec. The
internal deadline of each reading is its legal one.
"""

import datetime as dt

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from caseapp.accounts.keys.permissions import ATTORNEY
from caseapp.cases.services import cases
from caseapp.deadlines.services import rule_deadlines
from tests.helpers import process_state
from tests.helpers.browsing import browser, follow, look_at, page
from tests.helpers.two_offices import Worker, signed_in
from tests.team.test_members import member
from tests.team.test_supervising import unmark_all

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("frozen")]
BOARD = "us.bia.appeal"
CLIENTS = ("Farid Karimi", "Mariam Haidari")


def sign_in(shown: Page, worker: Worker, url: str) -> None:
    token = worker.client.cookies[settings.SESSION_COOKIE].value
    shown.context.add_cookies([{"name": settings.SESSION_COOKIE, "value": token, "url": url}])


def test_a_supervising_attorney_chooses_thirty_days_for_the_board(
    transactional_db: None, live_server: LiveServer
) -> None:
    process_state.forget_findings()
    ana = signed_in("Ana Ruiz", "ana@office.test")  # the admin, who leads the cases
    ben = member(ana.staff, ATTORNEY, "ben@office.test")
    unmark_all(ana)
    deadlines = []
    for name in CLIENTS:
        case_id = cases.open_case(ana.staff, cases.NewCase(name=name))
        wanted = rule_deadlines.RuleDeadline(rule=BOARD, dates={"oral_decision": dt.date(2026, 11, 20)})
        deadlines.append(rule_deadlines.add_rule_deadline(ana.staff, case_id, wanted))
    with browser() as running, page(running) as lead, page(running, width=360) as supervisor:
        sign_in(lead, ana, live_server.url)
        sign_in(supervisor, ben, live_server.url)
        _mark(lead, live_server.url, ben)
        _choose(supervisor, live_server.url)
        _see_what_followed(supervisor, live_server.url, deadlines[0])
        _accept_first(lead, live_server.url)
        for number, deadline_id in enumerate(deadlines):
            supervisor.goto(live_server.url + reverse("deadlines:deadline", args=[deadline_id]))
            expected = "Internal deadline: Mon, Dec 21, 2026" if number == 0 else "Mon, Nov 30, 2026"
            expect(supervisor.locator("main")).to_contain_text(expected)


def _mark(shown: Page, url: str, colleague: Worker) -> None:
    """The admin is asked on Today, and marks the colleague on their page."""
    shown.goto(url + "/")
    follow(shown.get_by_role("link", name="Record the supervising attorney of your office"))
    shown.goto(url + reverse("team:member", args=[colleague.staff.member_id]))
    shown.get_by_label("Supervising attorney").check()
    look_at(shown, "member-supervising")
    follow(shown.get_by_role("button", name="Change role"))
    shown.goto(url + "/")
    expect(shown.locator("main")).not_to_contain_text("Record the supervising attorney")


def _choose(shown: Page, url: str) -> None:
    shown.goto(url + "/law/")
    follow(shown.get_by_role("link", name="Office law settings"))
    look_at(shown, "law-settings")
    follow(shown.locator(f"a[href$='/{BOARD}/']", has_text="Choose a reading"))
    shown.get_by_label("30 days").check()
    follow(shown.get_by_role("button", name="Save reading"))
    look_at(shown, "position-problem")  # without a reason
    shown.get_by_label("Reason").fill("Amica Center v. EOIR: the shortening is blocked.")
    follow(shown.get_by_role("button", name="Save reading"))
    main = shown.locator("main")
    expect(main).to_contain_text("2 dates to decide")
    expect(main).to_contain_text("was Mon, Nov 30, 2026, is now Mon, Dec 21, 2026")
    expect(main).to_contain_text("was Mon, Nov 30, 2026, would be Mon, Dec 21, 2026")
    look_at(shown, "changes")


def _see_what_followed(shown: Page, url: str, deadline_id: object) -> None:
    shown.goto(url + reverse("deadlines:deadline", args=[deadline_id]))
    main = shown.locator("main")
    expect(main).to_contain_text("Legal deadline: Mon, Dec 21, 2026")
    expect(main).to_contain_text("Internal deadline: Mon, Nov 30, 2026")
    expect(main).to_contain_text("Reading selected by the supervising attorney: 30 days, Ben Okafor")
    expect(main).to_contain_text("the internal deadline stays with the earlier one")
    look_at(shown, "deadline-reading")


def _accept_first(shown: Page, url: str) -> None:
    """The lead accepts the change in one of the two cases."""
    shown.goto(url + reverse("deadlines:changes"))
    card = shown.locator("main li.card", has_text=CLIENTS[0])
    follow(card.get_by_role("button", name="Accept"))
    expect(shown.locator("main")).to_contain_text("1 date to decide")
