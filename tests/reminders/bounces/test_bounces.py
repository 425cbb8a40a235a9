"""What a mail server took and sent back later nobody has read: it is said again, once, by another address.

Against a real IMAP server, with notices in the shapes that mail servers give them.
"""

import pytest
from msgspec.structs import replace

from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.reminders import recipients
from caseapp.reminders.models import Fire
from caseapp.reminders.recipients import Absence, RecipientSettings, ReminderAddress
from caseapp.reminders.sending import delivery_log, preferences
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders import notices
from tests.reminders.cast import (
    ANA,
    BEN,
    DAY,
    MONDAY,
    ORG,
    Move,
    addressees,
    admit,
    by_text,
    log_lines,
    mail_of,
    plan_days,
    read_bounces,
    send_due,
    ways_of,
)
from tests.reminders.gateway import Gateway
from tests.reminders.mailbox import Returned

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("shape", sorted(notices.SHAPES))
def test_what_came_back_is_told_by_the_next_address_the_same_morning_and_once(
    box: Box, back: Returned, phone: Gateway, at: Move, shape: str
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert ways_of(ANA).state == "new"
    back.put(notices.about(box, shape=shape))
    at(MONDAY, 8, 5)
    assert read_bounces() == 1
    assert (ways_of(ANA).state, ways_of(ANA).state_on) == ("refused", MONDAY)
    assert back.flags() == [], "it is done with and gone"
    at(MONDAY, 8, 6)
    assert [send_due(), send_due()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]
    assert log_lines() == [("reminder", "email", "bounced"), ("reminder", "text", "sent")]
    at(MONDAY + DAY, 8)
    assert [read_bounces(), send_due()] == [0, 0]
    assert len(box.letters) == 1


def test_a_server_that_gave_up_after_days_of_trying_came_back_too(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box, status="4.4.1"))
    assert read_bounces() == 1
    assert send_due() == 1
    assert phone.texts() == ["Please check your list today."]


@pytest.mark.parametrize(
    ("shape", "action", "status"),
    [
        *((shape, "delayed", "4.4.7") for shape in sorted(notices.SHAPES)),
        ("Postfix", "delayed", "5.1.1"), ("Postfix", "relayed", "2.1.9"),
        ("Gmail", "failed", "5"), ("Exchange", "failed", "50.1.1"),
    ],
)  # fmt: skip
def test_a_notice_of_a_delay_changes_nothing(
    box: Box, back: Returned, phone: Gateway, at: Move, shape: str, action: str, status: str
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box, shape=shape, action=action, status=status))
    assert read_bounces() == 0
    assert ways_of(ANA).state == "new"
    assert log_lines() == [("reminder", "email", "sent")]
    assert send_due() == 0


def test_another_address_gets_what_was_owed(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box))
    read_bounces()
    send_due()
    with office_transaction(ORG):
        preferences.set_email(ORG, ANA, email="ana@elsewhere.test")
    assert (ways_of(ANA).state, ways_of(ANA).came_back) == ("new", False)
    at(MONDAY, 10)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(ANA), "ana@elsewhere.test"]


def test_what_comes_back_to_the_former_address_leaves_the_new_one_alone(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    at(MONDAY, 9)
    with office_transaction(ORG):
        preferences.set_email(ORG, ANA, email="ana@elsewhere.test")
    back.put(notices.about(box))
    at(MONDAY, 9, 5)
    assert read_bounces() == 1
    assert ways_of(ANA).state == "new"
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(ANA), "ana@elsewhere.test"]


def test_try_again_tries_once_and_what_comes_back_again_ends_it(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    for minute in (0, 10):
        at(MONDAY, 8, minute)
        assert send_due() == 1
        back.put(notices.about(box) + f"{minute}\n".encode())
        assert read_bounces() == 1
        assert send_due() == 0
        with acting_as("web"), office_transaction(ORG):
            delivery_log.try_again(ORG, ANA)
    at(MONDAY, 8, 20)
    assert send_due() == 1
    assert ways_of(ANA).state == "works", "until it comes back"
    assert addressees(box) == [mail_of(ANA)] * 3


def test_a_test_that_arrives_makes_the_address_one_that_works(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    at(MONDAY, 8)
    with office_transaction(ORG):
        preferences.send_test(ORG, ANA, number=0)
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert (ways_of(ANA).state, ways_of(ANA).came_back) == ("refused", True)
    at(MONDAY, 9)
    with office_transaction(ORG):
        preferences.send_test(ORG, ANA, number=0)
    assert (ways_of(ANA).state, ways_of(ANA).came_back) == ("works", False)


def test_a_notice_days_later_still_wakes_the_day_it_was_about(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    for number in range(1, 6):
        at(MONDAY + number * DAY, 8)
        assert send_due() == 0
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert len(phone.texts()) == 1


def test_a_notice_about_a_day_that_was_caught_up_long_after_still_wakes_it(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY - DAY, 8)
    assert send_due() == 0
    for number in range(12, 18):
        at(MONDAY + number * DAY, 8)
        assert send_due() == (number == 12)
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]


def test_the_day_is_the_members_own_where_it_is_another_than_the_logs(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(zone="Asia/Tokyo", others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY - DAY, 23)
    assert send_due() == 1
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]


def test_the_days_of_whom_somebody_stood_in_for_are_owed_again_too(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(ANA, away=Absence(first=MONDAY, last=MONDAY, stand_in=BEN))
    admit(BEN, others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]


def test_days_that_another_message_settled_stay_settled(box: Box, back: Returned, phone: Gateway, at: Move) -> None:
    admit(ANA, others=by_text(phone))
    admit(BEN)
    for member in (ANA, BEN):
        plan_days(member, MONDAY, MONDAY + DAY)
    for number in range(2):
        at(MONDAY + number * DAY, 8)
        assert send_due() == 2
    lost = next(n for n, letter in enumerate(box.letters) if n > 1 and letter["To"] == mail_of(ANA))
    back.put(notices.about(box, lost))
    read_bounces()
    with office_transaction(ORG):
        assert Fire.objects.filter(sent_on=None).count() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]


def test_the_urgent_message_of_a_day_that_came_back_is_said_again(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    plan_days(ANA, MONDAY, urgent=True)
    at(MONDAY, 9)
    assert send_due() == 1
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert len(phone.texts()) == 1


def test_a_message_of_a_day_without_items_comes_again_by_the_next_address(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone), level="constant")
    at(MONDAY, 8)
    assert send_due() == 1
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert len(phone.texts()) == 1


def test_whoever_was_removed_meanwhile_is_left_alone(box: Box, back: Returned, at: Move) -> None:
    from caseapp.reminders.planning import reassignment

    for member in (ANA, BEN):
        admit(member)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    with office_transaction(ORG):
        reassignment.redirect_member(ORG, ANA, BEN)
    back.put(notices.about(box))
    assert read_bounces() == 1
    assert ways_of(ANA).addresses == ()
    assert ways_of(BEN).state == "new"


def test_the_members_row_still_has_one_size_and_an_address_with_text_is_still_refused(at: Move) -> None:
    plain = RecipientSettings(address="a@b.test")
    full = replace(plain, came_back=True, since=clock.now(), state="refused", state_on=MONDAY)
    assert len(recipients.seal_settings(ORG, ANA, plain)) == len(recipients.seal_settings(ORG, ANA, full))
    with pytest.raises(Refused):
        recipients.seal_settings(ORG, ANA, replace(plain, others=(ReminderAddress(kind="text", address="x" * 2100),)))
