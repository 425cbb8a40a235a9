"""From a plan to a message: merged apart from the save, sent once a member and day, caught up after silence."""

import datetime as dt
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.lib import clock
from caseapp.reminders import heartbeat
from caseapp.reminders.models import Channel, Delivery
from caseapp.reminders.monitoring import status
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.cast import (
    ANA,
    BEN,
    MONDAY,
    ORG,
    Move,
    addressees,
    admit,
    fire_of,
    mail_of,
    merge,
    send_due,
    series_of,
    stop_clock,
    write_plan,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at")]
_admit = partial(admit, zone="America/New_York")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Move the clock to an hour of a day in New York (winter: UTC - 5)."""
    moving = stop_clock(monkeypatch, dt.datetime(2026, 12, 1, 15, tzinfo=dt.UTC))

    def move(day: dt.date, hour: int) -> None:
        moment = dt.datetime.combine(day, dt.time(hour), dt.timezone(dt.timedelta(hours=-5)))
        moving.moment = moment.astimezone(dt.UTC)

    return move


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "Check your list", "has no link on purpose"),
        ("es", "Revise su lista", "no lleva enlaces a propósito"),
        ("fr", "Consultez votre liste", "ne contient volontairement aucun lien"),
    ],
)
def test_a_planned_day_brings_the_constant_text(box: Box, at: Move, language: str, subject: str, words: str) -> None:
    _admit(language=language)
    write_plan([series_of(ANA, MONDAY)])
    merge()
    at(MONDAY, 6)
    assert send_due() == 0, "before seven it is still night"
    at(MONDAY, 7)
    assert send_due() == 1
    letter = box.letters[0]
    assert letter["Subject"] == subject
    body = letter.get_content().replace("\n", " ")
    assert words in body
    assert "http" not in body


def test_two_things_on_one_day_are_one_message_and_it_does_not_come_twice(box: Box, at: Move) -> None:
    _admit()
    write_plan([series_of(ANA, MONDAY), series_of(ANA, MONDAY, urgent=True)])
    merge()
    at(MONDAY, 9)
    assert [send_due(), send_due(), send_due()] == [1, 0, 0]


def test_something_urgent_that_comes_after_the_days_message_has_one_of_its_own(
    box: Box, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    _admit()
    write_plan([series_of(ANA, MONDAY)])
    merge()
    at(MONDAY, 9)
    send_due()
    write_plan([series_of(ANA, MONDAY, urgent=True)])
    merge()
    assert send_due() == 0, "a round in the very minute in which she was told leaves her to the next"
    minute_later = clock.now() + dt.timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: minute_later)
    assert [send_due(), send_due()] == [1, 0]
    assert len(set(box.ids())) == 2


def test_days_missed_while_everything_was_down_bring_one_message(box: Box, at: Move) -> None:
    _admit()
    write_plan([series_of(ANA, *(MONDAY + dt.timedelta(days=n) for n in range(10)))])
    merge()
    at(MONDAY, 8)
    send_due()
    at(MONDAY + dt.timedelta(days=9), 8)
    assert [send_due(), send_due()] == [1, 0]


def test_a_plan_merged_a_day_late_is_still_sent(box: Box, at: Move) -> None:
    _admit()
    at(MONDAY, 8)
    send_due()
    write_plan([series_of(ANA, MONDAY)])
    at(MONDAY + dt.timedelta(days=1), 8)
    merge()
    assert send_due() == 1


def test_a_refusing_mail_server_is_tried_again_and_the_message_keeps_its_id(box: Box, at: Move) -> None:
    _admit()
    write_plan([series_of(ANA, MONDAY)])
    merge()
    at(MONDAY, 8)
    box.refuse = True
    assert send_due() == 0
    with office_transaction(ORG):
        assert Channel.objects.get().tries == 1
        assert not Delivery.objects.exists()
    box.refuse = False
    at(MONDAY, 10)
    assert send_due() == 1


def test_a_withdrawn_token_leaves_the_day_firing(box: Box, at: Move) -> None:
    _admit()
    kept = series_of(ANA, MONDAY)
    write_plan([kept])
    merge()
    write_plan([], [kept])
    merge()
    fire = fire_of(ANA, MONDAY)
    assert fire is not None
    assert not fire.has_token(kept.token_for(MONDAY))
    at(MONDAY, 8)
    assert send_due() == 1


def test_what_was_added_and_withdrawn_before_the_merge_never_was(box: Box) -> None:
    _admit()
    series = series_of(ANA, MONDAY)
    write_plan([series])
    write_plan([], [series])
    merge()
    assert fire_of(ANA, MONDAY) is None


def test_a_dump_that_holds_the_old_side_neither_stops_nor_doubles_the_merging(box: Box) -> None:
    _admit()
    import psycopg

    address = connection.get_connection_params()
    held = psycopg.connect(
        host=address["host"], port=address.get("port"), user=address["user"], password=address["password"],
        dbname=address["dbname"],
    )  # fmt: skip
    first, second = series_of(ANA, MONDAY), series_of(BEN, MONDAY)
    write_plan([first])
    held.execute("SELECT count(*) FROM reminders_plan_a, reminders_plan_b")  # as pg_dump does: ACCESS SHARE to its end
    merge()
    write_plan([second], [first])
    merge()
    merge()
    ana, ben = fire_of(ANA, MONDAY), fire_of(BEN, MONDAY)
    held.rollback()
    held.close()
    merge()
    merge()
    assert ana is not None
    assert not ana.has_token(first.token_for(MONDAY))
    assert ben is not None
    assert ben.has_token(second.token_for(MONDAY))
    again = fire_of(ANA, MONDAY)
    assert again is not None
    assert not again.has_token(first.token_for(MONDAY)), "a side that was drained is not drained again"
    with connection.cursor() as cursor, acting_as("clock"):
        cursor.execute("SELECT (SELECT count(*) FROM reminders_plan_a) + (SELECT count(*) FROM reminders_plan_b)")
        assert cursor.fetchone() == (0,)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["add", "withdraw", "merge"]), st.integers(0, 5)), max_size=14))
def test_any_order_of_adds_withdrawals_and_merges_equals_a_set(at: Move, steps: list[tuple[str, int]]) -> None:
    member, day = uuid4(), MONDAY
    made = [series_of(member, day) for _ in range(6)]
    model: set[int] = set()
    ever: set[int] = set()
    for act, number in steps:
        if act == "add" and number not in ever:
            write_plan([made[number]])
            model.add(number)
            ever.add(number)
        elif act == "withdraw" and number in model:
            write_plan([], [made[number]])
            model.discard(number)
        elif act == "merge":
            merge()
    merge()
    fire = fire_of(member, day)
    held = {number for number in range(6) if fire is not None and fire.has_token(made[number].token_for(day))}
    assert held == model


def test_a_fire_row_has_the_same_size_with_one_reminder_and_with_thirty() -> None:
    key = server_keys.operational_key()
    one, thirty = operational.ReminderDay(ANA, 1), operational.ReminderDay(ANA, 1)
    one.add_token(b"x" * 16, urgent=False)
    for number in range(30):
        thirty.add_token(bytes([number]) * 16, urgent=True)
    assert len(operational.seal_fire(key, ORG, ANA, one)) == len(operational.seal_fire(key, ORG, ANA, thirty))


def test_a_plan_row_with_nothing_and_one_with_ten_series_look_alike() -> None:
    for adds in ([], [series_of(ANA, MONDAY) for _ in range(10)]):
        write_plan(adds)
    with office_transaction(ORG), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT length(sealed) FROM (TABLE reminders_plan_a UNION ALL TABLE reminders_plan_b) p"
        )
        assert len(cursor.fetchall()) == 1


def test_the_self_test_goes_to_admins_once_a_day(box: Box, at: Move) -> None:
    _admit(ANA, admin=True)
    _admit(BEN)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert [status.send_self_tests(), status.send_self_tests()] == [1, 0]
    assert addressees(box) == [mail_of(ANA)]


def test_silence_of_beat_is_seen_and_told_to_the_admins_once(box: Box, at: Move) -> None:
    from caseapp.accounts.models import Door

    Door.objects.create(tag=b"t", org_id=ORG, member_id=ANA)
    _admit(ANA, admin=True)
    at(MONDAY, 8)
    merge()
    send_due()
    heartbeat.beat("beat")
    heartbeat.beat("worker")
    assert status.current().late == ("self-test",) or status.current().is_healthy
    at(MONDAY, 9)
    assert {"beat", "worker", "claim"} <= set(status.current().late)
    assert [status.warn_admins(), status.warn_admins()] == [1, 0]
    assert box.subjects() == ["Reminders may not be going out"]


def test_constant_level_writes_on_every_working_day_and_not_on_sunday(box: Box, at: Move) -> None:
    _admit(level="constant")
    at(MONDAY, 8)
    assert send_due() == 1
    at(MONDAY + dt.timedelta(days=6), 8)
    assert send_due() == 0
