"""A reminder due before the next merge asks for a merge at once; without a broker the row waits for the next beat."""

import datetime as dt
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection, transaction
from kombu import Connection

from caseapp.cli.stack.embedded import Valkey, find_free_port
from caseapp.lib import clock
from caseapp.reminders.planning import plan
from caseapp.vault.tenancy import office_transaction
from tests.reminders.cast import ANA, DAY, MONDAY, ORG, series_of, write_plan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.combine(MONDAY, dt.time(8), dt.UTC))


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    server = Valkey(tmp_path, "only-for-this-test", find_free_port())
    server.write_settings()
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
    try:
        with Connection(server.url) as queue:
            queue.ensure_connection(max_retries=10)
        monkeypatch.setitem(current_app.conf, "broker_url", server.url)
        yield server.url
    finally:
        process.kill()
        process.wait()


def _waiting(url: str) -> int:
    with Connection(url) as queue:
        return int(queue.default_channel.client.llen("celery"))  # type: ignore[attr-defined]  # kombu's Redis channel


def test_a_reminder_for_today_rings_and_one_for_next_week_does_not(broker: str) -> None:
    write_plan([series_of(ANA, MONDAY + 7 * DAY)])
    assert _waiting(broker) == 0
    write_plan([series_of(ANA, MONDAY)])
    assert _waiting(broker) == 1


def test_nothing_rings_for_a_save_that_was_undone(broker: str) -> None:
    with office_transaction(ORG):
        plan.write(ORG, [series_of(ANA, MONDAY)], [])
        transaction.set_rollback(True)
    assert _waiting(broker) == 0


def test_without_a_broker_the_save_stands_and_its_plan_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(current_app.conf, "broker_url", f"redis://127.0.0.1:{find_free_port()}/0")
    write_plan([series_of(ANA, MONDAY)])
    with office_transaction(ORG), connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM reminders_plan_a) + (SELECT count(*) FROM reminders_plan_b)")
        assert cursor.fetchone() == (1,)
