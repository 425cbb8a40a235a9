"""The intake queue: in work, waiting list, provisional, decided."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.index.row_parts.intake import IntakeRow
from caseapp.index.rows import CaseRow
from caseapp.index.view import IndexView
from caseapp.intake.labels import DECISION_LABELS, PRIORITY_LABELS, STATE_LABELS, STEP_LABELS
from caseapp.records.answer import DECIDED, OPEN, PRIORITIES, STATES, WAITING
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of
from caseapp.ui.display.filter_links import FilterLink

SIZE = 50  # lines of a page
MOST = 1000  # intakes of one state that are put in order; of more, the newest


@dataclass(frozen=True)
class IntakeQueueLine:
    """One intake of the queue."""

    ref: str
    name: str
    href: str
    since: dt.date
    about: str
    detained: bool
    priority: str | Promise
    is_urgent: bool
    reason: str
    next_contact_on: dt.date | None
    is_contact_due: bool
    decision: str | Promise
    step: str | Promise
    lead: str


@dataclass(frozen=True)
class IntakeQueue:
    """A page of the queue. `total` counts all intakes of the state."""

    state: str
    lines: tuple[IntakeQueueLine, ...]
    links: tuple[FilterLink, ...]
    total: int
    pages: int
    page: int
    may_open: bool

    @property
    def query(self) -> str:
        """Return the query that keeps the list on its other pages."""
        return f"show={self.state}"

    @property
    def is_waiting(self) -> bool:
        """Return whether this is the waiting list."""
        return self.state == WAITING


def intake_queue(staff: Staff, index: IndexView, *, state: str, page: int) -> IntakeQueue:
    """Return a page of the intakes of one state, in the order in which they are worked on."""
    counts = index.intake_counts()
    chosen = state if state in STATES else OPEN
    listed = index.intakes_in(chosen, MOST)
    entries = [(case_id, row, row.intake) for case_id, row in listed if row.intake is not None]
    if chosen != DECIDED:
        entries.sort(key=lambda entry: _order(entry[1], entry[2]))
    pages = max(1, -(-len(entries) // SIZE))
    page = min(max(page, 1), pages)
    names = names_of(colleagues_of(staff.keys))
    shown = entries[(page - 1) * SIZE : page * SIZE]
    return IntakeQueue(
        state=chosen,
        lines=tuple(_line(case_id, row, intake, names, index.today) for case_id, row, intake in shown),
        links=tuple(
            FilterLink(f"?show={code}", f"{label} {counts[code]}", code == chosen)
            for code, label in STATE_LABELS.items()
        ),
        total=counts[chosen],
        pages=pages,
        page=page,
        may_open=permissions.is_permitted(staff, "new_case"),
    )


def _order(row: CaseRow, intake: IntakeRow) -> tuple[bool, int, dt.date, dt.date, str]:
    """Return the place in the list: detained people first, then by urgency, next contact, and who waits longest."""
    rank = PRIORITIES.index(intake.priority) if intake.priority in PRIORITIES else len(PRIORITIES)
    return not row.detained, rank, intake.next_contact_on or dt.date.max, intake.since, row.ref


def _line(case_id: UUID, row: CaseRow, intake: IntakeRow, names: MemberNames, today: dt.date) -> IntakeQueueLine:
    return IntakeQueueLine(
        ref=row.ref,
        name=row.names[0][0] if row.names else _("no name yet"),
        href=reverse(f"intake:{intake.step or 'safety'}", args=[case_id]),
        since=intake.since,
        about=intake.about,
        detained=row.detained,
        priority=PRIORITY_LABELS.get(intake.priority, ""),
        is_urgent=intake.priority == "urgent",
        reason=intake.reason,
        next_contact_on=intake.next_contact_on,
        is_contact_due=intake.next_contact_on is not None and intake.next_contact_on <= today,
        decision=DECISION_LABELS.get(intake.decision, ""),
        step=STEP_LABELS.get(intake.step, ""),
        lead=names.get(row.lead, "") if row.lead else "",
    )
