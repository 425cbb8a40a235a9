"""Kept lists of hearings and deadlines."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from caseapp.index import rows
from caseapp.index.kept.definition import KeptList, order_of, order_of_instant
from caseapp.index.lookup import facts
from caseapp.index.lookup.facts import GroupFacts
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class HearingsBetween(KeptList[HearingRow]):
    """The hearings that start in [start, end), aware instants, by start, also those with an outcome."""

    start: dt.datetime
    end: dt.datetime

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a hearing in the minutes of the span."""
        return cases_heard(known, [(self.start, self.end)])

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, HearingRow]]:
        """Yield the hearings of a row that start in the span."""
        for hearing in row.hearings:
            if self.start <= hearing.starts_at < self.end:
                yield order_of_instant(hearing.starts_at), hearing


@dataclass(frozen=True)
class HearingsOn(KeptList[HearingRow]):
    """The hearings of a day by the clock of their court, by start, also those with an outcome."""

    day: dt.date

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a hearing near the day: the court's date can be a day before or after UTC's."""
        return cases_heard(known, [span_of_day(self.day)])

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, HearingRow]]:
        """Yield the hearings of a row on the day."""
        for hearing in row.hearings:
            if hearing.starts_on == self.day:
                yield order_of_instant(hearing.starts_at), hearing


@dataclass(frozen=True)
class DeadlinesBetween(KeptList[DeadlineRow]):
    """The open deadlines of some days, both included, fatal first, then by day.

    owner  None: of all members
    """

    first: dt.date
    last: dt.date
    owner: UUID | None = None

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a deadline on these days."""
        return cases_dated(known, [(self.first, self.last)])

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, DeadlineRow]]:
        """Yield the deadlines of a row on these days."""
        for deadline in row.deadlines:
            day = deadline.day
            if (
                day is not None
                and self.first <= day <= self.last
                and (self.owner is None or deadline.owner == self.owner)
            ):
                yield order_of(rows.severity_rank(deadline.severity), day.toordinal()), deadline


def order_of_date(row: CaseRow, deadline: DeadlineRow, day: dt.date) -> int:
    """Return the place in lists by day: within a day those of detained clients first, then by consequence."""
    return order_of(day.toordinal(), (not row.detained) << 2 | rows.severity_rank(deadline.severity))


def span_of_day(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return instants between which a day is in every zone."""
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    return start - _DAY, start + 2 * _DAY


def cases_heard(known: GroupFacts, spans: Iterable[tuple[dt.datetime, dt.datetime]]) -> Iterable[int]:
    """Return the cases with a hearing in one of the spans of aware instants, each once."""
    minutes = [(rows.minute_of(start), rows.minute_of(end)) for start, end in spans]
    return _cases_between(known, facts.HEARING_MINUTE, minutes)


def cases_dated(known: GroupFacts, spans: Iterable[tuple[dt.date, dt.date]]) -> Iterable[int]:
    """Return the cases with a deadline that is listed in one of the spans of days, both included, each once."""
    return _cases_between(known, facts.DEADLINE_DAY, [(first.toordinal(), last.toordinal()) for first, last in spans])


def _cases_between(known: GroupFacts, order: str, spans: Sequence[tuple[int, int]]) -> Iterable[int]:
    everything = known.bits(facts.ALL)
    return dict.fromkeys(
        slot for first, last in spans for _, slot in known.orders[order].walk(everything, first=first, last=last)
    )
