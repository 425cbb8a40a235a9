"""Checks of the machine and its data folder for `caseapp doctor`: settings, disk, storage, clock, secrets."""

import os
import shutil
import stat
from pathlib import Path

from caseapp.cli.stack.data_folder import (
    KEY_FILES,
    MIN_FREE_BYTES,
    PASSWORD_NAMES,
    DataFolder,
    explain_early_clock,
    list_damaged_secrets,
)
from caseapp.lib import service_urls


class Unhealthy(Exception):
    """A failed check; the message is its sentence in the report."""


def check_settings() -> str:
    """Read the addresses that the environment gives. Raises Unhealthy."""
    if problems := service_urls.list_bad_settings(os.environ):
        raise Unhealthy("; ".join(problems))
    return "each address can be read"


def check_disk(folder: DataFolder) -> str:
    """Look at the free space. Raises Unhealthy."""
    free = shutil.disk_usage(folder.root).free
    if free < MIN_FREE_BYTES:
        raise Unhealthy(f"{free // 2**20} MB free, 500 MB are needed")
    return f"{free // 2**30} GB free"


def check_storage(folder: DataFolder) -> str:
    """Write and remove a file in the folder of documents. Raises Unhealthy."""
    blobs = Path(os.environ.get("CASEAPP_BLOBS") or folder.root / "blobs")
    probe = blobs / f".doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError:
        raise Unhealthy(f"{blobs} cannot be written by this user") from None
    return f"{blobs} can be written"


def check_clock(folder: DataFolder) -> str:
    """Compare the clock with the last start. Raises Unhealthy."""
    if early := explain_early_clock(folder):
        raise Unhealthy(early)
    if not (moved := os.environ.get("CASEAPP_CLOCK_FILE")):
        return "the machine's own"
    if os.environ.get("CASEAPP_MODE") == "production":
        raise Unhealthy("CASEAPP_CLOCK_FILE is set, and production refuses it")
    return f"can be moved by {moved} (tests and drills)"


def check_secrets(folder: DataFolder) -> str:
    """Look for missing, damaged and readable secrets. Raises Unhealthy."""
    names = [*KEY_FILES, *(f"{name}.password" for name in PASSWORD_NAMES[1:4])]
    if missing := sorted(name for name in names if not (folder.secrets / name).is_file()):
        raise Unhealthy(f"missing in {folder.secrets}: {', '.join(missing)}")
    if damaged := list_damaged_secrets(folder):
        raise Unhealthy("; ".join(damaged))
    open_to_others = sorted(
        path.name
        for path in folder.secrets.iterdir()
        if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    )
    if open_to_others:
        raise Unhealthy(f"others may read {', '.join(open_to_others)} in {folder.secrets}: use chmod go-rwx")
    return f"complete and private in {folder.secrets}"
