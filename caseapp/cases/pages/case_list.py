"""View model of the case list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from caseapp.accounts.drafts import saved_views
from caseapp.accounts.keys.staff import Staff
from caseapp.cases.panels import CaseFilter, filter_fields, filter_of_view, list_path, read_filter
from caseapp.cases.services.bulk import UnchangedCase
from caseapp.index.results import CaseConditions, CaseListLine, Counts
from caseapp.index.rows import HearingRow
from caseapp.index.view import IndexView
from caseapp.lib.text.digits import read_page_number
from caseapp.ui.display import labels
from caseapp.ui.display.agenda_lines import NextDate, client_name_of, next_date
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.filter_links import FilterLink
from caseapp.ui.display.paths import case_path
from caseapp.ui.display.refusals import translate_refusal
from caseapp.vault.errors import OpenFailed

PAGE_SIZE = 25  # the HTML of a page stays below 60 KB, with long names too


@dataclass(frozen=True)
class HearingCell:
    """Next hearing of a case in the list."""

    on: date
    at: datetime
    zone: str
    kind: str


@dataclass(frozen=True)
class CaseLine:
    """Case in the list."""

    id: UUID
    href: str
    ref: str
    name: str
    is_detained: bool
    languages: str
    stage: str
    hearing: HearingCell | None
    due: NextDate | None
    who: str
    last_contact_on: date | None


@dataclass(frozen=True)
class SortColumn:
    """Column heading that sorts the list."""

    word: str
    href: str
    is_on: bool


@dataclass(frozen=True)
class SavedViewLink:
    """A saved view of the member."""

    id: UUID
    name: str
    href: str
    is_on: bool


@dataclass(frozen=True)
class CaseList:
    """One page of the list. `columns` are the headings that sort, by their sort; `fields` are those of the filter."""

    lines: tuple[CaseLine, ...]
    links: tuple[FilterLink, ...]
    columns: dict[str, SortColumn]
    views: tuple[SavedViewLink, ...] | None  # None: they do not open
    chosen: CaseFilter
    fields: dict[str, str]
    total: int
    page: int
    pages: int
    earlier: str
    later: str
    reset: str
    has_cases: bool


@dataclass(frozen=True)
class SelectedLine:
    """Case that something is done with."""

    id: UUID
    ref: str
    name: str


@dataclass(frozen=True)
class UnchangedLine:
    """Case that could not be changed, and why. `ref` is empty for a case that is not listed any more."""

    href: str
    ref: str
    name: str
    why: str


def selected_lines(index: IndexView, case_ids: Sequence[UUID]) -> tuple[SelectedLine, ...]:
    """Return the lines of the selected cases, as far as they are open to the member."""
    listed = ((case_id, index.find_row(case_id)) for case_id in case_ids)
    return tuple(SelectedLine(case_id, row.ref, client_name_of(row)) for case_id, row in listed if row is not None)


def unchanged_lines(index: IndexView, unchanged: Sequence[UnchangedCase], not_open: str) -> tuple[UnchangedLine, ...]:
    """Return the cases that could not be changed, each with its sentence; `not_open` for one without a reason."""
    lines = []
    for each in unchanged:
        row = index.find_row(each.case_id)
        why = translate_refusal(each.refused) if each.refused is not None else not_open
        ref, name = (row.ref, client_name_of(row)) if row is not None else ("", "")
        lines.append(UnchangedLine(case_path(each.case_id) if row is not None else "", ref, name, why))
    return tuple(lines)


def case_list(staff: Staff, index: IndexView, query: QueryDict, names: MemberNames) -> CaseList:
    """Return the page that the query names; a value that is not known counts as the default."""
    page_number = read_page_number(query.get("page", ""))
    chosen = read_filter(staff.keys, index, query)
    result = index.list_cases(_conditions_of(staff, index, chosen), sort=chosen.sort, page=page_number, size=PAGE_SIZE)
    counts = index.count_cases()
    return CaseList(
        lines=tuple(_case_line(line, names, index.today) for line in result.rows),
        links=_filter_links(staff, counts, chosen),
        columns=_sort_columns(staff, chosen),
        views=_view_links(staff, chosen),
        chosen=chosen,
        fields=filter_fields(staff.keys, chosen),
        total=result.total,
        page=result.page,
        pages=result.pages,
        earlier=list_path(staff.keys, chosen, page=result.page - 1) if result.page > 1 else "",
        later=list_path(staff.keys, chosen, page=result.page + 1) if result.page < result.pages else "",
        reset=list_path(staff.keys, CaseFilter(show=chosen.show, sort=chosen.sort)),
        has_cases=counts.open + counts.closed > 0,
    )


def _conditions_of(staff: Staff, index: IndexView, chosen: CaseFilter) -> CaseConditions:
    show = chosen.show
    lead = UUID(chosen.lead) if chosen.lead else staff.member_id if show == "mine" else None
    return CaseConditions(
        lead=lead,
        stage=chosen.stage or None,
        detained=True if show == "detained" else None,
        without_date=show == "nodate",
        opened_since=index.today - timedelta(days=6) if show == "new" else None,
        closed=show == "closed",
        facets=chosen.facets,
    )


def _filter_links(staff: Staff, counts: Counts, chosen: CaseFilter) -> tuple[FilterLink, ...]:
    """Return the tabs. Each keeps the order of the list and drops the other filters: its number is of all its cases."""
    filters: dict[str, tuple[str, int | str]] = {
        "mine": (_("Mine"), counts.mine),
        "team": (_("Team"), counts.open),
        "nodate": (_("No next date"), counts.without_date),
        "detained": (_("Detained"), counts.detained),
        "new": (_("New this week"), counts.new_this_week),
        "closed": (_("Closed"), counts.closed),
    }
    return tuple(
        FilterLink(list_path(staff.keys, CaseFilter(show=code, sort=chosen.sort)), word, code == chosen.show, count)
        for code, (word, count) in filters.items()
    )


def _sort_columns(staff: Staff, chosen: CaseFilter) -> dict[str, SortColumn]:
    headings = {
        "next": _("Next date"),
        "ref": _("Ref"),
        "name": _("Name"),
        "hearing": _("Next hearing"),
        "due": _("Next due"),
        "last_contact": _("Last contact"),
    }
    return {
        code: SortColumn(word, list_path(staff.keys, replace(chosen, sort=code)), code == chosen.sort)
        for code, word in headings.items()
    }


def _view_links(staff: Staff, chosen: CaseFilter) -> tuple[SavedViewLink, ...] | None:
    """Return links to the member's views; None where they do not open, which must not close the list of cases."""
    try:
        views = sorted(saved_views.read_views(staff.keys), key=lambda view: view.name.casefold())
    except OpenFailed:
        return None
    return tuple(
        SavedViewLink(view.id, view.name, list_path(staff.keys, filter_of_view(view)), filter_of_view(view) == chosen)
        for view in views
    )


def _case_line(line: CaseListLine, names: MemberNames, today: date) -> CaseLine:
    row = line.row
    return CaseLine(
        id=line.case_id,
        href=case_path(line.case_id),
        ref=row.ref,
        name=client_name_of(row),
        is_detained=row.detained,
        languages=", ".join(row.languages),
        stage=labels.label_of(labels.STAGES, row.stage),
        hearing=_hearing_cell(line.hearing),
        due=next_date(line.deadline, today),
        who=names.get(row.lead, "") if row.lead else "",
        last_contact_on=row.last_contact_on,
    )


def _hearing_cell(hearing: HearingRow | None) -> HearingCell | None:
    if hearing is None:
        return None
    kind = labels.label_of(labels.HEARING_KINDS, hearing.kind)
    return HearingCell(hearing.starts_on, hearing.starts_at, hearing.zone, kind)
