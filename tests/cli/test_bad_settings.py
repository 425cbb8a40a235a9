"""A variable that cannot be read stops every command with one sentence, without a piece of the secret in it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from celery.beat import ScheduleEntry

from caseapp.cli.backup import restore_run
from caseapp.cli.backup.command import with_database
from caseapp.config import celery_app
from caseapp.config.alive import MarkingScheduler
from caseapp.tools.pytest_plugin import run_caseapp

BAD = {
    "CASEAPP_ORIGIN": "cases.example.org/Planted",
    "DATABASE_URL": "postgresql://ruiz:Planted/Needle@db.invalid/caseapp",
    "BROKER_URL": "redis://:Planted#Needle@queue.invalid/0",
    "SMTP_URL": "smtp://list:Planted?Needle%@mail.invalid",
    "BOUNCES_URL": "imaps://list:Planted Needle@mail.invalid/INBOX",
}


COMMANDS = (
    *("up", "serve web", "serve beat", "doctor", "test-mail ana@office.invalid", "upgrade"),
    *("backup target", "backup drill target --key offline.key", "restore target --key offline.key"),
)
AT_ONCE = {"up", "serve", "upgrade", "restore"}  # the others add the login of the database before: it is named alone


@pytest.mark.parametrize("command", [tuple(line.split()) for line in COMMANDS])
def test_every_command_names_each_bad_variable_and_shows_nothing_of_it(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    given = BAD if command[0] in AT_ONCE else {k: v for k, v in BAD.items() if k != "DATABASE_URL"}
    if command[0] not in AT_ONCE:
        named = run_caseapp(*command, root=tmp_path / "data", DATABASE_URL=BAD["DATABASE_URL"])
        assert (named.returncode, named.stderr.partition(" ")[0]) == (1, "DATABASE_URL")
        assert "Needle" not in named.stdout + named.stderr
        given = {name: url for name, url in given.items() if name != "BROKER_URL"}
    done = run_caseapp(*command, root=tmp_path / "data", **given)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert [name for name in given if f"{name} " not in said] == []
    assert not any(word in said for word in ("Planted", "Needle", "Traceback", "invalid/", "list:"))
    assert not (tmp_path / "data" / "pg").exists()


@pytest.mark.parametrize("sign", list("/?#% "))
def test_a_backup_or_restore_shows_no_piece_of_the_administrators_password_with_an_unescaped_sign(
    sign: str, tmp_path: Path
) -> None:
    admin = f"postgresql://admin:Planted{sign}Needle@db.invalid/postgres"
    for command in ("backup target", "backup drill target --key offline.key", "restore target --key offline.key"):
        given = {"DATABASE_URL": "postgresql://own:word@db.invalid/caseapp", "ADMIN_DATABASE_URL": admin}
        done = run_caseapp(*command.split(), root=tmp_path / "data", **given)
        assert (done.returncode, done.stdout, done.stderr.partition(" ")[0]) == (1, "", "ADMIN_DATABASE_URL")
        assert not any(word in done.stderr for word in ("Planted", "Needle", "Traceback", "invalid"))


def test_the_administrators_address_of_another_database_has_its_signs_escaped() -> None:
    admin = "postgresql://admin:Planted@Needle@db.invalid/postgres?sslmode=require"
    escaped = "postgresql://admin:Planted%40Needle@db.invalid/caseapp?sslmode=require"
    assert with_database(admin, "caseapp") == escaped
    assert restore_run._administrated("postgresql://own:wo@rd@db.invalid/caseapp", admin) == escaped


def test_a_port_that_is_none_is_bad_use(tmp_path: Path) -> None:
    for port in ("0", "70000", "eight"):
        assert run_caseapp("up", "--port", port, root=tmp_path / "data").returncode == 2


def test_upgrading_where_nothing_is_says_so(tmp_path: Path) -> None:
    done = run_caseapp("upgrade", root=tmp_path / "data")
    assert (done.returncode, done.stderr) == (
        1, f"There is no database in {tmp_path / 'data'}: nothing to upgrade.\n",
    )  # fmt: skip


def scheduler_on(schedule: Path) -> MarkingScheduler:
    return MarkingScheduler(celery_app, schedule_filename=str(schedule), lazy=False)


def entry_of(scheduler: MarkingScheduler, name: str) -> ScheduleEntry:
    entry: ScheduleEntry = scheduler.schedule[name]
    return entry


def test_after_the_clock_was_set_back_tasks_run_again_at_once_and_not_only_when_it_has_caught_up(
    tmp_path: Path,
) -> None:
    first = scheduler_on(tmp_path / "schedule")
    ahead = celery_app.now() + timedelta(days=365)
    entry_of(first, "send-due").last_run_at = ahead
    entry_of(first, "housekeeping").last_run_at = celery_app.now() - timedelta(hours=2)
    first.close()
    second = scheduler_on(tmp_path / "schedule")
    due, seconds = entry_of(second, "send-due").is_due()
    assert due or seconds <= 60
    assert entry_of(second, "housekeeping").is_due()[0]
    second.close()


def test_a_schedule_that_a_crash_left_damaged_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "schedule").write_bytes(os.urandom(4096))
    begun = scheduler_on(tmp_path / "schedule")
    assert "send-due" in begun.schedule
    begun.close()
