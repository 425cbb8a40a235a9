"""What was promised to somebody and did not go out at once goes out later, once, or stands as what did not arrive."""

import datetime as dt
from uuid import UUID

import pytest

from caseapp.account.services import security_notices
from caseapp.accounts.keys.staff import Staff
from caseapp.reminders.sending import delivery_log
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
