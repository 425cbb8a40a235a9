"""One run of a backup: halves, database snapshot, files, server keys, manifest; then the old runs go."""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from importlib.metadata import version
from pathlib import Path

import psycopg

from caseapp.accounts.members import destruction_journal
from caseapp.cli.backup.archive import blob_copy, database_copy, queries
from caseapp.cli.backup.archive.errors import BackupRefused, Report
from caseapp.cli.backup.archive.file_bundle import pack_files
from caseapp.cli.backup.archive.key_file import (
    installation_id,
    new_run_id,
    offline_key_id,
    read_public_key,
    read_signing_key,
)
from caseapp.cli.backup.archive.manifest import MANIFEST, FileEntry, Manifest, encode_manifest
from caseapp.cli.backup.archive.target import (
    PARTIAL,
    Target,
    apply_retention,
    delete_old_halves,
    explained,
    locked_target,
    sync_folder,
    write_sealed,
)
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.lib import clock
from caseapp.vault.core import hybrid
from caseapp.vault.core.archive import backup_file, journal
from caseapp.vault.core.archive.backup_file import RunKey
from caseapp.vault.core.archive.journal import JournalHead
from caseapp.vault.errors import OpenFailed

KEPT_DAYS = 60  # days for which main backups are kept, where CASEAPP_BACKUP_DAYS is not set
DAYS_ALLOWED = range(1, 3651)
# Not among the server's keys: the halves have a backup of their own; plan keys are in none; the code is used once.
NOT_KEYS = {"shred", "plan-keys", "setup.code"}
MERGE_TRIES = 3
BACKUP_SIGN, SHORT_SIGN = "backup", "backup short"  # heartbeat names: the last success; files were missing in it


@dataclass(frozen=True)
class BackupSource:
    """The sources of a backup: the data folder, its files, and its database as administrator."""

    folder: DataFolder
    admin_url: str

    @property
    def blobs(self) -> Path:
        """Return the folder of stored files."""
        return Path(os.environ.get("CASEAPP_BLOBS") or self.folder.root / "blobs")


@dataclass(frozen=True)
class BackupResult:
    """The result of a run, and the number of reminder plans that it had to leave out."""

    manifest: Manifest
    plans_left_out: int


def read_kept_days() -> timedelta:
    """Return for how long main backups are kept. Raises BackupRefused."""
    text = os.environ.get("CASEAPP_BACKUP_DAYS") or str(KEPT_DAYS)
    if not text.isdecimal() or int(text) not in DAYS_ALLOWED:
        raise BackupRefused("CASEAPP_BACKUP_DAYS is a number of days from 1 to 3650.")
    return timedelta(days=int(text))


def run_backup(source: BackupSource, to: Path, *, say: Report, merge_outbox: Callable[[], object]) -> BackupResult:
    """Make a backup of everything into the folder `to`. Raises BackupRefused with one sentence.

    merge_outbox  moves waiting reminder plans into their days, because a plan's key is in no backup
    """
    target, kept = Target(to), read_kept_days()
    public, signing_key = read_public_key(source.folder), read_signing_key(source.folder)
    signer = hybrid.derive_verify_key(signing_key)
    with locked_target(target), explained(to):
        delete_old_halves(target, clock.now())
        runs = target.read_runs(signer)
        head = _copy_journal(source.folder, target, signer)
        run_id = new_run_id()
        run_key = backup_file.new_run_key(public, installation_id(signer), run_id)
        halves = _read_halves(source.folder)
        for _ in range(MERGE_TRIES):
            merge_outbox()
        now = clock.now().astimezone(UTC).replace(microsecond=0)
        draft = Manifest(
            installation=installation_id(signer).hex(),
            key=offline_key_id(public),
            run=run_id.hex(),
            at=now,
            program=version("caseapp"),
            parts={},
            blobs={},
            missing=0,
            journal=head,
        )
        manifest, plans = _write_run(source, target, draft, run_key, halves, runs, say, signing_key)
        _copy_journal(source.folder, target, signer)
        apply_retention(target, [*runs, manifest], now, kept)
        _record_success(source.admin_url, manifest)
    return BackupResult(manifest, plans)


def _write_run(
    source: BackupSource,
    target: Target,
    draft: Manifest,
    run_key: RunKey,
    halves: dict[str, bytes],
    runs: list[Manifest],
    say: Report,
    signing_key: bytes,
) -> tuple[Manifest, int]:
    partial = target.main / f"{PARTIAL}{draft.name}"
    partial.mkdir(mode=0o700)
    # A file that was sealed to an offline key of before does not open with the one of now: it is copied again.
    same_key = [manifest for manifest in runs if manifest.key == draft.key]
    earlier = {name: entry for manifest in same_key for name, entry in manifest.blobs.items()}
    connection = _open_snapshot(source.admin_url)
    with _explained_database():
        wanted = queries.linked_blobs(connection)
        plans = sum(queries.count_rows(connection, table) for table in queries.PLAN_TABLES)
    # The database is mostly waited for: the files are sealed meanwhile.
    with ThreadPoolExecutor(1) as database:
        database_entry = database.submit(_copy_database, connection, partial / "database", run_key, draft, say)
        blobs, absent = blob_copy.copy_blobs(
            lambda name: target.blob(draft.key, name), run_key, source.blobs, wanted, earlier, say
        )
    parts = {"database": database_entry.result()}
    missing = _still_missing(source.admin_url, absent)
    contents = {"keys": _read_keys(source.folder), "halves": _join_halves(halves, _read_halves(source.folder))}
    staged: list[tuple[Path, Path]] = []
    for part, files in contents.items():
        path = target.root / part / f"{PARTIAL}{draft.name}"
        parts[part] = write_sealed(path, run_key, draft.part_name(part), pack_files(files))
        staged.append((path, target.part(draft.name, part)))
    manifest = replace(draft, parts=parts, blobs=blobs, missing=len(missing))
    (partial / MANIFEST).touch(mode=0o600)
    (partial / MANIFEST).write_bytes(encode_manifest(manifest, signing_key))
    for folder in (target.main, target.root / "keys", target.root / "halves"):
        sync_folder(folder)  # each may be a mount of its own
    for path, final in staged:
        path.rename(final)
    partial.rename(target.main / draft.name)
    for folder in (target.main, target.root / "keys", target.root / "halves"):
        sync_folder(folder)
    return manifest, plans


def _copy_database(
    connection: queries.Connection, path: Path, run_key: RunKey, draft: Manifest, say: Report
) -> FileEntry:
    """Seal the snapshot of the database into a file, and close the connection. Raises BackupRefused, OSError."""
    say("database: copying")
    with _explained_database(), connection:
        entry = write_sealed(path, run_key, draft.part_name("database"), database_copy.copy_out(connection))
    say(f"database: {entry.size / 2**20:.0f} MB")
    return entry


def _open_snapshot(admin_url: str) -> queries.Connection:
    with _explained_database():
        connection = psycopg.connect(admin_url, autocommit=True, connect_timeout=5)
        queries.begin_snapshot(connection)
        return connection


@contextlib.contextmanager
def _explained_database() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as problem:
        raise BackupRefused(f"The database could not be read ({type(problem).__name__}).") from None


def _still_missing(admin_url: str, absent: list[str]) -> list[str]:
    """Return the files that storage lacks although a record has them now: not those of a case destroyed meanwhile."""
    if not absent:
        return []
    with _explained_database(), _open_snapshot(admin_url) as connection:
        return [name for name in absent if queries.is_linked(connection, name)]


def _copy_journal(folder: DataFolder, target: Target, signer: bytes) -> JournalHead:
    """Bring the target's copy of the journal of destructions up to date; return its end. Raises BackupRefused."""
    ours = folder.root / destruction_journal.FILE_NAME
    try:
        lines = destruction_journal.read_lines(ours)
        _, hashes = journal.verify_lines(signer, lines)
    except OpenFailed as problem:
        raise BackupRefused(f"The {problem}: find out who changed {ours}.") from None
    if not destruction_journal.extend_copy(ours, target.journal):
        raise BackupRefused(f"{target.journal} is not the beginning of this machine's journal: choose another folder.")
    return JournalHead(len(lines), hashes[-1]) if hashes else journal.EMPTY


def _read_keys(folder: DataFolder) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.secrets.iterdir()
        if path.name not in NOT_KEYS and path.is_file() and not path.name.startswith(".")
    }


def _read_halves(folder: DataFolder) -> dict[str, bytes]:
    """Return the shred halves by their paths below the folder `shred`."""
    halves: dict[str, bytes] = {}
    for path in (folder.secrets / "shred").glob("*/*"):
        with contextlib.suppress(FileNotFoundError):  # destroyed just now
            if not path.name.startswith("."):
                halves[f"{path.parent.name}/{path.name}"] = path.read_bytes()
    return halves


def _join_halves(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, bytes]:
    """Return the halves from before and after the snapshot.

    A half that was replaced meanwhile is kept in both states, the newer as a pending one: the snapshot has the bundle
    as it was before or after, and the next unlock finds out.
    """
    joined = {**before, **{name: half for name, half in after.items() if name not in before}}
    for name, half in after.items():
        if before.get(name, half) != half:
            joined[f"{name}.{secrets.token_hex(8)}"] = half
    return joined


def _record_success(admin_url: str, manifest: Manifest) -> None:
    """Record the last success for Today and `caseapp doctor`."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(admin_url, autocommit=True) as connection:
        queries.beat(connection, BACKUP_SIGN, manifest.at)
        if manifest.missing:
            queries.beat(connection, SHORT_SIGN, manifest.at)
        else:
            queries.end_condition(connection, SHORT_SIGN)
