"""Queries across the cases of all groups that a member is in."""

import datetime as dt
import heapq
from collections.abc import Callable, Iterable, Iterator, Set
from itertools import groupby, islice
from uuid import UUID

from caseapp.index import rows
from caseapp.index.columns.case_sets import slots_in
from caseapp.index.lookup import facts
from caseapp.index.lookup.facts import GroupFacts
from caseapp.index.member.alike import AlikeQueries
from caseapp.index.member.case_list import NEVER
from caseapp.index.results import Hit, Item
from caseapp.index.row_parts.contact import ClientRow, ReplyRow, StopRow
from caseapp.index.rows import SEVERITY_ORDER, CaseRow, DeadlineRow, HearingRow, RowSummary, TaskRow


class IndexView(AlikeQueries):
    """The result of `reader.open_view`. A case that is in two groups is shown once, in its newest saved state."""

    def __repr__(self) -> str:
        return f"<IndexView of {len(self._groups)} groups>"

    def hearings_between(self, start: dt.datetime, end: dt.datetime) -> list[Item[HearingRow]]:
        """Return the hearings that start in [start, end), aware instants, in order, also those with an outcome."""
        items = [
            Item(case_id, row, hearing)
            for case_id, row in self._rows_dated(facts.HEARING_MINUTE, rows.minute_of(start), rows.minute_of(end))
            for hearing in row.hearings
            if start <= hearing.starts_at < end
        ]
        return sorted(items, key=lambda item: (item.item.starts_at, item.row.ref))

    def next_hearing(self, after: dt.datetime) -> Item[HearingRow] | None:
        """Return the first hearing without an outcome that starts after an instant."""
        candidates = []
        with self._locked():
            for group in self._groups:
                ahead = group.facts.orders[facts.AWAITED_MINUTE].walk(self._shown(group), first=rows.minute_of(after))
                for _, slots in groupby(ahead, key=lambda entry: entry[0]):
                    entries = self._rows_at(group, (slot for _, slot in slots))
                    items = [item for case_id, row in entries if (item := _first_after(case_id, row, after))]
                    if items:
                        candidates += items
                        break
        return min(candidates, key=lambda item: (item.item.starts_at, item.row.ref), default=None)

    def deadlines_between(
        self, start: dt.date | None, end: dt.date, *, owner: UUID | None = None
    ) -> list[Item[DeadlineRow]]:
        """Return open deadlines from `start` (None: no limit) to `end`, both included; fatal first, then by day."""
        first = start.toordinal() if start else 0
        items = [
            Item(case_id, row, deadline)
            for case_id, row in self._rows_dated(facts.DEADLINE_DAY, first, end.toordinal(), owner)
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
        return self._tasks_in(facts.TASK_OWNER, owner.bytes if owner else b"", lambda task: task.owner == owner)

    def tasks_awaited_by(self, lead: UUID) -> list[Item[TaskRow]]:
        """Return open tasks that colleagues have in the cases of a lead, by day; those without a day last."""
        return self._tasks_in(facts.WAITING_LEAD, lead.bytes, lambda task: task.owner not in (None, lead))

    def _tasks_in(self, kind: str, member: bytes, is_wanted: Callable[[TaskRow], bool]) -> list[Item[TaskRow]]:
        items = [
            Item(case_id, row, task)
            for case_id, row in self._rows_with(kind, member)
            for task in row.tasks
            if is_wanted(task)
        ]
        return sorted(items, key=lambda item: (item.item.due_on or dt.date.max, item.row.ref))

    def search_cases(self, text: str, limit: int = 20, *, members: Set[UUID] = frozenset()) -> list[Hit]:
        """Return cases by name, number, telephone or ref, then those at a court or of a member.

        A name is found in any order, script and accent, by a similar spelling or sound; a number also by its end.
        members  members whose name the text is: the cases that they lead, work on or appear in are found too
        """
        hits = []
        with self._locked():
            for group in self._groups:
                matches = group.vocabulary.find_cases(text, group.by_slot, limit)
                matched = [(group.raw.id_of(match.slot), match.why, match.score) for match in matches]
                named = {case_id for case_id, _, _ in matched}
                matched += [each for each in self._by_facet(group, text, members, limit) if each[0] not in named]
                for case_id, why, score in matched:
                    if self._newest_group(case_id) is group:
                        hits.append(Hit(UUID(bytes=case_id), rows.decode(group.raw[case_id]), why, score))
        hits.sort(key=lambda hit: (-hit.score, hit.row.closed, hit.row.ref))
        return hits[:limit]

    def cases_with_proposals(self, limit: int) -> tuple[list[tuple[UUID, CaseRow]], int]:
        """Return the first `limit` cases, by ref, with dates that a changed law moves, and the total of such dates."""
        entries, total = [], 0
        with self._locked():
            for group in self._groups:
                ordered = group.facts.sorted_by_ref(self._shown(group) & group.facts.bits(facts.PROPOSALS))
                entries += self._rows_at(group, islice(ordered, limit))
                total += self._sum_of(facts.PROPOSALS, group)
        return sorted(entries, key=lambda entry: (entry[1].ref, entry[0]))[:limit], total

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
        entries = self._summaries_with(lambda known: known.bits(facts.TEXTED) & ~known.bits(facts.CLOSED))
        return [
            (case_id, number, max((at for known, at in keys.replied if known == number), default=0))
            for case_id, keys in entries
            for number in dict.fromkeys((*keys.phones, *keys.ended_phones))
        ]

    def _rows_to_contact(self) -> list[tuple[UUID, CaseRow]]:
        # One extra day on either side, because a court in another time zone may have another date.
        first, last = self.today.toordinal() + 1, self.today.toordinal() - 1
        entries = []
        with self._locked():
            for group in self._groups:
                orders = group.facts.orders
                begun = orders[facts.CONTACT_FIRST].cases_below(first + 1)
                ended = orders[facts.CONTACT_LAST].cases_below(last)
                entries += self._rows_at(group, slots_in(self._shown(group) & begun & ~ended))
        return entries

    def consented_phones(self) -> list[tuple[UUID, str]]:
        """Return each number with a consent to texts, with its case."""
        entries = self._summaries_with(lambda known: known.bits(facts.CONSENTED))
        return [(case_id, number) for case_id, keys in entries for number in keys.phones]

    def uncompared_rows(self) -> list[tuple[UUID, CaseRow]]:
        """Return the cases whose row was written while nothing was there to compare their file with."""
        return self._rows_with(facts.NOT_COMPARED)

    def outdated_case_ids(self, limit: int) -> list[UUID]:
        """Return cases whose row was written by an older program: the nearest hearing first, closed cases last."""
        entries: list[tuple[bool, int, bytes]] = []
        with self._locked():
            for group in self._groups:
                known = group.facts
                outdated, closed = self._shown(group) & known.bits(facts.OUTDATED), known.bits(facts.CLOSED)
                for is_closed, cases in ((False, outdated & ~closed), (True, outdated & closed)):
                    dated: dict[int, int] = {}
                    for minute, slot in known.orders[facts.AWAITED_MINUTE].walk(cases, first=self._minute):
                        dated.setdefault(slot, minute)
                        if len(dated) == limit:
                            break
                    entries += [(is_closed, minute, group.raw.id_of(slot)) for slot, minute in dated.items()]
                    undated = islice((slot for slot in slots_in(cases) if slot not in dated), limit)
                    entries += [(is_closed, NEVER, group.raw.id_of(slot)) for slot in undated]
        return [UUID(bytes=case_id) for _, _, case_id in heapq.nsmallest(limit, entries)]

    def rows_of(self, case_ids: Iterable[UUID]) -> dict[UUID, CaseRow]:
        """Return the rows of those of these cases that the member's groups list."""
        listed = ((case_id, self.find_row(case_id)) for case_id in case_ids)
        return {case_id: row for case_id, row in listed if row is not None}

    def case_ids_to_file(self, since: int, limit: int) -> list[UUID]:
        """Return cases whose names are not in the conflict officers' index in its present state."""
        waiting: list[UUID] = []
        with self._locked():
            for group in self._groups:
                slots = slots_in(self._shown(group) & ~group.facts.bits(facts.CONFLICT_SINCE, since))
                waiting += [UUID(bytes=group.raw.id_of(slot)) for slot in islice(slots, limit - len(waiting))]
        return waiting

    def case_ids(self) -> list[UUID]:
        """Return the ids of all cases, sorted, for a pass over all files."""
        with self._locked():
            merged = heapq.merge(*(group.raw.ids_after(None) for group in self._groups))
            return [UUID(bytes=case_id) for case_id, _ in groupby(merged)]

    def all_rows(self) -> Iterator[tuple[UUID, CaseRow]]:
        """Yield every case, decoded one at a time (20 us each): for comparing with the files, not for pages."""
        for group in self._groups:
            with self._locked():
                shown = [(group.raw.id_of(at), group.raw.raw_of(at)) for at in slots_in(self._shown(group))]
            for case_id, raw in shown:
                yield UUID(bytes=case_id), rows.decode(raw)

    def _rows_dated(
        self, order: str, first: int, last: int, owner: UUID | None = None
    ) -> Iterator[tuple[UUID, CaseRow]]:
        """Yield cases with an entry of an order in a span, each once; with `owner`, only with a deadline of theirs."""
        for group in self._groups:
            with self._locked():
                wanted = self._shown(group)
                if owner is not None:
                    wanted &= group.facts.bits(facts.DEADLINE_OWNER, owner.bytes)
                dated = group.facts.orders[order].walk(wanted, first=first, last=last)
                entries = self._rows_at(group, dict.fromkeys(slot for _, slot in dated))
            yield from entries

    def _summaries_with(self, choose: Callable[[GroupFacts], int]) -> list[tuple[UUID, RowSummary]]:
        entries = []
        with self._locked():
            for group in self._groups:
                slots = slots_in(self._shown(group) & choose(group.facts))
                entries += [(UUID(bytes=group.raw.id_of(slot)), group.raw.summary_of(slot)) for slot in slots]
        return entries


def _first_after(case_id: UUID, row: CaseRow, after: dt.datetime) -> Item[HearingRow] | None:
    """Return a case's first hearing without an outcome that starts after an instant."""
    ahead = [hearing for hearing in row.hearings if hearing.starts_at > after and not hearing.outcome]
    first = min(ahead, key=lambda hearing: hearing.starts_at, default=None)
    return Item(case_id, row, first) if first else None


def _by_consequence(item: Item[DeadlineRow]) -> tuple[int, dt.date, str]:
    return SEVERITY_ORDER.get(item.item.severity, len(SEVERITY_ORDER)), item.item.day or dt.date.max, item.row.ref
