"""Trying a date without a case: the same working, nothing stored, typed text kept."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client

from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker, boxes

pytestmark = pytest.mark.usefixtures("frozen")

PATH = "/deadlines/what-if/"
ALWAYS = {"zone": "America/New_York", "electronic": "on"}


def _asked(what: str, **told: str) -> dict[str, str]:
    return {**ALWAYS, "what": what, "shown_for": what, **told}


def _post(worker: Worker, sent: dict[str, str], status: int = 200) -> str:
    response = worker.client.post(PATH, sent)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def _rows(worker: Worker) -> tuple[int, ...]:
    with office_transaction(worker.staff.org_id), connection.cursor() as cursor:
        counts = []
        for table in ("vault_record", "vault_past", "index_part", "reminders_plan_a", "reminders_plan_b"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts.append(cursor.fetchone()[0])
    return tuple(counts)


def test_the_choice_brings_its_boxes_before_anything_is_missing(attorney: Worker) -> None:
    html = _post(attorney, {**ALWAYS, "what": "rule:us.bia.appeal"})
    assert "The judge said the decision in court" in html
    assert "One date is enough; leave the others empty." in html
    assert "There is a problem" not in html


def test_both_readings_are_shown_with_the_working_and_nothing_is_stored(attorney: Worker) -> None:
    before = _rows(attorney)
    html = _post(attorney, _asked("rule:us.bia.appeal", **boxes("on_oral_decision", dt.date(2026, 11, 24))))
    # 10 days after Tue 24 Nov 2026 is Fri 4 Dec; the other reading, 30 days, is Thu 24 Dec 2026.
    assert "Internal deadline: Fri, Dec 4, 2026" in html
    assert "Could also be argued" in html
    assert "Thu, Dec 24, 2026" in html
    assert "8 CFR 1003.38" in html
    assert "Nothing was stored." in html
    assert _rows(attorney) == before


def test_a_reading_is_chosen_by_name(attorney: Worker) -> None:
    sent = _asked("rule:us.bia.appeal", position="30", **boxes("on_oral_decision", dt.date(2026, 11, 24)))
    assert "Legal deadline: Thu, Dec 24, 2026" in _post(attorney, sent)


def test_mail_and_paper_filing_change_the_days(attorney: Worker) -> None:
    asked = _asked("rule:us.uscis.rfe", **boxes("on_notice_date", dt.date(2026, 3, 2)))
    assert "Legal deadline: Tue, May 26, 2026" in _post(attorney, asked)  # vector v024
    assert "Legal deadline: Thu, May 28, 2026" in _post(attorney, {**asked, "by_mail": "on"})  # vector v023


def test_an_event_gives_every_date_that_follows_from_it(attorney: Worker) -> None:
    html = _post(attorney, _asked("event:oral_decision_denied", **boxes("on_happened", dt.date(2026, 11, 24))))
    # Appeal 10 days: Fri 4 Dec 2026; reconsider 30 days: Thu 24 Dec 2026; reopen 90 days: Mon 22 Feb 2027.
    for day in ("Fri, Dec 4, 2026", "Thu, Dec 24, 2026", "Mon, Feb 22, 2027"):
        assert day in html
    assert html.count("How this date was computed") == 3


def test_a_rule_in_hours_takes_a_time_and_the_courts_zone(attorney: Worker) -> None:
    asked = _asked("rule:us.detention.charging", **boxes("on_detention", dt.date(2026, 11, 20)), at_detention="16:30")
    html = _post(attorney, asked)
    assert "Legal deadline: Sun, Nov 22, 2026" in html
    assert "4:30 PM" in html
    assert "This rule counts hours." in html


def test_stops_of_the_asylum_clock_are_counted(attorney: Worker) -> None:
    sent = _asked(
        "rule:us.asylum.ead.file",
        **boxes("on_asylum_application_filed", dt.date(2026, 1, 10)),
        **boxes("stop_1", dt.date(2026, 3, 1)),
        **boxes("restart_1", dt.date(2026, 3, 31)),
    )
    assert "Possible from: Thu, Jul 9, 2026" in _post(attorney, sent)  # vector v069


@pytest.mark.parametrize(
    ("find", "found", "absent"),
    [
        ("appeal eoir-29", "us.bia.appeal.eoir29", "us.uscis.rfe"),
        ("1003.38", "us.bia.appeal", "us.uscis.ar11"),
        ("I-730", "", "us.bia.appeal"),
        ("zebra", "", "us.bia.appeal"),
    ],
)
def test_the_list_is_searched_by_word_number_and_law(attorney: Worker, find: str, found: str, absent: str) -> None:
    html = _post(attorney, {**ALWAYS, "what": "", "find": find, "look": "yes"})
    assert f'value="rule:{found}"' in html or not found
    assert f'value="rule:{absent}"' not in html
    assert "There is a problem" not in html


def test_the_only_one_found_is_chosen(attorney: Worker) -> None:
    html = _post(attorney, {**ALWAYS, "what": "", "find": "us.foia.appeal", "look": "yes"})
    assert "1 found" in html
    assert '<option value="rule:us.foia.appeal" selected>' in html
    assert "Adverse answer to the FOIA request" in html


def test_enter_in_a_date_works_it_out_though_find_is_the_first_button(attorney: Worker) -> None:
    sent = _asked("rule:us.ca.pfr", look="yes", find="petition", found_for="petition",
                  **boxes("on_order_final", dt.date(2026, 11, 24)))  # fmt: skip
    assert "Internal deadline: Thu, Dec 24, 2026" in _post(attorney, sent)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({**ALWAYS, "what": ""}, "Choose a rule or an event."),
        ({**ALWAYS, "what": "rule:no.such.rule"}, "is not one of the available choices"),
        ({**ALWAYS, "what": "x" * 20_000}, "is not one of the available choices"),
        (_asked("rule:us.bia.appeal"), "Enter a date to count from, for example December 8, 2026."),
        (_asked("rule:us.bia.appeal", **{**boxes("on_oral_decision", dt.date(2026, 2, 1)),
                "on_oral_decision_day": "31"}), "There is no day 31 in February 2026: it has 28 days."),
        (_asked("rule:us.bia.appeal", position="12", **boxes("on_oral_decision", dt.date(2026, 11, 24))),
         "is not one of the available choices"),
        (_asked("rule:us.ca.pfr", zone="Mars/Base", **boxes("on_order_final", dt.date(2026, 11, 24))),
         "is not one of the available choices"),
        (_asked("rule:us.asylum.ead.file", **boxes("on_asylum_application_filed", dt.date(2026, 1, 10)),
                **boxes("stop_1", dt.date(2026, 3, 1))), "A stop needs both days"),
        (_asked("rule:us.detention.charging", **boxes("on_detention", dt.date(2026, 11, 20)), at_detention="25:00"),
         "Enter the time, for example 8:30."),
        ({**_asked("rule:us.ca.pfr", **boxes("on_order_final", dt.date(2026, 11, 24))), "find": "f" * 5_000},
         "at most 200 characters"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_and_what_was_typed_is_kept(attorney: Worker, sent: dict[str, str], sentence: str) -> None:
    html = _post(attorney, {"by_mail": "on", **sent}, status=422)
    assert sentence in html
    assert re.search(r'name="by_mail"[^>]*(checked|value="True")', html)
    assert "How this date was computed" not in html


def test_a_year_out_of_range_is_one_sentence(attorney: Worker) -> None:
    html = _post(attorney, _asked("rule:us.ca.pfr", **boxes("on_order_final", dt.date(2150, 1, 2))), status=422)
    assert "A date here is before 1900 or after 2099. Check the year." in html


def test_get_computes_nothing_and_other_methods_are_refused(attorney: Worker) -> None:
    sent = _asked("rule:us.ca.pfr", **boxes("on_order_final", dt.date(2026, 11, 24)))
    response = attorney.client.get(PATH, sent)
    assert response.status_code == 200
    assert b"How this date was computed" not in response.content
    assert attorney.client.put(PATH).status_code == 405


def test_it_is_for_staff_only(attorney: Worker) -> None:
    nobody = Client()
    assert nobody.get(PATH).status_code == 302
    assert nobody.post(PATH, _asked("rule:us.ca.pfr")).status_code == 401


def test_it_is_linked_where_dates_are_looked_at(attorney: Worker, case_id: object) -> None:
    for path in (f"/cases/{case_id}/", "/calendar/agenda/2026-11-24/"):
        assert f'href="{PATH}"' in attorney.client.get(path).content.decode()
