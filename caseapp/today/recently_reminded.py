"""Subjects of recent reminders, for a member who opens Today because of one. The sending server cannot know them.

Reminders go out 14 or 60 days before a date, and to a lead or supervisor for a colleague's date. Lists of this member's
near deadlines alone would show such a reader nothing.
"""

from collections.abc import Sequence
from datetime import date

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.index.results import Item
from caseapp.index.rows import DeadlineRow, HearingRow
from caseapp.index.view import IndexView
from caseapp.today.dated_lists import RemindedDeadlines, RemindedHearings, RemindedMember


def deadlines(index: IndexView, staff: Staff, *, listed: date, is_team: bool) -> Sequence[Item[DeadlineRow]]:
    """Return the deadlines that this member was recently reminded of, by day, without those listed already.

    listed, is_team  as in `RemindedDeadlines`
    """
    member = RemindedMember(staff.member_id, staff.role, staff.is_admin)
    own = office_law.law_of(staff.keys).book.own_reminder_days
    return index.read_kept(RemindedDeadlines(member, index.today, own, listed, is_team=is_team))


def hearings(index: IndexView, staff: Staff) -> Sequence[Item[HearingRow]]:
    """Return the hearings after today that this member was recently reminded of, by start."""
    return index.read_kept(RemindedHearings(staff.member_id, index.today))
