"""A reminder due before the next merge asks for a merge at once; without a broker the row waits for the next beat."""

import datetime as dt
import subprocess
from collections.abc import Generator
from pathlib import Path
from uuid import UUID

import pytest
from celery import current_app
from django.db import connection, transaction
from kombu import Connection

from caseapp.cli.embedded import Valkey, free_port
from caseapp.lib import clock
from caseapp.reminders import plan
from caseapp.reminders.plan import Series
from caseapp.vault.core import primitives
from caseapp.vault.tenancy import office

pytestmark = pytest.mark.django_db(transaction=True)
ORG, ANA = UUID(int=0x81), UUID(int=0x82)
TODAY = dt.date(2026, 12, 7)


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.combine(TODAY, dt.time(8), dt.UTC))


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    server = Valkey(tmp_path, "only-for-this-test", free_port())
    server.prepare()
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
    try:
        with Connection(server.url) as queue:
            queue.ensure_connection(max_retries=10)
        monkeypatch.setitem(current_app.conf, "broker_url", server.url)
        yield server.url
    finally:
        process.kill()
        process.wait()


def _save(day: dt.date) -> None:
    with office(ORG):
        plan.write(ORG, [Series(primitives.new_key()[:16], ANA, (day,), frozenset())], [])


def _waiting(url: str) -> int:
    with Connection(url) as queue:
        return int(queue.default_channel.client.llen("celery"))  # type: ignore[attr-defined]  # kombu's Redis channel


def test_a_reminder_for_today_rings_and_one_for_next_week_does_not(broker: str) -> None:
    _save(TODAY + dt.timedelta(days=7))
    assert _waiting(broker) == 0
    _save(TODAY)
    assert _waiting(broker) == 1


def test_nothing_rings_for_a_save_that_was_undone(broker: str) -> None:
    with office(ORG):
        plan.write(ORG, [Series(primitives.new_key()[:16], ANA, (TODAY,), frozenset())], [])
        transaction.set_rollback(True)
    assert _waiting(broker) == 0


def test_without_a_broker_the_save_stands_and_its_plan_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(current_app.conf, "broker_url", f"redis://127.0.0.1:{free_port()}/0")
    _save(TODAY)
    with office(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM reminders_plan_a) + (SELECT count(*) FROM reminders_plan_b)")
        assert cursor.fetchone() == (1,)
