"""Kept lists of tasks, and of clients to contact."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from caseapp.index import rows
from caseapp.index.columns.case_sets import slots_in
from caseapp.index.kept.definition import LAST_DAY, KeptList, order_of_instant
from caseapp.index.lookup import facts
from caseapp.index.lookup.facts import GroupFacts
from caseapp.index.row_parts.contact import ClientRow, ReplyRow, StopRow
from caseapp.index.rows import CaseRow, TaskRow

C = TypeVar("C")


@dataclass(frozen=True)
class TasksOf(KeptList[TaskRow]):
    """The open tasks of a member (None: without an owner), by day; those without a day last."""

    owner: UUID | None

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a task of the member."""
        return slots_in(known.bits(facts.TASK_OWNER, self.owner.bytes if self.owner else b""))

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, TaskRow]]:
        """Yield the member's tasks of a row."""
        for task in row.tasks:
            if task.owner == self.owner:
                yield _order_of_task(task), task


@dataclass(frozen=True)
class TasksAwaitedBy(KeptList[TaskRow]):
    """The open tasks that colleagues have in the cases of a lead, by day; those without a day last."""

    lead: UUID

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases of the lead with a task of a colleague."""
        return slots_in(known.bits(facts.WAITING_LEAD, self.lead.bytes))

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, TaskRow]]:
        """Yield the colleagues' tasks of a row."""
        for task in row.tasks if row.lead == self.lead else ():
            if task.owner not in (None, self.lead):
                yield _order_of_task(task), task


@dataclass(frozen=True)
class ClientsToContact(KeptList[ClientRow]):
    """The clients to contact about a hearing on a day, the nearest hearing first.

    The days include one extra on either side, because a court in another time zone may have another date.
    """

    today: dt.date

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a client to contact."""
        return cases_to_contact(known, self.today)

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, ClientRow]]:
        """Yield the clients of a row, those of one hearing by id."""
        for client in sorted(listed_on(row, row.clients, self.today), key=lambda each: each.party):
            yield order_of_instant(client.starts_at), client


@dataclass(frozen=True)
class RecentStops(KeptList[StopRow]):
    """The clients who answered STOP in the last 7 days, the newest first."""

    today: dt.date

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a client to contact, or who answered."""
        return cases_to_contact(known, self.today)

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, StopRow]]:
        """Yield the clients of a row who answered STOP."""
        since = self.today - dt.timedelta(days=rows.STOP_SHOWN)
        for stop in listed_on(row, row.stops, self.today):
            if stop.on >= since:
                yield LAST_DAY - stop.on.toordinal(), stop


@dataclass(frozen=True)
class ClientsWhoReplied(KeptList[ReplyRow]):
    """The clients who replied to a text and are to be called on a day, who waits longest first."""

    today: dt.date

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a client to contact, or who replied."""
        return cases_to_contact(known, self.today)

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, ReplyRow]]:
        """Yield the clients of a row who replied."""
        for reply in listed_on(row, row.replies, self.today):
            if reply.since is not None and (reply.call_on is None or reply.call_on <= self.today):
                yield order_of_instant(reply.since), reply


def cases_to_contact(known: GroupFacts, today: dt.date) -> Iterable[int]:
    """Return the cases with a client to contact on a day, or one before or after it."""
    begun = known.orders[facts.CONTACT_FIRST].cases_below(today.toordinal() + 2)
    ended = known.orders[facts.CONTACT_LAST].cases_below(today.toordinal() - 1)
    return slots_in(begun & ~ended)


def listed_on(row: CaseRow, items: Sequence[C], today: dt.date) -> Sequence[C]:
    """Return items of a row, none if its clients are not to be contacted on a day: as `cases_to_contact`."""
    first, last = rows.days_to_contact(row)
    return items if first and first <= today.toordinal() + 1 and last >= today.toordinal() - 1 else ()


def _order_of_task(task: TaskRow) -> int:
    return task.due_on.toordinal() if task.due_on else LAST_DAY
