"""What bounced is found although a relay replaced its Message-ID, and is blamed on whose fault it is."""

import re

import pytest

from caseapp.reminders.monitoring import status
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
SES = b"<0100019b3a7c5d21-4a6f@email.relay.test>"


def _rewritten(box: Box, shape: str, replacement: bytes) -> bytes:
    """The notice about the last letter, whose Message-ID a relay replaced by these lines; our second header is kept."""
    ours = str(box.letters[-1]["X-Entity-Ref-ID"]).encode()
    notice = notices.about(box, shape=shape)
    for field in (b"In-Reply-To: ", b"References: ", b"X-Original-Message-ID: "):
        notice = notice.replace(field + ours, field + SES)
    assert notice.count(b"Message-ID:\n " + ours) == 1
    return notice.replace(b"Message-ID:\n " + ours, replacement + b"X-Entity-Ref-ID: " + ours)


REPLACED = b"Message-ID: " + SES + b"\n"


@pytest.mark.parametrize(
    ("shape", "replacement"),
    [
        *((shape, REPLACED) for shape in sorted(notices.SHAPES)),
        ("Postfix", b""),
        ("Gmail", b"X-Message-ID: " + SES + b"\nMessage-Id:\n " + SES + b"\n"),
    ],
)
def test_a_bounce_is_found_although_the_relay_replaced_the_message_id(
    box: Box, back: Returned, phone: Gateway, at: Move, shape: str, replacement: bytes
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(_rewritten(box, shape, replacement))
    assert read_bounces() == 1
    assert back.flags() == []
    assert send_due() == 1
    assert phone.texts() == ["Please check your list today."]
    assert sorted(log_lines()) == [("reminder", "email", "bounced"), ("reminder", "text", "sent")]


@pytest.mark.parametrize(
    "other",
    [b"<" + b"0b" * 20 + b"@list.invalid>", b"<" + b"0a" * 20 + b"@list.invalid.test>", b"", b"list.invalid"],
)
def test_a_second_header_that_is_not_this_messages_finds_nothing(
    box: Box, back: Returned, at: Move, other: bytes
) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    mail = re.sub(
        rb"X-Entity-Ref-ID: .*",
        b"X-Entity-Ref-ID: " + other,
        _rewritten(box, "Postfix", REPLACED),
    )
    back.put(mail)
    assert read_bounces() == 0
    assert ways_of(ANA).state == "new"
    assert len(back.flags()) == 1, "it stays for the people who read this mailbox"


@pytest.mark.parametrize(
    ("status_code", "state"),
    [("5.1.1", "refused"), ("5.2.1", "refused"), ("5.2.2", "full"), ("4.2.2", "full"), ("5.7.1", "held"),
     ("4.4.7", "held"), ("5.4.4", "held"), ("5.3.0", "held"), ("5.7.23", "held"), ("5.6.0", "held")],
)  # fmt: skip
def test_a_bounce_that_is_not_the_addresss_fault_rests_it_for_a_day_and_no_longer(
    box: Box, back: Returned, phone: Gateway, at: Move, status_code: str, state: str
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY, MONDAY + DAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box, status=status_code))
    assert read_bounces() == 1
    assert (ways_of(ANA).state, ways_of(ANA).answer, ways_of(ANA).came_back) == (state, status_code, True)
    assert [send_due(), send_due()] == [1, 0]
    assert (len(box.letters), len(phone.texts())) == (1, 1), "today's by the next address, and not to and fro"
    at(MONDAY + DAY, 8)
    assert send_due() == 1
    again = state != "refused"
    assert (len(box.letters), len(phone.texts())) == (1 + again, 2 - again)
    if again:
        assert (ways_of(ANA).state, ways_of(ANA).came_back) == ("works", False)


def test_a_full_mailbox_without_another_address_has_colleagues_notified_and_is_tried_once_a_day(
    box: Box, back: Returned, at: Move
) -> None:
    admit(ANA)
    admit(BEN, supervisor=True)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box, status="5.2.2"))
    read_bounces()
    for hour in (8, 9, 12, 18):
        at(MONDAY, hour, 10)
        assert send_due() == 0
    assert addressees(box) == [mail_of(ANA), mail_of(BEN)]
    at(MONDAY + DAY, 8)
    assert send_due() == 1
    assert addressees(box)[2:] == [mail_of(ANA)]


def _bounce_all(box: Box, back: Returned, people: tuple[str, ...], code: str) -> None:
    for number, letter in enumerate(box.letters):
        if str(letter["To"]) in people:
            back.put(notices.about(box, number, status=code))


def test_the_same_bounce_from_everybody_is_the_servers_fault_and_the_admins_are_notified(
    box: Box, back: Returned, at: Move
) -> None:
    everybody = (ANA, BEN, EVA)
    for member in everybody:
        admit(member, admin=member == EVA)
        plan_days(member, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 3
    _bounce_all(box, back, tuple(map(mail_of, everybody)), "5.1.1")
    assert read_bounces() == 3
    assert [ways_of(member).state for member in everybody] == ["held"] * 3
    with acting_as("web"), office_transaction(ORG):
        assert status.is_unreliable(ORG), "Today says so"
    at(MONDAY + DAY, 8)
    assert send_due() == 3, "each address is tried again"


def test_bounces_from_all_but_one_are_the_addresses_own(box: Box, back: Returned, at: Move) -> None:
    four = (ANA, BEN, EVA)
    for member in four:
        admit(member)
        plan_days(member, MONDAY)
    at(MONDAY, 8)
    send_due()
    _bounce_all(box, back, (mail_of(ANA), mail_of(BEN)), "5.1.1")
    assert read_bounces() == 2
    assert [ways_of(member).state for member in four] == ["refused", "refused", "new"]


def test_different_bounces_from_everybody_are_the_addresses_own(box: Box, back: Returned, at: Move) -> None:
    for member in (ANA, BEN, EVA):
        admit(member)
        plan_days(member, MONDAY)
    at(MONDAY, 8)
    send_due()
    for number, code in enumerate(("5.1.1", "5.1.10", "5.2.1")):
        back.put(notices.about(box, number, status=code))
    assert read_bounces() == 3
    assert [ways_of(member).state for member in (ANA, BEN, EVA)] == ["refused"] * 3
