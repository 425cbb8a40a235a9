"""What came back and can go no other way: others hear of it, and a self-test that came back is no sign of life."""

from uuid import UUID

import pytest

from caseapp.reminders import heartbeat
from caseapp.reminders.monitoring import status
from caseapp.reminders.sending import delivery_log, preferences
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders import notices
from tests.reminders.cast import (
    ANA,
    BEN,
    DAY,
    EVA,
    MONDAY,
    ORG,
    Move,
    addressees,
    admit,
    log_lines,
    mail_of,
    plan_days,
    read_bounces,
    send_due,
    ways_of,
)
from tests.reminders.mailbox import Returned

pytestmark = pytest.mark.django_db(transaction=True)


def test_whom_nothing_else_reaches_supervisors_hear_of_once_a_day_and_the_dead_mailbox_gets_no_more(
    box: Box, back: Returned, at: Move
) -> None:
    admit(ANA)
    admit(BEN, supervisor=True)
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    back.put(notices.about(box))
    at(MONDAY, 8, 5)
    assert read_bounces() == 1
    for hour in (8, 9, 12, 18):
        at(MONDAY, hour, 6)
        assert [read_bounces(), send_due()] == [0, 0]
    assert addressees(box) == [mail_of(ANA), mail_of(BEN)]
    assert box.subjects()[1] == "A message did not arrive"
    with office_transaction(ORG):
        assert [line.member_id for line in delivery_log.entries_of(ORG, state="stuck")] == [ANA]
    assert "unreached" in heartbeat.last_seen()
    for number in range(1, 8):
        for hour in (7, 8, 9, 15):
            at(MONDAY + number * DAY, hour)
            assert [read_bounces(), send_due()] == [0, 0]
    assert addressees(box) == [mail_of(ANA), *[mail_of(BEN)] * 8], "as long as her day waits, once each day"
    assert ways_of(ANA).state == "refused"


def test_many_dead_mailboxes_keep_nobody_else_from_being_reminded(box: Box, back: Returned, at: Move) -> None:
    people = [UUID(int=0x100 + number) for number in range(6)]
    for member in people:
        admit(member)
        plan_days(member, MONDAY, MONDAY + DAY)
    at(MONDAY, 8)
    assert send_due() == 6
    dead = {str(letter["To"]) for letter in box.letters[:5]}
    back.put(*(notices.about(box, number) for number in range(5)))
    assert read_bounces() == 5
    at(MONDAY + DAY, 8)
    assert send_due() == 1
    assert {mail_of(member) for member in people} - dead == {addressees(box)[-1]}


def test_a_self_test_that_came_back_is_no_sign_that_mail_works(box: Box, back: Returned, at: Move) -> None:
    admit(EVA, admin=True)
    admit(BEN, supervisor=True)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert status.send_self_tests() == 1
    assert "self-test" not in status.current().late
    back.put(notices.about(box))
    at(MONDAY, 8, 5)
    assert read_bounces() == 1
    assert "self-test" in status.current().late
    assert log_lines() == [("self-test", "email", "bounced")]
    with acting_as("clock"):
        assert [status.send_self_tests(), status.send_self_tests()] == [0, 0], "no loop"
    with office_transaction(ORG):
        assert status.is_unreliable(ORG), "Today says so"
        preferences.set_email(ORG, EVA, email="eva@elsewhere.test")
    with acting_as("clock"):
        assert status.send_self_tests() == 1
    assert "self-test" not in status.current().late


def test_one_admin_whose_self_test_came_back_is_told_of_to_the_others(box: Box, back: Returned, at: Move) -> None:
    for member in (BEN, EVA):
        admit(member, admin=True)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert status.send_self_tests() == 2
        status.warn_of_missing()
    number = addressees(box).index(mail_of(EVA))
    back.put(notices.about(box, number))
    assert read_bounces() == 1
    assert "self-test" not in status.current().late, "the way itself works"
    with acting_as("clock"):
        status.warn_of_missing()
        status.warn_of_missing()
    assert addressees(box)[2:] == [mail_of(BEN)]
    assert box.subjects()[2] == "Reminders may not be going out"


def test_a_supervisor_who_cannot_be_told_leaves_it_to_the_admins(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    admit(BEN, supervisor=True)
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box))
    read_bounces()
    send_due()
    assert addressees(box) == [mail_of(ANA), mail_of(BEN)]
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert ways_of(BEN).state == "refused"
    at(MONDAY, 10)
    send_due()
    assert addressees(box) == [mail_of(ANA), mail_of(BEN), mail_of(EVA)]
