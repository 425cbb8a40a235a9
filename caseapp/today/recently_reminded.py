"""Subjects of recent reminders, for a member who opens Today because of one. The sending server cannot know them.

Reminders go out 14 or 60 days before a date, and to a lead or supervisor for a colleague's date. Lists of this member's
near deadlines alone would show such a reader nothing.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.reminder_plans import reminder_ladder
from caseapp.casefile.reminder_plans.reminder_ladder import LADDER, Role
from caseapp.index.results import Item
from caseapp.index.rows import DeadlineRow, HearingRow
from caseapp.index.view import IndexView

RECENT_DAYS = 3  # days, including today: a reminder sent on Friday may be read on Sunday
_DAY = dt.timedelta(days=1)
HEARING_DAYS = LADDER["hearing"]["owner"].days


def deadlines(index: IndexView, staff: Staff, *, excluding: Iterable[UUID]) -> list[Item[DeadlineRow]]:
    """Return the deadlines that this member was recently reminded of, by day, without those listed already."""
    listed = set(excluding)
    own = office_law.law_of(staff.keys).book.own_reminder_days
    offsets = reminder_ladder.widest_days() | own
    items = {
        item.item.id: item
        for day in _days_reminded_of(index.today, offsets)
        for item in index.deadlines_between(day, day)
    }
    reminded = [
        item
        for item in items.values()
        if item.item.id not in listed and _was_reminded(_reminder_offsets(item, staff), item.item.day, index.today)
    ]
    return sorted(reminded, key=lambda item: (item.item.day or index.today, item.row.ref))


def _reminder_offsets(item: Item[DeadlineRow], staff: Staff) -> set[int]:
    """Return the days before the date on which this member is reminded of it (as `reminder_schedule`)."""
    row, roles = item.item, list[Role]()
    rungs = reminder_ladder.rungs_for(
        row.severity,
        duty="watch" if row.is_watch else "",
        is_window=not (row.act_by or row.due_on),
        own_days=row.reminder_days,
    )
    roles += ["owner"] if (row.owner or item.row.lead) == staff.member_id else []
    roles += ["lead"] if item.row.lead == staff.member_id else []
    roles += ["supervisor"] if staff.role == "supervisor" else []
    roles += ["admin"] if staff.is_admin else []
    return set(reminder_ladder.days_of(rungs, *roles))


def hearings(index: IndexView, staff: Staff) -> list[Item[HearingRow]]:
    """Return the hearings after today that this member was recently reminded of, by start."""
    items: dict[UUID, Item[HearingRow]] = {}
    for day in _days_reminded_of(index.today, HEARING_DAYS):
        start = dt.datetime.combine(day - _DAY, dt.time(), dt.UTC)  # the court's date can be a day before or after UTC
        items |= {item.item.id: item for item in index.hearings_between(start, start + 3 * _DAY)}
    reminded = [
        item
        for item in items.values()
        if not item.item.outcome
        and staff.member_id in {item.item.goes or item.row.lead, item.row.lead}
        and _day_of(item.item) > index.today
        and _was_reminded(set(HEARING_DAYS), _day_of(item.item), index.today)
    ]
    return sorted(reminded, key=lambda item: (item.item.starts_at, item.row.ref))


def _day_of(hearing: HearingRow) -> dt.date:
    return hearing.starts_on


def _days_reminded_of(today: dt.date, offsets: Iterable[int]) -> list[dt.date]:
    """Return the dates whose reminder went out today or shortly before."""
    return sorted(
        {
            today + (offset - ago) * _DAY
            for offset in offsets
            for ago in range(RECENT_DAYS)
            if offset >= ago or offset < 0
        }
    )


def _was_reminded(offsets: set[int], day: dt.date | None, today: dt.date) -> bool:
    return day is not None and any((day - today).days + ago in offsets for ago in range(RECENT_DAYS))
