"""What the queries of an index answer, worked out from a plain dict of rows by looking at every one of them."""

import datetime as dt
from collections import Counter
from uuid import UUID

from caseapp.index import rows
from caseapp.index.results import CaseConditions
from caseapp.index.rows import CaseRow, HearingRow
from caseapp.records.case import WITHOUT_DATE

LAST = 2**62


class PlainModel:
    """The answers at one minute, in UTC, for the rows that a member sees."""

    def __init__(self, seen: dict[UUID, CaseRow], now: dt.datetime) -> None:
        self.seen, self.now, self.today = seen, now, now.date()

    def listed(self, conditions: CaseConditions, sort: str) -> list[UUID]:
        """The ids of the cases that meet the conditions, in order."""
        chosen = [(self._key(row, sort), row.ref, case_id) for case_id, row in self.seen.items()]
        return [case_id for _, _, case_id in sorted(chosen) if self._meets(self.seen[case_id], conditions)]

    def _meets(self, row: CaseRow, asked: CaseConditions) -> bool:
        has = {("language", each.lower()) for each in row.languages} | {("relief", each) for each in row.relief}
        return (
            (asked.closed is None or asked.stage == "closed" or row.closed == asked.closed)
            and (asked.lead is None or row.lead == asked.lead)
            and (asked.team is None or asked.team in row.team)
            and (asked.stage is None or row.stage == asked.stage)
            and (asked.detained is None or row.detained == asked.detained)
            and (asked.opened_since is None or (row.opened_on is not None and row.opened_on >= asked.opened_since))
            and (not asked.without_date or self.lacks_date(row))
            and set(asked.facets) <= has
        )

    def lacks_date(self, row: CaseRow) -> bool:
        """Whether a case that should have a next date has none."""
        return self._next(row) is None and row.stage not in WITHOUT_DATE

    def _key(self, row: CaseRow, sort: str) -> int | str:
        names = rows.summary_of(row).names
        keys: dict[str, int | str | None] = {
            "ref": row.ref,
            "name": names[0] if names else "\uffff",
            "next": self._next(row),
            "hearing": self._hearing(row),
            "due": self._due(row),
            "last_contact": row.last_contact_on.toordinal() if row.last_contact_on else 0,
        }
        key = keys[sort]
        return LAST if key is None else key

    def _ahead(self, row: CaseRow) -> list[HearingRow]:
        return [each for each in row.hearings if not each.outcome and each.starts_at >= self.now]

    def _hearing(self, row: CaseRow) -> int | None:
        return min((rows.minute_of(each.starts_at) for each in self._ahead(row)), default=None)

    def _due(self, row: CaseRow) -> int | None:
        days = (each.day_of_ours for each in row.deadlines)
        midnights = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in days if day)
        return min(map(rows.minute_of, midnights), default=None)

    def _next(self, row: CaseRow) -> int | None:
        return min((each for each in (self._hearing(row), self._due(row)) if each is not None), default=None)

    def counts(self, member: UUID) -> dict[str, object]:
        """The numbers next to the list's filters."""
        shown = [row for row in self.seen.values() if not row.closed]
        week = self.today - dt.timedelta(days=7)
        return {
            "open": len(shown),
            "closed": len(self.seen) - len(shown),
            "mine": sum(row.lead == member for row in shown),
            "team": sum(member in row.team for row in shown),
            "without_date": sum(self.lacks_date(row) for row in shown),
            "detained": sum(row.detained for row in shown),
            "new_this_week": sum(row.opened_on is not None and row.opened_on > week for row in shown),
            "by_stage": dict(Counter(row.stage for row in self.seen.values())),
        }

    def deadlines(self, first: dt.date | None, last: dt.date, owner: UUID | None) -> set[UUID]:
        """The ids of deadlines in a span, also of those that only open."""
        return {
            each.id
            for row in self.seen.values()
            for each in row.deadlines
            if each.day is not None and (first is None or first <= each.day) and each.day <= last
            if owner is None or each.owner == owner
        }

    def hearings(self, start: dt.datetime, end: dt.datetime) -> set[UUID]:
        """The ids of hearings that start in a span, the end not included."""
        return {each.id for row in self.seen.values() for each in row.hearings if start <= each.starts_at < end}

    def next_hearing_at(self) -> dt.datetime | None:
        """The start of the first hearing from now on."""
        starts = (each.starts_at for row in self.seen.values() for each in row.hearings if not each.outcome)
        return min((start for start in starts if start > self.now), default=None)

    def tasks(self, owner: UUID | None) -> set[UUID]:
        """The ids of a member's tasks."""
        return {each.id for row in self.seen.values() for each in row.tasks if each.owner == owner}

    def awaited_tasks(self, lead: UUID) -> set[UUID]:
        """The ids of tasks that colleagues have in the cases of a lead."""
        return {
            each.id
            for row in self.seen.values()
            if row.lead == lead
            for each in row.tasks
            if each.owner is not None and each.owner != lead
        }

    def proposals(self) -> int:
        """The dates that a changed law moves."""
        return sum(each.proposed for row in self.seen.values() for each in row.deadlines)

    def unsorted(self) -> int:
        """The documents of open cases that are not sorted."""
        return sum(row.unsorted for row in self.seen.values() if not row.closed)

    def intakes(self) -> Counter[str]:
        """The intakes by state."""
        return Counter(row.intake.state for row in self.seen.values() if row.intake)

    def waiting_replies(self) -> set[UUID]:
        """The people who replied and are to be called."""
        return {
            each.party
            for row in self.seen.values()
            for each in row.replies
            if each.since is not None and (each.call_on is None or each.call_on <= self.today)
        }

    def numbers(self) -> set[tuple[UUID, str]]:
        """The numbers with a consent, with their cases."""
        return {(case_id, number) for case_id, row in self.seen.items() for number in row.phones}
