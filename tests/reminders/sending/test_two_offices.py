"""Reminders of two offices on one server: what is wrong in one of them delays nothing in the other."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection
from msgspec.structs import replace

from caseapp.cli.offices import removal
from caseapp.reminders import recipients
from caseapp.reminders.planning import plan
from caseapp.reminders.sending import rounds
from caseapp.vault.tenancy import office_transaction
from tests.helpers.putting_back import superuser
from tests.helpers.smtp import Box
from tests.reminders.cast import (
    ANA,
    MONDAY,
    ORG,
    Move,
    addressees,
    admit,
    mail_of,
    merge,
    send_due,
    series_of,
    write_plan,
)

pytestmark = pytest.mark.django_db(transaction=True)
OTHER, OLENA = UUID(int=21), UUID(int=22)
MAIL_OF_OLENA = "olena@ridge.test"


@pytest.fixture
def two(at: Move) -> None:
    """Ana of one office and Olena of another, both with something due on Monday."""
    admit(ANA, admin=True)
    with office_transaction(OTHER):
        recipients.set_address(OTHER, OLENA, address=MAIL_OF_OLENA, language="en", zone="UTC", admin=True)
        plan.write(OTHER, [series_of(OLENA, MONDAY)], ())
    write_plan([series_of(ANA, MONDAY)])
    merge()
    at(MONDAY, 8)


def _damage_address() -> None:
    with superuser() as session:
        session.execute("UPDATE reminders_channel SET sealed = decode('00', 'hex') WHERE org_id = %s", [ORG])


def _damage_days() -> None:
    with superuser() as session:
        session.execute("UPDATE reminders_fire SET sealed = decode('00', 'hex') WHERE org_id = %s", [ORG])


def _give_unknown_zone() -> None:
    with office_transaction(ORG):
        recipients.change_settings(ORG, ANA, lambda chosen: replace(chosen, zone="Nowhere/Land"))


@contextmanager
def _lock_rows() -> Generator[None]:
    with superuser() as session, session.transaction():
        session.execute("SELECT FROM reminders_fire WHERE org_id = %s FOR UPDATE", [ORG])
        session.execute("SELECT FROM reminders_channel WHERE org_id = %s FOR UPDATE", [ORG])
        yield


@pytest.mark.parametrize("harm", [_damage_address, _damage_days, _give_unknown_zone])
def test_what_is_damaged_in_one_office_delays_no_message_of_the_other(
    two: None, box: Box, harm: Callable[[], None]
) -> None:
    harm()
    send_due()
    assert MAIL_OF_OLENA in addressees(box)


def test_a_mailbox_of_one_office_that_refuses_delays_no_message_of_the_other(two: None, box: Box) -> None:
    box.refuse_to.add(mail_of(ANA))
    send_due()
    assert addressees(box) == [MAIL_OF_OLENA]


def test_rows_of_one_office_that_are_locked_delay_no_message_of_the_other(
    two: None, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "HELD_RETRY_SECONDS", 0.2)  # seconds that a round tries them again at its end
    with connection.cursor() as cursor:  # a test that waits for ever says nothing
        cursor.execute("SET statement_timeout = '20s'")
    try:
        with _lock_rows():
            send_due()
        assert addressees(box) == [MAIL_OF_OLENA]
        send_due()
        assert addressees(box) == [MAIL_OF_OLENA, mail_of(ANA)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")


def test_a_removed_office_gets_no_message_and_the_other_one_does(two: None, box: Box) -> None:
    removal.order_removal(ORG)
    removal.remove_office(ORG, lambda _line: None)
    send_due()
    assert addressees(box) == [MAIL_OF_OLENA]
