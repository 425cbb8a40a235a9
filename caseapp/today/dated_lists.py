"""Kept lists of Today: deadlines that were missed or are near, and dates that this member was reminded of."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from caseapp.casefile.reminder_plans import reminder_ladder
from caseapp.casefile.reminder_plans.reminder_ladder import LADDER, Role
from caseapp.index.kept.dates import cases_dated, cases_heard, order_of_date, span_of_day
from caseapp.index.kept.definition import KeptList, order_of_instant
from caseapp.index.lookup.facts import GroupFacts
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow

RECENT_DAYS: Final = 3  # days, including today: a reminder sent on Friday may be read on Sunday
WIDEST_DAYS: Final = reminder_ladder.widest_days()
HEARING_DAYS: Final = LADDER["hearing"]["owner"].days
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class MissedDeadlines(KeptList[DeadlineRow]):
    """The open deadlines whose day to act is before a day: the overdue ones, or those whose legal day is still ahead.

    Every member sees every one of them, with any owner.
    """

    day: date
    is_overdue: bool

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a deadline before the day."""
        return cases_dated(known, [(date.min, self.day - _DAY)])

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, DeadlineRow]]:
        """Yield the deadlines of a row that were missed."""
        for deadline in row.deadlines:
            acted = deadline.day_of_ours
            if acted is not None and acted < self.day:
                is_overdue = deadline.due_on is not None and deadline.due_on < self.day
                if is_overdue == self.is_overdue:
                    yield order_of_date(row, deadline, acted), deadline


@dataclass(frozen=True)
class NearDeadlines(KeptList[DeadlineRow]):
    """The open deadlines of some days, both included: dates of the other side (`is_watch`), or all others.

    member  of this member and without an owner; None: of all members
    """

    first: date
    last: date
    member: UUID | None
    is_watch: bool

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a deadline on these days."""
        return cases_dated(known, [(self.first, self.last)])

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, DeadlineRow]]:
        """Yield the near deadlines of a row."""
        for deadline in row.deadlines:
            day = deadline.day
            if (
                day is not None
                and self.first <= day <= self.last
                and deadline.is_watch == self.is_watch
                and (self.member is None or deadline.owner in (None, self.member))
            ):
                yield order_of_date(row, deadline, day), deadline


@dataclass(frozen=True)
class RemindedMember:
    """The member that reminders go to, as far as the reminder ladder asks."""

    member_id: UUID
    role: str
    is_admin: bool


@dataclass(frozen=True)
class RemindedDeadlines(KeptList[DeadlineRow]):
    """The open deadlines that a member was recently reminded of, by day, without those that Today lists already.

    own_days  the reminder days of rules that have their own
    listed    the last of the days that Today lists, from `today` on
    is_team   Today lists the deadlines of all members
    """

    member: RemindedMember
    today: date
    own_days: frozenset[int]
    listed: date
    is_team: bool

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a deadline on a day that a reminder went out for."""
        return cases_dated(known, [(day, day) for day in days_reminded_of(self.today, self._offsets)])

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, DeadlineRow]]:
        """Yield the deadlines of a row that the member was reminded of."""
        for deadline in row.deadlines:
            day = deadline.day
            if day is None or self._is_listed(deadline, day):
                continue
            if was_reminded(self._offsets & reminder_offsets(row, deadline, self.member), day, self.today):
                yield day.toordinal(), deadline

    @property
    def _offsets(self) -> frozenset[int]:
        return WIDEST_DAYS | self.own_days

    def _is_listed(self, deadline: DeadlineRow, day: date) -> bool:
        is_near = self.today <= day <= self.listed
        return is_near and (self.is_team or deadline.owner in (None, self.member.member_id))


@dataclass(frozen=True)
class RemindedHearings(KeptList[HearingRow]):
    """The hearings after today that a member was recently reminded of, by start."""

    member: UUID
    today: date

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a hearing near a day that a reminder went out for."""
        return cases_heard(known, map(span_of_day, days_reminded_of(self.today, HEARING_DAYS)))

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, HearingRow]]:
        """Yield the hearings of a row that the member was reminded of."""
        for hearing in row.hearings:
            if (
                not hearing.outcome
                and self.member in (hearing.goes or row.lead, row.lead)
                and hearing.starts_on > self.today
                and was_reminded(HEARING_DAYS, hearing.starts_on, self.today)
            ):
                yield order_of_instant(hearing.starts_at), hearing


def reminder_offsets(case: CaseRow, row: DeadlineRow, member: RemindedMember) -> set[int]:
    """Return the days before the date on which a member is reminded of it (as `reminder_schedule`)."""
    roles = list[Role]()
    rungs = reminder_ladder.rungs_for(
        row.severity,
        duty="watch" if row.is_watch else "",
        is_window=not (row.act_by or row.due_on),
        own_days=row.reminder_days,
    )
    roles += ["owner"] if (row.owner or case.lead) == member.member_id else []
    roles += ["lead"] if case.lead == member.member_id else []
    roles += ["supervisor"] if member.role == "supervisor" else []
    roles += ["admin"] if member.is_admin else []
    return set(reminder_ladder.days_of(rungs, *roles))


def days_reminded_of(today: date, offsets: Iterable[int]) -> list[date]:
    """Return the dates whose reminder went out today or shortly before, at one of these days before them."""
    return sorted(
        {today + (offset - ago) * _DAY for offset in offsets for ago in range(RECENT_DAYS) if _is_ahead(offset, ago)}
    )


def was_reminded(offsets: Container[int], day: date, today: date) -> bool:
    """Return whether a reminder of a date went out today or shortly before."""
    ahead = (day - today).days
    return any(ahead + ago in offsets and _is_ahead(ahead + ago, ago) for ago in range(RECENT_DAYS))


def _is_ahead(offset: int, ago: int) -> bool:
    """Return whether a date, with a reminder so many days before it, is ahead, or was overdue then."""
    return offset >= ago or offset < 0
