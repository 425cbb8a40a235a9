"""View models of the pages of an import."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.index.likeness import Reason
from caseapp.moving.panels import field_names, import_lines, import_texts
from caseapp.moving.services.importing import import_store, runner
from caseapp.moving.services.importing.shapes import (
    AT_WORK,
    DONE,
    READING,
    READY,
    RUNNING,
    UNDONE,
    CheckedRow,
    ImportState,
    PlannedPart,
    RowResult,
    SavedPart,
)
from caseapp.ui.display.labels import label_of
from caseapp.ui.display.people import likeness_texts
from caseapp.vault.tenancy import office_transaction

LINES_SHOWN = 200  # rows of a report
ALIKE_SHOWN = 25  # rows of one page of people who may be here already
QUIET = frozenset(("opened", "added", "present", "left_out", "undone"))  # results that are only counted


@dataclass(frozen=True)
class CountLine:
    """A result, and the number of rows that had it."""

    label: str | Promise
    count: int


@dataclass(frozen=True)
class RowLine:
    """One row in a report. `href`: its case; `details`: reasons and differences."""

    row: int
    name: str
    result: str
    href: str = ""
    ref: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportLine:
    """One import in the list of a member's imports."""

    name: str
    step: str
    href: str


@dataclass(frozen=True)
class ImportPage:
    """One import: its step, its counts, and the acts that are possible. `at`: when it ended, or its last step."""

    id: UUID
    name: str
    step: str
    label: str
    is_paused: bool
    is_stalled: bool
    problem: str
    done: int
    whole: int
    is_archive: bool
    checked: tuple[CountLine, ...]
    results: tuple[CountLine, ...]
    lines: tuple[RowLine, ...]
    more: int
    waiting: int
    alike: int
    unused: int
    at: dt.datetime | None

    @property
    def is_at_work(self) -> bool:
        """Return whether the import is checking, saving or undoing."""
        return self.step in AT_WORK

    @property
    def may_undo(self) -> bool:
        """Return whether what was saved can be taken back now."""
        return self.step == DONE or (self.step == RUNNING and self.is_paused)

    @property
    def may_remove(self) -> bool:
        """Return whether the import can be taken off the list."""
        return self.step in {READING, READY, DONE, UNDONE}


def import_lines_of(staff: Staff) -> tuple[ImportLine, ...]:
    """Return the member's imports, the newest first."""
    return tuple(
        ImportLine(state.name, _step_label(state), reverse("moving:import_one", args=[import_id]))
        for import_id, state in import_store.list_imports(staff)
    )


def import_page(staff: Staff, import_id: UUID, state: ImportState) -> ImportPage:
    """Return the page of one import."""
    lines, more = _report(staff, import_id, state) if state.step in {DONE, UNDONE, RUNNING} else ((), 0)
    is_stalled = state.step in AT_WORK and not state.paused and not runner.is_at_work(import_id)
    return ImportPage(
        id=import_id,
        name=state.name,
        step=state.step,
        label=_step_label(state),
        is_paused=state.paused,
        is_stalled=is_stalled,
        problem=label_of(import_lines.PROBLEM_LABELS, state.problem) if state.problem else "",
        done=state.next,
        whole=state.parts,
        is_archive=state.is_archive,
        checked=_counts(import_lines.ARCHIVE_LABELS if state.is_archive else import_lines.CHECK_LABELS, state.counts),
        results=_counts(import_lines.RESULT_LABELS, state.counts),
        lines=lines,
        more=more,
        waiting=state.counts.get("waiting", 0),
        alike=state.counts.get("check.alike", 0),
        unused=len(state.documents),
        at=state.ended_at or state.beat_at,
    )


def _step_label(state: ImportState) -> str:
    if state.paused and state.step in AT_WORK:
        return _("Paused")
    return label_of(import_lines.STEP_LABELS, state.step)


def _counts(labels: Mapping[str, str | Promise], counts: Mapping[str, int]) -> tuple[CountLine, ...]:
    return tuple(CountLine(labels[code], counts[code]) for code in labels if counts.get(code))


def _report(staff: Staff, import_id: UUID, state: ImportState) -> tuple[tuple[RowLine, ...], int]:
    """Return the rows that a person should look at, and how many more there are; no part after the last one is read."""
    shown = [code for code in import_lines.RESULT_LABELS if code not in QUIET]
    whole = sum(state.counts.get(code, 0) for code in shown)
    lines: list[RowLine] = []
    for _number, part in import_store.read_parts(staff, import_id) if whole else ():
        results = part.results if isinstance(part, SavedPart) else ()
        lines += [_row_line(result) for result in results if result.result not in QUIET]
        if len(lines) >= min(whole, LINES_SHOWN):
            break
    return tuple(lines[:LINES_SHOWN]), max(0, whole - LINES_SHOWN)


def _row_line(result: RowResult) -> RowLine:
    details = [import_texts.explain_problem(problem) for problem in result.problems]
    if result.reason:
        details.append(_(result.reason))
    if result.kept:
        details.append(str(label_of(import_lines.KEPT_LABELS, result.kept)))
    for item in result.differences:
        values = {"field": _field_name(item.field), "file": item.theirs, "case": item.ours or _("nothing")}
        details.append(_("%(field)s: %(file)s in the file, %(case)s in the case") % values)
    href = reverse("cases:case", args=[result.case_id]) if result.case_id is not None else ""
    label = str(label_of(import_lines.RESULT_LABELS, result.result))
    return RowLine(result.row, result.name, label, href, result.ref, tuple(details))


def _field_name(code: str) -> str:
    """Return the name of a field of a case or person, as the page of columns has it."""
    return str(field_names.NAMES.get(code) or code.partition(".")[2].replace("_", " "))


@dataclass(frozen=True)
class AlikeRowLine:
    """A row whose person may be in a case that is here."""

    row: int
    name: str
    degree: str
    theirs: str
    ref: str
    href: str
    reasons_for: tuple[str, ...]
    reasons_against: tuple[str, ...]


@dataclass(frozen=True)
class AlikePage:
    """One page of the rows whose person may be here already. `earlier` and `later` are addresses."""

    lines: tuple[AlikeRowLine, ...]
    page: int
    pages: int
    earlier: str = ""
    later: str = ""


def alike_page(staff: Staff, import_id: UUID, state: ImportState, page: int) -> tuple[AlikePage, list[CheckedRow]]:
    """Return one page of the checked rows whose person may be here, and these rows. Only their parts are read."""
    pages = max(1, -(-sum(state.alike.values()) // ALIKE_SHOWN))
    page = min(max(1, page), pages)
    start, before = (page - 1) * ALIKE_SHOWN, 0
    shown: list[CheckedRow] = []
    for number, count in sorted(state.alike.items()):
        if before < start + ALIKE_SHOWN and before + count > start:
            rows = _alike_of_part(staff, import_id, number)
            shown += rows[max(0, start - before) : start + ALIKE_SHOWN - before]
        before += count
    earlier = f"?page={page - 1}" if page > 1 else ""
    later = f"?page={page + 1}" if page < pages else ""
    return AlikePage(tuple(map(_alike_line, shown)), page, pages, earlier, later), shown


def _alike_of_part(staff: Staff, import_id: UUID, number: int) -> list[CheckedRow]:
    with office_transaction(staff.org_id):
        part = import_store.read_part(staff, import_id, number)
    return [row for row in part.rows if row.alike] if isinstance(part, PlannedPart) else []


def _alike_line(row: CheckedRow) -> AlikeRowLine:
    first = row.alike[0]
    return AlikeRowLine(
        row=row.plan.row,
        name=row.plan.person.name.full if row.plan.person is not None else "",
        degree=str(label_of(likeness_texts.DEGREES, first.degree)),
        theirs=first.name,
        ref=first.ref,
        href=reverse("cases:case", args=[first.case_id]),
        reasons_for=tuple(likeness_texts.reason_sentence(Reason(*reason)) for reason in first.reasons_for),
        reasons_against=tuple(likeness_texts.reason_sentence(Reason(*reason)) for reason in first.reasons_against),
    )
