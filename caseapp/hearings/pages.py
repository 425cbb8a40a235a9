"""Booking, correcting and closing a hearing as finished values."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.deadlines.panels.working import WorkingPanel, working_of
from caseapp.hearings.panels import CaseHearing, case_hearing
from caseapp.hearings.services.preview import Preview
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.records.hearing import Hearing
from caseapp.ui.display import tags
from caseapp.ui.display.case_header import CaseHead, case_head
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class AddedDeadline:
    """A deadline that booking would add."""

    what: str
    on: date | None
    due_on: date | None
    working: WorkingPanel | None


@dataclass(frozen=True)
class BookingPreview:
    """The result of a booking; `clashes` are sentences about other hearings of the same person on that day."""

    weekday: str
    deadlines: tuple[AddedDeadline, ...]
    reminders: int
    clashes: tuple[str, ...]


@dataclass(frozen=True)
class HearingPage:
    """The values around the form of a stored hearing."""

    head: CaseHead
    line: CaseHearing


def hearing_page(file: SealedFile, entry: Entry[Hearing], names: MemberNames, staff: Staff) -> HearingPage:
    """Return the page of a hearing as it is stored."""
    return HearingPage(case_head(file), case_hearing(entry, names))


def booking_preview(
    staff: Staff, preview: Preview, hearing: Hearing, names: MemberNames, case_id: UUID
) -> BookingPreview:
    """Return the deadlines with their working, and the other hearings of the person appearing on that day."""
    local = clock.local_time(hearing.starts_at, hearing.zone)
    return BookingPreview(
        weekday=tags.day_long(local.date()),
        deadlines=tuple(
            AddedDeadline(
                what=translate_deadline_name(deadline.what),
                on=deadline.act_by or deadline.due_on,
                due_on=deadline.due_on if deadline.due_on != deadline.act_by else None,
                working=working_of(deadline),
            )
            for deadline in preview.deadlines
        ),
        reminders=preview.reminders,
        clashes=_find_clashes(staff, hearing, names, local, case_id) if hearing.goes else (),
    )


def _find_clashes(
    staff: Staff, hearing: Hearing, names: MemberNames, local: datetime, case_id: UUID
) -> tuple[str, ...]:
    """Return a sentence for each open hearing of another case, on the same day, with the same person appearing."""
    start = datetime.combine(local.date(), datetime.min.time(), local.tzinfo)
    index = reader.open_readable_view(staff.keys, zone=staff.zone)
    return tuple(
        _("%(name)s has another hearing that day at %(time)s (%(ref)s).")
        % {
            "name": names.get(hearing.goes, "") if hearing.goes else "",
            "time": tags.court_clock(item.item.starts_at, item.item.zone),
            "ref": item.row.ref,
        }
        for item in index.hearings_between(start, start + timedelta(days=1))
        if item.item.goes == hearing.goes and item.case_id != case_id and not item.item.outcome
    )
