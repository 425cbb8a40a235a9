"""What was promised to somebody and did not go out at once goes out later, once, or stands as what did not arrive."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from caseapp.account.services import security_notices
from caseapp.accounts.keys.staff import Staff
from caseapp.reminders.recipients import ReminderAddress
from caseapp.reminders.sending import delivery_log, dispatch, rounds
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.cast import Clock, send_due, stop_clock

pytestmark = pytest.mark.django_db(transaction=True)
SUBJECT = "Your account was opened in a new way"
NOON = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stop_clock(monkeypatch, NOON)


def _states(org_id: UUID) -> list[tuple[str, str]]:
    with office_transaction(org_id):
        return [(line.what, line.state) for line in delivery_log.entries_of(org_id)]


def test_that_an_account_was_opened_in_a_new_way_is_told_at_once_and_once(box: Box, attorney: Staff) -> None:
    with acting_as("web"):
        security_notices.send_new_access_notice(attorney)
    assert box.subjects() == [SUBJECT]
    assert send_due() == 0
    assert _states(attorney.org_id) == [("new-way", "sent")]


def test_with_the_mail_server_away_it_is_told_when_it_is_back(box: Box, time: Clock, attorney: Staff) -> None:
    box.refuse = True
    with acting_as("web"):
        security_notices.send_new_access_notice(attorney)
    assert _states(attorney.org_id) == [("new-way", "owed")]
    assert send_due() == 0
    box.refuse = False
    time.moment += dt.timedelta(hours=5)
    assert [send_due(), send_due()] == [1, 0]
    assert box.subjects() == [SUBJECT]
    assert _states(attorney.org_id) == [("new-way", "sent")]


def test_a_server_that_greylists_is_left_alone_for_longer_each_time_and_the_notice_goes_out_once(
    box: Box, time: Clock, attorney: Staff
) -> None:
    box.refuse = True
    with acting_as("web"):
        security_notices.send_new_access_notice(attorney)
    tried_at = []
    for minute in range(1, 240):
        time.moment, before = NOON + dt.timedelta(minutes=minute), box.tried
        send_due()
        tried_at += [minute] * (box.tried - before)
    assert tried_at == [5, 10, 20, 40, 80, 140, 200]
    box.refuse = False
    time.moment += dt.timedelta(hours=1)
    assert [send_due(), send_due()] == [1, 0]
    assert box.subjects() == [SUBJECT]
    assert _states(attorney.org_id) == [("new-way", "sent")]


def test_a_round_does_not_send_the_notice_that_a_request_is_sending(
    box: Box, attorney: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail server is slow: a round begins between the promise and the mail."""
    send, sent_by_rounds = dispatch.send_and_log, []

    def send_slowly(*args: Any, **named: Any) -> ReminderAddress:
        monkeypatch.setattr(dispatch, "send_and_log", send)
        with acting_as("clock"):
            sent_by_rounds.append(rounds.send_due())
        return send(*args, **named)

    monkeypatch.setattr(dispatch, "send_and_log", send_slowly)
    security_notices.send_new_access_notice(attorney)
    assert sent_by_rounds == [0]
    assert box.subjects() == [SUBJECT]


def test_after_three_days_it_stands_as_what_did_not_arrive(box: Box, time: Clock, attorney: Staff) -> None:
    box.refuse = True
    with acting_as("web"):
        security_notices.send_new_access_notice(attorney)
    time.moment += dt.timedelta(days=3, hours=1)
    send_due()
    assert _states(attorney.org_id) == [("new-way", "stuck")]
    box.refuse = False
    time.moment += dt.timedelta(hours=1)
    assert send_due() == 0
