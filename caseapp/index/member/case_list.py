"""The case list and its counts: what a page costs depends on the cases that it shows."""

import heapq
from collections import Counter
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Final, NamedTuple
from uuid import UUID

from caseapp.index import rows
from caseapp.index.columns.case_sets import bits_of, slots_in
from caseapp.index.group_index import GroupIndex
from caseapp.index.lookup import facts
from caseapp.index.member.next_dates import NextDates
from caseapp.index.results import CLOSED, OPEN_CASES, CaseConditions, CaseListLine, Counts, Page
from caseapp.index.rows import RowSummary
from caseapp.records.case import WITHOUT_DATE

SORTS: Final = ("ref", "name", "next", "hearing", "due", "last_contact")
NEVER: Final = 2**62  # cases without a date are last
DECODED: Final = 20  # entries of an order are looked at in the time in which one summary is decoded


class _ListEntry(NamedTuple):
    """A case in the order of a list."""

    number: int
    text: str
    case_id: bytes
    slot: int
    group: GroupIndex


class ListQueries(NextDates):
    """The case list and its counts; part of `view.IndexView`."""

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
        if sort not in SORTS:
            raise ValueError(f"sort is one of {', '.join(SORTS)}")
        with self._locked():
            wanted = [(group, self._cases_meeting(group, conditions)) for group in self._groups]
            total = sum(bits.bit_count() for _, bits in wanted)
            pages = max(1, -(-total // size))
            page = min(max(page, 1), pages)
            stop = page * size
            merged = heapq.merge(*(self._sorted_cases(group, bits, sort, stop) for group, bits in wanted))
            shown = tuple(self._line_of(entry) for entry in islice(merged, stop - size, stop))
        return Page(rows=shown, total=total, pages=pages, page=page)

    def count_of(self, conditions: CaseConditions = OPEN_CASES) -> int:
        """Return the number of cases that meet the conditions."""
        with self._locked():
            return sum(self._cases_meeting(group, conditions).bit_count() for group in self._groups)

    def count_cases(self, member: UUID | None = None) -> Counts:
        """Return the numbers shown next to the case list's filters; `member` is the requesting one by default."""
        who = member.bytes if member else self._member
        totals: Counter[str] = Counter()
        stages: Counter[str] = Counter()
        with self._locked():
            for group in self._groups:
                shown = self._shown(group)
                for stage, cases in group.facts.values(facts.STAGE).items():
                    stages[str(stage)] += (cases.bits & shown).bit_count()
                totals.update(self._count_of_group(group, shown, who))
        names = ("open", "closed", "mine", "team", "without_date", "detained", "new_this_week")
        by_stage = {stage: count for stage, count in stages.items() if count}
        return Counts(**{name: totals[name] for name in names}, by_stage=by_stage)

    def _count_of_group(self, group: GroupIndex, shown: int, who: bytes) -> dict[str, int]:
        known = group.facts
        still_open = shown & ~known.bits(facts.CLOSED)
        week = self.today.toordinal() - 7
        chosen = {
            "open": still_open,
            "closed": shown ^ still_open,
            "mine": still_open & known.bits(facts.LEAD, who),
            "team": still_open & known.bits(facts.TEAM, who),
            "without_date": still_open & self._lacking_date(group),
            "detained": still_open & known.bits(facts.DETAINED),
            "new_this_week": still_open & ~known.orders[facts.OPENED].cases_below(week + 1),
        }
        return {name: bits.bit_count() for name, bits in chosen.items()}

    def _cases_meeting(self, group: GroupIndex, conditions: CaseConditions) -> int:
        """Return the cases of a group that meet the conditions, as bits."""
        known, bits = group.facts, self._shown(group)
        for kind, value in _wanted_facts(conditions):
            bits &= known.bits(kind, value)
        if conditions.closed is not None and conditions.stage != CLOSED:
            closed = known.bits(facts.CLOSED)
            bits &= closed if conditions.closed else ~closed
        if conditions.detained is not None:
            detained = known.bits(facts.DETAINED)
            bits &= detained if conditions.detained else ~detained
        if conditions.opened_since is not None:
            bits &= ~known.orders[facts.OPENED].cases_below(conditions.opened_since.toordinal())
        if conditions.without_date:
            bits &= self._lacking_date(group)
        return bits

    def _lacking_date(self, group: GroupIndex) -> int:
        """Return the cases that should have a next date and have none, as bits."""
        known = group.facts
        ahead = known.bits(facts.AWAITED) & ~known.orders[facts.LAST_AWAITED].cases_below(self._minute)
        dated = known.bits(facts.DUE) | ahead
        for stage in WITHOUT_DATE:
            dated |= known.bits(facts.STAGE, stage)
        return known.bits(facts.ALL) & ~dated

    def _sorted_cases(self, group: GroupIndex, wanted: int, sort: str, stop: int) -> Iterator[_ListEntry]:
        """Yield the wanted cases of a group in order, at least the first `stop` of them."""
        total, known = wanted.bit_count(), group.facts
        if not wanted:
            return
        stop = min(stop, total)
        looked_at = len(group.raw) * stop // max(total, 1)  # entries of an order until `stop` wanted ones are seen
        if total * DECODED < looked_at:
            keys = ((slot, group.raw.summary_of(slot)) for slot in slots_in(wanted))
            yield from sorted(self._entry_of(group, slot, *self._sort_key(sort, front)) for slot, front in keys)
            return
        if sort == "name":
            ordered = known.by_name.walk(wanted)
            yield from (self._entry_of(group, at, 0, _name_of(group.raw.summary_of(at))) for at in ordered)
            return
        seen = 0
        for number, slots in groupby(self._dated_cases(group, wanted, sort), key=lambda entry: entry[0]):
            bits = bits_of([slot for _, slot in slots]) & ~seen
            seen |= bits
            yield from (self._entry_of(group, slot, number) for slot in known.sorted_by_ref(bits))
        yield from (self._entry_of(group, slot, NEVER) for slot in known.sorted_by_ref(wanted & ~seen))

    def _dated_cases(self, group: GroupIndex, wanted: int, sort: str) -> Iterator[tuple[int, int]]:
        """Yield the date that a list is sorted by, with the case's slot; a case perhaps several times."""
        orders = group.facts.orders

        def ahead() -> Iterator[tuple[int, int]]:
            return orders[facts.AWAITED_MINUTE].walk(wanted, first=self._minute)

        if sort == "hearing":
            return ahead()
        if sort == "due":
            return orders[facts.DUE_DAY].walk(wanted)
        if sort == "last_contact":
            return orders[facts.CONTACTED].walk(wanted)
        if sort == "next":
            due = ((self._midnight + day * 1440, slot) for day, slot in orders[facts.DUE_DAY].walk(wanted))
            return heapq.merge(due, ahead())
        return iter(())

    def _sort_key(self, sort: str, keys: RowSummary) -> tuple[int, str]:
        if sort == "name":
            return 0, _name_of(keys)
        numbers = {
            "next": keys.next_minute(self._minute, self._midnight),
            "hearing": min((each for each in keys.awaited if each >= self._minute), default=None),
            "due": keys.due or None,
            "last_contact": keys.contacted,
        }
        number = numbers.get(sort)
        return NEVER if number is None else number, ""

    def _entry_of(self, group: GroupIndex, slot: int, number: int, text: str = "") -> _ListEntry:
        return _ListEntry(number, f"{text}\0{group.facts.ref_of(slot)}", group.raw.id_of(slot), slot, group)

    def _line_of(self, entry: _ListEntry) -> CaseListLine:
        row = rows.decode(entry.group.raw.raw_of(entry.slot))
        hearing, deadline = self.next_hearing_of(row), self.next_deadline_of(row)
        return CaseListLine(UUID(bytes=entry.case_id), row, self.next_of(row), hearing, deadline)


def _wanted_facts(conditions: CaseConditions) -> Iterator[tuple[str, object]]:
    if conditions.lead is not None:
        yield facts.LEAD, conditions.lead.bytes
    if conditions.team is not None:
        yield facts.TEAM, conditions.team.bytes
    if conditions.stage is not None:
        yield facts.STAGE, conditions.stage
    yield from conditions.facets


def _name_of(keys: RowSummary) -> str:
    return keys.names[0] if keys.names else "\uffff"
