"""Reminders of the days between a backup and its restore: sent once, late, by the real worker to a real mail server."""

import datetime as dt
import json
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from celery import Celery
from pytest_django.fixtures import Settings

from caseapp.deadlines.services import acts
from caseapp.lib import clock
from caseapp.reminders import choices
from caseapp.reminders.planning import outbox
from caseapp.reminders.sending import rounds
from caseapp.tools.pytest_plugin import RunningStack, acting_as, data_folder, running_stack
from tests.cli.backup.backed_up_office import PAPER, BackedUpOffice, found_office, restore
from tests.helpers import cast, moved_clock
from tests.helpers.cast import WORDS
from tests.helpers.smtp import Box, post_office
from tests.helpers.visitor import Visitor, recovery_code

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]
BACKUP = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)  # Tuesday, 10:00 AM in New York
# Saturday: days without items have no message. The machine was lost after eight, and is restored the night after.
LOST = dt.datetime(2026, 12, 5, 13, 0, tzinfo=dt.UTC)
NIGHT = dt.datetime(2026, 12, 6, 8, 0, tzinfo=dt.UTC)  # Sunday, 3:00 AM
MORNING = dt.datetime(2026, 12, 6, 13, 0, tzinfo=dt.UTC)
CLIENT, BRIEF = "Farid Karimi", "Brief of Mr Karimi"
SCANNED = ("database", "storage", "logs")  # test_backup_and_restore reads the files of the database
LETTERS = "Check your list"  # subject of every reminder
ANA, BEN, CORA = "ana@office.test", "ben@office.test", "cora@office.test"
SIGN = "SELECT at FROM reminders_heartbeat WHERE name = "
TASKS = {  # and when each was last done completely
    "merge_plans": "SELECT merged_at FROM reminders_outbox_state",
    "send_due": SIGN + "'claim'",
    "housekeeping": SIGN + "'done outbox'",
}


@pytest.fixture
def box(settings: Settings) -> Generator[Box]:
    with post_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def office(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[BackedUpOffice]:
    root = Path(settings.DATA_FOLDER)
    shutil.rmtree(root / "blobs", ignore_errors=True)
    settings.BLOBS = root / "blobs"
    settings.BACKUP_TO = ""
    monkeypatch.setattr(choices, "OTHER_DAYS", 0)
    monkeypatch.setattr(clock, "now", lambda: BACKUP)
    yield found_office(root, tmp_path)
    Path(settings.JOURNAL_FILE).unlink(missing_ok=True)


def _mails(box: Box, start: int = 0) -> list[tuple[str, str]]:
    """Address and Message-ID of each reminder, sorted."""
    letters = [letter for letter in list(box.letters)[start:] if letter["Subject"] == LETTERS]
    return sorted((str(letter["To"]), str(letter["Message-ID"])) for letter in letters)


def _send_here() -> None:
    """Let the first machine send what is due."""
    with acting_as("clock"):
        outbox.merge()
        rounds.send_due()


@dataclass
class _Restored:
    """The second machine, with its clock and its queue."""

    stack: RunningStack
    clock_file: Path
    queue: Celery = field(init=False)

    def __post_init__(self) -> None:
        self.queue = Celery(broker=str(self.stack.read_state()["urls"]["broker"]))

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        name = urlsplit(self.stack.database_url("owner")).path
        with psycopg.connect(urlsplit(self.stack.database_url("admin"))._replace(path=name).geturl()) as connection:
            return connection.execute(statement.encode()).fetchall()

    def work(self, moment: dt.datetime, *tasks: str) -> None:
        """Move the clock, and let the real worker do each task completely."""
        moved_clock.set_offset(self.clock_file, moment - dt.datetime.now(dt.UTC))
        for task in tasks:
            give_up = time.monotonic() + 60
            while not any(at is not None and moment <= at for (at,) in self.ask(TASKS[task])):
                assert time.monotonic() < give_up, f"{task} was not done at {moment}"
                self.queue.send_task(f"reminders.{task}", retry=False)
                time.sleep(0.5)

    def today_of(self, email: str) -> str:
        """Sign in, with a recovery code at the first time, and read Today."""
        visitor = Visitor(int(self.stack.read_state()["ports"]["web"]))
        visitor.get("/sign-in/")
        assert visitor.post("/sign-in/", {"email": email, "passphrase": WORDS}).status == 303
        if visitor.get("/").location.endswith("/setup/recovery/"):
            sheet = visitor.get("/setup/recovery/")
            typed = {"proof": sheet.hidden()["proof"], "typed": recovery_code(sheet)}
            assert visitor.post("/setup/recovery/", typed).status == 303
        page = visitor.get("/")
        assert page.status == 200, page.location
        return page.text


@contextmanager
def _restored(office: BackedUpOffice, box: Box) -> Generator[_Restored]:
    with data_folder() as root:
        clock_file = root.with_name("clock")
        moved_clock.set_offset(clock_file, NIGHT - dt.datetime.now(dt.UTC))
        environment = {"CASEAPP_CLOCK_FILE": str(clock_file), "SMTP_URL": f"smtp://127.0.0.1:{box.port}"}
        done = restore(office.target, office.key_file, root, **environment)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        with running_stack(root, MAIL_FROM="list@office.test", **environment) as stack:
            yield _Restored(stack, clock_file)


def _add_dates(office: BackedUpOffice, cora: UUID) -> None:
    """Add Ben's date, which reminds in the days between, and Cora's, which reminds on the day of the backup alone."""
    case_id = office.add_case(CLIENT)
    for what, day, severity, owner in (
        (BRIEF, dt.date(2026, 12, 1), "serious", office.ben),
        ("Copy of the passport", dt.date(2026, 11, 27), "routine", cora),
    ):
        acts.set_by_hand(
            office.ana, case_id, what=what, due_on=day, severity=severity, reason="Order of the judge", owner=owner
        )


def _scan_for_needles(stack: RunningStack) -> None:
    """Search everything on the second machine for what people typed on the first: no passphrase was typed here yet."""
    needles = {"client": CLIENT, "what is due": BRIEF, "note": f"first talk with {CLIENT}", "document": PAPER}
    needles |= {"member": "Cora Lindqvist", "e-mail": BEN}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{label}: {text}\n" for label, text in needles.items()))
        file.flush()
        command = ("seal-scan", "--needles", file.name, "--json")
        scanned = stack.run_command(*command, *(word for name in SCANNED for word in ("--only", name)))
    assert scanned.returncode == 0, (scanned.stdout[-3000:], scanned.stderr[-2000:])
    assert json.loads(scanned.stdout)["leaks"] == []


def test_reminders_of_the_days_between_go_out_once_and_what_became_overdue_is_on_today(
    office: BackedUpOffice, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    cora = cast.colleague_of(office.ana, name="Cora Lindqvist", email=CORA)
    _add_dates(office, cora)
    _send_here()
    before = _mails(box)
    assert [to for to, _ in before] == [BEN, CORA], "Ben is reminded seven days before, Cora at once"
    office.back_up()
    monkeypatch.setattr(clock, "now", lambda: LOST)
    _send_here()
    lost = [mail for mail in _mails(box) if mail not in before]
    assert [to for to, _ in lost] == [ANA, BEN], "what this machine sent is in no backup"
    start = len(box.letters)
    with _restored(office, box) as restored:
        restored.work(NIGHT + dt.timedelta(hours=1), "merge_plans", "send_due", "housekeeping")
        assert box.letters[start:] == [], (
            "neither a reminder at night nor an alarm about rows that wait for the morning"
        )
        _scan_for_needles(restored.stack)
        restored.work(MORNING, "merge_plans", "send_due")
        assert [to for to, _ in _mails(box, start)] == [ANA, BEN], "Cora's only reminder went out before the backup"
        sent = restored.ask("SELECT DISTINCT sent_on FROM reminders_fire WHERE sent_on IS NOT NULL ORDER BY 1")
        assert sent == [(BACKUP.date(),), (MORNING.date(),)]
        page = restored.today_of(BEN)
        assert "This office was restored on Sun, Dec 6, 2026" in page
        overdue = page.partition('id="overdue"')[2].partition("</section>")[0]
        assert BRIEF in overdue
        assert "Copy of the passport" in overdue
        assert "Reminders may not be going out" not in page
        restored.work(MORNING + dt.timedelta(hours=1), "merge_plans", "send_due")
        assert len(_mails(box, start)) == 2, "no reminder goes out twice, after a look at Today either"
        assert not restored.ask("SELECT at FROM reminders_heartbeat WHERE name = 'missing'")
