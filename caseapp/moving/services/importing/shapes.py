"""The shapes of an import as they are sealed: its state, the rows that were read, and what became of each."""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from caseapp.moving.reading.plans.row_plan import Problem, RowPlan
from caseapp.moving.reading.settings import Answers, Mapping, ReadSettings
from caseapp.records.document import FileVersion

# Steps of an import, in order. `checking`, `running` and `undoing` are work; the others wait for a member.
READING, CHECKING, READY, RUNNING, DONE, UNDOING, UNDONE = (
    "reading", "checking", "ready", "running", "done", "undoing", "undone",
)  # fmt: skip
AT_WORK: Final = frozenset((CHECKING, RUNNING, UNDOING))
# What is done about a row whose person may be in the office already.
SKIP, ATTACH, OPEN = "skip", "attach", "open"
DECISIONS: Final = (SKIP, ATTACH, OPEN)
ROWS_AT_ONCE: Final = 200  # of one part: a transaction, with one part of the index a group (shared index.md)
NAMES_KEPT: Final = 200  # different names of members in a file


class ImportState(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The state of one import.

    number      which of the member's imports it is
    name        of the file, as it was uploaded
    source      the file with the rows, sealed in storage
    documents   files that rows may name, sealed in storage
    group       team that new cases open in; None until it was chosen
    names       names of members in the file, with the number of their rows
    people      those names and the members that they are
    is_planned  a member saved team, people and default
    default     one of DECISIONS, for rows without a decision of their own
    decisions   of single rows, by their number
    parts, next how many parts of rows there are, and the first one that is not saved (or not undone) yet
    read_to     the last row that was checked
    counts      rows by result
    walls       lead and the restricted group that their protected cases open in
    wait        rows wait for cases that are not here yet
    paused      a member stopped the work; it goes on when a member says so
    problem     why the work stopped; a code of `panels.import_lines`
    beat_at     when the last part was finished
    is_archive  the source is an archive that Caseapp exported; its rows are its cases, `read_to` counts checked files
    alike       how many rows of each part are about a person who may be here, by the part's number
    """

    number: int
    name: str
    began_at: dt.datetime
    source: FileVersion
    documents: tuple[FileVersion, ...] = ()
    step: str = READING
    settings: ReadSettings = ReadSettings()
    mapping: Mapping | None = None
    answers: Answers = Answers()
    group: UUID | None = None
    names: dict[str, int] = {}
    people: dict[str, UUID] = {}
    is_planned: bool = False
    default: str = SKIP
    decisions: dict[int, str] = {}
    parts: int = 0
    next: int = 0
    read_to: int = 0
    counts: dict[str, int] = {}
    walls: dict[str, UUID] = {}
    paused: bool = False
    problem: str = ""
    beat_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    is_archive: bool = False
    alike: dict[int, int] = {}

    def __repr__(self) -> str:
        return f"<ImportState {self.step}>"


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """A field whose value in the file is not the one in the case. Nothing is overwritten."""

    field: str
    theirs: str
    ours: str


class AlikeCase(msgspec.Struct, frozen=True, array_like=True):
    """A case of the office that may be about the same person, with the reasons for and against as codes."""

    case_id: UUID
    ref: str
    name: str
    degree: str
    reasons_for: tuple[tuple[str, str, str], ...] = ()
    reasons_against: tuple[tuple[str, str, str], ...] = ()


class CheckedRow(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A row that was read and not saved yet. `alike`: cases that may be about the same person, the likeliest first."""

    plan: RowPlan
    alike: tuple[AlikeCase, ...] = ()

    def __repr__(self) -> str:
        return f"<CheckedRow {self.plan.row}>"


class MadeRecord(msgspec.Struct, frozen=True, array_like=True):
    """A record that an import added or changed, with a digest of its content; `before` is what a changed one was."""

    record_id: UUID
    digest: bytes
    before: "EarlierRecord | None" = None


class EarlierRecord(msgspec.Struct, frozen=True, array_like=True):
    """A record as it was before an import changed it: kind, schema and MessagePack map, as in the case file."""

    kind: int
    schema: int
    body: bytes = msgspec.field(default=b"")

    def __repr__(self) -> str:
        return f"<EarlierRecord of kind {self.kind}>"


class RowResult(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The result of a row.

    result       opened, added, taken_over, present, differs, skipped, waiting, refused, rejected, left_out
    case_id      the case that it is about
    is_new       the import opened this case with this row
    made         what was added to the case or changed in it
    plan         of a row that waits, so that it can be tried again
    problems     found when the row was read
    differences  between the file and the case, of a row that was here already
    reason       sentence of a refusal, as a message of the program
    kept         why undo left it in place; empty: it did not
    """

    row: int
    result: str
    case_id: UUID | None = None
    ref: str = ""
    name: str = ""
    is_new: bool = False
    made: tuple[MadeRecord, ...] = ()
    plan: RowPlan | None = None
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    kept: str = ""

    def __repr__(self) -> str:
        return f"<RowResult {self.row} {self.result}>"


class PlannedPart(msgspec.Struct, frozen=True, tag="rows"):
    """A part of an import that is not saved yet."""

    rows: tuple[CheckedRow, ...]


class SavedPart(msgspec.Struct, frozen=True, tag="results"):
    """A part of an import that is saved."""

    results: tuple[RowResult, ...]


Part = PlannedPart | SavedPart


def add_counts(counts: dict[str, int], results: tuple[RowResult, ...], *, sign: int = 1) -> dict[str, int]:
    """Return the counts with these results added, or taken away again."""
    after = dict(counts)
    for result in results:
        after[result.result] = after.get(result.result, 0) + sign
    return {name: count for name, count in after.items() if count}
