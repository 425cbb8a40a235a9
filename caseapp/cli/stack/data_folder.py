"""The data folder: its location, contents and permissions, and the environment of the processes that use it.

This module imports no Django, so that the supervisor stays small and `caseapp up` can refuse before anything starts.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit, urlunsplit

from caseapp.lib import secret_files, setup_code

RESTORE_MARK_FILE = "restore.unfinished"  # in a data folder that `caseapp restore` is filling
DATA_VERSION = 1  # increase it when older programs can no longer read the folder
MIN_FREE_BYTES = 500 * 1024 * 1024  # bytes free before anything starts
ROLES = {"owner": "caseapp_owner", "web": "caseapp_web", "clock": "caseapp_clock"}
PROCESS_ROLES = {"web": "web", "worker": "clock", "beat": "clock"}
KEY_FILES = ("operational.key", "pepper.key", "django.key", "audit.key")
SECRET_URL_FILES = {"SMTP_URL": "smtp.url", "BOUNCES_URL": "bounces.url"}  # URLs that are secret as a whole
PASSWORD_NAMES = ("db-admin", "db-owner", "db-web", "db-clock", "broker")


class CannotStart(Exception):
    """Caseapp cannot start here; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True)
class DataFolder:
    """A data folder and the paths inside it."""

    root: Path

    @property
    def secrets(self) -> Path:
        return Path(os.environ.get("CASEAPP_SECRETS") or self.root / "secrets")

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Return the folder of files that matter only while Caseapp runs: lock, `stack.json`, broker settings."""
        return self.root / "run"

    @property
    def postgres(self) -> Path:
        return self.root / "pg"

    @property
    def temp(self) -> Path:
        """Return the folder for temporary files of the processes that run on this folder (their TMPDIR)."""
        return self.root / "tmp"

    @property
    def version_file(self) -> Path:
        """Return the file that is written once, when the folder is first used."""
        return self.root / "VERSION"

    @property
    def stack_file(self) -> Path:
        return self.run / "stack.json"

    def password(self, name: str) -> str:
        """Return a machine password by its name (`db-web`). Raises CannotStart if its file is missing."""
        try:
            return (self.secrets / f"{name}.password").read_text().strip()
        except FileNotFoundError:
            raise CannotStart(f"The secret {name}.password is missing from {self.secrets}.") from None

    def with_role(self, url: str, role: str) -> str:
        """Return the database URL `url` with the login of our role `owner`, `web` or `clock`."""
        return _with_login(url, ROLES[role], self.password(f"db-{role}"))


def choose_folder() -> DataFolder:
    """Return this machine's data folder: CASEAPP_DATA, else /var/lib/caseapp for root, else one in the user's home."""
    if named := os.environ.get("CASEAPP_DATA"):
        return DataFolder(Path(named).expanduser().resolve())
    if os.geteuid() == 0:
        return DataFolder(Path("/var/lib/caseapp"))
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return DataFolder(Path(base).expanduser().resolve() / "caseapp")


def open_folder(folder: DataFolder, *, shared: bool) -> None:
    """Create the folder and its keys. `shared`: another system user must be able to reach its own subfolder.

    Raises CannotStart if the folder cannot be written, belongs to another version or to something else, or is full.
    """
    try:
        folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_version(folder)
        folder.root.chmod(0o711 if shared else 0o700)
        blobs, static = folder.root / "blobs", folder.root / "static"
        for subfolder in (folder.secrets, folder.logs, folder.run, folder.temp, blobs, static):
            _make_private_folder(subfolder)
    except PermissionError:
        raise CannotStart(f"The data folder {folder.root} cannot be written by this user.") from None
    except (NotADirectoryError, FileExistsError):
        raise CannotStart(f"The data folder {folder.root} is not a folder.") from None
    if (free := shutil.disk_usage(folder.root).free) < MIN_FREE_BYTES:
        raise CannotStart(f"The disk of {folder.root} has {free // 2**20} MB left; Caseapp starts with 500 MB or more.")
    try:
        make_secrets(folder.secrets)
        if not folder.version_file.exists():
            setup_code.create_code(folder.secrets)
            folder.version_file.write_text(f"caseapp-data {DATA_VERSION}\n")
    except OSError as problem:
        raise CannotStart(f"The keys in {folder.secrets} cannot be written ({problem.strerror}).") from None


def _make_private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError
    folder.chmod(0o700)


def _check_version(folder: DataFolder) -> None:
    marker = folder.version_file
    if (folder.root / RESTORE_MARK_FILE).exists():
        raise CannotStart(f"A restore into {folder.root} was not finished: run the same `caseapp restore` again.")
    if not marker.exists():
        # An interrupted first start may have left these folders.
        if {path.name for path in folder.root.iterdir()} - {"secrets", "logs", "run", "tmp", "blobs", "static"}:
            raise CannotStart(f"The folder {folder.root} holds other things and is not a data folder of Caseapp.")
        return
    name, _, number = marker.read_text().strip().partition(" ")
    if name != "caseapp-data" or not number.isdecimal():
        raise CannotStart(f"The file {marker} is not one that Caseapp wrote.")
    if int(number) > DATA_VERSION:
        raise CannotStart(
            f"The data folder {folder.root} belongs to a newer version of Caseapp: its format is {number}, "
            f"and this program knows {DATA_VERSION}."
        )
    if missing := [name for name in KEY_FILES if not (folder.secrets / name).exists()]:
        # New keys could not decrypt what is stored already.
        raise CannotStart(f"The key {missing[0]} is missing from {folder.secrets}: bring it back from its backup.")


def make_secrets(folder: Path) -> None:
    """Create this machine's missing keys and passwords, mode 0600. Existing ones are never changed."""
    _make_private_folder(folder)
    for name in KEY_FILES:
        secret_files.create_file(folder / name, secrets.token_bytes(32))
    for name in PASSWORD_NAMES:
        secret_files.create_file(folder / f"{name}.password", secrets.token_urlsafe(32).encode())
    secret_files.create_file(folder / "session.epoch", b"1")
    for name in ("plan-keys", "shred"):
        _make_private_folder(folder / name)


def lock_folder(folder: DataFolder) -> IO[str]:
    """Lock the folder for this process until it ends. Raises CannotStart if another `caseapp up` has the lock."""
    lock = (folder.run / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotStart(f"Caseapp is already running on {folder.root}.") from None
    return lock


def empty_temp_folder(folder: DataFolder) -> None:
    """Remove what killed processes left in the folder for temporary files. Only while nothing runs (`lock_folder`)."""
    shutil.rmtree(folder.temp, ignore_errors=True)
    _make_private_folder(folder.temp)


def process_environment(folder: DataFolder, *, database: str, role: str, broker: str, origin: str) -> dict[str, str]:
    """Return the environment of a process of this folder. The login in the URL `database` is replaced by `role`'s."""
    return {
        **os.environ,
        "CASEAPP_DATA": str(folder.root),
        "CASEAPP_SECRETS": str(folder.secrets),
        "CASEAPP_BLOBS": os.environ.get("CASEAPP_BLOBS") or str(folder.root / "blobs"),
        "CASEAPP_MODE": os.environ.get("CASEAPP_MODE") or "local",
        "CASEAPP_ORIGIN": origin,
        "DJANGO_SETTINGS_MODULE": "caseapp.config.settings",
        "DATABASE_URL": folder.with_role(database, role),
        "BROKER_URL": broker,
        "TMPDIR": str(folder.temp),
    }


def write_stack(path: Path, stack: dict[str, Any]) -> None:
    """Write what runs now (process ids, ports, URLs) for the other commands; readable by this user only."""
    temporary = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(stack, out, indent=1)
    temporary.replace(path)


def read_stack(folder: DataFolder) -> dict[str, Any] | None:
    """Return what runs now on this folder (the content of `stack.json`), or None."""
    try:
        stack: dict[str, Any] = json.loads(folder.stack_file.read_text())
    except FileNotFoundError:
        return None
    return stack


def join_running(role: str) -> None:
    """Give this process the environment of the stack that runs on this machine, unless it has one.

    role  `owner`, `web` or `clock`: the database role of this command
    Sets  the missing variables of CASEAPP_*, DATABASE_URL, ADMIN_DATABASE_URL, BROKER_URL and DJANGO_SETTINGS_MODULE
    """
    folder = choose_folder()
    os.environ.setdefault("CASEAPP_DATA", str(folder.root))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseapp.config.settings")
    if "DATABASE_URL" not in os.environ and (stack := read_stack(folder)):
        for name, value in stack["environment"].items():
            os.environ.setdefault(name, value)
    add_logins(folder, role, os.environ)


def add_logins(folder: DataFolder, role: str, variables: MutableMapping[str, str]) -> None:
    """Add the logins in the secrets folder to the URLs that have none.

    DATABASE_URL without a user (or with one of our roles) gets `role`; ADMIN_DATABASE_URL, and in production
    BROKER_URL, get their password; SMTP_URL and BOUNCES_URL contain one and may be read whole from the files `smtp.url`
    and `bounces.url`.
    """
    if (given := variables.get("DATABASE_URL")) and urlsplit(given).username in (None, *ROLES.values()):
        variables["DATABASE_URL"] = folder.with_role(given, role)
    if (admin := variables.get("ADMIN_DATABASE_URL")) and urlsplit(admin).password is None:
        variables["ADMIN_DATABASE_URL"] = _with_login(
            admin, urlsplit(admin).username or "", folder.password("db-admin")
        )
    broker = variables.get("BROKER_URL")
    if broker and variables.get("CASEAPP_MODE") == "production" and urlsplit(broker).password is None:
        variables["BROKER_URL"] = _with_login(broker, "", folder.password("broker"))
    for name, file in SECRET_URL_FILES.items():
        if name not in variables and (whole := folder.secrets / file).is_file():
            variables[name] = whole.read_text().strip()


def _with_login(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))
