"""The next date of a case: the first of its open deadlines and future hearings."""

import datetime as dt

from caseapp.index import rows
from caseapp.index.member.groups import MemberGroups
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow


class NextDates(MemberGroups):
    """Next dates of a row; part of `view.IndexView`."""

    def next_of(self, row: CaseRow) -> HearingRow | DeadlineRow | None:
        """Return the first of a case's open deadlines (overdue or not) and future hearings; None without any."""
        hearing, deadline = self.next_hearing_of(row), self.next_deadline_of(row)
        if hearing is None or deadline is None:
            return hearing or deadline
        day = deadline.day_of_ours or dt.date.max
        is_before = self._midnight + day.toordinal() * 1440 <= rows.minute_of(hearing.starts_at)
        return deadline if is_before else hearing

    def next_hearing_of(self, row: CaseRow) -> HearingRow | None:
        """Return a case's first future hearing without an outcome."""
        ahead = (hearing for hearing in row.hearings if not hearing.outcome)
        ahead = (hearing for hearing in ahead if rows.minute_of(hearing.starts_at) >= self._minute)
        return min(ahead, key=lambda hearing: hearing.starts_at, default=None)

    def next_deadline_of(self, row: CaseRow) -> DeadlineRow | None:
        """Return the first of a case's open deadlines, overdue or not; no window and no date of the other side."""
        dated = (deadline for deadline in row.deadlines if deadline.day_of_ours)
        return min(dated, key=lambda deadline: deadline.day_of_ours or dt.date.max, default=None)
