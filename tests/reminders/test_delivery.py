"""From a plan to a message: merged apart from the save, sent once a member and day, caught up after silence."""

import datetime as dt
from collections.abc import Callable, Generator
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.cli.testing import acting_as
from caseapp.lib import clock
from caseapp.reminders import channels, choices, delivery, heartbeat, outbox, plan, watchdog
from caseapp.reminders.models import Channel, Delivery
from caseapp.reminders.plan import Series
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives
from caseapp.vault.tenancy import office
from tests.post import Box, post_office

pytestmark = pytest.mark.django_db(transaction=True)
ORG, ANA, BEN = UUID(int=1), UUID(int=2), UUID(int=3)
MONDAY = dt.date(2026, 12, 7)
Move = Callable[[dt.date, int], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Move the clock to an hour of a day in New York (winter: UTC - 5)."""

    def move(day: dt.date, hour: int) -> None:
        moment = dt.datetime.combine(day, dt.time(hour), dt.timezone(dt.timedelta(hours=-5)))
        monkeypatch.setattr(clock, "now", lambda: moment.astimezone(dt.UTC))

    move(dt.date(2026, 12, 1), 10)
    return move


@pytest.fixture
def box(settings: object, at: Move, monkeypatch: pytest.MonkeyPatch) -> Generator[Box]:
    # Days without items are silent here, so that what is counted is what was planned.
    monkeypatch.setattr(choices, "OTHER_DAYS", 0)
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]  # pytest-django's
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port  # type: ignore[attr-defined]
        yield running


def _member(member: UUID = ANA, *, language: str = "en", admin: bool = False, level: str = "normal") -> None:
    with office(ORG):
        channels.set_address(
            ORG, member, address=f"m{member.int}@office.test", language=language, zone="America/New_York",
            admin=admin, level=level,
        )  # fmt: skip


def _series(member: UUID, *days: dt.date, urgent: bool = False) -> Series:
    return Series(primitives.new_key()[:16], member, days, frozenset(days if urgent else ()))


def _plan(adds: list[Series], withdraws: list[Series] | None = None) -> None:
    with office(ORG):
        plan.write(ORG, adds, withdraws or [])


def _merge() -> int:
    with acting_as("clock"):
        return outbox.merge()


def _send() -> int:
    with acting_as("clock"):
        return delivery.send_due()


def _fire(member: UUID, day: dt.date) -> operational.Fire | None:
    with office(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT id, sealed FROM reminders_fire WHERE lookup = %s", [outbox.lookup(ORG, member, day)])
        row = cursor.fetchone()
    return operational.open_fire(server_keys.operational_key(), ORG, row[0], bytes(row[1])) if row else None


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("en", "Check your list", "has no link on purpose"),
        ("es", "Revise su lista", "no lleva enlaces a propósito"),
        ("fr", "Consultez votre liste", "ne contient volontairement aucun lien"),
    ],
)
def test_a_planned_day_brings_the_constant_text(box: Box, at: Move, language: str, subject: str, words: str) -> None:
    _member(language=language)
    _plan([_series(ANA, MONDAY)])
    _merge()
    at(MONDAY, 6)
    assert _send() == 0, "before seven it is still night"
    at(MONDAY, 7)
    assert _send() == 1
    letter = box.letters[0]
    assert letter["Subject"] == subject
    body = letter.get_content().replace("\n", " ")
    assert words in body
    assert "http" not in body


def test_two_things_on_one_day_are_one_message_and_it_does_not_come_twice(box: Box, at: Move) -> None:
    _member()
    _plan([_series(ANA, MONDAY), _series(ANA, MONDAY, urgent=True)])
    _merge()
    at(MONDAY, 9)
    assert [_send(), _send(), _send()] == [1, 0, 0]


def test_something_urgent_that_comes_after_the_days_message_has_one_of_its_own(
    box: Box, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    _member()
    _plan([_series(ANA, MONDAY)])
    _merge()
    at(MONDAY, 9)
    _send()
    _plan([_series(ANA, MONDAY, urgent=True)])
    _merge()
    assert _send() == 0, "a round in the very minute in which she was told leaves her to the next"
    minute_later = clock.now() + dt.timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: minute_later)
    assert [_send(), _send()] == [1, 0]
    assert len(set(box.ids())) == 2


def test_days_missed_while_everything_was_down_bring_one_message(box: Box, at: Move) -> None:
    _member()
    _plan([_series(ANA, *(MONDAY + dt.timedelta(days=n) for n in range(10)))])
    _merge()
    at(MONDAY, 8)
    _send()
    at(MONDAY + dt.timedelta(days=9), 8)
    assert [_send(), _send()] == [1, 0]


def test_a_plan_merged_a_day_late_is_still_sent(box: Box, at: Move) -> None:
    _member()
    at(MONDAY, 8)
    _send()
    _plan([_series(ANA, MONDAY)])
    at(MONDAY + dt.timedelta(days=1), 8)
    _merge()
    assert _send() == 1


def test_a_refusing_mail_server_is_tried_again_and_the_message_keeps_its_id(box: Box, at: Move) -> None:
    _member()
    _plan([_series(ANA, MONDAY)])
    _merge()
    at(MONDAY, 8)
    box.refuse = True
    assert _send() == 0
    with office(ORG):
        assert Channel.objects.get().tries == 1
        assert not Delivery.objects.exists()
    box.refuse = False
    at(MONDAY, 10)
    assert _send() == 1


def test_a_withdrawn_token_leaves_the_day_firing(box: Box, at: Move) -> None:
    _member()
    kept = _series(ANA, MONDAY)
    _plan([kept])
    _merge()
    _plan([], [kept])
    _merge()
    fire = _fire(ANA, MONDAY)
    assert fire is not None
    assert not fire.holds(kept.token(MONDAY))
    at(MONDAY, 8)
    assert _send() == 1


def test_what_was_added_and_withdrawn_before_the_merge_never_was(box: Box) -> None:
    _member()
    series = _series(ANA, MONDAY)
    _plan([series])
    _plan([], [series])
    _merge()
    assert _fire(ANA, MONDAY) is None


def test_a_dump_that_holds_the_old_side_neither_stops_nor_doubles_the_merging(box: Box) -> None:
    _member()
    import psycopg

    address = connection.get_connection_params()
    held = psycopg.connect(
        host=address["host"], port=address.get("port"), user=address["user"], password=address["password"],
        dbname=address["dbname"],
    )  # fmt: skip
    first, second = _series(ANA, MONDAY), _series(BEN, MONDAY)
    _plan([first])
    held.execute("SELECT count(*) FROM reminders_plan_a, reminders_plan_b")  # as pg_dump does: ACCESS SHARE to its end
    _merge()
    _plan([second], [first])
    _merge()
    _merge()
    ana, ben = _fire(ANA, MONDAY), _fire(BEN, MONDAY)
    held.rollback()
    held.close()
    _merge()
    _merge()
    assert ana is not None
    assert not ana.holds(first.token(MONDAY))
    assert ben is not None
    assert ben.holds(second.token(MONDAY))
    again = _fire(ANA, MONDAY)
    assert again is not None
    assert not again.holds(first.token(MONDAY)), "a side that was drained is not drained again"
    with connection.cursor() as cursor, acting_as("clock"):
        cursor.execute("SELECT (SELECT count(*) FROM reminders_plan_a) + (SELECT count(*) FROM reminders_plan_b)")
        assert cursor.fetchone() == (0,)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["add", "withdraw", "merge"]), st.integers(0, 5)), max_size=14))
def test_any_order_of_adds_withdrawals_and_merges_equals_a_set(at: Move, steps: list[tuple[str, int]]) -> None:
    member, day = uuid4(), MONDAY
    made = [_series(member, day) for _ in range(6)]
    model: set[int] = set()
    ever: set[int] = set()
    for act, number in steps:
        if act == "add" and number not in ever:
            _plan([made[number]])
            model.add(number)
            ever.add(number)
        elif act == "withdraw" and number in model:
            _plan([], [made[number]])
            model.discard(number)
        elif act == "merge":
            _merge()
    _merge()
    fire = _fire(member, day)
    held = {number for number in range(6) if fire is not None and fire.holds(made[number].token(day))}
    assert held == model


def test_a_fire_row_has_the_same_size_with_one_reminder_and_with_thirty() -> None:
    key = server_keys.operational_key()
    one, thirty = operational.Fire(ANA, 1), operational.Fire(ANA, 1)
    one.add(b"x" * 16, urgent=False)
    for number in range(30):
        thirty.add(bytes([number]) * 16, urgent=True)
    assert len(operational.seal_fire(key, ORG, ANA, one)) == len(operational.seal_fire(key, ORG, ANA, thirty))


def test_a_plan_row_with_nothing_and_one_with_ten_series_look_alike() -> None:
    for adds in ([], [_series(ANA, MONDAY) for _ in range(10)]):
        _plan(adds)
    with office(ORG), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT length(sealed) FROM (TABLE reminders_plan_a UNION ALL TABLE reminders_plan_b) p"
        )
        assert len(cursor.fetchall()) == 1


def test_the_self_test_goes_to_admins_once_a_day(box: Box, at: Move) -> None:
    _member(ANA, admin=True)
    _member(BEN)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert [watchdog.self_test(), watchdog.self_test()] == [1, 0]
    assert [str(letter["To"]) for letter in box.letters] == ["m2@office.test"]


def test_silence_of_beat_is_seen_and_told_to_the_admins_once(box: Box, at: Move) -> None:
    from caseapp.accounts.models import Door

    Door.objects.create(tag=b"t", org_id=ORG, member_id=ANA)
    _member(ANA, admin=True)
    at(MONDAY, 8)
    _merge()
    _send()
    heartbeat.beat("beat")
    heartbeat.beat("worker")
    assert watchdog.status().late == ("self-test",) or watchdog.status().is_healthy
    at(MONDAY, 9)
    assert {"beat", "worker", "claim"} <= set(watchdog.status().late)
    assert [watchdog.warn_admins(), watchdog.warn_admins()] == [1, 0]
    assert box.subjects() == ["Reminders may not be going out"]


def test_constant_level_writes_on_every_working_day_and_not_on_sunday(box: Box, at: Move) -> None:
    _member(level="constant")
    at(MONDAY, 8)
    assert _send() == 1
    at(MONDAY + dt.timedelta(days=6), 8)
    assert _send() == 0
