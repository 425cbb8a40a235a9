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
from caseapp.index.member.case_list import NEVER
from caseapp.index.member.kept_items import KeptQueries
from caseapp.index.results import Hit, Item
from caseapp.index.rows import CaseRow, HearingRow, RowSummary


class IndexView(KeptQueries):
    """The result of `reader.open_view`. A case that is in two groups is shown once, in its newest saved state."""

    def __repr__(self) -> str:
        return f"<IndexView of {len(self._groups)} groups>"

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

    def texted_phones(self) -> list[tuple[UUID, str, int]]:
        """Return each number of open cases that was ever texted, with its case and the minute of its last reply (0)."""
        entries = self._summaries_with(lambda known: known.bits(facts.TEXTED) & ~known.bits(facts.CLOSED))
        return [
            (case_id, number, max((at for known, at in keys.replied if known == number), default=0))
            for case_id, keys in entries
            for number in dict.fromkeys((*keys.phones, *keys.ended_phones))
        ]

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
