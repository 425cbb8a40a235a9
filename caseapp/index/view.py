"""Queries across the cases of all groups that a member is in."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

from caseapp.index import rows
from caseapp.index.group_index import GroupIndex
from caseapp.index.health import RebuildProgress
from caseapp.index.lookup import agenda
from caseapp.index.lookup.agenda import Dated, GroupAgenda
from caseapp.index.results import OPEN_CASES, CaseConditions, CaseListLine, Counts, Hit, Item, Page
from caseapp.index.rows import SEVERITY_ORDER, CaseRow, ClientRow, DeadlineRow, HearingRow, RowSummary, StopRow, TaskRow
from caseapp.lib import clock
from caseapp.records.case import WITHOUT_DATE


class IndexView:
    """The result of `reader.open_view`. A case that is in two groups is shown once, in its newest saved state.

    `group_ids` are the ids of `groups`. `rebuild` is the progress of rebuilding
    what is damaged, None when everything is whole.
    """

    def __init__(
        self,
        groups: tuple[GroupIndex, ...],
        *,
        member_id: UUID,
        zone: str = "UTC",
        group_ids: tuple[UUID, ...] = (),
        rebuild: RebuildProgress | None = None,
    ) -> None:
        self._groups = groups
        self._group_ids = group_ids
        self.rebuild = rebuild
        self._member = member_id.bytes
        self._zone = zone
        self.now = clock.now()
        self.today = clock.local_date(self.now, zone)
        midnight = dt.datetime.combine(self.today, dt.time(), ZoneInfo(zone))
        # Puts days and instants on one scale: an all-day deadline sorts before the hearings of its day.
        self._midnight = rows.minute_of(midnight) - self.today.toordinal() * 1440
        self._minute = rows.minute_of(self.now)

    def __repr__(self) -> str:
        return f"<IndexView of {len(self._groups)} groups>"

    def find_row(self, case_id: UUID) -> CaseRow | None:
        """Return a case's row, or None if no group of these keys has it."""
        group = self._newest_group(case_id.bytes)
        if group is None:
            return None
        with group.lock:  # never read an index that is being loaded
            raw = group.raw.get(case_id.bytes)
        return rows.decode(raw) if raw is not None else None

    def local_day(self, instant: dt.datetime) -> dt.date:
        """Return the day of an instant in the member's zone."""
        return clock.local_date(instant, self._zone)

    @property
    def is_whole(self) -> bool:
        """Return False while the index of a group is damaged: then cases may be missing, or older than their files."""
        return self.rebuild is None

    def listed_rows(self, case_id: UUID) -> dict[UUID, CaseRow]:
        """Return a case's row by group, of each group that has it, for comparing the lists with its file."""
        listed = {}
        for group_id, group in zip(self._group_ids, self._groups, strict=True):
            with group.lock:
                raw = group.raw.get(case_id.bytes)
            if raw is not None:
                listed[group_id] = rows.decode(raw)
        return listed

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
        items = []
        for group in self._groups:
            with group.lock:
                for case_id in group.agenda.tasks.get(key, ()):
                    if self._newest_group(case_id) is group:
                        row = rows.decode(group.raw[case_id])
                        items += [Item(UUID(bytes=case_id), row, task) for task in row.tasks if task.owner == owner]
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

        sort            ref, name, next (overdue first, none last) or last_contact (longest ago first)
        Raises          ValueError for another sort or a size below 1
        """
        if size < 1:
            raise ValueError("size")
        order = self._sort_key(sort)
        entries = []
        for group in self._groups:
            with group.lock:
                entries += [
                    (order(keys), keys.ref, case_id, group)
                    for case_id, keys in self._summaries_of(group)
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
                yield CaseListLine(UUID(bytes=case_id), row, self.next_of(row))

    def _sort_key(self, sort: str) -> Callable[[RowSummary], int | str]:
        orders: dict[str, Callable[[RowSummary], int | str]] = {
            "ref": lambda keys: keys.ref,
            "name": lambda keys: keys.names[0] if keys.names else "\uffff",
            "next": lambda keys: self._next_minute(keys) or 2**62,
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
        dated: list[tuple[int, HearingRow | DeadlineRow]] = [
            (rows.minute_of(hearing.starts_at), hearing)
            for hearing in row.hearings
            if not hearing.outcome and rows.minute_of(hearing.starts_at) >= self._minute
        ]
        for deadline in row.deadlines:
            day = deadline.day_of_ours
            if day:
                dated.append((self._midnight + day.toordinal() * 1440, deadline))
        return min(dated, key=lambda pair: pair[0], default=(0, None))[1]

    def search_cases(self, text: str, limit: int = 20) -> list[Hit]:
        """Return cases by name (any order, script, accent, similar spelling or sound), number or its end, or ref."""
        hits = []
        for group in self._groups:
            with group.lock:
                for match in group.vocabulary.find_cases(text, group.fronts, limit):
                    if self._newest_group(match.case_id) is group:
                        row = rows.decode(group.raw[match.case_id])
                        hits.append(Hit(UUID(bytes=match.case_id), row, match.why, match.score))
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

    def clients_who_replied(self) -> list[Item[rows.ReplyRow]]:
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
        """Return cases with a future hearing whose row was written by an older program, the nearest hearing first."""
        entries = [
            (min(minute for minute in keys.awaited if minute >= self._minute), case_id)
            for case_id, keys in self._summaries_where(lambda keys: keys.schema < rows.SCHEMA and not keys.closed)
            if any(minute >= self._minute for minute in keys.awaited)
        ]
        return [UUID(bytes=case_id) for _, case_id in sorted(entries)[:limit]]

    def _rows_where(self, is_wanted: Callable[[RowSummary], bool]) -> list[tuple[UUID, CaseRow]]:
        return [
            (UUID(bytes=case_id), row)
            for case_id, _ in self._summaries_where(is_wanted)
            if (row := self.find_row(UUID(bytes=case_id))) is not None
        ]

    def _summaries_where(self, is_wanted: Callable[[RowSummary], bool]) -> list[tuple[bytes, RowSummary]]:
        entries = []
        for group in self._groups:
            with group.lock:
                entries += [(case_id, keys) for case_id, keys in self._summaries_of(group) if is_wanted(keys)]
        return entries

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

    def _summaries_of(self, group: GroupIndex) -> Iterable[tuple[bytes, RowSummary]]:
        """Return the cases that are shown from this group."""
        if len(self._groups) == 1:
            return group.fronts.items()
        return ((case_id, keys) for case_id, keys in group.fronts.items() if self._newest_group(case_id) is group)

    def _newest_group(self, case_id: bytes) -> GroupIndex | None:
        """Return the group that has the case; if several have it, the one with its newest save."""
        if len(self._groups) == 1:
            return self._groups[0]
        best, version = None, -1
        for group in self._groups:
            keys = group.fronts.get(case_id)
            if keys is not None and keys.head_version > version:
                best, version = group, keys.head_version
        return best


def _utc_day(instant: dt.datetime) -> int:
    return rows.minute_of(instant) // agenda.MINUTES_PER_DAY


def _by_consequence(item: Item[DeadlineRow]) -> tuple[int, dt.date, str]:
    return SEVERITY_ORDER.get(item.item.severity, len(SEVERITY_ORDER)), item.item.day or dt.date.max, item.row.ref
