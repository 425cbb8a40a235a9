"""Overdue after the legal deadline alone, no mark for a day far ahead, and not yet confirmed said once a page.

Today is Tuesday, 24 November 2026.
"""

import datetime as dt
import re
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.accounts.keys.permissions import ATTORNEY
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import acts
from caseapp.records.deadline import Deadline
from caseapp.ui.display.status import day_status, deadline_day_status
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
TODAY = dt.date(2026, 11, 24)
MARK = {"en": "Not yet confirmed", "es": "Sin confirmar", "fr": "Non confirmé"}
MISSED = {"en": "Internal deadline missed", "es": "No se cumplió la fecha interna", "fr": "Date interne manquée"}
OVERDUE = {"en": "Overdue", "es": "Vencido", "fr": "Délai expiré"}


def add(worker: Worker, case_id: UUID, what: str, internal: dt.date, legal: dt.date | None) -> UUID:
    deadline = Deadline(
        what=what, severity="serious", act_by=internal, due_on=legal, reason="order", owner=worker.staff.member_id
    )
    with case_transaction(worker.staff, case_id) as draft:
        return draft.add(deadline)


def html_of(worker: Worker, path: str) -> str:
    response = worker.client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("&#x27;", "'").split())


def row_of(html: str, what: str) -> str:
    """Return the text of the list item that has a deadline's name."""
    items = re.findall(r"<li class=\"(?:stream-item|line)\"[^>]*>.*?</li>", html)
    [item] = [part for part in items if f">{what}</a>" in part]
    return " ".join(re.sub(r"<[^>]+>", " ", item).split())


@pytest.mark.parametrize(
    ("internal", "legal", "kind", "word"),
    [
        (dt.date(2026, 11, 20), dt.date(2026, 11, 23), "passed", "Overdue"),
        (dt.date(2026, 11, 20), dt.date(2026, 11, 24), "soon", "Internal deadline missed"),
        (dt.date(2026, 11, 23), dt.date(2026, 12, 7), "soon", "Internal deadline missed"),
        (dt.date(2026, 11, 23), None, "soon", "Internal deadline missed"),
        (dt.date(2026, 11, 24), dt.date(2026, 12, 7), "soon", "today"),
        (dt.date(2026, 12, 1), dt.date(2026, 12, 7), "soon", "in 7 days"),
        (dt.date(2026, 12, 2), dt.date(2026, 12, 7), "upcoming", ""),
        (dt.date(2026, 12, 9), dt.date(2026, 11, 23), "upcoming", ""),  # extended by order: the new date counts
    ],
)
def test_a_deadline_is_overdue_only_after_its_legal_day(
    internal: dt.date, legal: dt.date | None, kind: str, word: str
) -> None:
    status = deadline_day_status(TODAY, internal, legal)
    assert (status.kind, status.word) == (kind, word)


def test_a_day_far_ahead_has_no_mark() -> None:
    assert day_status(TODAY, dt.date(2026, 12, 2)).word == ""
    assert day_status(TODAY, dt.date(2026, 11, 23)).word == "Overdue"


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_today_and_the_case_tell_a_missed_internal_deadline_from_an_overdue_one(
    attorney: Worker, case_id: UUID, language: str
) -> None:
    add(attorney, case_id, "Brief A", dt.date(2026, 11, 19), dt.date(2026, 11, 23))
    add(attorney, case_id, "Brief B", dt.date(2026, 11, 23), dt.date(2026, 12, 7))
    add(attorney, case_id, "Brief C", dt.date(2026, 12, 3), dt.date(2026, 12, 7))
    attorney.client.post("/account/", {"language": language, "theme": "auto", "zone": "America/New_York"})
    overdue, missed = OVERDUE[language], MISSED[language]
    today = html_of(attorney, "/")
    assert re.search(rf'<h2 id="overdue">{overdue} \(1\)</h2>', today)
    assert re.search(rf'<h2 id="internal-missed"> ?{missed} \(1\) ?</h2>', today)
    for html in (today, html_of(attorney, reverse("cases:case", args=[case_id]))):
        assert overdue in row_of(html, "Brief A")
        assert missed in row_of(html, "Brief B")
        assert overdue not in row_of(html, "Brief B")
        for word in ("Upcoming", overdue, missed):
            assert word not in row_of(html, "Brief C")


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_not_yet_confirmed_is_said_once_a_page_and_then_on_exceptions_alone(
    attorney: Worker, case_id: UUID, language: str
) -> None:
    first = add(attorney, case_id, "Brief A", dt.date(2026, 11, 26), dt.date(2026, 11, 27))
    add(attorney, case_id, "Brief B", dt.date(2026, 11, 27), dt.date(2026, 11, 30))
    ben = member(attorney.staff, ATTORNEY)
    attorney.client.post("/account/", {"language": language, "theme": "auto", "zone": "America/New_York"})
    mark = MARK[language]
    paths = ("/", "/calendar/agenda/2026-11-24/", reverse("cases:case", args=[case_id]))
    for path in paths:
        html = html_of(attorney, path)
        assert html.count(mark) == 1, path
        assert mark not in row_of(html, "Brief A")
    version = ben.file(case_id).get(first, Deadline).version
    acts.record_check(ben.staff, case_id, first, version=version)
    for path, exceptions in zip(paths, (1, 1, 2), strict=True):  # the case has its one-year deadline too
        html = html_of(attorney, path)
        assert html.count(mark) == exceptions, path
        assert mark not in row_of(html, "Brief A"), path
        assert mark in row_of(html, "Brief B"), path


def test_a_deadlines_page_says_once_that_its_date_is_not_confirmed(attorney: Worker, hearing_id: UUID) -> None:
    agenda = html_of(attorney, "/calendar/agenda/2027-01-05/")
    address = re.search(r'href="(/deadlines/[0-9a-f-]{36}/)"', agenda)
    assert address
    html = html_of(attorney, address[1])
    assert html.count("Not yet confirmed") == 1
    assert "No attorney of your office has confirmed the rule behind this date yet." in html


def test_the_list_of_rules_says_once_that_no_rule_is_confirmed_and_marks_the_others_afterwards(
    attorney: Worker,
) -> None:
    html = html_of(attorney, "/law/")
    assert html.count("Not yet confirmed") == 1
    rule = re.search(r'href="(/law/rules/[a-z0-9_.]+/[?]queue=all)"', html)
    assert rule
    token = re.search(r'name="text" value="([^"]+)"', html_of(attorney, rule[1]))
    assert token
    assert attorney.client.post(reverse("law:confirm"), {"text": [token[1]]}).status_code == 303
    assert html_of(attorney, "/law/").count("Not yet confirmed") > 1
