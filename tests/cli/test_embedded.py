"""The embedded PostgreSQL starts after what a crash left of an earlier one, and says what it cannot mend."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from caseapp.cli.stack import embedded
from caseapp.cli.stack.data_folder import CannotStart
from caseapp.cli.stack.embedded import SOCKET_NAME, Postgres, Valkey
from caseapp.tools.pytest_plugin import data_folder


@pytest.fixture(scope="module")
def folder() -> Generator[Path]:
    """A cluster that `initdb` had left half-made before."""
    with data_folder() as root:
        root.mkdir(mode=0o711)
        half_made = root / "pg" / "cluster.new"
        half_made.mkdir(parents=True)
        (half_made / "PG_VERSION").write_text("")
        (root / "pg" / "admin.password").write_text("of a start that was killed")
        server_in(root).prepare_cluster()
        assert sorted(path.name for path in (root / "pg").iterdir() if "program" not in path.name) == [
            "cluster", "socket", "tmp",
        ]  # fmt: skip
        yield root


def server_in(root: Path, password: str = "of this test") -> Postgres:
    return Postgres(root / "pg", password, durable=False)


@contextmanager
def running(server: Postgres) -> Generator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(server.command, user=server.user, cwd="/", stderr=subprocess.DEVNULL)
    try:
        give_up = time.monotonic() + 30
        while not server.is_ready():
            assert process.poll() is None, "PostgreSQL refused to start"
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def test_a_process_of_a_killed_start_that_removes_its_half_made_cluster_stops_no_new_start() -> None:
    with data_folder() as root:
        (root / "pg" / "cluster.new").mkdir(parents=True)
        root.chmod(0o711)
        removes = f"while true; do rm -rf '{root}/pg/cluster.new'; done"
        with subprocess.Popen(["/bin/sh", "-c", removes]) as left:
            try:
                server_in(root).prepare_cluster()
            finally:
                left.kill()
        assert (root / "pg" / "cluster" / "PG_VERSION").exists()


def test_marks_of_a_crash_that_are_empty_or_name_another_program_stop_no_start(folder: Path) -> None:
    server = server_in(folder)
    with subprocess.Popen(["/bin/sleep", "600"], user=server.user) as other:  # has the process id by now
        try:
            for left in ("", f"{other.pid}\n{server.cluster}\n1796600000\n5432\n{server.sockets}\n\n  1234 5678\n"):
                for mark in (server.cluster / "postmaster.pid", server.sockets / f"{SOCKET_NAME}.lock"):
                    mark.write_text(left)
                    server._give_folder(mark)
                server.prepare_cluster()
                with running(server):
                    pass
        finally:
            other.kill()


def test_a_start_waits_until_the_server_of_the_start_before_has_ended(folder: Path) -> None:
    server = server_in(folder)
    with running(server) as before:
        threading.Timer(0.5, before.send_signal, [signal.SIGINT]).start()
        server.prepare_cluster()
        assert before.wait(timeout=5) == 0


def test_a_server_of_an_earlier_start_that_does_not_end_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "END_TIMEOUT", 0.2)
    server = server_in(folder)
    with running(server) as before, pytest.raises(CannotStart, match=rf"end it with `kill -INT {before.pid}`"):
        server.prepare_cluster()


def test_another_password_of_the_administrator_is_said_at_once(folder: Path) -> None:
    with running(server_in(folder)), pytest.raises(CannotStart, match=r"refuses the password in the file db-admin"):
        server_in(folder, "another").is_ready()


def test_a_cluster_without_its_version_is_damaged_and_one_of_another_version_is_named(folder: Path) -> None:
    server = server_in(folder)
    version = server.cluster / "PG_VERSION"
    for left, sentence in (("", "is damaged: restore a backup"), ("17\n", "belongs to PostgreSQL 17")):
        version.write_text(left)
        with pytest.raises(CannotStart, match=sentence):
            server.prepare_cluster()
    version.write_text("18\n")


def test_a_queue_in_a_folder_with_quotes_and_spaces_starts(tmp_path: Path) -> None:
    place = tmp_path / 'a "queue" d\'été \\ here'
    place.mkdir()
    queue = Valkey(place, "a-password", embedded.find_free_port())
    queue.write_settings()
    with subprocess.Popen(queue.command, stdout=subprocess.DEVNULL) as process:
        try:
            give_up = time.monotonic() + 20
            while not queue.is_ready():
                assert process.poll() is None
                assert time.monotonic() < give_up
                time.sleep(0.05)
        finally:
            process.kill()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every port")
def test_a_port_for_administrators_is_named_as_such() -> None:
    with pytest.raises(CannotStart, match="Port 80 is for administrators only"):
        embedded.can_bind(80)
