"""View model of the case list."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.index.results import CaseConditions, CaseListLine, Counts
from caseapp.index.view import IndexView
from caseapp.ui.display import labels
from caseapp.ui.display.agenda_lines import NextDate, client_name_of, next_date
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of
from caseapp.ui.display.filter_links import FilterLink
from caseapp.ui.display.paths import case_path

FILTERS = ("mine", "team", "nodate", "detained", "new", "closed")
SORTS = ("ref", "name", "next", "last_contact")
PAGE_SIZE = 25


@dataclass(frozen=True)
class CaseLine:
    """Case in the list."""

    href: str
    ref: str
    name: str
    languages: str
    stage: str
    next: NextDate | None
    who: str
    last_contact_on: date | None


@dataclass(frozen=True)
class SortColumn:
    """Column heading that sorts the list."""

    word: str
    href: str
    is_on: bool


@dataclass(frozen=True)
class CaseList:
    """One page of the list."""

    lines: tuple[CaseLine, ...]
    links: tuple[FilterLink, ...]
    columns: tuple[SortColumn, ...]
    total: int
    page: int
    pages: int
    earlier: str
    later: str
    has_cases: bool


def case_list(staff: Staff, index: IndexView, query: QueryDict) -> CaseList:
    """Return the page for `show`, `sort` and `page` of the query; a value that is not known counts as the default."""
    show = query.get("show", "")
    show = show if show in FILTERS else "mine"
    sort = query.get("sort", "")
    sort = sort if sort in SORTS else "next"
    number = query.get("page", "1")
    page_number = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    conditions = CaseConditions(
        lead=staff.member_id if show == "mine" else None,
        detained=True if show == "detained" else None,
        without_date=show == "nodate",
        opened_since=index.today - timedelta(days=6) if show == "new" else None,
        closed=show == "closed",
    )
    result = index.list_cases(conditions, sort=sort, page=page_number, size=PAGE_SIZE)
    names = names_of(colleagues_of(staff.keys))
    counts = index.count_cases()
    return CaseList(
        lines=tuple(_case_line(line, names, index.today) for line in result.rows),
        links=_filter_links(counts, show),
        columns=_sort_columns(show, sort),
        total=result.total,
        page=result.page,
        pages=result.pages,
        earlier=_query_string(show, sort, result.page - 1) if result.page > 1 else "",
        later=_query_string(show, sort, result.page + 1) if result.page < result.pages else "",
        has_cases=counts.open + counts.closed > 0,
    )


def _query_string(show: str, sort: str, page: int = 1) -> str:
    return "?" + urlencode({"show": show, "sort": sort, **({"page": page} if page > 1 else {})})


def _filter_links(counts: Counts, show: str) -> tuple[FilterLink, ...]:
    filters: dict[str, tuple[str, int | str]] = {
        "mine": (_("Mine"), counts.mine),
        "team": (_("Team"), counts.open),
        "nodate": (_("No next date"), counts.without_date),
        "detained": (_("Detained"), counts.detained),
        "new": (_("New this week"), counts.new_this_week),
        "closed": (_("Closed"), counts.closed),
    }
    return tuple(FilterLink(f"?show={code}", word, code == show, count) for code, (word, count) in filters.items())


def _sort_columns(show: str, sort: str) -> tuple[SortColumn, ...]:
    headings = {"ref": _("Ref"), "name": _("Name"), "next": _("Next date"), "last_contact": _("Last contact")}
    return tuple(SortColumn(word, _query_string(show, code), code == sort) for code, word in headings.items())


def _case_line(line: CaseListLine, names: MemberNames, today: date) -> CaseLine:
    row = line.row
    return CaseLine(
        href=case_path(line.case_id),
        ref=row.ref,
        name=client_name_of(row),
        languages=", ".join(row.languages),
        stage=labels.label_of(labels.STAGES, row.stage),
        next=next_date(line.next, today),
        who=names.get(row.lead, "") if row.lead else "",
        last_contact_on=row.last_contact_on,
    )
