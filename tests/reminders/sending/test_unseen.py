"""A message that nobody looked at is said once more that day; whoever opened Today is left in peace."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.db import connection

from caseapp.reminders import choices
from caseapp.reminders.recipients import Absence
from caseapp.reminders.sending import delivery_log
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.cast import ANA, BEN, DAY, MONDAY, ORG, admit, mail_of, merge, plan_days, send_due, stop_clock

pytestmark = pytest.mark.django_db(transaction=True)
_admit = partial(admit, zone="America/New_York")
AGAIN = "Your list has not been checked."
At = Callable[[int], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Move the clock to an hour of Monday in New York; hours over 24 are the next days."""
    midnight = dt.datetime.combine(MONDAY, dt.time(5), dt.UTC)
    moving = stop_clock(monkeypatch, midnight - DAY)

    def move(hour: int) -> None:
        moving.moment = midnight + dt.timedelta(hours=hour)

    return move


def _looks(member: UUID = ANA) -> None:
    with acting_as("web"), office_transaction(ORG):
        delivery_log.mark_seen(ORG, member)
    merge()


def _bodies(box: Box) -> list[str]:
    return [str(letter.get_content()).replace("\n", " ") for letter in box.letters]


def test_an_urgent_message_that_nobody_looked_at_is_said_once_more_four_hours_later(box: Box, at: At) -> None:
    _admit()
    plan_days(ANA, MONDAY, urgent=True)
    at(7)
    assert send_due() == 1
    at(10)
    assert send_due() == 0
    at(11)
    assert [send_due(), send_due()] == [1, 0]
    at(19)
    assert send_due() == 0
    assert [AGAIN in body for body in _bodies(box)] == [False, True]
    assert len(set(box.ids())) == 2
    assert len(set(box.subjects())) == 1, "the subject does not tell a repeat"


def test_whoever_opened_today_is_not_told_again(box: Box, at: At) -> None:
    _admit()
    plan_days(ANA, MONDAY, urgent=True)
    at(7)
    send_due()
    at(8)
    _looks()
    at(12)
    assert send_due() == 0


def test_having_looked_before_the_message_came_is_not_having_seen_it(box: Box, at: At) -> None:
    _admit()
    plan_days(ANA, MONDAY, urgent=True)
    at(6)
    _looks()
    at(7)
    send_due()
    at(11)
    assert send_due() == 1


def test_a_look_before_the_message_of_the_same_minute_is_not_having_seen_it(box: Box, at: At) -> None:
    _admit()
    plan_days(ANA, MONDAY, urgent=True)
    at(7)
    with acting_as("web"), office_transaction(ORG):
        assert not delivery_log.mark_seen(ORG, ANA)
    assert send_due() == 1
    merge()
    at(11)
    assert send_due() == 1


def test_no_line_of_the_log_is_written_beside_what_its_reader_saves_next(box: Box, at: At) -> None:
    members = [ANA, BEN, UUID(int=0x59)]
    for member in members:
        _admit(member)
        plan_days(member, MONDAY, urgent=True)
    at(7)
    assert send_due() == 3
    at(8)
    before = _written()
    assert len(before) == 3
    with acting_as("web"), office_transaction(ORG):
        assert delivery_log.mark_seen(ORG, BEN)
    assert _written() == before, "a look writes none"
    merge()
    after = _written()
    assert len(after) == 1, "all lines are written at once, so that none of them says whose look it was"
    assert after.isdisjoint(before)


def _written() -> set[int]:
    """The transactions that wrote the lines of the log."""
    with acting_as("clock"), connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text::bigint FROM reminders_delivery")
        return {row[0] for row in cursor.fetchall()}


def test_a_colleagues_look_silences_only_their_own(box: Box, at: At) -> None:
    _admit()
    _admit(BEN)
    plan_days(ANA, MONDAY, urgent=True)
    plan_days(BEN, MONDAY, urgent=True)
    at(7)
    assert send_due() == 2
    at(8)
    _looks(BEN)
    at(12)
    assert send_due() == 1
    assert box.letters[-1]["To"] == mail_of(ANA)


def test_a_routine_day_is_said_again_only_when_it_was_drawn(box: Box, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    _admit()
    plan_days(ANA, MONDAY)
    at(7)
    send_due()
    at(12)
    assert send_due() == 0
    monkeypatch.setattr(choices, "OTHER_DAYS", 256)  # every day is drawn
    assert send_due() == 1


def test_at_level_constant_every_day_is_said_again(box: Box, at: At) -> None:
    _admit(level="constant")
    at(7)
    assert send_due() == 1
    at(12)
    assert send_due() == 1
    assert AGAIN in _bodies(box)[-1]


def test_quiet_hours_are_kept(box: Box, at: At) -> None:
    _admit(quiet=(9 * 60, 20 * 60))
    plan_days(ANA, MONDAY, urgent=True)
    at(8)
    send_due()
    at(12)
    assert send_due() == 0
    at(20)
    assert send_due() == 1


def test_a_stand_in_hears_again_of_what_is_urgent_for_somebody_else(box: Box, at: At) -> None:
    _admit(away=Absence(first=MONDAY, last=MONDAY, stand_in=BEN))
    _admit(BEN)
    plan_days(ANA, MONDAY, urgent=True)
    at(7)
    assert send_due() == 1
    at(12)
    assert send_due() == 1
    assert {letter["To"] for letter in box.letters} == {mail_of(BEN)}


def test_the_next_day_is_a_day_of_its_own(box: Box, at: At) -> None:
    _admit()
    plan_days(ANA, MONDAY, urgent=True)
    at(7)
    send_due()
    at(24 + 12)
    assert send_due() == 0, "yesterday's message is not said again today"


def test_a_month_counts_what_went_out_and_what_was_followed_by_a_look(box: Box, at: At) -> None:
    _admit()
    _admit(BEN)
    plan_days(ANA, MONDAY, urgent=True)
    plan_days(BEN, MONDAY)
    at(7)
    send_due()
    at(8)
    _looks()
    with office_transaction(ORG):
        month = delivery_log.monthly_counts_of(ORG)
    assert (month[ANA].sent, month[ANA].seen) == (1, 1)
    assert (month[BEN].sent, month[BEN].seen) == (1, 0)


def test_looking_again_writes_nothing(box: Box, at: At) -> None:
    _admit()
    plan_days(ANA, MONDAY, urgent=True)
    at(7)
    send_due()
    _looks()
    with office_transaction(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM reminders_delivery")
        before = cursor.fetchall()
    _looks()
    with office_transaction(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM reminders_delivery")
        assert cursor.fetchall() == before


def test_an_ordinary_item_entered_after_an_urgent_message_waits_for_the_next_morning(box: Box, at: At) -> None:
    _admit()
    plan_days(ANA, MONDAY, urgent=True)
    at(7)
    assert send_due() == 1
    at(8)
    _looks()
    plan_days(ANA, MONDAY)  # what the member entered themselves, 14 days ahead of its date
    at(9)
    assert send_due() == 0
    at(24 + 7)
    assert [send_due(), send_due()] == [1, 0]
    plan_days(ANA, MONDAY + DAY, urgent=True)
    at(24 + 9)
    assert send_due() == 1, "what is urgent does not wait"


def test_an_ordinary_item_does_not_end_the_repeat_of_the_urgent_message_before_it(box: Box, at: At) -> None:
    _admit()
    plan_days(ANA, MONDAY, urgent=True)
    at(7)
    assert send_due() == 1
    plan_days(ANA, MONDAY)  # a colleague entered it
    at(11)
    assert [send_due(), send_due()] == [1, 0]
    assert [AGAIN in body for body in _bodies(box)] == [False, True]


def test_an_ordinary_item_wakes_no_member_after_an_urgent_message(box: Box, at: At) -> None:
    _admit(quiet=(17 * 60, 7 * 60))
    plan_days(ANA, MONDAY, urgent=True)
    at(8)
    assert send_due() == 1
    at(9)
    _looks()
    at(18)
    plan_days(ANA, MONDAY)
    assert send_due() == 0
