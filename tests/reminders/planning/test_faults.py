"""What must not lose, double or silence a reminder: dumps, downtime, damage, a wrong clock, an absent mail server."""

import datetime as dt
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.conf import settings as configured
from django.db import DatabaseError, connection

from caseapp.casefile.upkeep import housekeeping
from caseapp.cli.stack.data_folder import ROLES
from caseapp.reminders import heartbeat
from caseapp.reminders.monitoring import status
from caseapp.reminders.planning import outbox, queries
from caseapp.reminders.sending import delivery_log as sent
from caseapp.reminders.sending import rounds
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.cast import ANA, BEN, DAY, MONDAY, ORG, Move, admit, holds, merge, send_due, series_of, write_plan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plan_keys(tmp_path: Path, settings: object) -> Path:
    folder = tmp_path / "plan-keys"
    settings.PLAN_KEY_FOLDER = folder  # type: ignore[attr-defined]  # pytest-django's
    return folder


def _tidy() -> None:
    with acting_as("clock"):
        housekeeping.delete_expired()


def _execute(statement: str, *parameters: UUID) -> None:
    with acting_as("clock"), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@contextmanager
def _another_connection() -> Generator[psycopg.Connection]:
    at = connection.get_connection_params()
    names = {key: at[key] for key in ("host", "port", "user", "password", "dbname") if at.get(key)}
    with psycopg.connect(**names) as other:
        yield other
        other.rollback()


@contextmanager
def _a_dump(tables: str) -> Generator[None]:
    """Holds ACCESS SHARE until it ends, as pg_dump does for as long as it runs."""
    with _another_connection() as other:
        other.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE")
        yield


def test_under_a_long_dump_a_withdrawn_reminder_does_not_come_back() -> None:
    series = series_of(ANA, MONDAY)
    write_plan([series])
    with _a_dump("reminders_plan_a, reminders_plan_b"):
        merge()
        assert holds(series, MONDAY)
        write_plan([], [series])
        for _ in range(4):  # minutes, while the dump goes on
            merge()
            assert not holds(series, MONDAY)
    merge()
    merge()
    assert not holds(series, MONDAY)


def test_a_save_that_takes_long_delays_nobody_elses_reminders() -> None:
    series = series_of(ANA, MONDAY)
    write_plan([series])
    with _another_connection() as other:
        other.execute("SELECT pg_advisory_xact_lock_shared(%s)", [queries.OUTBOX_LOCK])
        merge()
        assert holds(series, MONDAY)


def test_a_database_that_goes_away_in_the_middle_of_a_merge_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = series_of(ANA, MONDAY), series_of(BEN, MONDAY)
    write_plan([first])
    merge()
    write_plan([second], [first])
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "_replace_rows", lambda rows: _end_my_connection())
        connection.ensure_connection()
        with pytest.raises(DatabaseError):
            _merge_and_leave()
    connection.close()
    assert holds(first, MONDAY)
    merge()
    assert holds(second, MONDAY)
    assert not holds(first, MONDAY)


def _merge_and_leave() -> None:
    """A merge as the clock's role that leaves the connection to its fate."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLES['clock']}")
    outbox.merge()


def _end_my_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with psycopg.connect(os.environ["CASEAPP_TEST_ADMIN_URL"], autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_second_runner_does_nothing_while_one_is_at_it() -> None:
    write_plan([series_of(ANA, MONDAY)])
    merge()
    write_plan([series_of(ANA, MONDAY)])
    with _another_connection() as other:
        other.execute("SELECT 1 FROM reminders_outbox_state WHERE id = 1 FOR UPDATE")
        assert merge() == 0
    assert merge() == 1


def test_plans_left_for_ten_days_still_open_and_their_key_goes_a_day_after(plan_keys: Path, at: Move) -> None:
    series = series_of(ANA, MONDAY)
    write_plan([series])
    at(dt.date(2026, 12, 11), 10)
    _tidy()
    merge()
    assert holds(series, MONDAY)
    _tidy()
    assert [path.stem for path in plan_keys.glob("*.key")] == ["2026-12-01"]
    at(dt.date(2026, 12, 12), 11)
    _tidy()
    assert list(plan_keys.glob("*.key")) == []


def test_a_plan_without_its_key_is_kept_and_is_an_alarm_until_the_key_is_back(plan_keys: Path) -> None:
    lost, fine = series_of(ANA, MONDAY), series_of(BEN, MONDAY)
    write_plan([lost])
    key = next(plan_keys.glob("*.key"))
    aside = key.rename(plan_keys / "aside")
    write_plan([fine])  # makes a new key of the day
    merge()
    assert holds(fine, MONDAY), "one bad row must not silence the rest"
    assert "plans" in status.current().late
    aside.rename(key)
    merge()
    assert holds(lost, MONDAY)
    assert "plans" not in status.current().late


def test_marking_a_thing_done_after_the_days_message_brings_no_second_one(box: Box, at: Move) -> None:
    admit()
    series = series_of(ANA, MONDAY, urgent=True)
    write_plan([series])
    merge()
    at(MONDAY, 8)
    assert send_due() == 1
    write_plan([], [series])
    merge()
    assert send_due() == 0
    at(MONDAY + DAY, 8)
    assert send_due() == 0


def test_what_comes_after_the_days_message_and_is_not_urgent_is_said_the_next_morning(box: Box, at: Move) -> None:
    admit()
    write_plan([series_of(ANA, MONDAY)])
    merge()
    at(MONDAY, 8)
    assert send_due() == 1
    write_plan([series_of(ANA, MONDAY)])
    merge()
    assert send_due() == 0
    at(MONDAY + DAY, 8)
    assert [send_due(), send_due()] == [1, 0]


def test_a_clock_that_ran_ahead_and_came_back_has_cost_no_day(box: Box, at: Move) -> None:
    admit()
    write_plan([series_of(ANA, MONDAY, MONDAY + 3 * DAY)])
    merge()
    at(MONDAY + 10 * DAY, 9)
    assert send_due() == 1
    for day in (MONDAY, MONDAY + 3 * DAY):
        at(day, 9)
        assert [send_due(), send_due()] == [1, 0]


def test_a_fire_row_that_was_altered_still_fires(box: Box, at: Move) -> None:
    admit()
    write_plan([series_of(ANA, MONDAY)])
    merge()
    _execute("UPDATE reminders_fire SET sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40))")
    at(MONDAY, 8)
    assert send_due() == 1


def test_one_damaged_address_keeps_nobody_else_from_being_reminded(box: Box, at: Move) -> None:
    admit(ANA, admin=True)
    admit(BEN, admin=True)
    write_plan([series_of(ANA, MONDAY), series_of(BEN, MONDAY)])
    merge()
    _execute("UPDATE reminders_channel SET sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40)) "
             "WHERE member_id = %s", ANA)  # fmt: skip
    at(MONDAY, 8)
    assert send_due() == 1
    with acting_as("clock"):
        assert status.send_self_tests() == 1


def test_with_the_mail_server_away_a_round_ends_early_and_all_get_theirs_later(box: Box, at: Move) -> None:
    people = [UUID(int=0x100 + number) for number in range(6)]
    for member in people:
        admit(member)
    write_plan([series_of(member, MONDAY) for member in people])
    merge()
    at(MONDAY, 8)
    box.refuse = True
    assert send_due() == 0
    with acting_as("clock"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reminders_channel WHERE tries > 0")
        assert cursor.fetchone() == (rounds.MAIL_FAILURE_LIMIT,)
    box.refuse = False
    at(MONDAY, 10)
    assert send_due() == 6
    assert len(set(box.ids())) == 6


def test_the_log_names_nobody_without_the_operational_key(box: Box, at: Move) -> None:
    admit()
    write_plan([series_of(ANA, MONDAY, urgent=True)])
    merge()
    at(MONDAY, 8)
    send_due()
    with acting_as("clock"), connection.cursor() as cursor:
        cursor.execute("SELECT d::text FROM reminders_delivery d")
        (line,) = cursor.fetchone()
    assert str(ANA) not in line
    assert ANA.hex not in line
    assert "urgent" not in line
    with office_transaction(ORG):
        assert [(sent.member_id, sent.what) for sent in sent.entries_of(ORG)] == [(ANA, "reminder")]


def test_the_alarm_is_repeated_after_six_hours_as_a_message_of_its_own(box: Box, at: Move) -> None:
    from caseapp.accounts.models import Door

    Door.objects.create(tag=b"faults", org_id=ORG, member_id=ANA)
    admit(ANA, admin=True)
    heartbeat.beat("beat")
    for hour in (6, 9, 13):
        at(MONDAY, hour)
        status.warn_admins()
    assert len(set(box.ids())) == len(box.ids()) == 2


def test_no_key_folder_is_made_readable_to_others(plan_keys: Path) -> None:
    write_plan([])
    assert plan_keys.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in plan_keys.iterdir())
    assert Path(configured.PLAN_KEY_FOLDER) == plan_keys


def test_a_destroyed_key_opens_nothing(plan_keys: Path) -> None:
    kid = operational.plan_kid(server_keys.plan_key_of_today())
    next(plan_keys.glob("*.key")).unlink()
    with pytest.raises(OpenFailed):
        server_keys.find_plan_key(kid)


def test_a_member_whose_row_is_held_for_a_moment_is_still_reminded_in_the_same_round(box: Box, at: Move) -> None:
    admit()
    write_plan([series_of(ANA, MONDAY)])
    merge()
    at(MONDAY, 8)
    with _another_connection() as other:
        other.execute(f"SET ROLE {ROLES['clock']}")
        other.execute("SELECT 1 FROM reminders_channel WHERE member_id = %s FOR UPDATE", [ANA])
        let_go = threading.Timer(1, other.rollback)
        let_go.start()
        assert send_due() == 1
        let_go.join()
    assert len(box.letters) == 1
