"""An upgrade of an older office that fails or is killed leaves the old state; repeated, it ends as undisturbed."""

import os
import random
import signal
import subprocess
import tarfile
import time
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from caseapp.cli.stack import database, upgrade
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.cli.stack.upgrade import NEWER_DATABASE, NOT_CHANGED
from caseapp.lib.service_urls import Database, read_database
from caseapp.tools.pytest_plugin import CASEAPP, bare_environment
from tests.upgrade.old_office import FIXTURES, run_program, wheel_program

CHECKOUT = Path(__file__).parents[2]
KILLS = int(os.environ.get("CASEAPP_UPGRADE_KILLS", "4"))
NEWER = "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '0099_of_a_newer_program', now())"


@dataclass
class OldDatabase:
    """The database that e59cbe9 left, in the tests' own server, and the keys that belong to it."""

    root: Path
    database: Database
    admin: Database

    def environment(self, fails: str = "") -> dict[str, str]:
        return bare_environment(self.root) | {
            "DATABASE_URL": self.database.url,
            "DJANGO_SETTINGS_MODULE": "tests.upgrade.newer.settings",
            "PYTHONPATH": str(CHECKOUT),
            "UPGRADE_FAILS": fails,
        }

    def migrate(self, *, fails: str = "") -> "subprocess.CompletedProcess[str]":
        command = [CASEAPP, "migrate", "--with-copy"]
        return subprocess.run(
            command, env=self.environment(fails), capture_output=True, text=True, check=False, timeout=120
        )

    def state(self) -> tuple[str, list[tuple[str, str]]]:
        """Everything in the database: schema, rows and rights, and which migrations it has."""
        dump = subprocess.run(
            [wheel_program("pg_dump"), "--exclude-table-data=django_migrations", self.admin_url()],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        # A random word in each dump, and sequences, which no transaction takes back.
        lines = [line for line in dump.splitlines() if "restrict " not in line and "pg_catalog.setval" not in line]
        with psycopg.connect(self.admin_url()) as opened:
            applied = opened.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2").fetchall()
        return "\n".join(lines), [(str(app), str(name)) for app, name in applied]

    def admin_url(self) -> str:
        return self.admin.with_name(self.database.name).url

    def databases(self) -> list[str]:
        """The names of this database and its copies."""
        with psycopg.connect(self.admin.url) as opened:
            found = opened.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY 1", [f"{self.database.name}%"]
            )
            return [str(name) for (name,) in found]

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.admin_url(), autocommit=True) as opened:
            opened.execute(statement.encode())


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Generator[OldDatabase]:
    """The office as e59cbe9 left it, as the template of each test's own."""
    root = tmp_path_factory.mktemp("old")
    with tarfile.open(FIXTURES / "e59cbe9" / "office.tar.gz") as packed:
        packed.extractall(root, filter="data")
    server = Path(os.environ["CASEAPP_DATA"]) / "secrets"
    for path in server.glob("*.password"):
        (root / "secrets" / path.name).write_bytes(path.read_bytes())
    admin = read_database(os.environ["CASEAPP_TEST_ADMIN_URL"])
    name = f"old_{os.getpid()}"
    owner = DataFolder(root).with_role(admin.with_name(name).url, "owner")
    _create(admin, name)
    quiet = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
    run_program("psql", *quiet, f"--file={root / 'dump.sql'}", admin.with_name(name).url)
    yield OldDatabase(root, read_database(owner), admin)
    _drop(admin, name)


@pytest.fixture
def old(restored: OldDatabase) -> Generator[OldDatabase]:
    """A copy of that office for one test."""
    name = f"{restored.database.name}_{random.randrange(10**9)}"
    _create(restored.admin, name, template=restored.database.name)
    yield OldDatabase(restored.root, restored.database.with_name(name), restored.admin)
    for left in (name, f"{name}_before", f"{name}_failed"):
        _drop(restored.admin, left)


def _create(admin: Database, name: str, template: str = "template0") -> None:
    with psycopg.connect(admin.url, autocommit=True) as opened:
        statement = sql.SQL("CREATE DATABASE {} OWNER caseapp_owner TEMPLATE {}")
        opened.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _drop(admin: Database, name: str) -> None:
    with psycopg.connect(admin.url, autocommit=True) as opened:
        opened.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.parametrize("step", ["migration", "doctor"])
def test_an_upgrade_that_fails_leaves_the_old_state_and_repeated_it_ends_as_undisturbed(
    old: OldDatabase, step: str
) -> None:
    before = old.state()
    failed = old.migrate(fails=step)
    assert failed.returncode == NOT_CHANGED, failed.stderr
    assert "is as it was before" in failed.stderr
    assert "Needle" not in failed.stderr + failed.stdout
    assert old.state() == before
    assert old.databases() == [old.database.name]
    with psycopg.connect(old.admin_url()) as opened:
        may_connect = "SELECT has_database_privilege(%s, current_database(), 'CONNECT')"
        assert opened.execute(may_connect, ["caseapp_web"]).fetchone() == (True,)
    done = old.migrate()
    assert (done.returncode, done.stderr) == (0, "")
    assert ("newer", "0002_every_row_is_written_anew") in old.state()[1]
    assert old.databases() == [old.database.name]


def test_an_upgrade_killed_at_any_point_is_all_or_nothing_and_repeated_it_ends_as_undisturbed(
    old: OldDatabase, restored: OldDatabase
) -> None:
    seed = int(os.environ.get("CASEAPP_UPGRADE_SEED", random.randrange(10**6)))
    chance, before = random.Random(seed), old.state()
    print(f"seed {seed}")
    other = OldDatabase(old.root, old.database.with_name(f"{old.database.name}_undisturbed"), old.admin)
    _create(old.admin, other.database.name, template=restored.database.name)
    try:
        began = time.monotonic()
        assert other.migrate().returncode == 0
        lasts, undisturbed = time.monotonic() - began, other.state()
    finally:
        _drop(old.admin, other.database.name)
    killed = finished = 0
    while killed < KILLS:
        process = subprocess.Popen(
            [CASEAPP, "migrate", "--with-copy"], env=old.environment(), process_group=0,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=chance.uniform(0.2, lasts))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)
        assert old.state() in (before, undisturbed), f"neither old nor new (seed {seed})"
        if process.returncode == -signal.SIGKILL:
            killed += 1
        else:  # it had ended: the next begins with the old state again
            assert old.state() == undisturbed, f"refused (seed {seed})"
            _drop(old.admin, old.database.name)
            _create(old.admin, old.database.name, template=restored.database.name)
            finished += 1
            lasts *= 0.9  # the machine is faster than it was
    print(f"{killed} upgrades were killed, of {lasts:.1f} seconds, and {finished} ended before")
    done = old.migrate()
    assert (done.returncode, old.state()) == (0, undisturbed), f"{done.stderr} (seed {seed})"
    assert old.databases() == [old.database.name]


def test_a_database_in_use_is_not_upgraded(old: OldDatabase) -> None:
    before = old.state()
    with psycopg.connect(old.database.url):
        refused = old.migrate()
    assert refused.returncode == 1
    assert refused.stderr == (
        "Other programs use the database: stop web, worker and beat, and upgrade again. Nothing was changed.\n"
    )
    assert (old.state(), old.databases()) == (before, [old.database.name])


def test_a_database_of_a_newer_program_is_left_alone(old: OldDatabase) -> None:
    old.execute(NEWER)
    before = old.state()
    refused = old.migrate()
    assert refused.returncode == NEWER_DATABASE
    assert refused.stderr.startswith("The database was changed by a newer version of Caseapp than this one (")
    assert old.state() == before


def test_a_copy_left_by_a_killed_upgrade_never_replaces_rows_that_were_saved_since(old: OldDatabase) -> None:
    assert old.migrate().returncode == 0
    _create(old.admin, f"{old.database.name}_before", template=old.database.name)
    old.execute("UPDATE accounts_door SET newer = 9")
    saved = old.state()
    refused = old.migrate(fails="doctor")
    assert refused.returncode == 1
    assert f"the state before is {old.database.name}_before" in refused.stderr
    assert old.state() == saved
    assert old.migrate().returncode == 0
    assert (old.state(), old.databases()) == (saved, [old.database.name])


@pytest.mark.django_db(transaction=True)
def test_a_table_that_another_program_keeps_locked_stops_the_upgrade_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "LOCK_TIMEOUT", "50ms")
    assert upgrade._migrate_or_explain() == ""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], user=settings["USER"], password=settings["PASSWORD"], dbname=settings["NAME"]
    ) as other:
        other.execute("LOCK TABLE vault_record IN ACCESS SHARE MODE")
        began = time.monotonic()
        assert upgrade._migrate_or_explain() == (
            "Other programs use the tables: stop web, worker and beat, and upgrade again. Nothing was changed."
        )
        assert time.monotonic() - began < 10
