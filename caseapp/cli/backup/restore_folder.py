"""The data folder that a restore fills: empty before, marked while it is filled, complete at the end."""

import json
import os
import shutil
from pathlib import Path

from caseapp.accounts.members import destruction_journal
from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.target import sync_folder
from caseapp.cli.backup.restore_source import RestoreSource
from caseapp.cli.stack.data_folder import (
    DATA_VERSION,
    RESTORE_MARK_FILE,
    DataFolder,
    make_secrets,
)
from caseapp.lib import secret_files, setup_code

PRIVATE = ("secrets", "logs", "run", "tmp", "blobs", "static")


def begin_restore(folder: DataFolder, source: RestoreSource, *, shared: bool) -> None:
    """Mark an empty folder as being restored. Raises BackupRefused for one that has data, or another restore's mark.

    shared  PostgreSQL's own system user must be able to reach its subfolder
    """
    mark = folder.root / RESTORE_MARK_FILE
    run = source.manifest.run
    marked = _read_mark(mark) if mark.exists() else None
    if marked not in {run, None}:
        raise BackupRefused(
            f"A restore of another backup into {folder.root} was interrupted: repeat that one, "
            "or choose an empty folder."
        )
    if not mark.exists() and not is_empty(folder):
        raise BackupRefused(f"{folder.root} has data already: choose an empty folder. Nothing was changed.")
    folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if marked is None:
        _write_mark(mark, run)
    folder.version_file.unlink(missing_ok=True)
    folder.root.chmod(0o711 if shared else 0o700)
    for name in PRIVATE:
        path = folder.secrets if name == "secrets" else folder.root / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)


def _read_mark(mark: Path) -> str | None:
    """Return the run that a restore began with; None if it was killed before that was written."""
    try:
        return str(json.loads(mark.read_bytes())["run"])
    except (ValueError, KeyError, TypeError):
        return None


def _write_mark(mark: Path, run: str) -> None:
    """Write the mark in place: a temporary file would be data in an empty folder, if the restore is killed here."""
    with os.fdopen(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump({"run": run}, out)
        out.flush()
        os.fsync(out.fileno())
    sync_folder(mark.parent)


def is_empty(folder: DataFolder) -> bool:
    """Return whether no office was ever set up in the folder: it does not exist, or has a set-up code and no data."""
    if not folder.root.exists():
        return True
    names = {path.name for path in folder.root.iterdir()}
    if names & {"pg", "seen", destruction_journal.FILE_NAME} or names - {*PRIVATE, "VERSION"}:
        return False
    filled = [*(folder.root / "blobs").rglob("*"), *(folder.secrets / "shred").rglob("*")]
    if any(path.is_file() for path in filled):
        return False
    has_keys = any(folder.secrets.glob("*.key")) if folder.secrets.exists() else False
    return not has_keys or setup_code.read_code(folder.secrets) is not None


def write_secrets(folder: DataFolder, source: RestoreSource, *, keeps_passwords: bool) -> int:
    """Write keys and halves; return the raised session epoch. Halves that the journal names are left out.

    keeps_passwords  the database is not ours and knows this machine's passwords
    """
    keys = source.read_files("keys")
    epoch = int(keys.get("session.epoch", b"0") or 0) + 1
    for name, content in keys.items():
        if name == "session.epoch" or (keeps_passwords and name.endswith(".password")):
            continue
        secret_files.replace_file(folder.secrets / name, content)
    secret_files.replace_file(folder.secrets / "session.epoch", str(epoch).encode())
    (folder.secrets / setup_code.FILE_NAME).unlink(missing_ok=True)
    make_secrets(folder.secrets)  # folders, and files that the older program did not have
    destroyed = {f"{entry.kind}/{entry.subject.hex}" for entry in source.entries}
    shred = folder.secrets / "shred"
    shutil.rmtree(shred, ignore_errors=True)
    halves = source.read_files("halves", source.halves)
    kept = {name: half for name, half in halves.items() if name.partition(".")[0] not in destroyed}
    secret_files.write_files(shred, kept)
    journal = "".join(source.journal_lines).encode()
    secret_files.write_files(folder.root, {destruction_journal.FILE_NAME: journal})
    return epoch


def finish_restore(folder: DataFolder) -> None:
    """Make the folder usable: its version is written last, when everything else is on disk."""
    os.sync()
    secret_files.replace_file(folder.version_file, f"caseapp-data {DATA_VERSION}\n".encode())
    # Not overwritten: it has no secret, and a mark that a kill leaves unreadable would stop what is complete.
    (folder.root / RESTORE_MARK_FILE).unlink()
    sync_folder(folder.root)
