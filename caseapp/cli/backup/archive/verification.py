"""Comparison of every file of a target with the signed manifests. It needs no private key."""

from pathlib import Path

from caseapp.accounts.members import destruction_journal
from caseapp.cli.backup.archive.errors import BackupRefused, Report
from caseapp.cli.backup.archive.manifest import FileEntry
from caseapp.cli.backup.archive.target import Target, digest_of
from caseapp.vault.core.archive import journal
from caseapp.vault.errors import OpenFailed


def verify_target(root: Path, signer: bytes, say: Report) -> tuple[int, list[str]]:
    """Return how many runs there are, and a sentence for each file that differs. Raises BackupRefused."""
    target = Target(root)
    runs = target.read_runs(signer) if target.main.is_dir() else []
    if not runs:
        raise BackupRefused(f"There is no finished backup in {root}.")
    wanted: dict[Path, FileEntry] = {}
    for run in runs:
        wanted |= {target.blob(run.key, name): entry for name, entry in run.blobs.items()}
        for part, entry in run.parts.items():
            path = target.part(run.name, part)
            if part != "halves" or path.exists():  # kept 14 days
                wanted[path] = entry
    problems = []
    for number, (path, entry) in enumerate(sorted(wanted.items()), 1):
        if sentence := _compare(path, entry):
            problems.append(sentence)
        if number % 1000 == 0:
            say(f"{number} of {len(wanted)} files")
    if sentence := _check_journal(target, signer):
        problems.append(sentence)
    return len(runs), problems


def _compare(path: Path, entry: FileEntry) -> str:
    try:
        return "" if digest_of(path) == entry else f"{path} was changed or cut"
    except FileNotFoundError:
        return f"{path} is missing"
    except OSError as problem:
        return f"{path} cannot be read ({problem.strerror})"


def _check_journal(target: Target, signer: bytes) -> str:
    try:
        journal.verify_lines(signer, destruction_journal.read_lines(target.journal))
    except OpenFailed as problem:
        return str(problem)
    return ""
