"""The source of a restore: one finished run of a target, checked before anything is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from caseapp.accounts.members import destruction_journal
from caseapp.cli.backup.archive.blob_copy import DigestReader
from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.file_bundle import unpack_files
from caseapp.cli.backup.archive.key_file import OfflineKey
from caseapp.cli.backup.archive.manifest import FileEntry, Manifest
from caseapp.cli.backup.archive.target import Target, explained
from caseapp.vault.core.archive import journal
from caseapp.vault.core.archive.backup_file import FileOpener
from caseapp.vault.core.archive.journal import JournalEntry
from caseapp.vault.errors import OpenFailed, UnknownFormat

WRONG_KEY = "This key file does not open the backup, or a file of it is damaged."


@dataclass(frozen=True)
class RestoreSource:
    """A run to restore, the run whose halves are used, and the whole journal of destructions."""

    target: Target
    manifest: Manifest
    halves: Manifest
    opener: FileOpener
    journal_lines: list[str]
    entries: list[JournalEntry]

    @property
    def later_entries(self) -> list[JournalEntry]:
        """Return what was destroyed after the backup's snapshot began."""
        return [entry for entry in self.entries if entry.number > self.manifest.journal.number]

    @property
    def kept_blobs(self) -> dict[str, FileEntry]:
        """Return the stored files of the run, without those of cases that were destroyed since."""
        destroyed = {entry.subject.hex for entry in self.entries if entry.kind == "blobs"}
        return {name: entry for name, entry in self.manifest.blobs.items() if name not in destroyed}

    def blob_path(self, name: str) -> Path:
        """Return where the target has a stored file of the run."""
        return self.target.blob(self.manifest.key, name)

    @contextmanager
    def open_part(self, part: str, run: Manifest | None = None) -> Iterator[Iterator[bytes]]:
        """Yield the pieces of a part's content. Raises BackupRefused if it does not open or differs afterwards."""
        of_run = run or self.manifest
        with explained(self.target.root), self.target.part(of_run.name, part).open("rb", buffering=0) as stored:
            reader = DigestReader(stored)
            try:
                yield self.opener.open_stream(reader, of_run.part_name(part))
            except (OpenFailed, UnknownFormat):
                raise BackupRefused(WRONG_KEY) from None
            if reader.entry != of_run.parts[part]:
                raise BackupRefused(f"The part {part} of {of_run.name} is damaged: it differs from the manifest.")

    def read_files(self, part: str, run: Manifest | None = None) -> dict[str, bytes]:
        """Return the small files of a part by their names. Raises BackupRefused."""
        with self.open_part(part, run) as pieces:
            return unpack_files(pieces)


def open_source(root: Path, key: OfflineKey, run_name: str = "") -> RestoreSource:
    """Return the newest finished run of a target, or the one named. Nothing is decrypted yet. Raises BackupRefused."""
    target = Target(root)
    if not target.main.is_dir():
        raise BackupRefused(f"There is no backup in {root}.")
    runs = target.read_runs(key.signer)
    if not runs:
        raise BackupRefused(f"There is no finished backup in {root}.")
    chosen = next((run for run in runs if run.name == run_name), None) if run_name else runs[-1]
    if chosen is None:
        raise BackupRefused(
            f"There is no backup {run_name} in {root}; there are {', '.join(run.name for run in runs)}."
        )
    check_presence(target, chosen)
    lines, entries = _read_journal(target, runs, key.signer)
    halves = _choose_halves(target, runs, chosen)
    return RestoreSource(target, chosen, halves, FileOpener(key.private, key.installation), lines, entries)


def check_presence(target: Target, run: Manifest) -> None:
    """Raise BackupRefused unless each file of the run is there in its size, apart from halves that are kept 14 days."""
    wanted = {target.part(run.name, part): entry for part, entry in run.parts.items() if part != "halves"}
    wanted |= {target.blob(run.key, name): entry for name, entry in run.blobs.items()}
    for path, entry in wanted.items():
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise BackupRefused(f"The backup {run.name} is incomplete: {path} is missing.") from None
        except OSError as problem:
            raise BackupRefused(f"{path} cannot be read ({problem.strerror}).") from None
        if size != entry.size:
            raise BackupRefused(f"The backup {run.name} is incomplete: {path} has another size.")


def _choose_halves(target: Target, runs: list[Manifest], chosen: Manifest) -> Manifest:
    """Return the run whose halves fit best: the chosen one, else the oldest later one of the same offline key."""
    later = (run for run in runs if run.at >= chosen.at and run.key == chosen.key and run is not chosen)
    candidates = [run for run in (chosen, *later) if target.part(run.name, "halves").exists()]
    if not candidates:
        raise BackupRefused(
            f"The shred halves that belong to {chosen.name} are gone: they are kept 14 days, and nothing opens without."
        )
    return candidates[0]


def _read_journal(target: Target, runs: list[Manifest], signer: bytes) -> tuple[list[str], list[JournalEntry]]:
    """Return lines and entries of the journal. Raises BackupRefused if it is altered or shorter than a run says."""
    with explained(target.root):
        lines = destruction_journal.read_lines(target.journal)
    try:
        entries, hashes = journal.verify_lines(signer, lines)
    except OpenFailed as problem:
        raise BackupRefused(f"The {problem}. What was destroyed could return: nothing is restored.") from None
    for run in runs:
        head = run.journal
        if head.number > len(hashes) or (head.number and hashes[head.number - 1] != head.digest):
            raise BackupRefused(
                "The journal of destructions was cut. What was destroyed could return: nothing is restored."
            )
    return lines, entries
