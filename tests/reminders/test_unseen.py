"""A message that nobody looked at is said once more that day; whoever opened Today is left in peace."""

import datetime as dt
from collections.abc import Callable, Generator
from functools import partial
from uuid import UUID

import pytest
from django.db import connection
from msgspec.structs import replace

from caseapp.cli.testing import acting_as
from caseapp.lib import clock
from caseapp.reminders import channels, choices, delivery, outbox, plan, sent
from caseapp.reminders.channels import Away, Ways
from caseapp.reminders.plan import Series
from caseapp.vault.core import primitives
from caseapp.vault.tenancy import office
from tests.post import Box, post_office

pytestmark = pytest.mark.django_db(transaction=True)
ORG, ANA, BEN = UUID(int=0xA1), UUID(int=0xA2), UUID(int=0xA3)
MONDAY = dt.date(2026, 12, 7)
AGAIN = "Your list has not been checked."
At = Callable[[int], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Move the clock to an hour of Monday in New York; hours over 24 are the next days."""

    def move(hour: int) -> None:
        moment = dt.datetime.combine(MONDAY, dt.time(), dt.timezone(dt.timedelta(hours=-5)))
        monkeypatch.setattr(clock, "now", lambda: (moment + dt.timedelta(hours=hour)).astimezone(dt.UTC))

    move(-24)
    return move


@pytest.fixture
def box(settings: object, at: At, monkeypatch: pytest.MonkeyPatch) -> Generator[Box]:
    monkeypatch.setattr(choices, "OTHER_DAYS", 0)
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]  # pytest-django's
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port  # type: ignore[attr-defined]
        yield running


def _member(member: UUID = ANA, **chosen: object) -> None:
    with office(ORG):
        channels.set_address(
            ORG, member, address=f"m{member.int}@office.test", language="en", zone="America/New_York", admin=False
        )
        channels.change(ORG, member, partial(_chosen, chosen))


def _chosen(chosen: dict[str, object], ways: Ways) -> Ways:
    return replace(ways, **chosen)


def _planned(member: UUID = ANA, *, urgent: bool) -> None:
    days = frozenset({MONDAY}) if urgent else frozenset()
    with office(ORG):
        plan.write(ORG, [Series(primitives.new_key()[:16], member, (MONDAY,), days)], [])
    with acting_as("clock"):
        outbox.merge()


def _send() -> int:
    with acting_as("clock"):
        return delivery.send_due()


def _looks(member: UUID = ANA) -> None:
    with acting_as("web"), office(ORG):
        sent.saw(ORG, member)
    with acting_as("clock"):
        outbox.merge()


def _bodies(box: Box) -> list[str]:
    return [str(letter.get_content()).replace("\n", " ") for letter in box.letters]


def test_an_urgent_message_that_nobody_looked_at_is_said_once_more_four_hours_later(box: Box, at: At) -> None:
    _member()
    _planned(urgent=True)
    at(7)
    assert _send() == 1
    at(10)
    assert _send() == 0
    at(11)
    assert [_send(), _send()] == [1, 0]
    at(19)
    assert _send() == 0
    assert [AGAIN in body for body in _bodies(box)] == [False, True]
    assert len(set(box.ids())) == 2
    assert len(set(box.subjects())) == 1, "the subject does not tell a repeat"


def test_whoever_opened_today_is_not_told_again(box: Box, at: At) -> None:
    _member()
    _planned(urgent=True)
    at(7)
    _send()
    at(8)
    _looks()
    at(12)
    assert _send() == 0


def test_having_looked_before_the_message_came_is_not_having_seen_it(box: Box, at: At) -> None:
    _member()
    _planned(urgent=True)
    at(6)
    _looks()
    at(7)
    _send()
    at(11)
    assert _send() == 1


def test_a_look_before_the_message_of_the_same_minute_is_not_having_seen_it(box: Box, at: At) -> None:
    _member()
    _planned(urgent=True)
    at(7)
    with acting_as("web"), office(ORG):
        assert not sent.saw(ORG, ANA)
    assert _send() == 1
    with acting_as("clock"):
        outbox.merge()
    at(11)
    assert _send() == 1


def test_no_line_of_the_log_is_written_beside_what_its_reader_saves_next(box: Box, at: At) -> None:
    members = [ANA, BEN, UUID(int=0x59)]
    for member in members:
        _member(member)
        _planned(member, urgent=True)
    at(7)
    assert _send() == 3
    at(8)
    before = _written()
    assert len(before) == 3
    with acting_as("web"), office(ORG):
        assert sent.saw(ORG, BEN)
    assert _written() == before, "a look writes none"
    with acting_as("clock"):
        outbox.merge()
    after = _written()
    assert len(after) == 1, "all lines are written at once, so that none of them says whose look it was"
    assert after.isdisjoint(before)


def _written() -> set[int]:
    """The transactions that wrote the lines of the log."""
    with acting_as("clock"), connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text::bigint FROM reminders_delivery")
        return {row[0] for row in cursor.fetchall()}


def test_a_colleagues_look_silences_only_their_own(box: Box, at: At) -> None:
    _member()
    _member(BEN)
    _planned(urgent=True)
    _planned(BEN, urgent=True)
    at(7)
    assert _send() == 2
    at(8)
    _looks(BEN)
    at(12)
    assert _send() == 1
    assert box.letters[-1]["To"] == f"m{ANA.int}@office.test"


def test_a_routine_day_is_said_again_only_when_it_was_drawn(box: Box, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    _member()
    _planned(urgent=False)
    at(7)
    _send()
    at(12)
    assert _send() == 0
    monkeypatch.setattr(choices, "OTHER_DAYS", 256)  # every day is drawn
    assert _send() == 1


def test_at_level_constant_every_day_is_said_again(box: Box, at: At) -> None:
    _member(level="constant")
    at(7)
    assert _send() == 1
    at(12)
    assert _send() == 1
    assert AGAIN in _bodies(box)[-1]


def test_quiet_hours_are_kept(box: Box, at: At) -> None:
    _member(quiet=(9 * 60, 20 * 60))
    _planned(urgent=True)
    at(8)
    _send()
    at(12)
    assert _send() == 0
    at(20)
    assert _send() == 1


def test_a_stand_in_hears_again_of_what_is_urgent_for_somebody_else(box: Box, at: At) -> None:
    _member(away=Away(first=MONDAY, last=MONDAY, stand_in=BEN))
    _member(BEN)
    _planned(urgent=True)
    at(7)
    assert _send() == 1
    at(12)
    assert _send() == 1
    assert {letter["To"] for letter in box.letters} == {f"m{BEN.int}@office.test"}


def test_the_next_day_is_a_day_of_its_own(box: Box, at: At) -> None:
    _member()
    _planned(urgent=True)
    at(7)
    _send()
    at(24 + 12)
    assert _send() == 0, "yesterday's message is not said again today"


def test_a_month_counts_what_went_out_and_what_was_followed_by_a_look(box: Box, at: At) -> None:
    _member()
    _member(BEN)
    _planned(urgent=True)
    _planned(BEN, urgent=False)
    at(7)
    _send()
    at(8)
    _looks()
    with office(ORG):
        month = sent.month_of(ORG)
    assert (month[ANA].sent, month[ANA].seen) == (1, 1)
    assert (month[BEN].sent, month[BEN].seen) == (1, 0)


def test_looking_again_writes_nothing(box: Box, at: At) -> None:
    _member()
    _planned(urgent=True)
    at(7)
    _send()
    _looks()
    with office(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM reminders_delivery")
        before = cursor.fetchall()
    _looks()
    with office(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM reminders_delivery")
        assert cursor.fetchall() == before
