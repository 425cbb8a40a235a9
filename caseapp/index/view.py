"""Queries across the cases of all groups that a member is in."""

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from itertools import islice
from uuid import UUID

from caseapp.index import rows
from caseapp.index.group_index import GroupIndex
from caseapp.index.lookup import agenda
from caseapp.index.lookup.agenda import Dated, GroupAgenda
from caseapp.index.member.alike import AlikeQueries
from caseapp.index.results import (
    OPEN_CASES,
    CaseConditions,
    CaseListLine,
    Counts,
    Hit,
    Item,
    Page,
)
from caseapp.index.row_parts.contact import ClientRow, ReplyRow, StopRow
from caseapp.index.rows import SEVERITY_ORDER, CaseRow, DeadlineRow, HearingRow, RowSummary, TaskRow
from caseapp.records.case import WITHOUT_DATE


class IndexView(AlikeQueries):
    """The result of `reader.open_view`. A case that is in two groups is shown once, in its newest saved state."""

    def __repr__(self) -> str:
        return f"<IndexView of {len(self._groups)} groups>"

    def hearings_between(self, start: dt.datetime, end: dt.datetime) -> list[Item[HearingRow]]:
        """Return the hearings that start in [start, end), aware instants, in order, also those with an outcome."""
        items = [
            Item(case_id, row, hearing)
            for case_id, row in self._rows_on_days(lambda a: a.hearings, _utc_day(start), _utc_day(end))
            for hearing in row.hearings
            if start <= hearing.starts_at < end
        ]
        return sorted(items, key=lambda item: (item.item.starts_at, item.row.ref))

    def next_hearing(self, after: dt.datetime) -> Item[HearingRow] | None:
        """Return the first hearing without an outcome that starts after an instant."""
        candidates = []
        for group in self._groups:
            with group.lock:
                days = sorted(day for day in group.agenda.hearings if day >= _utc_day(after))
                for day in days:
                    items = [self._first_after(group, case_id, after) for case_id in group.agenda.hearings[day]]
                    if any(items):
                        candidates += [item for item in items if item is not None]
                        break
        return min(candidates, key=lambda item: (item.item.starts_at, item.row.ref), default=None)

    def _first_after(self, group: GroupIndex, case_id: bytes, after: dt.datetime) -> Item[HearingRow] | None:
        if self._newest_group(case_id) is not group:
            return None
        row = rows.decode(group.raw[case_id])
        ahead = [hearing for hearing in row.hearings if hearing.starts_at > after and not hearing.outcome]
        first = min(ahead, key=lambda hearing: hearing.starts_at, default=None)
        return Item(UUID(bytes=case_id), row, first) if first else None

    def deadlines_between(
        self, start: dt.date | None, end: dt.date, *, owner: UUID | None = None
    ) -> list[Item[DeadlineRow]]:
        """Return open deadlines from `start` (None: no limit) to `end`, both included; fatal first, then by day."""
        first = start.toordinal() if start else None
        items = [
            Item(case_id, row, deadline)
            for case_id, row in self._rows_on_days(lambda a: a.deadlines, first, end.toordinal(), owner)
            for deadline in row.deadlines
            if deadline.day and (start is None or start <= deadline.day) and deadline.day <= end
            if owner is None or deadline.owner == owner
        ]
        return sorted(items, key=_by_consequence)

    def overdue_deadlines(self, today: dt.date) -> list[Item[DeadlineRow]]:
        """Return open deadlines whose day to act is before `today`.

        A window that only opened and a date of the other side are not overdue.
        """
        passed = self.deadlines_between(None, today - dt.timedelta(days=1))
        return [item for item in passed if item.item.day_of_ours]

    def tasks_of(self, owner: UUID | None) -> list[Item[TaskRow]]:
        """Return open tasks of a member (None: without an owner), by day; those without a day last."""
        key = owner.bytes if owner else b""
        return self._tasks_in(lambda a: a.tasks.get(key, ()), lambda task: task.owner == owner)

    def tasks_awaited_by(self, lead: UUID) -> list[Item[TaskRow]]:
        """Return open tasks that colleagues have in the cases of a lead, by day; those without a day last."""
        return self._tasks_in(lambda a: a.awaited.get(lead.bytes, ()), lambda task: task.owner not in (None, lead))

    def _tasks_in(
        self, pick: Callable[[GroupAgenda], Iterable[bytes]], is_wanted: Callable[[TaskRow], bool]
    ) -> list[Item[TaskRow]]:
        items = []
        for group in self._groups:
            with group.lock:
                for case_id in pick(group.agenda):
                    if self._newest_group(case_id) is group:
                        row = rows.decode(group.raw[case_id])
                        items += [Item(UUID(bytes=case_id), row, task) for task in row.tasks if is_wanted(task)]
        return sorted(items, key=lambda item: (item.item.due_on or dt.date.max, item.row.ref))

    def list_cases(
        self,
        conditions: CaseConditions = OPEN_CASES,
        *,
        sort: str = "ref",
        page: int = 1,
        size: int = 25,
    ) -> Page:
        """Return a page of the cases that meet the conditions.

        sort            ref, name, next (overdue first, none last), hearing, due or last_contact (longest ago first)
        Raises          ValueError for another sort or a size below 1
        """
        if size < 1:
            raise ValueError("size")
        order = self._sort_key(sort)
        entries = []
        for group in self._groups:
            with group.lock:
                chosen = group.facets.cases_with(conditions.facets) if conditions.facets else None
                entries += [
                    (order(keys), keys.ref, case_id, group)
                    for case_id, keys in self._summaries_of(group)
                    if chosen is None or case_id in chosen
                    if conditions.accept(keys) and (not conditions.without_date or self._lacks_date(keys))
                ]
        entries.sort(key=lambda entry: entry[:3])
        pages = max(1, -(-len(entries) // size))
        page = min(max(page, 1), pages)
        shown = tuple(self._case_lines(entries[(page - 1) * size : page * size]))
        return Page(rows=shown, total=len(entries), pages=pages, page=page)

    def _case_lines(self, entries: Iterable[tuple[object, str, bytes, GroupIndex]]) -> Iterator[CaseListLine]:
        for _, _, case_id, group in entries:
            with group.lock:
                raw = group.raw.get(case_id)
            if raw is not None:  # else removed by another request since the list was made
                row = rows.decode(raw)
                hearing, deadline = self.next_hearing_of(row), self.next_deadline_of(row)
                yield CaseListLine(UUID(bytes=case_id), row, self.next_of(row), hearing, deadline)

    def _sort_key(self, sort: str) -> Callable[[RowSummary], int | str]:
        orders: dict[str, Callable[[RowSummary], int | str]] = {
            "ref": lambda keys: keys.ref,
            "name": lambda keys: keys.names[0] if keys.names else "\uffff",
            "next": lambda keys: self._next_minute(keys) or 2**62,
            "hearing": lambda keys: min((each for each in keys.awaited if each >= self._minute), default=2**62),
            "due": lambda keys: keys.due or 2**62,
            "last_contact": lambda keys: keys.contacted,
        }
        if sort not in orders:
            raise ValueError(f"sort is one of {', '.join(orders)}")
        return orders[sort]

    def _lacks_date(self, keys: RowSummary) -> bool:
        """Return True for a case that should have a next date and has none."""
        return self._next_minute(keys) is None and keys.stage not in WITHOUT_DATE

    def _next_minute(self, keys: RowSummary) -> int | None:
        return keys.next_minute(self._minute, self._midnight)

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

    def search_cases(self, text: str, limit: int = 20, *, members: Set[UUID] = frozenset()) -> list[Hit]:
        """Return cases by name, number, telephone or ref, then those at a court or of a member.

        A name is found in any order, script and accent, by a similar spelling or sound; a number also by its end.
        members  members whose name the text is: the cases that they lead, work on or appear in are found too
        """
        hits = []
        for group in self._groups:
            with group.lock:
                matches = group.vocabulary.find_cases(text, group.fronts, limit)
                named = {match.case_id for match in matches}
                matched = [(match.case_id, match.why, match.score) for match in matches]
                matched += [each for each in self._by_facet(group, text, members, limit) if each[0] not in named]
                for case_id, why, score in matched:
                    if self._newest_group(case_id) is group:
                        hits.append(Hit(UUID(bytes=case_id), rows.decode(group.raw[case_id]), why, score))
        hits.sort(key=lambda hit: (-hit.score, hit.row.closed, hit.row.ref))
        return hits[:limit]

    def count_cases(self, member: UUID | None = None) -> Counts:
        """Return the numbers shown next to the case list's filters; `member` is the requesting one by default."""
        who = member.bytes if member else self._member
        totals: Counter[str] = Counter()
        stages: Counter[str] = Counter()
        for group in self._groups:
            with group.lock:
                fronts = [keys for _, keys in self._summaries_of(group)]
                stages.update(keys.stage for keys in fronts)
                totals.update(self._count_open([keys for keys in fronts if not keys.closed], who))
                totals["closed"] += sum(keys.closed for keys in fronts)
        names = ("open", "closed", "mine", "team", "without_date", "detained", "new_this_week")
        return Counts(**{name: totals[name] for name in names}, by_stage=dict(stages))

    def _count_open(self, shown: list[RowSummary], who: bytes) -> dict[str, int]:
        week = self.today.toordinal() - 7
        return {
            "open": len(shown),
            "mine": sum(keys.lead == who for keys in shown),
            "team": sum(who in keys.team for keys in shown),
            "without_date": sum(self._lacks_date(keys) for keys in shown),
            "detained": sum(keys.detained for keys in shown),
            "new_this_week": sum(keys.opened > week for keys in shown),
        }

    def cases_with_proposals(self, limit: int) -> tuple[list[tuple[UUID, CaseRow]], int]:
        """Return the first `limit` cases, by ref, with dates that a changed law moves, and the total of such dates."""
        entries = []
        for group in self._groups:
            with group.lock:
                entries += [
                    (keys.ref, case_id, group, keys.proposals)
                    for case_id, keys in self._summaries_of(group)
                    if keys.proposals
                ]
        entries.sort(key=lambda entry: entry[:2])
        shown = [(case_id, group.raw.get(case_id)) for _, case_id, group, _ in entries[:limit]]
        rows_shown = [(UUID(bytes=case_id), rows.decode(raw)) for case_id, raw in shown if raw is not None]
        return rows_shown, sum(entry[3] for entry in entries)

    def clients_to_contact(self) -> list[Item[ClientRow]]:
        """Return clients to contact about a hearing now, the nearest hearing first.

        The days include one extra on either side; the caller decides what is due, in the hearing's own zone.
        """
        shown = [
            Item(case_id, row, client)
            for case_id, row in self._rows_to_contact()
            for client in row.clients
            if client.starts_at > self.now
        ]
        return sorted(shown, key=lambda item: (item.item.starts_at, item.row.ref, item.item.party))

    def recent_stops(self) -> list[Item[StopRow]]:
        """Return clients who answered STOP in the last 7 days, the newest first."""
        since = self.today - dt.timedelta(days=rows.STOP_SHOWN)
        shown = [
            Item(case_id, row, stop)
            for case_id, row in self._rows_to_contact()
            for stop in row.stops
            if stop.on >= since
        ]
        return sorted(shown, key=lambda item: (-item.item.on.toordinal(), item.row.ref))

    def clients_who_replied(self) -> list[Item[ReplyRow]]:
        """Return clients who replied to a text and are to be called today, who waits longest first."""
        waiting = [
            Item(case_id, row, reply)
            for case_id, row in self._rows_to_contact()
            for reply in row.replies
            if reply.since is not None and (reply.call_on is None or reply.call_on <= self.today)
        ]
        return sorted(waiting, key=lambda item: (item.item.since or self.now, item.row.ref))

    def texted_phones(self) -> list[tuple[UUID, str, int]]:
        """Return each number of open cases that was ever texted, with its case and the minute of its last reply (0)."""
        entries = self._summaries_where(lambda keys: bool(keys.phones or keys.ended_phones) and not keys.closed)
        return [
            (UUID(bytes=case_id), number, max((at for known, at in keys.replied if known == number), default=0))
            for case_id, keys in entries
            for number in dict.fromkeys((*keys.phones, *keys.ended_phones))
        ]

    def _rows_to_contact(self) -> list[tuple[UUID, CaseRow]]:
        # One extra day on either side, because a court in another time zone may have another date.
        first, last = self.today.toordinal() + 1, self.today.toordinal() - 1
        return self._rows_where(
            lambda keys: bool(keys.tell_first) and keys.tell_first <= first and keys.tell_last >= last
        )

    def consented_phones(self) -> list[tuple[UUID, str]]:
        """Return each number with a consent to texts, with its case."""
        entries = self._summaries_where(lambda keys: bool(keys.phones))
        return [(UUID(bytes=case_id), number) for case_id, keys in entries for number in keys.phones]

    def uncompared_rows(self) -> list[tuple[UUID, CaseRow]]:
        """Return the cases whose row was written while nothing was there to compare their file with."""
        return self._rows_where(lambda keys: keys.not_compared)

    def outdated_case_ids(self, limit: int) -> list[UUID]:
        """Return cases whose row was written by an older program: the nearest hearing first, closed cases last."""
        entries = [
            (keys.closed, min((minute for minute in keys.awaited if minute >= self._minute), default=2**62), case_id)
            for case_id, keys in self._summaries_where(lambda keys: keys.schema < rows.SCHEMA)
        ]
        return [UUID(bytes=case_id) for _, _, case_id in heapq.nsmallest(limit, entries)]

    def rows_of(self, case_ids: Iterable[UUID]) -> dict[UUID, CaseRow]:
        """Return the rows of those of these cases that the member's groups list."""
        listed: dict[UUID, CaseRow] = {}
        for case_id in case_ids:
            group = self._newest_group(case_id.bytes)
            raw = group.raw.get(case_id.bytes) if group is not None else None
            if raw is not None:
                listed[case_id] = rows.decode(raw)
        return listed

    def case_ids_to_file(self, since: int, limit: int) -> list[UUID]:
        """Return cases whose names are not in the conflict officers' index in its present state."""
        waiting = (case_id for case_id, _ in self._summaries_where(lambda keys: keys.conflict_since != since))
        return [UUID(bytes=case_id) for case_id in islice(waiting, limit)]

    def case_ids(self) -> list[UUID]:
        """Return the ids of all cases, sorted, for a pass over all files."""
        return sorted(UUID(bytes=case_id) for group in self._groups for case_id, _ in self._summaries_of(group))

    def all_rows(self) -> Iterator[tuple[UUID, CaseRow]]:
        """Yield every case, decoded one at a time (20 us each): for comparing with the files, not for pages."""
        for group in self._groups:
            with group.lock:
                raws = [(case_id, raw) for case_id, raw in group.raw.items() if self._newest_group(case_id) is group]
            for case_id, raw in raws:
                yield UUID(bytes=case_id), rows.decode(raw)

    def _rows_on_days(
        self, pick: Callable[[GroupAgenda], Dated], first: int | None, last: int, owner: UUID | None = None
    ) -> Iterator[tuple[UUID, CaseRow]]:
        """Yield cases with an entry on these days, each once; with `owner`, only cases with a deadline of theirs."""
        for group in self._groups:
            with group.lock:
                cases = dict.fromkeys(agenda.case_ids_between(pick(group.agenda), first, last))
                shown = [
                    (case_id, group.raw[case_id])
                    for case_id in cases
                    if (owner is None or owner.bytes in group.fronts[case_id].deadline_owners)
                    and self._newest_group(case_id) is group
                ]
            for case_id, raw in shown:
                yield UUID(bytes=case_id), rows.decode(raw)


def _utc_day(instant: dt.datetime) -> int:
    return rows.minute_of(instant) // agenda.MINUTES_PER_DAY


def _by_consequence(item: Item[DeadlineRow]) -> tuple[int, dt.date, str]:
    return SEVERITY_ORDER.get(item.item.severity, len(SEVERITY_ORDER)), item.item.day or dt.date.max, item.row.ref
