"""Pytest plugin (`-p caseapp.tools.pytest_plugin`) that gives the tests a PostgreSQL and a data folder.

The plugin must be loaded before pytest-django reads the settings, so `pyproject.toml` names it and no conftest does.
`python -m caseapp.tools.pytest_plugin` finds or installs a Chromium, for `make test`.
"""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from caseapp.cli.stack import database
from caseapp.cli.stack.data_folder import ROLES, DataFolder, make_secrets
from caseapp.cli.stack.embedded import Postgres, find_free_port
from caseapp.cli.stack.supervisor import die_with_parent
from caseapp.lib import setup_code

CASEAPP = str(Path(sys.executable).with_name("caseapp"))
# The headless shell is the same engine without a browser's windows: the tests need half of the time with it.
SHELL = "chromium-headless-shell"
BROWSERS = (SHELL, "chromium", "chromium-browser", "google-chrome")
FIRST_STACK_GROUP, STACK_GROUPS = 1_000_000, 1_000_000  # group ids that no system gives to a user
UNSET_VARIABLES = (
    "CASEAPP_SECRETS",
    "CASEAPP_BLOBS",
    "CASEAPP_STATIC",
    "CASEAPP_ORIGIN",
    "BROKER_URL",
    "SMTP_URL",
    "MAIL_FROM",
    "BOUNCES_URL",
    # Some containers set it. Then each of the hundreds of processes that the tests start compiles all modules again.
    "PYTHONDONTWRITEBYTECODE",
)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Set the environment before any settings are read; the controller also starts PostgreSQL."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _set_up_worker(worker)
    else:
        _set_up_controller()
    yield


def _set_up_controller() -> None:
    root = Path(tempfile.mkdtemp(prefix="caseapp-tests-"))
    root.chmod(0o711)  # PostgreSQL's own user must pass through when root runs the tests
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    folder = DataFolder(root)
    for name in UNSET_VARIABLES:
        os.environ.pop(name, None)
    make_secrets(root / "secrets")
    server = Postgres(folder.postgres, folder.password("db-admin"), durable=False)
    server.prepare_cluster()
    _start_postgres(server, root / "postgres.log")
    database.create_roles_and_database(server.admin_url(), "caseapp", database.read_role_passwords(folder))
    with psycopg.connect(server.admin_url(), autocommit=True) as connection:
        # The owner may switch to the other roles (`acting_as`), and has none of their rights before it does.
        connection.execute("GRANT caseapp_web, caseapp_clock TO caseapp_owner WITH INHERIT FALSE, SET TRUE")
    os.environ["CASEAPP_MODE"] = "test"
    os.environ["CASEAPP_DATA"] = str(root)
    os.environ["CASEAPP_CLOCK_FILE"] = str(root / "clock")
    os.environ["DATABASE_URL"] = folder.with_role(server.database_url("caseapp"), "owner")
    os.environ["CASEAPP_TEST_ADMIN_URL"] = server.admin_url()


def _set_up_worker(worker: str) -> None:
    """Set up keys, files and clock of one xdist worker: a test that destroys a key must not disturb another worker."""
    root = Path(os.environ["CASEAPP_DATA"]) / worker
    root.mkdir(mode=0o700)
    make_secrets(root / "secrets")
    for password in (root.parent / "secrets").glob("*.password"):
        shutil.copy(password, root / "secrets")
    os.environ["CASEAPP_DATA"] = str(root)
    os.environ["CASEAPP_CLOCK_FILE"] = str(root / "clock")


def _start_postgres(server: Postgres, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            server.command, user=server.user, cwd="/", stderr=out, process_group=0, preexec_fn=die_with_parent
        )
    atexit.register(_stop_postgres, process)
    give_up = time.monotonic() + 60
    while not server.is_ready():
        if process.poll() is not None or time.monotonic() > give_up:
            raise pytest.UsageError(f"PostgreSQL did not start: {log.read_text()[-500:]}")
        time.sleep(0.05)
    return process


@contextmanager
def running_postgres() -> Generator[tuple[Postgres, Path]]:
    """Start an empty PostgreSQL in addition to that of the other tests. Yield it and the path of its log."""
    with data_folder() as root:
        root.mkdir(mode=0o711)
        server, log = Postgres(root / "postgres", "not-a-secret", durable=False), root / "postgres.log"
        server.prepare_cluster()
        process = _start_postgres(server, log)
        try:
            yield server, log
        finally:
            _stop_postgres(process)


def _stop_postgres(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # PostgreSQL's fast stop: it does not wait for clients
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()


@contextmanager
def acting_as(role: str) -> Generator[None]:
    """Switch the test's database connection to the role `web` or `clock`, with its rights and its visible rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLES[role]}")
    try:
        yield
    finally:
        # A broken transaction resets the role when it is rolled back.
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


@dataclass
class RunningStack:
    """A real `caseapp up` on a separate data folder."""

    root: Path
    process: subprocess.Popen[str]
    stack_file: Path
    terminal_output: Path  # its terminal output

    def read_state(self) -> dict[str, Any]:
        """Return the current process ids, ports and URLs (`--stack-json`)."""
        state: dict[str, Any] = json.loads(self.stack_file.read_text())
        return state

    def pid_of(self, name: str) -> int:
        return int(self.read_state()["pids"][name] or 0)

    @property
    def url(self) -> str:
        return str(self.read_state()["urls"]["web"])

    def database_url(self, role: str) -> str:
        """Return the database's URL as `owner`, `web`, `clock` or, as superuser, `admin`."""
        urls = self.read_state()["urls"]
        return str(urls["database_admin"] if role == "admin" else urls["database"][role])

    @property
    def setup_code(self) -> str:
        """Return the one-time code of a server without an office."""
        return setup_code.read_code(self.root / "secrets") or ""

    def run_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `caseapp` command on the same data folder."""
        return run_caseapp(*arguments, root=self.root)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signal the supervisor, wait for it and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)


def run_caseapp(*arguments: str, root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a `caseapp` command to its end on a data folder, without the tests' environment. `variables`: added to it."""
    return subprocess.run(
        [CASEAPP, *arguments],
        env=bare_environment(root) | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        group=group_of_stack(root),
    )


def group_of_stack(root: Path) -> int | None:
    """Return a group id for the processes of one stack; None where this user may not choose a group.

    By it its files in the machine's temp folder are known from those of others (`seal_scan/stack_processes.py`).
    """
    group = FIRST_STACK_GROUP + zlib.crc32(os.fsencode(root)) % STACK_GROUPS
    return group if _may_use_group(group) else None


@cache
def _may_use_group(group: int) -> bool:
    try:
        return subprocess.run(["/bin/true"], group=group, check=False).returncode == 0
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def bare_environment(root: Path) -> dict[str, str]:
    """Return the environment of a person at a terminal, with this data folder."""
    ours = ("CASEAPP_", "DATABASE_URL", "BROKER_URL", "SMTP_URL", "MAIL_FROM", "BOUNCES_URL", "DJANGO_", "PYTEST_")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return plain | {"CASEAPP_DATA": str(root)}


@contextmanager
def running_stack(root: Path, *arguments: str, **variables: str) -> Generator[RunningStack]:
    """Start `caseapp up` on `root`, wait until it is ready, and stop it at the end. `variables`: its environment."""
    stack_file, output_file = root.with_name(f"{root.name}.json"), root.with_name(f"{root.name}.said")
    stack_file.unlink(missing_ok=True)
    command = [CASEAPP, "up", "--port", str(find_free_port()), "--stack-json", str(stack_file), *arguments]
    with output_file.open("w") as out:
        process = subprocess.Popen(
            command,
            env=bare_environment(root) | variables,
            stdout=out,
            stderr=out,
            text=True,
            process_group=0,
            group=group_of_stack(root),
        )
    stack = RunningStack(root, process, stack_file, output_file)
    try:
        give_up = time.monotonic() + 120
        while "Caseapp is ready" not in output_file.read_text():
            if process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"caseapp up did not get ready: {output_file.read_text()}")
            time.sleep(0.1)
        yield stack
    finally:
        stack.stop()


@contextmanager
def data_folder() -> Generator[Path]:
    """Yield a path for a new data folder that PostgreSQL's own user can reach (it cannot reach pytest's tmp_path)."""
    temp = Path(tempfile.gettempdir())
    # The temp folder of a running stack is closed to that user: a stack within a stack lies next to the first one.
    is_open = all(folder.stat().st_mode & 0o001 for folder in (temp, *temp.parents))
    around = Path(tempfile.mkdtemp(prefix="caseapp-stack-", dir=temp if is_open else "/tmp"))  # noqa: S108
    around.chmod(0o711)
    try:
        yield around / "data"
    finally:
        shutil.rmtree(around, ignore_errors=True)


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    if named := os.environ.get("CASEAPP_CHROMIUM"):
        return named
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        own = driver.chromium.executable_path
    return own if Path(own).exists() else None


def ensure_chromium() -> str | None:
    """Return the path of a Chromium, installed if it was missing; None if that is impossible."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "--no-install-recommends"]
        if not os.environ.get("CASEAPP_CHROMIUM") and not shutil.which(SHELL):
            _try([*install, SHELL])
        # Debian's package is first: it installs the libraries that Playwright's Chromium needs.
        attempts.insert(0, [*install, "chromium"])
    for attempt in attempts:
        if path := find_chromium():
            return path
        _try(attempt)
    return find_chromium()


def _try(command: list[str]) -> None:
    """Run an installer to its end, or for ten minutes; without it there may be another way."""
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=600)


def main() -> int:
    """Print where Chromium is, or one sentence that says how to get it."""
    if path := ensure_chromium():
        print(f"Browser tests use {path}")
        return 0
    sentence = "The browser tests need Chromium: run `apt-get install chromium`, or put its path in CASEAPP_CHROMIUM."
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
