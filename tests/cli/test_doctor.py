"""What the doctor says about reminders, logs and roles, and whether a test message really leaves."""

from collections.abc import Generator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from msgspec.structs import replace

from caseapp.cli import doctor
from caseapp.cli.doctor import Unhealthy
from caseapp.cli.stack import machine_checks
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.reminders.recipients import ReminderAddress
from caseapp.tools.pytest_plugin import run_caseapp
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast


@pytest.fixture
def database(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test's own database, as the doctor's address."""
    given = settings.DATABASES["default"]
    host = f"host={str(given['HOST']).replace('/', '%2F')}"
    url = f"postgresql://{given['USER']}:{given['PASSWORD']}@/{given['NAME']}?{host}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def heard(url: str, name: str, ago: timedelta) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO reminders_heartbeat VALUES (%s, %s)", [name, clock.now() - ago])


def database_up_for(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """Let the tests' database server have been running for so long."""
    monkeypatch.setattr("caseapp.cli.queries.uptime", lambda _: timedelta(minutes=minutes))


def test_reminders_not_heard_of_since_a_short_while_are_not_yet(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database_up_for(monkeypatch, minutes=29)
    assert doctor._check_reminders() == "not yet: beat, worker, claim"


def test_reminders_never_heard_of_since_31_minutes_are_an_alarm(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database_up_for(monkeypatch, minutes=31)
    with pytest.raises(Unhealthy, match="never heard of: beat, worker, claim; reminders may not be going out"):
        doctor._check_reminders()


def test_parts_heard_of_lately_are_told(database: str) -> None:
    for name in ("beat", "worker", "claim"):
        heard(database, name, timedelta(minutes=4))
    assert doctor._check_reminders() == "beat 4 min ago, worker 4 min ago, claim 4 min ago"


def test_a_worker_silent_for_31_minutes_is_an_alarm(database: str) -> None:
    for name, minutes in (("beat", 1), ("worker", 31), ("claim", 1)):
        heard(database, name, timedelta(minutes=minutes))
    with pytest.raises(Unhealthy, match="late: worker; reminders may not be going out"):
        doctor._check_reminders()


def test_a_heartbeat_of_a_clock_that_was_set_back_since_proves_nothing(database: str) -> None:
    for name, minutes in (("beat", 1), ("worker", -45), ("claim", 1)):
        heard(database, name, timedelta(minutes=minutes))
    with pytest.raises(Unhealthy, match="late: worker; reminders may not be going out"):
        doctor._check_reminders()


def test_row_security_taken_off_a_table_is_found(database: str) -> None:
    assert doctor._check_row_security().startswith("forced on")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("ALTER TABLE vault_record NO FORCE ROW LEVEL SECURITY")
        try:
            with pytest.raises(Unhealthy, match="not forced on vault_record"):
                doctor._check_row_security()
        finally:
            connection.execute("ALTER TABLE vault_record FORCE ROW LEVEL SECURITY")


def test_a_database_that_logs_statements_is_found(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "fsync" in doctor.REQUIRED_SETTINGS
    monkeypatch.setitem(doctor.REQUIRED_SETTINGS, "fsync", "off")  # the tests' own database is not durable
    assert doctor._check_database_log() == "keeps no statement and no value"
    monkeypatch.setitem(doctor.REQUIRED_SETTINGS, "log_statement", "another")
    with pytest.raises(Unhealthy, match="log_statement"):
        doctor._check_database_log()


def test_a_key_that_others_may_read_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from caseapp.cli.stack.data_folder import make_secrets

    monkeypatch.delenv("CASEAPP_SECRETS", raising=False)
    place = DataFolder(tmp_path)
    make_secrets(place.secrets)
    assert machine_checks.check_secrets(place).startswith("complete and private")
    (place.secrets / "pepper.key").chmod(0o640)
    with pytest.raises(Unhealthy, match=r"others may read pepper\.key"):
        machine_checks.check_secrets(place)


def test_a_check_that_breaks_says_its_type_and_nothing_it_held() -> None:
    def broken() -> str:
        raise ValueError("Planted Needle")

    finding = doctor._run_check("storage", broken)
    assert (finding.ok, finding.detail) == (False, "could not be looked at (ValueError)")


class Sink:
    """Keeps what the mail server was given."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope.original_content or b"")
        return "250 OK"


@pytest.fixture
def sink() -> Generator[tuple[Sink, int]]:
    from caseapp.cli.stack.embedded import find_free_port

    kept = Sink()
    server = Controller(kept, hostname="127.0.0.1", port=find_free_port())
    server.start()
    try:
        yield kept, server.port
    finally:
        server.stop()


def test_the_test_mail_is_constant_and_arrives(sink: tuple[Sink, int], tmp_path: Path) -> None:
    kept, port = sink
    done = run_caseapp("test-mail", "ines@office.invalid", root=tmp_path / "data", SMTP_URL=f"smtp://127.0.0.1:{port}")
    assert done.returncode == 0, done.stderr
    [message] = [message_from_bytes(content) for content in kept.taken]
    assert message["To"] == "ines@office.invalid"
    assert str(message.get_payload()).strip() == "Self-test: reminders are running."


def test_a_mail_server_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    from caseapp.cli.stack.embedded import find_free_port

    nobody = f"smtp://127.0.0.1:{find_free_port()}"
    done = run_caseapp("test-mail", "ines@office.invalid", root=tmp_path / "data", SMTP_URL=nobody)
    assert done.returncode == 1
    assert done.stderr.startswith("The mail server 127.0.0.1:")
    assert "Traceback" not in done.stderr


def test_offices_that_an_outage_of_mail_would_silence_are_counted_and_are_no_fault(database: str) -> None:
    assert doctor._check_channels().startswith("each office")
    ana = cast.found()
    assert doctor._check_channels().startswith("1 of 1 offices have only e-mail for every admin and supervisor")
    push = ReminderAddress(kind="push", address="ntfys://topic", shown="ntfys")
    with office_transaction(ana.org_id):
        recipients.change_settings(ana.org_id, ana.member_id, lambda before: replace(before, others=(push,)))
    assert doctor._check_channels().startswith("each office")
