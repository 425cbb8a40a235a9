"""Several channels in turn: everybody is told once, by the first that takes it, and somebody always is."""

import logging
from collections.abc import Generator
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from pytest_django.fixtures import Settings

from caseapp.cli.stack.embedded import find_free_port
from caseapp.lib.errors import Refused
from caseapp.reminders import heartbeat, recipients
from caseapp.reminders.models import Channel, Delivery
from caseapp.reminders.recipients import Absence, RecipientSettings, ReminderAddress
from caseapp.reminders.sending import delivery_log, gateways, preferences
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.cast import (
    ANA,
    BEN,
    EVA,
    MONDAY,
    ORG,
    Move,
    addressees,
    admit,
    by_text,
    mail_of,
    plan_days,
    send_due,
    ways_of,
)
from tests.reminders.gateway import Gateway

pytestmark = pytest.mark.django_db(transaction=True)


class Refusing(Box):
    """A mail server that knows some mailboxes no more."""

    def __init__(self) -> None:
        super().__init__()
        self.unknown: set[str] = set()
        self.busy: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.unknown:
            return "550 no such mailbox"
        if address in self.busy:
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 ok"


@pytest.fixture
def box(settings: Settings, at: Move) -> Generator[Refusing]:
    running = Refusing()
    running.port = find_free_port()
    controller = Controller(running, hostname="127.0.0.1", port=running.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
    yield running
    controller.stop()


def test_a_mailbox_that_is_no_more_is_marked_and_the_next_channel_takes_it_at_once(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    box.unknown.add(mail_of(ANA))
    at(MONDAY, 8)
    assert [send_due(), send_due()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]
    assert ways_of(ANA).state == "refused"
    with office_transaction(ORG):
        assert [(line.by, line.state) for line in Delivery.objects.all()] == [("text", "sent")]


def test_a_mail_server_that_is_away_has_the_next_channel_tried_after_ten_minutes(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    box.refuse = True
    tries = 0
    for minute in (0, 5, 9, 15):
        at(MONDAY, 8, minute)
        tries += 1
        if send_due():
            break
    assert tries == 4
    assert phone.texts() == ["Please check your list today."]
    assert ways_of(ANA).state == "new", "the mailbox is not to blame"


def test_while_the_mail_server_stays_away_everybody_with_another_address_is_told_by_it(
    box: Refusing, phone: Gateway, at: Move
) -> None:
    people = [UUID(int=0x500 + number) for number in range(12)]
    for number, member in enumerate(people):
        admit(member, others=(ReminderAddress(kind="text", address=phone.address(str(number)), shown="json"),))
    for member in (ANA, BEN, EVA):
        admit(member)
    for member in (*people, ANA, BEN, EVA):
        plan_days(member, MONDAY)
    box.refuse = True
    at(MONDAY, 8)
    send_due()
    assert phone.taken == [], "it may be back in a moment: three of fifteen were tried"
    at(MONDAY, 8, 11)
    send_due()
    send_due()
    assert len({path for path, _, _ in phone.taken}) >= 9, "all but those who rest after a failure of their own"
    at(MONDAY, 9, 30)
    send_due()
    assert len({path for path, _, _ in phone.taken}) == len(phone.taken) == 12
    box.refuse = False
    at(MONDAY, 11)
    assert send_due() == 3
    assert len(box.letters) == 3


def test_a_mailbox_that_is_busy_for_a_moment_keeps_nobody_else_waiting(box: Refusing, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
        plan_days(member, MONDAY)
    box.busy.add(mail_of(ANA))
    at(MONDAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(BEN)]
    assert ways_of(ANA).state == "new"
    box.busy.clear()
    at(MONDAY, 9)
    assert send_due() == 1


def test_whom_no_channel_reaches_a_supervisor_is_told_of_once_a_day_and_it_stands_as_stuck(
    box: Refusing, at: Move
) -> None:
    admit(ANA)
    admit(BEN, supervisor=True)
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    box.unknown.add(mail_of(ANA))
    for hour in (8, 10, 12):
        at(MONDAY, hour)
        assert send_due() == 0
    assert addressees(box) == [mail_of(BEN)]
    assert box.subjects() == ["A message did not arrive"]
    with office_transaction(ORG):
        assert [(line.member_id, line.state) for line in delivery_log.entries_of(ORG, state="stuck")] == [
            (ANA, "stuck")
        ]
    assert "unreached" in heartbeat.last_seen()
    box.unknown.clear()
    at(MONDAY, 14)
    assert send_due() == 1
    with office_transaction(ORG):
        assert delivery_log.entries_of(ORG, state="stuck") == []
    assert ways_of(ANA).state == "works"


def test_without_a_supervisor_the_admins_are_told(box: Refusing, at: Move) -> None:
    admit(ANA)
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    box.unknown.add(mail_of(ANA))
    at(MONDAY, 8)
    send_due()
    assert addressees(box) == [mail_of(EVA)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please check your list today."),
        ("es", "Revise su lista hoy."),
        ("fr", "Consultez votre liste aujourd'hui."),
    ],
)
def test_a_gateway_gets_the_constant_text_and_nothing_else(
    box: Refusing, phone: Gateway, at: Move, language: str, text: str
) -> None:
    admit(others=by_text(phone), address="", language=language)
    plan_days(ANA, MONDAY, urgent=True)
    at(MONDAY, 8)
    assert send_due() == 1
    ((path, headers, body),) = phone.taken
    assert path == "/to/5550122"
    assert phone.texts() == [text]
    everything = f"{headers} {body}".casefold()
    for needle in ("caseapp", "apprise", "urgent", "hearing", "deadline", "case", "http", mail_of(ANA)):
        assert needle not in everything


def test_no_gateway_writes_its_secret_to_a_log(phone: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    phone.status = 500
    with pytest.raises(gateways.GatewayRefused) as refused:
        gateways.send_text(phone.address(), "x")
    with pytest.raises(gateways.GatewayRefused):
        gateways.send_text(f"json://user:5ecret@127.0.0.1:{find_free_port()}/to/1", "x")
    assert "5ecret" not in caplog.text
    assert "5ecret" not in f"{refused.value!r} {ReminderAddress(kind='text', address=phone.address())!r}"


def test_every_members_row_has_the_same_size_whatever_it_holds(phone: Gateway) -> None:
    many = tuple(ReminderAddress(kind="text", address=phone.address(str(n)), shown="json") for n in range(3))
    plain, full = (
        RecipientSettings(address="a@b.test"),
        RecipientSettings(
            address="a" * 60 + "@b.test",
            others=many,
            digest=2,
            zone="Asia/Tokyo",
            away=Absence(first=MONDAY, last=MONDAY, stand_in=BEN),
        ),
    )
    assert len(recipients.seal_settings(ORG, ANA, plain)) == len(recipients.seal_settings(ORG, ANA, full))
    with pytest.raises(Refused):
        recipients.seal_settings(
            ORG, ANA, RecipientSettings(address="a@b.test", others=(ReminderAddress(kind="text", address="x" * 2100),))
        )


def test_a_row_from_before_still_opens(at: Move) -> None:
    before = {"address": "a@b.test", "language": "fr", "zone": "UTC", "admin": True, "level": "constant"}
    import msgspec

    sealed = operational.seal_setting(server_keys.operational_key(), ORG, ANA, msgspec.msgpack.encode(before))
    ways = recipients.open_settings(ORG, ANA, sealed)
    assert (ways.address, ways.language, ways.admin, ways.level) == ("a@b.test", "fr", True, "constant")


def test_one_way_in_two_offices_is_two_peoples(at: Move) -> None:
    admit(ANA)
    other = UUID(int=0x99)
    with office_transaction(other):
        recipients.set_address(other, ANA, address="x@y.test", language="en", zone="UTC", admin=True)
    with acting_as("web"), office_transaction(other):
        assert [row.org_id for row in Channel.objects.all()] == [other]
    with pytest.raises(Refused), office_transaction(other):
        preferences.set_absence(other, ANA, first=MONDAY, last=MONDAY, stand_in=BEN)
