"""`caseapp up` runs everything on one machine in the foreground; `caseapp serve` runs one process of a larger setup."""

import argparse
import os
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Any

from caseapp.cli.setup_link import find_setup_code
from caseapp.cli.stack.data_folder import (
    PROCESS_ROLES,
    ROLES,
    CannotStart,
    DataFolder,
    add_logins,
    choose_folder,
    clean_folder,
    explain_problem,
    lock_folder,
    note_start,
    open_folder,
    process_environment,
    write_stack,
)
from caseapp.cli.stack.embedded import Postgres, Valkey, can_bind, find_free_port
from caseapp.cli.stack.processes import is_web_ready, process_commands
from caseapp.cli.stack.supervisor import ChildProcess, StopRequested, Supervisor
from caseapp.cli.stack.upgrade import NEWER_DATABASE, NEWER_SENTENCE, NOT_CHANGED
from caseapp.lib import service_urls
from caseapp.lib.setup_code import setup_link
from caseapp.lib.version import program_version

BACKUP = "backup"  # the process that makes a backup a day, where CASEAPP_BACKUP_TO is set
START_TIMEOUT = 60.0  # seconds for one process to start on a slow machine


@dataclass(frozen=True)
class UpOptions:
    """The options of `caseapp up`."""

    port: int
    with_demo: bool
    stack_file: Path | None


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp up` and, for containers, `caseapp prepare` and `caseapp serve`."""
    parser = subparsers.add_parser("up", description="Run Caseapp on this machine until Ctrl-C.")
    parser.add_argument("--port", type=_read_port, default=8000, help="Port of the web pages (default 8000)")
    parser.add_argument("--demo", action="store_true", help="Also create a fictional office")
    parser.add_argument("--stack-json", type=Path, default=None, help=argparse.SUPPRESS)
    parser.set_defaults(run=run)
    parser = subparsers.add_parser("prepare", description="Create the data folder and its keys where they are missing.")
    parser.add_argument(
        "--passwords-to", type=Path, help="Folder for copies of the passwords of the database and the queue"
    )
    parser.set_defaults(run=prepare_folder)
    parser = subparsers.add_parser(
        "upgrade",
        description="Back up, migrate, check; return to the state before on failure. Caseapp must not be running.",
    )
    parser.set_defaults(run=upgrade)
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
    _refuse_bad_settings()
    folder = choose_folder()
    is_embedded = not os.environ.get("DATABASE_URL")
    open_folder(folder, shared=is_embedded and os.geteuid() == 0)
    with lock_folder(folder):
        if not can_bind(options.port):
            raise CannotStart(f"Port {options.port} is taken: stop what uses it, or choose another with PORT=8001.")
        try:
            clean_folder(folder)
            if early := note_start(folder):
                print(f"Dates and reminders may be wrong: {early}.", flush=True)
            return Stack(folder, options).run()
        except OSError as problem:
            raise CannotStart(explain_problem(folder, problem)) from None


def upgrade(args: argparse.Namespace) -> int:
    """Upgrade the database while nothing else uses it; start the embedded server for it. Raises CannotStart."""
    _forbid_core_files()
    _refuse_bad_settings()
    folder = choose_folder()
    is_embedded = not os.environ.get("DATABASE_URL")
    if is_embedded and not folder.postgres.exists():
        raise CannotStart(f"There is no database in {folder.root}: nothing to upgrade.")
    open_folder(folder, shared=is_embedded and os.geteuid() == 0)
    with lock_folder(folder):
        try:
            return Stack(folder, UpOptions(port=8000, with_demo=False, stack_file=None)).upgrade()
        except OSError as problem:
            raise CannotStart(explain_problem(folder, problem)) from None


def _read_port(text: str) -> int:
    """Return the port in the text. Raises ValueError, which argparse shows as bad use."""
    if not 1 <= (port := int(text)) <= 65535:
        raise ValueError("a port is 1 to 65535")
    return port


def _refuse_bad_settings() -> None:
    """Refuse to start processes that could not read a variable. Raises CannotStart."""
    if problems := service_urls.list_bad_settings(os.environ):
        raise CannotStart(f"{'; '.join(problems)}.")


def _forbid_core_files() -> None:
    """Forbid core files (they would contain decrypted cases) and make new files private, for child processes too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)


class Stack:
    """The processes of one machine, from the database to the web pages."""

    def __init__(self, folder: DataFolder, options: UpOptions) -> None:
        self.folder = folder
        self.options = options
        self.origin = service_urls.read_origin(
            os.environ.get("CASEAPP_ORIGIN") or f"http://127.0.0.1:{options.port}"
        ).url
        self.database, self.admin = _read_database_urls()
        self.broker = service_urls.read_broker(given).url if (given := os.environ.get("BROKER_URL")) else ""
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
        is_newer = self._migrate() == NEWER_DATABASE
        commands = process_commands(self.folder, f"127.0.0.1:{self.options.port}")
        if is_newer:  # the web process says so on every page; nothing else may use the database
            commands = {"web": commands["web"]}
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
        if is_newer:
            self._print_line(NEWER_SENTENCE.format(version=program_version()))
            return
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

    def upgrade(self) -> int:
        """Bring the database up to date with nothing else running. Return the exit code."""
        try:
            if not self.database:
                self._start_postgres()
            return self._migrate(show=True)
        except StopRequested:
            self._print_line("Stopped: the database is as it was before, or upgrade again.")
            return 1
        finally:
            self.supervisor.stop_children()

    def _migrate(self, *, show: bool = False) -> int:
        """Return 0, or NEWER_DATABASE for a database of a newer program. Raises CannotStart."""
        command = [sys.executable, "-m", "caseapp.cli.main", "migrate", "--with-copy"]
        code = self.supervisor.run_command("migrate", command, self._admin_environment("owner"), show=show)
        if code in {0, NEWER_DATABASE}:
            return code
        where = "the lines above say why" if show else f"{self.folder.logs}/migrate.log says why"
        if code < 0:
            raise CannotStart("Bringing the database up to date was interrupted: start again.")
        if code == NOT_CHANGED:
            raise CannotStart(
                f"The database could not be upgraded and is as it was before; {where}. Start the version of before."
            )
        raise CannotStart(f"The database could not be brought up to date; {where}.")

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
        try:
            for path in (self.folder.stack_file, self.options.stack_file):
                if path is not None:
                    write_stack(path, stack)
        except OSError as problem:  # a full disk must not end the processes that run
            self._print_line(f"{path} cannot be written ({problem.strerror}): other commands may not find this one.")

    def _print_line(self, sentence: str) -> None:
        # The terminal may be closed; the other processes must still be stopped in order.
        with suppress(OSError):
            print(sentence, flush=True)


def _read_database_urls() -> tuple[str, str | None]:
    """Return the addresses of the office's own database and of its administrator. Raises BadSetting."""
    given, admin = os.environ.get("DATABASE_URL"), os.environ.get("ADMIN_DATABASE_URL")
    database = service_urls.read_database(given) if given else None
    if admin:
        admin = service_urls.read_database(admin, "ADMIN_DATABASE_URL").url
    elif database and database.login.user not in ("", *ROLES.values()):
        admin = database.url  # with a user other than our roles it is the administrator's: it only creates our roles
    return database.url if database else "", admin or None


def serve_process(args: argparse.Namespace) -> int:
    """Replace this process with web, worker or beat, for containers and systemd. Raises CannotStart."""
    _forbid_core_files()
    folder = choose_folder()
    if missing := [name for name in ("DATABASE_URL", "BROKER_URL", "CASEAPP_ORIGIN") if not os.environ.get(name)]:
        raise CannotStart(f"Set {', '.join(missing)}: see docs/operations.md.")
    open_folder(folder, shared=False)
    os.environ["DJANGO_SETTINGS_MODULE"] = "caseapp.config.settings"
    _refuse_bad_settings()
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
