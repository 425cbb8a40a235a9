"""Start processes, keep them running, write their logs, stop them all. One thread, one loop, Linux and macOS.

Every child has a process group of its own, so that Ctrl-C reaches the supervisor alone and a dead child's own children
are ended with it. On Linux the kernel ends the children when the supervisor dies, however it dies.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from caseapp.cli.stack.data_folder import CannotStart

LOG_LIMIT = 1_000_000  # bytes; one older file is kept
STEADY_SECONDS = 10.0  # seconds after which a process counts as started well
MAX_PAUSE = 10.0  # seconds between two starts of a process that dies at once
MAX_QUICK_DEATHS = 5  # deaths in a row after which a first start is given up
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel, in a new child, to interrupt it when its parent dies. SIGINT stops PostgreSQL cleanly."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


class StopRequested(Exception):
    """A request to stop the supervisor (Ctrl-C or SIGTERM)."""


@dataclass
class ChildProcess:
    """One process to keep running."""

    name: str
    command: list[str]
    environment: dict[str, str]
    is_ready: Callable[[], bool]
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    order: int = 0  # the highest is stopped first
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # monotonic seconds
    start_at: float = 0.0  # monotonic seconds; when to start it again, if it is down
    quick_deaths: int = 0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None


@dataclass
class ProcessLog:
    """A log file that never grows past its limit."""

    path: Path
    file: IO[bytes] | None = field(default=None, init=False)

    def write(self, content: bytes) -> None:
        # On a full disk the log loses lines, and the program goes on.
        with suppress(OSError):
            file = self._open_file()
            if file.tell() + len(content) > LOG_LIMIT:
                file.close()
                self.file = None
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
                file = self._open_file()
            file.write(content)

    def _open_file(self) -> IO[bytes]:
        if self.file is None:
            self.file = self.path.open("ab", buffering=0)
            self.path.chmod(0o600)
        return self.file


class Supervisor:
    """Runner of child processes until it is asked to stop. Lines for the terminal go through `say`."""

    def __init__(self, logs: Path, say: Callable[[str], None], changed: Callable[[], None]) -> None:
        self.logs = logs
        self.say = say
        self.changed = changed  # called when a process id changed
        self.children: list[ChildProcess] = []
        self._is_asked_to_stop = False
        self._files: dict[str, ProcessLog] = {}
        self._selector = selectors.DefaultSelector()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        # Recorded, not raised: an exception in the middle of a start would lose the new child.
        self._is_asked_to_stop = True

    def start_child(self, child: ChildProcess, *, patience: float) -> None:
        """Start a child and wait until it is ready. `patience` in seconds. Raises CannotStart, StopRequested."""
        self.children.append(child)
        self._spawn_child(child)
        give_up = time.monotonic() + patience
        while not child.is_ready():
            if time.monotonic() > give_up or child.quick_deaths >= MAX_QUICK_DEATHS:
                raise CannotStart(f"{child.name} did not start; {self.logs / child.name}.log says why.")
            self._check_children(0.05)
        self.changed()

    def run_command(self, name: str, command: list[str], environment: dict[str, str], *, show: bool = False) -> int:
        """Run a command to its end while watching the children. Return its exit code. `show`: print to the terminal."""
        out = None if show else subprocess.PIPE
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out and subprocess.STDOUT,
            process_group=0,
            preexec_fn=die_with_parent,
        )
        self._watch_output(name, process)
        try:
            while process.poll() is None:
                self._check_children(0.05)
            self._drain_output()
        except StopRequested:
            _signal_group(process, signal.SIGTERM)
            raise
        return process.returncode

    def watch_children(self) -> None:
        """Watch the children until StopRequested is raised."""
        while True:
            self._check_children(0.25)

    def stop_children(self) -> None:
        """Stop every child, the highest `order` first, because it uses the lower ones. Takes at most nine seconds."""
        for order in sorted({child.order for child in self.children}, reverse=True):
            group = [child.process for child in self.children if child.order == order and child.process]
            for child in self.children:
                if child.order == order and child.process:
                    _signal_group(child.process, child.stop_signal, leader_only=True)
            self._wait_for(group, 4.0)
            for process in group:
                _signal_group(process, signal.SIGKILL)  # also ends processes that a cleanly stopped leader left behind
                process.wait()
            self._drain_output()

    def _wait_for(self, processes: list[subprocess.Popen[bytes]], patience: float) -> None:
        give_up = time.monotonic() + patience
        while any(process.poll() is None for process in processes) and time.monotonic() < give_up:
            self._copy_output(0.05)

    def _check_children(self, patience: float) -> None:
        self._copy_output(patience)
        if self._is_asked_to_stop:
            raise StopRequested
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.start_at:
                    self._respawn_child(child)
            elif (code := child.process.poll()) is not None:
                self._reap_child(child, child.process, code)

    def _reap_child(self, child: ChildProcess, process: subprocess.Popen[bytes], code: int) -> None:
        _signal_group(process, signal.SIGKILL)
        lived = time.monotonic() - child.started_at
        child.quick_deaths = child.quick_deaths + 1 if lived < STEADY_SECONDS else 0
        pause = min(MAX_PAUSE, 0.25 * 2**child.quick_deaths) if child.quick_deaths else 0.0
        child.process, child.start_at = None, time.monotonic() + pause
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        soon = f"in {pause:.0f} s" if pause >= 1 else "now"
        self.say(f"{child.name} {how}; it is started again {soon} (log: {self.logs / child.name}.log)")

    def _respawn_child(self, child: ChildProcess) -> None:
        """Start a child again; if the machine has no memory or processes left for it, try later."""
        try:
            self._spawn_child(child)
        except OSError as problem:
            child.process, child.start_at = None, time.monotonic() + MAX_PAUSE
            self.say(f"{child.name} cannot be started ({problem.strerror}); it is tried again in {MAX_PAUSE:.0f} s")
        else:
            self.changed()

    def _spawn_child(self, child: ChildProcess) -> None:
        child.process = subprocess.Popen(
            child.command,
            env=child.environment,
            user=child.user,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=die_with_parent,
        )
        child.started_at = time.monotonic()
        self._watch_output(child.name, child.process)

    def _watch_output(self, name: str, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        if name not in self._files:
            self._files[name] = ProcessLog(self.logs / f"{name}.log")
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, name)

    def _copy_output(self, patience: float) -> int:
        """Copy what the children wrote to their logs. Return how many of them wrote something."""
        if not self._selector.get_map():
            time.sleep(patience)
        ready = self._selector.select(patience)
        for key, _ in ready:
            try:
                content = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if content:
                self._files[key.data].write(content)
            else:
                self._selector.unregister(key.fileobj)
        return len(ready)

    def _drain_output(self) -> None:
        while self._copy_output(0):
            pass


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals, *, leader_only: bool = False) -> None:
    """Signal a child and everything it started, or the child alone. A group that is gone is no error."""
    with suppress(ProcessLookupError, PermissionError):
        if leader_only:
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
