"""kill -9 at random points of backup and restore: repeating the command ends in the same state as undisturbed.

`CASEAPP_BACKUP_KILLS` sets how often each is killed (2 here; the soak does 20).
"""

import datetime as dt
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_django.fixtures import Settings

from caseapp.cases.services import notes
from caseapp.cli.backup.archive import queries
from caseapp.cli.backup.archive.database_copy import copy_out
from caseapp.cli.backup.archive.local_server import local_postgres
from caseapp.cli.backup.archive.verification import verify_target
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.lib import clock
from caseapp.tools.pytest_plugin import CASEAPP, bare_environment, data_folder
from tests.cli.backup.backed_up_office import BackedUpOffice, found_office, look

KILLS = int(os.environ.get("CASEAPP_BACKUP_KILLS", "2"))
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 12, 1, 15, 0, tzinfo=dt.UTC)
# All but `counted_at`, which is the moment of the restore.
CENSUS = "SELECT org_id, sealed, missing, missing_at, told_at, looked_on FROM reminders_census ORDER BY 1"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]


@pytest.fixture
def office(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[BackedUpOffice]:
    root = Path(settings.DATA_FOLDER)
    settings.BLOBS = root / "blobs"
    settings.BACKUP_TO = ""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    made = found_office(root, tmp_path)
    yield made
    Path(settings.JOURNAL_FILE).unlink(missing_ok=True)


def _start(arguments: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [CASEAPP, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, process_group=0
    )


def _run(arguments: list[str], environment: dict[str, str]) -> float:
    """Run a command to its end; answer its seconds."""
    began = time.monotonic()
    process = _start(arguments, environment)
    _, errors = process.communicate(timeout=180)
    assert (process.returncode, errors) == (0, b"")
    return time.monotonic() - began


def _kill_after(seconds: float, arguments: list[str], environment: dict[str, str]) -> bool:
    """Kill the command after some seconds; answer whether it was still running. It never ends with an error."""
    process = _start(arguments, environment)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in {0, -signal.SIGKILL}, errors.decode()
    return process.returncode == -signal.SIGKILL


def _empty(root: Path) -> None:
    """Remove everything, for a restore that begins again."""
    for path in root.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _state_of(root: Path) -> dict[str, Any]:
    """Count and digest of each table, and the digest of each file that is not PostgreSQL's or a log."""
    state: dict[str, Any] = {}
    folder = DataFolder(root)
    with (
        local_postgres(folder, durable=False) as server,
        psycopg.connect(server.admin_url("caseapp"), autocommit=True) as connection,
    ):
        queries.begin_snapshot(connection)
        name = ""
        for frame in copy_out(connection):
            if frame[:1] == b"T":
                name = json.loads(frame[5:])["name"]
            elif frame[:1] == b"E":
                state[name] = json.loads(frame[5:])
        state["reminders_census"] = connection.execute(CENSUS).fetchall()
    # The moment of the restore, and what the replay seals again under a random nonce.
    for name in ("reminders_heartbeat", "reminders_channel", "reminders_fire"):
        state[name] = state[name]["rows"]
    for part in ("secrets", "blobs", "VERSION", "destructions.journal"):
        for path in [root / part, *(root / part).rglob("*")]:
            if path.is_file():
                state[str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest()
    assert not (root / "restore.unfinished").exists()
    return state


def test_killed_backups_leave_the_earlier_ones_whole_and_lose_no_save(
    office: BackedUpOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, destroyed = office.add_case("Farid Karimi"), office.add_case("Olena Kovalenko")
    office.close_case(destroyed, dt.date(2026, 11, 30))
    ref = office.ref_of(case)
    name = office.source.admin_url.rpartition("/")[2].partition("?")[0]
    environment = bare_environment(office.root) | {
        "CASEAPP_MODE": "test",
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("/caseapp?", f"/{name}?"),
        "ADMIN_DATABASE_URL": os.environ["CASEAPP_TEST_ADMIN_URL"],
    }
    chance = random.Random(20261130)
    backup = ["backup", str(office.target)]
    seconds = _run(backup, environment)
    saved: list[str] = []
    cut = 0
    while cut < KILLS:
        text = f"note number {len(saved)} of the day"
        notes.add_note(office.ana, case, text=text)
        saved.append(text)
        # The first second is Python's start; the commands differ in what follows.
        was_cut = _kill_after(chance.uniform(0.3, 1.0) * seconds, backup, environment)
        cut += was_cut
        seconds *= 1.0 if was_cut else 0.9  # the machine is faster than it was
        runs, problems = verify_target(office.target, office.key.signer, print)
        assert runs >= 1
        assert problems == []
    print(f"{cut} of {len(saved)} backups were killed, of {seconds:.1f} seconds")
    older = office.back_up().manifest
    assert not list(office.target.rglob(".partial*"))
    monkeypatch.setattr(clock, "now", lambda: LATER)
    office.destroy_case(destroyed)
    office.remove_ben()
    office.back_up()
    command = ["restore", str(office.target), "--key", str(office.key_file), "--run", older.name]
    with data_folder() as undisturbed, data_folder() as root:
        seconds = _run(command, bare_environment(undisturbed) | {"CASEAPP_MODE": "test"})
        killed = finished = 0
        environment = bare_environment(root) | {"CASEAPP_MODE": "test"}
        while killed < KILLS:
            killed += _kill_after(chance.uniform(0.1, 0.95) * seconds, command, environment)
            is_complete = (root / "VERSION").exists() and not (root / "restore.unfinished").exists()
            if is_complete and killed < KILLS:  # the next begins in an empty folder
                _empty(root)
                finished += 1
                seconds *= 0.9
        if not is_complete:
            _run(command, environment)
        print(f"{killed} restores were killed, of {seconds:.1f} seconds, and {finished} were complete before")
        assert _state_of(root) == _state_of(undisturbed)
        seen = look(root)
        assert seen["listed"] == [ref]
        assert set(saved) <= set(seen["cases"][ref]["notes"])
