"""A refusal is blamed on whose fault it is: the address, its mailbox, a policy, the route, or our own mail server.

Against a real SMTP server that answers as real ones do.
"""

import pytest
from msgspec.structs import replace

from caseapp.lib.errors import Refused
from caseapp.reminders import heartbeat, recipients
from caseapp.reminders.monitoring import status
from caseapp.reminders.sending import preferences
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
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
    send_due,
    ways_of,
)
from tests.reminders.gateway import Gateway

pytestmark = pytest.mark.django_db(transaction=True)
NO_MAILBOX = "550 5.1.1 User unknown in virtual mailbox table"


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (NO_MAILBOX, "refused", "550 5.1.1"),
        ("550 5.2.1 inactive", "refused", "550 5.2.1"),
        ("550 no such mailbox", "refused", "550"),
        ("553 5.1.3 bad address syntax", "refused", "553 5.1.3"),
        ("552 5.2.2 over quota", "full", "552 5.2.2"),
        ("552 storage exceeded", "full", "552"),
        ("550 5.7.1 blocked by a list", "held", "550 5.7.1"),
        ("550 5.4.1 Access denied", "held", "550 5.4.1"),
    ],
)
def test_the_next_address_gets_it_at_once_and_the_first_one_is_blamed_for_its_own_fault_alone(
    box: Box, phone: Gateway, at: Move, answer: str, state: str, code: str
) -> None:
    admit(others=by_text(phone))
    admit(BEN)
    for member in (ANA, BEN):
        plan_days(member, MONDAY)
    box.answers = {mail_of(ANA): answer}
    at(MONDAY, 8)
    assert send_due() == 2
    assert phone.texts() == ["Please check your list today."]
    assert (ways_of(ANA).state, ways_of(ANA).answer, ways_of(ANA).came_back) == (state, code, False)
    plan_days(ANA, MONDAY + DAY)
    box.answers = {}
    at(MONDAY + DAY, 8)
    assert send_due() == 1
    by_mail = state != "refused"
    assert (addressees(box).count(mail_of(ANA)), len(phone.texts())) == (by_mail, 2 - by_mail)
    if by_mail:
        assert (ways_of(ANA).state, ways_of(ANA).answer, ways_of(ANA).answered_at) == ("works", "", None)


@pytest.mark.parametrize(
    "answer",
    ["550 5.1.8 Sender address rejected: Domain not found", "550 5.7.26 not authenticated", "530 5.7.0 STARTTLS first",
     "451 4.3.5 Server configuration error"],
)  # fmt: skip
def test_what_our_own_server_did_wrong_waits_for_it_like_an_outage(
    box: Box, phone: Gateway, at: Move, answer: str
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    box.answers = {"*": answer}
    at(MONDAY, 8)
    assert send_due() == 0
    assert phone.texts() == []
    assert ways_of(ANA).state == "new"
    assert "mail-away" in heartbeat.last_seen()
    box.answers = {}
    at(MONDAY, 8, 5)
    assert send_due() == 1
    assert "mail-away" not in heartbeat.last_seen()


@pytest.mark.parametrize("answer", [NO_MAILBOX, "550 no", "550 5.7.1 Relaying denied", "554 5.2.2 full"])
def test_the_same_answer_to_everybody_is_the_servers_fault_and_no_addresss(box: Box, at: Move, answer: str) -> None:
    admit(ANA)
    admit(BEN, supervisor=True)
    admit(EVA, admin=True)
    for member in (ANA, BEN, EVA):
        plan_days(member, MONDAY)
    box.answers = {"*": answer}
    at(MONDAY, 8)
    assert send_due() == 0
    assert [ways_of(member).state for member in (ANA, BEN, EVA)] == ["new"] * 3
    assert log_lines() == [], "no colleague is notified of a colleague"
    assert "mail-away" in heartbeat.last_seen()
    at(MONDAY, 9, 30)
    assert "mail" in status.current().late
    box.answers = {}
    assert send_due() == 3


def test_everybody_put_off_alike_is_an_outage_and_two_full_mailboxes_are_none(box: Box, at: Move) -> None:
    for member in (ANA, BEN, EVA):
        admit(member)
        plan_days(member, MONDAY)
    box.answers = dict.fromkeys([mail_of(ANA), mail_of(BEN)], "452 4.2.2 full") | {"*": "450 4.7.1 Greylisted"}
    at(MONDAY, 8)
    assert send_due() == 0
    assert "mail-away" not in heartbeat.last_seen()
    box.answers = {"*": "450 4.7.1 Greylisted"}
    at(MONDAY, 8, 10)
    assert send_due() == 0
    assert "mail-away" in heartbeat.last_seen()
    box.answers = {}
    at(MONDAY, 8, 20)
    assert send_due() == 3


def test_an_address_that_was_refused_minutes_before_the_others_is_cleared_with_them(
    box: Box, phone: Gateway, at: Move
) -> None:
    admit(ANA, others=by_text(phone))
    admit(BEN, zone="Etc/GMT+1", others=by_text(phone, "5550123"))
    for member in (ANA, BEN):
        plan_days(member, MONDAY)
    box.answers = {"*": NO_MAILBOX}
    at(MONDAY, 7)
    assert send_due() == 1
    assert ways_of(ANA).state == "refused", "one address alone proves nothing about the server"
    at(MONDAY, 8)
    assert send_due() == 1
    assert [(ways_of(who).state, ways_of(who).answer) for who in (ANA, BEN)] == [("new", ""), ("new", "")]


def test_where_the_server_accepts_others_the_same_answer_stays_each_addresss_own(box: Box, at: Move) -> None:
    for member in (ANA, BEN, EVA):
        admit(member, supervisor=member == EVA)
        plan_days(member, MONDAY)
    box.answers = dict.fromkeys([mail_of(ANA), mail_of(BEN)], NO_MAILBOX)
    at(MONDAY, 8)
    assert send_due() == 1
    assert [ways_of(member).state for member in (ANA, BEN)] == ["refused"] * 2
    assert box.subjects().count("A message did not arrive") == 1


def test_a_refusal_after_another_address_was_accepted_is_its_own_also_in_a_later_round(box: Box, at: Move) -> None:
    for member, zone in ((ANA, "UTC"), (BEN, "Etc/GMT+1"), (EVA, "Etc/GMT+2")):
        admit(member, zone=zone)
        plan_days(member, MONDAY)
    box.answers = dict.fromkeys([mail_of(ANA), mail_of(EVA)], NO_MAILBOX)
    for hour in (7, 8, 9):
        at(MONDAY, hour)
        send_due()
    assert [ways_of(member).state for member in (ANA, BEN, EVA)] == ["refused", "new", "refused"]


def test_a_self_test_that_was_accepted_clears_the_address(box: Box, at: Move) -> None:
    for state in ("refused", "full", "held"):
        admit(ANA, admin=True, state=state, answer="550 5.7.1", state_on=MONDAY - DAY)
        at(MONDAY, 8)
        with acting_as("clock"):
            status.send_self_tests()
        assert (ways_of(ANA).state, ways_of(ANA).state_on, ways_of(ANA).answer) == ("works", MONDAY, "")
        with office_transaction(ORG):
            from caseapp.reminders.models import Delivery

            Delivery.objects.all().delete()


def test_a_self_test_that_was_refused_clears_nothing(box: Box, at: Move) -> None:
    admit(ANA, admin=True, state="refused", state_on=MONDAY - DAY)
    box.answers = {"*": NO_MAILBOX}
    at(MONDAY, 8)
    with acting_as("clock"):
        assert status.send_self_tests() == 0
    assert ways_of(ANA).state == "refused"


def test_a_self_test_proves_nothing_about_an_address_whose_mail_bounced(box: Box, at: Move) -> None:
    admit(ANA, admin=True, state="refused", came_back=True, state_on=MONDAY - DAY)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert status.send_self_tests() == 0
    assert (ways_of(ANA).state, box.letters) == ("refused", [])


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (NO_MAILBOX, "does not know this address"),
        ("552 5.2.2 full", "mailbox is full"),
        ("450 4.7.1 Greylisted", "under its own rules"),
        ("550 5.4.4 no route", "no route to this address"),
        ("550 5.1.8 bad sender", "The office's mail server cannot send now"),
    ],
)
def test_a_test_that_was_refused_says_at_whose_fault(box: Box, at: Move, answer: str, sentence: str) -> None:
    admit(ANA)
    box.answers = {"*": answer}
    at(MONDAY, 8)
    with pytest.raises(Refused) as refused, office_transaction(ORG):
        preferences.send_test(ORG, ANA, number=0)
    assert sentence in refused.value.template


def test_a_server_without_tls_blames_no_address(box: Box, at: Move, settings: object) -> None:
    settings.EMAIL_USE_TLS = True  # type: ignore[attr-defined]  # the server offers none
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 0
    assert ways_of(ANA).state == "new"
    assert "mail-away" in heartbeat.last_seen()


def test_the_row_keeps_one_size_with_an_answer_in_it(at: Move) -> None:
    admit(ANA)
    plain = ways_of(ANA)
    at(MONDAY, 8)
    answered = replace(plain, state="held", state_on=MONDAY, answer="550 5.7.26", answered_at=plain.since)
    assert len(recipients.seal_settings(ORG, ANA, plain)) == len(recipients.seal_settings(ORG, ANA, answered))
