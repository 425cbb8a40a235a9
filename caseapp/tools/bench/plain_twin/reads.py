"""What the pages read: one indexed query for each section, limited to the rows that are shown, and a count."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import F, Q, QuerySet

from caseapp.tools.bench.plain_twin.models import ClearCase, ClearDeadline, ClearHearing, ClearMember, ClearTask

# Rows of a page as the product shows them, so that both pages have about the same size.
TODAY_ROWS = {"overdue": 3, "hearings": 5, "detained": 7, "due": 9, "tasks": 7, "awaited": 7}
LIST_ROWS = 25
SEARCH_ROWS = 20
DAYS_AHEAD = 14
AGENDA_DAYS = 28
AGENDA_ROWS = 35


@dataclass(frozen=True)
class ClearSection:
    """The first rows of a list, and how many there are."""

    rows: list[Any]
    total: int


def read_section(rows: "QuerySet[Any]", limit: int) -> ClearSection:
    """Return the first rows of a query. It is counted only where there are more."""
    first = list(rows[: limit + 1])
    return ClearSection(first[:limit], rows.count() if len(first) > limit else len(first))


def read_today(member: ClearMember, today: dt.date, start: dt.datetime) -> dict[str, ClearSection]:
    """Return the sections of Today for a member."""
    deadlines = ClearDeadline.objects.filter(is_open=True).select_related("case", "owner").order_by("act_by", "id")
    hearings = ClearHearing.objects.filter(is_over=False).select_related("case", "goes").order_by("starts_at", "id")
    tasks = ClearTask.objects.filter(is_open=True).select_related("case", "owner").order_by("due_on", "id")
    near = Q(act_by__gte=today, act_by__lte=today + dt.timedelta(days=DAYS_AHEAD))
    detained = ClearCase.objects.filter(detained_since__isnull=False).select_related("lead").order_by("next_on", "id")
    sections = {
        "overdue": deadlines.filter(act_by__lt=today),
        "hearings": hearings.filter(starts_at__gte=start, starts_at__lt=start + dt.timedelta(days=1)),
        "detained": detained,
        "due": deadlines.filter(near).filter(Q(owner=member) | Q(owner__isnull=True)),
        "tasks": tasks.filter(owner=member),
        "awaited": tasks.filter(case__lead=member).exclude(owner=member),
    }
    return {name: read_section(rows, TODAY_ROWS[name]) for name, rows in sections.items()}


def read_agenda(first: dt.date, start: dt.datetime) -> tuple[ClearSection, ClearSection]:
    """Return the first hearings and deadlines of four weeks; a page of them shows `AGENDA_ROWS` in all."""
    end = start + dt.timedelta(days=AGENDA_DAYS)
    hearings = ClearHearing.objects.filter(is_over=False, starts_at__gte=start, starts_at__lt=end)
    deadlines = ClearDeadline.objects.filter(is_open=True, act_by__gte=first, act_by__lt=end.date())
    return (
        read_section(hearings.select_related("case", "goes").order_by("starts_at", "id"), AGENDA_ROWS),
        read_section(deadlines.select_related("case", "owner").order_by("act_by", "id"), AGENDA_ROWS),
    )


def read_list() -> ClearSection:
    """Return the first page of the list of cases, the next date first."""
    cases = ClearCase.objects.select_related("lead").order_by(F("next_on").asc(nulls_last=True), "ref")
    return read_section(cases, LIST_ROWS)


def find_cases(text: str) -> list[ClearCase]:
    """Return the cases with all words of a text, as beginnings of words, by the index of words; or with a number."""
    digits = "".join(sign for sign in text if sign.isdigit())
    if len(digits) >= 4:
        numbered = ClearCase.objects.filter(people__a_number__endswith=digits).order_by("ref")
        return list(numbered.distinct()[:SEARCH_ROWS])
    words = ["".join(filter(str.isalnum, word)) for word in text.split()]
    asked = " & ".join(f"{word}:*" for word in words if word)
    query = SearchQuery(asked, config="simple", search_type="raw")
    return list(ClearCase.objects.filter(words=query).order_by("ref")[:SEARCH_ROWS]) if asked else []


def read_case(case_id: object) -> ClearCase | None:
    """Return a case with everything on its page, prefetched."""
    related = ("people", "hearings__goes", "deadlines__owner", "tasks__owner", "notes__entered_by", "documents")
    case: ClearCase | None = (
        ClearCase.objects.select_related("lead").prefetch_related(*related).filter(pk=case_id).first()
    )
    return case
