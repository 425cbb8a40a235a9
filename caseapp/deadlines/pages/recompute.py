"""The page of deadlines that a changed law would move, as finished values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, office_law
from caseapp.deadlines.panels.working import reasons_of
from caseapp.deadlines.services.recompute import RecomputeProgress
from caseapp.index import reader
from caseapp.index.rows import CaseRow
from caseapp.lib.errors import NotFound
from caseapp.records.deadline import Deadline, Proposal
from caseapp.rules.explain.rendering import RenderedText
from caseapp.ui.display.agenda_lines import client_name_of
from caseapp.ui.display.paths import case_path
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import Entry

CASES = 50  # most case files opened for one page


@dataclass(frozen=True)
class DatePair:
    """One date before and after: its name, what it was and what it would be."""

    name: str
    was: date | None
    would: date | None
    is_now: bool = False  # the legal deadline followed the office's reading already

    @property
    def is_changed(self) -> bool:
        """Return True when the two dates differ."""
        return self.was != self.would


@dataclass(frozen=True)
class ChangeLine:
    """One deadline to decide. `token` is the value its buttons send."""

    href: str
    case_href: str
    ref: str
    name: str
    what: str
    dates: tuple[DatePair, ...]
    why: tuple[RenderedText, ...]
    token: str
    has_date: bool
    is_earlier: bool
    listed_on: date
    may_decide: bool


@dataclass(frozen=True)
class ChangesPage:
    """The list; `total` counts all dates to decide, while `lines` are those of the first cases."""

    lines: tuple[ChangeLine, ...]
    total: int
    done: int
    of_cases: int
    is_under_way: bool
    may_decide: bool


def changes_page(staff: Staff, progress: RecomputeProgress) -> ChangesPage:
    """Return the dates to decide in the member's groups, by case, in the caller's transaction."""
    cases, total = reader.open_readable_view(staff.keys, zone=staff.zone).cases_with_proposals(CASES)
    book = office_law.law_of(staff.keys).book
    lines = [line for case_id, row in cases for line in _change_lines(staff, case_id, row, book)]
    if cases:
        audit_trail.record_entry_in_transaction(
            staff.keys, "job", reason="dates that a changed law would change", count=len(cases)
        )
    return ChangesPage(
        lines=tuple(lines),
        total=total,
        done=progress.done,
        of_cases=progress.total,
        is_under_way=not progress.is_whole,
        may_decide=any(line.may_decide for line in lines),
    )


def _change_lines(staff: Staff, case_id: UUID, row: CaseRow, book: rules.Rulebook) -> Iterator[ChangeLine]:
    try:
        file = case_access.open_case(staff.keys, case_id)
    except (NotFound, OpenFailed):
        return  # deleted since; a damaged one is listed by the consistency check
    may_decide = office_law.may_accept_dates(staff, row.lead)
    for entry in file.entries_of(Deadline):
        if entry.record.proposal is not None and entry.record.state == "open":
            yield _change_line(case_id, row, entry, entry.record.proposal, book, may_decide=may_decide)


def _change_line(
    case_id: UUID, row: CaseRow, entry: Entry[Deadline], would: Proposal, book: rules.Rulebook, *, may_decide: bool
) -> ChangeLine:
    record = entry.record
    pairs = (
        DatePair(_("Internal deadline"), record.act_by, would.act_by),
        DatePair(_("Legal deadline"), would.was_due_on or record.due_on, would.due_on, would.was_due_on is not None),
        DatePair(_("Possible from"), record.opens_on, would.opens_on),
    )
    was, to_be = record.act_by or record.due_on, would.act_by or would.due_on
    return ChangeLine(
        href=reverse("deadlines:deadline", args=[entry.id]),
        case_href=case_path(case_id),
        ref=row.ref,
        name=client_name_of(row),
        what=record.what,
        dates=tuple(pair for pair in pairs if pair.was or pair.would),
        why=reasons_of(would, record.working, book),
        token=f"{entry.id} {entry.version}",
        has_date=would.working is not None,
        is_earlier=bool(was and to_be and to_be < was),
        listed_on=would.listed_on,
        may_decide=may_decide,
    )
