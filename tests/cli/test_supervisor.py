"""The supervisor's own promises: logs stay small, nothing survives its leader, a hopeless start is given up."""

import signal
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from caseapp.cli.stack.data_folder import CannotStart
from caseapp.cli.stack.supervisor import LOG_LIMIT, ChildProcess, ProcessLog, StopRequested, Supervisor

PLAIN = {"PATH": "/usr/bin:/bin"}


class Said(list[str]):
    """The lines for the terminal."""


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def supervisor(tmp_path: Path, said: Said) -> Generator[Supervisor]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    running = Supervisor(tmp_path, said.append, lambda: None)
    try:
        yield running
    finally:
        running.stop_children()
        for number, handler in handlers.items():
            signal.signal(number, handler)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_log_never_grows_past_its_limit_and_keeps_one_older_file(tmp_path: Path) -> None:
    log = ProcessLog(tmp_path / "web.log")
    for _ in range(5):
        log.write(b"x" * (LOG_LIMIT // 2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.log", "web.log.1"]
    assert all(path.stat().st_size <= LOG_LIMIT for path in tmp_path.iterdir())


def test_what_a_child_says_goes_to_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    assert supervisor.run_command("migrate", ["/bin/sh", "-c", "echo all well; exit 3"], PLAIN) == 3
    assert (tmp_path / "migrate.log").read_text() == "all well\n"


def test_a_child_that_dies_at_every_start_is_given_up_with_one_sentence(
    supervisor: Supervisor, said: Said, tmp_path: Path
) -> None:
    child = ChildProcess("web", ["/bin/sh", "-c", "echo no module; exit 7"], PLAIN, lambda: False)
    with pytest.raises(CannotStart, match=r"web did not start; .*web\.log says why"):
        supervisor.start_child(child, patience=60)
    assert said[0] == f"web ended with code 7; it is started again now (log: {tmp_path}/web.log)"
    assert "in 4 s" in said[-2]


def test_what_a_killed_child_had_started_is_ended_too(supervisor: Supervisor, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    command = ["/bin/sh", "-c", f"sleep 600 & echo $! > {note}.new; mv {note}.new {note}; wait"]
    supervisor.start_child(ChildProcess("worker", command, PLAIN, note.exists), patience=20)
    grandchild = int(note.read_text())
    assert not is_gone(grandchild)
    process = supervisor.children[0].process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    while not is_gone(grandchild):
        supervisor._check_children(0.05)


def test_a_child_that_ignores_its_stop_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    note = tmp_path / "ready"
    stubborn = f"import signal, pathlib, time; signal.signal(15, signal.SIG_IGN); pathlib.Path({str(note)!r}).touch()"
    supervisor.start_child(
        ChildProcess("beat", [sys.executable, "-c", f"{stubborn}; time.sleep(600)"], PLAIN, note.exists), patience=20
    )
    pid = supervisor.children[0].pid
    assert pid is not None
    supervisor.stop_children()
    assert is_gone(pid)


def test_being_asked_to_stop_ends_the_watch(supervisor: Supervisor) -> None:
    signal.raise_signal(signal.SIGTERM)
    with pytest.raises(StopRequested):
        supervisor.watch_children()


def test_a_log_that_cannot_be_written_loses_its_lines_and_nothing_else(tmp_path: Path) -> None:
    log = ProcessLog(tmp_path / "missing" / "web.log")
    log.write(b"lost\n")
    log.path.parent.mkdir()
    log.write(b"kept\n")
    assert log.path.read_text() == "kept\n"


def test_a_child_that_cannot_be_started_again_just_now_ends_no_other(supervisor: Supervisor, said: Said) -> None:
    child = ChildProcess("worker", ["/bin/sleep", "600"], PLAIN, lambda: True)
    supervisor.start_child(child, patience=20)
    assert child.process is not None
    child.process.kill()
    child.command = ["/bin/no-such-program"]
    child.quick_deaths = -1  # no pause before the next start
    while not any("cannot be started" in line for line in said):
        supervisor._check_children(0.05)
    assert said[-1] == "worker cannot be started (No such file or directory); it is tried again in 10 s"
    assert child.process is None
