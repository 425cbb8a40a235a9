"""Shapes of the answers that `IndexView` gives, and the conditions of a case list."""

import datetime as dt
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from caseapp.index.likeness.compare import Likeness
from caseapp.index.likeness.person_row import PersonRow
from caseapp.index.row_parts.contact import ClientRow, ReplyRow, StopRow
from caseapp.index.rows import CaseRow, DeadlineRow, DocumentRow, HearingRow, TaskRow

T = TypeVar("T", HearingRow, DeadlineRow, TaskRow, ClientRow, StopRow, ReplyRow, DocumentRow)


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """A hearing, deadline, task, client, reply or document with the case that it belongs to."""

    case_id: UUID
    row: CaseRow
    item: T


@dataclass(frozen=True, slots=True)
class CaseListLine:
    """A case in a list, with its next hearing and the first of its open deadlines, overdue or not.

    next  the earlier of the two
    """

    case_id: UUID
    row: CaseRow
    next: HearingRow | DeadlineRow | None
    hearing: HearingRow | None
    deadline: DeadlineRow | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: `total` cases on `pages` pages; `page` counts from 1."""

    rows: tuple[CaseListLine, ...]
    total: int
    pages: int
    page: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result; `score` 0 to 1.

    why  name, spelling, sound, number, phone, ref, court or member
    """

    case_id: UUID
    row: CaseRow
    why: str
    score: float


@dataclass(frozen=True, slots=True)
class Alike:
    """A person of a case who may be the same as another. `names` are theirs, as written."""

    case_id: UUID
    row: CaseRow
    person: PersonRow
    names: tuple[str, ...]
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A court, judge, language, relief or member (as hex) of some case; `normal` is the form that is compared."""

    kind: str
    normal: str
    text: str


@dataclass(frozen=True, slots=True)
class DocumentPile:
    """Documents with their cases, the newest first, and how many there are in all."""

    documents: tuple[Item[DocumentRow], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of open cases, and of closed ones in `closed`. `mine`: the member leads; `team`: the member works on."""

    open: int
    closed: int
    mine: int
    team: int
    without_date: int
    detained: int
    new_this_week: int
    by_stage: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseConditions:
    """Conditions of the case list; all must be met, and None sets no condition.

    without_date    only cases without an open deadline that has a day and without a future hearing, at a stage that
                    expects one
    closed          False: open cases, True: closed ones, None: both; stage="closed" implies None
    facets          (kind, normal form) of `lookup.facets`: courts, judges, languages, relief
    """

    lead: UUID | None = None
    team: UUID | None = None
    stage: str | None = None
    detained: bool | None = None
    without_date: bool = False
    opened_since: dt.date | None = None
    closed: bool | None = False
    facets: tuple[tuple[str, str], ...] = ()


CLOSED = "closed"  # stage
OPEN_CASES = CaseConditions()
