"""The manifest of a run: every file with its size and SHA-256, signed by the server, readable without any key."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.vault.core.archive import backup_file
from caseapp.vault.core.archive.journal import JournalHead
from caseapp.vault.errors import OpenFailed

FORMAT = 1
MANIFEST = "manifest"  # its file in the folder of the run
PARTS = ("database", "keys", "halves")


@dataclass(frozen=True)
class FileEntry:
    """Size and SHA-256 (hex) of a file of the target, as it is stored there."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The files of a run. `key`: id of the offline key they are sealed to; `blobs`: by the blob's id in hex."""

    installation: str
    key: str
    run: str
    at: datetime
    program: str
    parts: dict[str, FileEntry]
    blobs: dict[str, FileEntry] = field(repr=False)
    missing: int  # files that the database names and storage had no longer
    journal: JournalHead

    @property
    def name(self) -> str:
        """Return the name of the run: its instant (UTC) and the beginning of its id."""
        return f"{self.at:%Y%m%dT%H%M%SZ}-{self.run[:8]}"

    def part_name(self, part: str) -> str:
        """Return the name to which the content of a part is bound."""
        return f"{part} {self.run}"


def encode_manifest(manifest: Manifest, signing_key: bytes) -> bytes:
    """Return the bytes of the manifest's file: one line of JSON and one with the signature."""
    body = {
        "format": FORMAT,
        "installation": manifest.installation,
        "key": manifest.key,
        "run": manifest.run,
        "at": manifest.at.isoformat(),
        "program": manifest.program,
        "parts": {name: [entry.size, entry.sha256] for name, entry in manifest.parts.items()},
        "missing": manifest.missing,
        "journal": [manifest.journal.number, manifest.journal.digest],
        "blobs": {name: [entry.size, entry.sha256] for name, entry in sorted(manifest.blobs.items())},
    }
    line = json.dumps(body, separators=(",", ":")).encode()
    return line + b"\n" + backup_file.sign_manifest(signing_key, line).hex().encode() + b"\n"


def read_manifest(path: Path, signer: bytes) -> Manifest:
    """Return a run's manifest. `signer`: the verifying key of the installation.

    Raises BackupRefused if it is damaged, of another installation or of a newer program.
    """
    try:
        line, signature, rest = path.read_bytes().split(b"\n")
        signature_bytes = bytes.fromhex(signature.decode())
        body: dict[str, Any] = json.loads(line)
        format_number = int(body["format"])
    except OSError as problem:
        raise BackupRefused(f"{path} cannot be read ({problem.strerror}).") from None
    except (ValueError, KeyError, TypeError):
        raise BackupRefused(f"{path} is damaged: this backup is incomplete.") from None
    if format_number > FORMAT:
        raise BackupRefused(f"{path.parent.name} was made by a newer program (format {format_number}): use that one.")
    try:
        backup_file.verify_manifest(signer, signature_bytes, line)
    except OpenFailed:
        raise BackupRefused(
            f"{path.parent.name} was made by another installation, or its manifest was changed."
        ) from None
    if rest:
        raise BackupRefused(f"{path} is damaged: this backup is incomplete.")
    return Manifest(
        installation=body["installation"],
        key=body["key"],
        run=body["run"],
        at=datetime.fromisoformat(body["at"]),
        program=body["program"],
        parts={name: FileEntry(*entry) for name, entry in body["parts"].items()},
        blobs={name: FileEntry(*entry) for name, entry in body["blobs"].items()},
        missing=body["missing"],
        journal=JournalHead(*body["journal"]),
    )
