"""`caseapp up` runs everything on one machine in the foreground; `caseapp serve` runs one process of a larger setup."""

import argparse
import os
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import Signals
from typing import Any
from urllib.parse import urlsplit

from caseapp.cli.setup_link import find_setup_code
from caseapp.cli.stack.data_folder import (
    PROCESS_ROLES,
    ROLES,
    CannotStart,
    DataFolder,
    add_logins,
    choose_folder,
    empty_temp_folder,
    lock_folder,
    open_folder,
    process_environment,
    write_stack,
)
from caseapp.cli.stack.embedded import Postgres, Valkey, can_bind, find_free_port
from caseapp.cli.stack.supervisor import ChildProcess, StopRequested, Supervisor
from caseapp.lib.setup_code import setup_link

BIN = Path(sys.executable).parent
CELERY = "caseapp.config.celery"
BACKUP = "backup"  # the process that makes a backup a day, where CASEAPP_BACKUP_TO is set
START_TIMEOUT = 60.0  # seconds for one process to start on a slow machine
WEB_PROCESSES = min(2, os.cpu_count() or 1)
WEB_THREADS = 8


@dataclass(frozen=True)
class UpOptions:
    """The options of `caseapp up`."""

    port: int
    with_demo: bool
    stack_file: Path | None


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp up` and, for containers, `caseapp prepare` and `caseapp serve`."""
    parser = subparsers.add_parser("up", description="Run Caseapp on this machine until Ctrl-C.")
    parser.add_argument("--port", type=int, default=8000, help="Port of the web pages (default 8000)")
    parser.add_argument("--demo", action="store_true", help="Also create a fictional office")
    parser.add_argument("--stack-json", type=Path, default=None, help=argparse.SUPPRESS)
    parser.set_defaults(run=run)
    parser = subparsers.add_parser("prepare", description="Create the data folder and its keys where they are missing.")
    parser.add_argument(
        "--passwords-to", type=Path, help="Folder for copies of the passwords of the database and the queue"
    )
    parser.set_defaults(run=prepare_folder)
    parser = subparsers.add_parser("serve", description="Run one process of Caseapp, with secrets from files.")
    parser.add_argument("process", choices=sorted([*PROCESS_ROLES, BACKUP]))
    parser.add_argument("--bind", default="0.0.0.0:8000", help="Address that the web process listens on")
    parser.set_defaults(run=serve_process)


def prepare_folder(args: argparse.Namespace) -> int:
    """Create the data folder and its missing keys; copy the passwords that the database and the queue need."""
    _forbid_core_files()
    folder = choose_folder()
    open_folder(folder, shared=False)
    for name in ("db-admin", "broker") if args.passwords_to else ():
        copied = args.passwords_to / f"{name}.password"
        copied.touch(mode=0o600)
        copied.write_text(folder.password(name))
    print(f"The data folder {folder.root} is ready; its keys are in {folder.secrets}.")
    return 0


def run(args: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM. Raises CannotStart with one sentence."""
    options = UpOptions(port=args.port, with_demo=args.demo, stack_file=args.stack_json)
    _forbid_core_files()
    folder = choose_folder()
    is_embedded = "DATABASE_URL" not in os.environ
    open_folder(folder, shared=is_embedded and os.geteuid() == 0)
    with lock_folder(folder):
        if not can_bind(options.port):
            raise CannotStart(f"Port {options.port} is taken: stop what uses it, or choose another with PORT=8001.")
        empty_temp_folder(folder)
        return Stack(folder, options).run()


def _forbid_core_files() -> None:
    """Forbid core files (they would contain decrypted cases) and make new files private, for child processes too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)


class Stack:
    """The processes of one machine, from the database to the web pages."""

    def __init__(self, folder: DataFolder, options: UpOptions) -> None:
        self.folder = folder
        self.options = options
        self.origin = os.environ.get("CASEAPP_ORIGIN") or f"http://127.0.0.1:{options.port}"
        self.database = os.environ.get("DATABASE_URL", "")
        # A DATABASE_URL with a user other than our roles is the administrator's: it only creates our roles.
        self.admin = os.environ.get("ADMIN_DATABASE_URL") or (
            self.database if urlsplit(self.database).username not in (None, *ROLES.values()) else None
        )
        self.broker = os.environ.get("BROKER_URL", "")
        self.is_complete = False  # stack.json is not written before every process runs
        self.supervisor = Supervisor(folder.logs, self._print_line, self._write_stack)

    def run(self) -> int:
        """Start every process, watch them, stop them. Return 0 when it was asked to stop."""
        try:
            self._start_stack()
            self.supervisor.watch_children()
        except StopRequested:
            self._print_line("Stopping.")
        finally:
            self.supervisor.stop_children()
            with suppress(FileNotFoundError):
                self.folder.stack_file.unlink()
        self._print_line("Stopped. Your data stays in " + str(self.folder.root))
        return 0

    def _start_stack(self) -> None:
        self._print_line(f"Starting Caseapp on {self.folder.root}")
        if not self.database:
            self._start_postgres()
        if not self.broker:
            self._start_valkey()
        code = self.supervisor.run_command(
            "migrate", [sys.executable, "-m", "caseapp.cli.main", "migrate"], self._admin_environment("owner")
        )
        if code != 0:
            raise CannotStart(f"The database could not be brought up to date; {self.folder.logs}/migrate.log says why.")
        commands = process_commands(self.folder, f"127.0.0.1:{self.options.port}")
        ready = {"web": lambda: is_web_ready(self.options.port)}
        for name, command in commands.items():
            child = ChildProcess(
                name, command, self._stack_environment(PROCESS_ROLES[name]), ready.get(name, lambda: True), order=2
            )
            self.supervisor.start_child(child, patience=START_TIMEOUT)
        if os.environ.get("CASEAPP_BACKUP_TO"):
            self._start_backups()
        self.is_complete = True
        self._write_stack()
        if self.options.with_demo:
            self._print_line("Looking after the fictional office: the first time takes a minute.")
            demo = [sys.executable, "-m", "caseapp.cli.main", "demo"]
            if self.supervisor.run_command("demo", demo, self._stack_environment("web"), show=True) != 0:
                self._print_line("The fictional office could not be made; the lines above say why.")
        ready_line = f"Caseapp is ready: {self.origin}/   (Ctrl-C stops it)"
        self._print_line("\n".join([ready_line, *self._setup_lines()]))

    def _start_backups(self) -> None:
        """Start the process that makes a backup a day. It is the only one that reads as the administrator."""
        command = [sys.executable, "-m", "caseapp.cli.main", "serve", BACKUP]
        child = ChildProcess(BACKUP, command, self._admin_environment("clock"), lambda: True, order=2)
        self.supervisor.start_child(child, patience=START_TIMEOUT)

    def _setup_lines(self) -> list[str]:
        """Return the line with the set-up link; none where an office exists."""
        code = find_setup_code(self.folder, self._stack_environment("web")["DATABASE_URL"])
        if code is None:
            return []
        if "JOURNAL_STREAM" in os.environ:  # systemd keeps what is printed, and the code belongs in no log
            return ["There is no office yet: `caseapp setup-link` prints the link that sets it up."]
        return [f"There is no office yet. This link sets it up:  {setup_link(self.origin, code)}"]

    def _start_postgres(self) -> None:
        server = Postgres(self.folder.postgres, self.folder.password("db-admin"))
        server.prepare_cluster()
        plain = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "TMPDIR": str(server.temp)}
        child = ChildProcess(
            "postgres", server.command, plain, server.is_ready, user=server.user, stop_signal=Signals.SIGINT
        )  # SIGINT: PostgreSQL's fast stop, which does not wait for clients
        self.supervisor.start_child(child, patience=START_TIMEOUT)
        self.database, self.admin = server.database_url("caseapp"), server.admin_url()

    def _start_valkey(self) -> None:
        broker = Valkey(self.folder.run, self.folder.password("broker"), find_free_port())
        broker.write_settings()
        plain = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self.folder.temp)}
        child = ChildProcess("valkey", broker.command, plain, broker.is_ready)
        self.supervisor.start_child(child, patience=START_TIMEOUT)
        self.broker = broker.url

    def _stack_environment(self, role: str) -> dict[str, str]:
        variables = process_environment(
            self.folder, database=self.database, role=role, broker=self.broker, origin=self.origin
        )
        variables.pop("ADMIN_DATABASE_URL", None)
        return variables

    def _admin_environment(self, role: str) -> dict[str, str]:
        return self._stack_environment(role) | ({"ADMIN_DATABASE_URL": self.admin} if self.admin else {})

    def _write_stack(self) -> None:
        if not self.is_complete:
            return
        given = {key: value for key, value in self._admin_environment("web").items() if os.environ.get(key) != value}
        stack: dict[str, Any] = {
            "pids": {"supervisor": os.getpid()} | {child.name: child.pid for child in self.supervisor.children},
            "ports": {"web": self.options.port},
            "urls": {
                "web": self.origin,
                "broker": self.broker,
                "database": {role: self._stack_environment(role)["DATABASE_URL"] for role in ("owner", "web", "clock")},
                "database_admin": self.admin,
            },
            "environment": given,
        }
        for path in (self.folder.stack_file, self.options.stack_file):
            if path is not None:
                write_stack(path, stack)

    def _print_line(self, sentence: str) -> None:
        # The terminal may be closed; the other processes must still be stopped in order.
        with suppress(OSError):
            print(sentence, flush=True)


def process_commands(folder: DataFolder, bind: str) -> dict[str, list[str]]:
    """Return the commands of web, worker and beat, the same under `caseapp up` and in production (`caseapp serve`)."""
    celery = [str(BIN / "celery"), "-A", CELERY]
    memory = ["--worker-tmp-dir", "/dev/shm"] if sys.platform == "linux" else []  # noqa: S108
    return {
        "web": [
            str(BIN / "gunicorn"),
            "caseapp.config.wsgi:application",
            "--bind",
            bind,
            "--worker-class",
            "gthread",
            "--workers",
            str(WEB_PROCESSES),
            "--threads",
            str(WEB_THREADS),
            # A big upload over a slow line is not a hung process; each request has time limits of its own.
            "--timeout",
            "120",
            "--graceful-timeout",
            "3",
            "--keep-alive",
            "5",
            # Processes are replaced now and then: Python never returns memory that contained decrypted records.
            "--max-requests",
            "20000",
            "--max-requests-jitter",
            "2000",
            "--log-level",
            "warning",
            "--logger-class",
            "caseapp.config.gunicorn_logs.QuietLogger",
            "--no-control-socket",
            *memory,
        ],
        # Threads, because tasks wait for the database and the mail server, and a single process is killed cleanly.
        "worker": [
            *celery,
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            "2",
            "--loglevel",
            "warning",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ],
        "beat": [
            *celery,
            "beat",
            "--loglevel",
            "warning",
            "--schedule",
            str(folder.run / "beat-schedule"),
            "--pidfile=",
        ],
    }


def is_web_ready(port: int) -> bool:
    """Return whether the web process answers, with any status; `caseapp doctor` checks the rest."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def serve_process(args: argparse.Namespace) -> int:
    """Replace this process with web, worker or beat, for containers and systemd. Raises CannotStart."""
    _forbid_core_files()
    folder = choose_folder()
    if missing := [name for name in ("DATABASE_URL", "BROKER_URL", "CASEAPP_ORIGIN") if not os.environ.get(name)]:
        raise CannotStart(f"Set {', '.join(missing)}: see docs/operations.md.")
    open_folder(folder, shared=False)
    os.environ["DJANGO_SETTINGS_MODULE"] = "caseapp.config.settings"
    add_logins(folder, PROCESS_ROLES.get(args.process, "clock"), os.environ)
    if args.process == BACKUP:
        return _serve_backups()
    command = process_commands(folder, args.bind)[args.process]
    return os.execv(command[0], command)  # noqa: S606


def _serve_backups() -> int:
    """Make a backup a day until the process is stopped. Raises CannotStart."""
    from caseapp.cli.backup import schedule

    if not os.environ.get("CASEAPP_BACKUP_TO"):
        raise CannotStart("Set CASEAPP_BACKUP_TO to the folder of backups: see docs/operations.md.")
    schedule.run_schedule()
    return 0
