"""Lines of the journal of destructions: a chain that the server signs, kept outside the database and its backups.

LINE : number day kind office subject previous signature, separated by spaces, ends with a newline
       number 1, 2, ...; day YYYY-MM-DD (UTC); kind "cases", "members", "offices" (subject = office) or "blobs"
       (a stored file of a destroyed case); office and subject 32 hex digits
       previous = SHA-256 of the line before (64 hex digits; zeros for the first)
       signature = Ed25519 over "destructions/1" | the line up to the space before the signature, 128 hex digits

A line names nothing but ids that the database has too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args
from uuid import UUID

from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

DestroyedKind = Literal["cases", "members", "offices", "blobs"]
START = "0" * 64  # what the first line names as the line before it
_LINE = re.compile(
    r"([1-9][0-9]{0,9}) ([0-9]{4}-[0-9]{2}-[0-9]{2}) ([a-z]+) ([0-9a-f]{32}) ([0-9a-f]{32}) ([0-9a-f]{64})"
    r" ([0-9a-f]{128})"
)


@dataclass(frozen=True)
class JournalEntry:
    """One destruction: of a case, of a stored file of it, of a member's access, or of a whole office."""

    number: int
    day: date
    kind: DestroyedKind
    org_id: UUID
    subject: UUID


@dataclass(frozen=True)
class JournalHead:
    """Length of a journal and the hash of its last line."""

    number: int
    digest: str


EMPTY = JournalHead(0, START)


def sign_line(private: bytes, entry: JournalEntry, previous: str) -> str:
    """Return the line of an entry that follows the line with the hash `previous`."""
    body = f"{entry.number} {entry.day.isoformat()} {entry.kind} {entry.org_id.hex} {entry.subject.hex} {previous}"
    return f"{body} {hybrid.sign(private, LABELS['destruction journal'] + body.encode()).hex()}\n"


def hash_line(line: str) -> str:
    """Return the hash by which the next line names this one."""
    return primitives.digest(line.encode()).hex()


def verify_lines(public: bytes, lines: Iterable[str]) -> tuple[list[JournalEntry], list[str]]:
    """Return the entries and the hash of each line. Raises OpenFailed if one is altered, missing or foreign."""
    entries: list[JournalEntry] = []
    hashes: list[str] = []
    for line in lines:
        match = _LINE.fullmatch(line.rstrip("\n"))
        if match is None or not line.endswith("\n"):
            raise OpenFailed(f"journal of destructions: line {len(entries) + 1} is not one")
        number, previous = int(match[1]), match[6]
        if number != len(entries) + 1 or previous != (hashes[-1] if hashes else START):
            raise OpenFailed(f"journal of destructions: line {number} does not follow the line before it")
        entries.append(_verified_entry(public, line, match))
        hashes.append(hash_line(line))
    return entries, hashes


def read_line(public: bytes, line: str) -> JournalEntry:
    """Return the entry of one line, whatever is before it. Raises OpenFailed unless this key signed it."""
    match = _LINE.fullmatch(line.rstrip("\n"))
    if match is None:
        raise OpenFailed("journal of destructions: not a line")
    return _verified_entry(public, line, match)


def _verified_entry(public: bytes, line: str, match: re.Match[str]) -> JournalEntry:
    number, day, kind, org, subject, _previous, signature = match.groups()
    body = line[: line.rindex(" ")]
    hybrid.verify(public, bytes.fromhex(signature), LABELS["destruction journal"] + body.encode())
    known: DestroyedKind | None = next((name for name in get_args(DestroyedKind) if name == kind), None)
    if known is None:
        raise OpenFailed(f"journal of destructions: line {number} was written by a newer program")
    return JournalEntry(int(number), date.fromisoformat(day), known, UUID(hex=org), UUID(hex=subject))
