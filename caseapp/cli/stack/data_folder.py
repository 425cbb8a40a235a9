"""The data folder: its location, contents and permissions, and the environment of the processes that use it.

This module imports no Django, so that the supervisor stays small and `caseapp up` can refuse before anything starts.
"""

import errno
import fcntl
import json
import os
import pwd
import secrets
import shutil
import time
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from caseapp.lib import secret_files, setup_code
from caseapp.lib.service_urls import read_broker, read_database

RESTORE_MARK_FILE = "restore.unfinished"  # in a data folder that `caseapp restore` is filling
DATA_VERSION = 1  # increase it when older programs can no longer read the folder
CLOCK_TOLERANCE = 300  # seconds by which the clock may be set back without a warning
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

    @property
    def started_file(self) -> Path:
        """Return the file whose time is that of the last start."""
        return self.run / "started"

    def password(self, name: str) -> str:
        """Return a machine password by its name (`db-web`). Raises CannotStart if its file is missing."""
        try:
            return (self.secrets / f"{name}.password").read_text().strip()
        except FileNotFoundError:
            raise CannotStart(f"The secret {name}.password is missing from {self.secrets}.") from None

    def with_role(self, url: str, role: str) -> str:
        """Return the database URL `url` with the login of our role `owner`, `web` or `clock`."""
        return read_database(url).with_login(ROLES[role], self.password(f"db-{role}")).url


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

    Raises CannotStart if the folder cannot be written, belongs to another user or version or to something else, is
    full, or lacks a key that it had.
    """
    try:
        _check_owner(folder)
        folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_version(folder)
        folder.root.chmod(0o711 if shared else 0o700)
        blobs, static = folder.root / "blobs", folder.root / "static"
        for subfolder in (folder.secrets, folder.logs, folder.run, folder.temp, blobs, static):
            _make_private_folder(subfolder)
    except (NotADirectoryError, FileExistsError):
        raise CannotStart(f"The data folder {folder.root} is not a folder.") from None
    except OSError as problem:
        raise CannotStart(explain_problem(folder, problem)) from None
    if (free := shutil.disk_usage(folder.root).free) < MIN_FREE_BYTES:
        raise CannotStart(f"The disk of {folder.root} has {free // 2**20} MB left; Caseapp starts with 500 MB or more.")
    try:
        make_secrets(folder.secrets)
        if damaged := list_damaged_secrets(folder):
            raise CannotStart(f"{damaged[0]}.")
        if not _read_version(folder):
            setup_code.create_code(folder.secrets)
            # Written last and whole: a first start that is killed before goes on at the next one.
            secret_files.replace_file(folder.version_file, f"caseapp-data {DATA_VERSION}\n".encode())
    except OSError as problem:
        raise CannotStart(f"The keys in {folder.secrets} cannot be written ({problem.strerror}).") from None


def explain_problem(folder: DataFolder, problem: OSError) -> str:
    """Return the sentence for the person at the terminal about a failed access to the data folder."""
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk of {folder.root} is full: free 500 MB or more, and start again."
    if problem.errno == errno.EROFS:
        return f"The disk of {folder.root} can only be read: make it writable, or choose another CASEAPP_DATA."
    if isinstance(problem, PermissionError):
        return f"The data folder {folder.root} cannot be written by this user."
    where = f", {problem.filename}" if problem.filename else ""
    return f"Caseapp cannot start on {folder.root}: {problem.strerror or type(problem).__name__}{where}."


def _check_owner(folder: DataFolder) -> None:
    """Refuse a folder in use by another user: files that this user makes in it would be closed to that one."""
    if not folder.version_file.exists() or (owner := folder.root.stat().st_uid) == os.geteuid():
        return
    name = str(owner)
    with suppress(KeyError):
        name = pwd.getpwuid(owner).pw_name
    raise CannotStart(f"The data folder {folder.root} belongs to the user {name}: start Caseapp as that user.")


def _make_private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError
    folder.chmod(0o700)


def _check_version(folder: DataFolder) -> None:
    if (folder.root / RESTORE_MARK_FILE).exists():
        raise CannotStart(f"A restore into {folder.root} was not finished: run the same `caseapp restore` again.")
    content = _read_version(folder)
    if not folder.version_file.exists():
        return _check_unfinished(folder)
    if not content and not folder.postgres.exists():
        return None  # power failed while the first start wrote it: nothing was stored before
    name, _, number = (content or f"caseapp-data {DATA_VERSION}").partition(" ")
    if name != "caseapp-data" or not number.isdecimal():
        raise CannotStart(f"The file {folder.version_file} is not one that Caseapp wrote.")
    if int(number) > DATA_VERSION:
        raise CannotStart(
            f"The data folder {folder.root} belongs to a newer version of Caseapp: its format is {number}, "
            f"and this program knows {DATA_VERSION}."
        )
    needed = KEY_FILES if not (folder.postgres / "cluster").exists() else (*KEY_FILES, "db-admin.password")
    if missing := [name for name in needed if not (folder.secrets / name).exists()]:
        # New keys could not decrypt what is stored already.
        raise CannotStart(f"The key {missing[0]} is missing from {folder.secrets}: bring it back from its backup.")
    return None


def _check_unfinished(folder: DataFolder) -> None:
    """Refuse a folder without a version file that contains more than an interrupted first start may have left."""
    if folder.postgres.exists():
        raise CannotStart(
            f"The file {folder.version_file} is missing: bring it back from a backup, or write `caseapp-data "
            f"{DATA_VERSION}` into it if this program is the last one that ran here."
        )
    left = {"secrets", "logs", "run", "tmp", "blobs", "static"}
    names = {path.name for path in folder.root.iterdir()} - left
    if [name for name in names if not (name.startswith(".") and name.endswith(".new"))]:
        raise CannotStart(f"The folder {folder.root} contains other things and is not a data folder of Caseapp.")


def _read_version(folder: DataFolder) -> str:
    """Return the content of the version file; empty if there is none, or a crash left it empty."""
    try:
        return folder.version_file.read_text().strip("\0 \r\n")
    except FileNotFoundError:
        return ""


def list_damaged_secrets(folder: DataFolder) -> list[str]:
    """Return a sentence for each incomplete secret. None is ever replaced: data may be sealed with it."""
    sizes = {name: (folder.secrets / name).stat().st_size for name in KEY_FILES if (folder.secrets / name).exists()}
    sentences = [
        f"The key {name} in {folder.secrets} is damaged ({size} bytes instead of {secret_files.KEY_LENGTH}): bring it "
        "back from its backup"
        for name, size in sizes.items()
        if size != secret_files.KEY_LENGTH
    ]
    for name in PASSWORD_NAMES:
        path = folder.secrets / f"{name}.password"
        if path.exists() and not path.read_bytes().strip(b"\0 \r\n"):
            remedy = "bring it back from its backup" if name == "db-admin" else "delete it, and start again"
            sentences.append(f"The file {path.name} in {folder.secrets} is empty: {remedy}")
    epoch = folder.secrets / "session.epoch"
    if epoch.exists() and not epoch.read_bytes().strip().isdigit():
        sentences.append(f"The file {epoch} contains no number: write one into it that is higher than any it had")
    return sentences


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
    try:
        lock = (folder.run / "lock").open("a")
    except OSError as problem:
        raise CannotStart(explain_problem(folder, problem)) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotStart(f"Caseapp is already running on {folder.root}.") from None
    return lock


def clean_folder(folder: DataFolder) -> None:
    """Remove what killed processes left: temporary files, unfinished secrets. Only while nothing runs (`lock_folder`).

    The plan key of a day that a crash left incomplete is put aside: it opens nothing, and saves need a new one.
    """
    shutil.rmtree(folder.temp, ignore_errors=True)
    _make_private_folder(folder.temp)
    for unfinished in (*folder.root.glob(".*.new"), *folder.secrets.rglob(".*.new")):
        secret_files.destroy_file(unfinished)
    for key in (folder.secrets / "plan-keys").glob("*.key"):
        if key.stat().st_size != secret_files.KEY_LENGTH:
            key.replace(key.with_suffix(".damaged"))


def explain_early_clock(folder: DataFolder) -> str:
    """Return a sentence if the machine's clock shows a time before the last start; empty if it does not."""
    with suppress(FileNotFoundError):
        last = folder.started_file.stat().st_mtime
        if last > time.time() + CLOCK_TOLERANCE:
            shown, before = (f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC" for at in (time.time(), last))
            return (
                f"the clock of this machine shows {shown}, and the last start was at {before}: set the clock, or, if "
                f"it is right, delete {folder.started_file}"
            )
    return ""


def note_start(folder: DataFolder) -> str:
    """Note the time of this start, and return what `explain_early_clock` says; then the time before stays."""
    if not (early := explain_early_clock(folder)):
        folder.started_file.touch(mode=0o600)
    return early


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
        **_secret_urls(folder, os.environ),
    }


def _secret_urls(folder: DataFolder, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that are kept in files of the secrets folder and not given as variables."""
    files = {name: folder.secrets / file for name, file in SECRET_URL_FILES.items() if not variables.get(name)}
    return {name: path.read_text().strip() for name, path in files.items() if path.is_file()}


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
    except (FileNotFoundError, ValueError):  # a crash can leave an empty file
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
    if not os.environ.get("DATABASE_URL") and (stack := read_stack(folder)):
        for name, value in stack["environment"].items():
            os.environ[name] = os.environ.get(name) or value
    add_logins(folder, role, os.environ)


def add_logins(folder: DataFolder, role: str, variables: MutableMapping[str, str]) -> None:
    """Add the logins in the secrets folder to the URLs that have none.

    DATABASE_URL without a user (or with one of our roles) gets `role`; ADMIN_DATABASE_URL, and in production
    BROKER_URL, get their password; SMTP_URL and BOUNCES_URL contain one and may be read whole from the files `smtp.url`
    and `bounces.url`. Every other address is written with its signs escaped. Raises BadSetting.
    """
    if given := variables.get("DATABASE_URL"):
        database = read_database(given)
        has_own_user = database.login.user not in ("", *ROLES.values())
        variables["DATABASE_URL"] = database.url if has_own_user else folder.with_role(given, role)
    if given := variables.get("ADMIN_DATABASE_URL"):
        admin = read_database(given, "ADMIN_DATABASE_URL")
        if not admin.login.password:
            admin = admin.with_login(admin.login.user, folder.password("db-admin"))
        variables["ADMIN_DATABASE_URL"] = admin.url
    if given := variables.get("BROKER_URL"):
        broker = read_broker(given)
        if variables.get("CASEAPP_MODE") == "production" and not broker.login.password:
            broker = broker.with_password(folder.password("broker"))
        variables["BROKER_URL"] = broker.url
    variables.update(_secret_urls(folder, variables))
