"""Lines of the journal of destructions: no line can be changed, left out, moved or added without the server's key."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from caseapp.vault.core import hybrid
from caseapp.vault.core.archive import journal
from caseapp.vault.core.archive.journal import DestroyedKind, JournalEntry
from caseapp.vault.errors import OpenFailed

PRIVATE = hybrid.new_signing_key()
PUBLIC = hybrid.derive_verify_key(PRIVATE)
ORG = UUID(int=1)


def _lines(count: int, private: bytes = PRIVATE) -> list[str]:
    lines: list[str] = []
    kinds: tuple[DestroyedKind, ...] = ("cases", "members", "offices")
    for number in range(1, count + 1):
        entry = JournalEntry(number, date(2026, 11, number), kinds[number % 3], ORG, UUID(int=number))
        lines.append(journal.sign_line(private, entry, journal.hash_line(lines[-1]) if lines else journal.START))
    return lines


def test_a_journal_reads_as_it_was_written() -> None:
    lines = _lines(4)
    entries, hashes = journal.verify_lines(PUBLIC, lines)
    assert [(entry.number, entry.kind, entry.subject.int) for entry in entries] == [
        (1, "members", 1), (2, "offices", 2), (3, "cases", 3), (4, "members", 4)
    ]  # fmt: skip
    assert hashes == [journal.hash_line(line) for line in lines]


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[0].replace("2026-11-01", "2026-11-02"), *lines[1:]],
        lambda lines: [lines[0].replace(UUID(int=1).hex, UUID(int=9).hex), *lines[1:]],
        lambda lines: [*lines[:2], lines[2].replace("cases", "members")],
        lambda lines: [*lines[:2], lines[2][:-40] + "\n"],
        lambda lines: [*lines[:2], lines[2].rstrip("\n")],
        lambda lines: [*lines[:2], "\n"],
    ],
)  # fmt: skip
def test_a_journal_that_was_changed_is_refused(change: Callable[[list[str]], list[str]]) -> None:
    with pytest.raises(OpenFailed):
        journal.verify_lines(PUBLIC, change(_lines(3)))


def test_a_journal_of_another_server_is_refused() -> None:
    with pytest.raises(OpenFailed):
        journal.verify_lines(PUBLIC, _lines(1, hybrid.new_signing_key()))


def test_a_kind_of_a_newer_program_is_refused_and_not_skipped() -> None:
    body = f"1 2026-11-01 teams {ORG.hex} {ORG.hex} {journal.START}"
    line = f"{body} {hybrid.sign(PRIVATE, b'destructions/1' + body.encode()).hex()}\n"
    with pytest.raises(OpenFailed, match="newer program"):
        journal.verify_lines(PUBLIC, [line])
