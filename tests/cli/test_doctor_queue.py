"""`caseapp doctor` writes to the queue: a broker that answers and does not accept messages is not healthy."""

import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest
from kombu import Connection

from caseapp.cli.doctor import run_checks
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.cli.stack.embedded import Valkey, find_free_port


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    server = Valkey(tmp_path_factory.mktemp("queue"), "only-for-this-test", find_free_port())
    server.write_settings()
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
    try:
        with Connection(server.url) as queue:
            queue.ensure_connection(max_retries=10)
        yield server.url
    finally:
        process.kill()
        process.wait()


def _command(url: str, *words: object) -> object:
    with Connection(url) as queue:
        return queue.default_channel.client.execute_command(*words)  # type: ignore[attr-defined]  # kombu's Redis channel


def _doctor(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, str]:
    monkeypatch.setenv("BROKER_URL", url)
    (result,) = run_checks(DataFolder(folder), only=["queue"])
    return result.ok, result.detail


def test_a_queue_that_can_be_written_is_healthy_and_nothing_stays_in_it(
    broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _doctor(broker, tmp_path, monkeypatch) == (True, "can be written and read")
    assert _command(broker, "DBSIZE") == 0


@pytest.mark.parametrize(
    ("change", "back", "sentence"),
    [
        (
            ("CONFIG", "SET", "maxmemory", "1"),
            ("CONFIG", "SET", "maxmemory", "64mb"),
            "the queue is full: its memory limit (maxmemory) is reached",
        ),
        (
            ("REPLICAOF", "127.0.0.1", "1"),
            ("REPLICAOF", "NO", "ONE"),
            "the queue is read-only: BROKER_URL leads to a copy of another server",
        ),
        (
            ("ACL", "SETUSER", "default", "-lpush"),
            ("ACL", "SETUSER", "default", "+lpush"),
            "the queue cannot be written (NoPermissionError)",
        ),
    ],
)
def test_a_queue_that_answers_and_takes_no_message_is_named(
    broker: str,
    change: tuple[str, ...],
    back: tuple[str, ...],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _command(broker, *change)
    try:
        assert _command(broker, "PING"), "it still answers"
        assert _doctor(broker, tmp_path, monkeypatch) == (False, sentence)
    finally:
        _command(broker, *back)
    assert _doctor(broker, tmp_path, monkeypatch)[0]


def test_a_queue_that_is_away_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = f"redis://127.0.0.1:{find_free_port()}/0"
    assert _doctor(away, tmp_path, monkeypatch) == (False, "the queue is unreachable")
