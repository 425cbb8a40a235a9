"""Queries by court, judge, language, relief and member, and of documents, over all groups of a member."""

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Set
from itertools import islice
from uuid import UUID

from caseapp.index import rows
from caseapp.index.group_index import GroupIndex
from caseapp.index.lookup import facets, facts
from caseapp.index.member.case_list import ListQueries
from caseapp.index.results import DocumentPile, FacetValue, Item
from caseapp.index.rows import CaseRow, DocumentRow

COURT_SCORE, MEMBER_SCORE = 0.45, 0.4  # below every name: a client named like a court is found first
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class FacetQueries(ListQueries):
    """Values that lists are filtered by, and the documents of all cases; part of `view.IndexView`."""

    def facet_values(self, kind: str) -> list[FacetValue]:
        """Return the courts, judges, languages, relief or members of the cases, by how they are written."""
        merged: dict[str, FacetValue] = {}
        with self._locked():
            for group in self._groups:
                for value in group.facts.values(kind):
                    normal = str(value)
                    merged.setdefault(normal, FacetValue(kind, normal, group.facts.facets.text_of(kind, normal)))
        return sorted(merged.values(), key=lambda value: value.text.casefold())

    def courts_named(self, text: str) -> list[FacetValue]:
        """Return the courts in whose name each typed word begins a word."""
        values = {value.normal: value for value in self.facet_values(facets.COURT)}
        return [values[normal] for normal in facets.courts_matching(text, values)]

    def intake_counts(self) -> Counter[str]:
        """Return the number of intakes by where they are in the queue (`records.answer.STATES`)."""
        counts: Counter[str] = Counter()
        with self._locked():
            for group in self._groups:
                shown = self._shown(group)
                for state, cases in group.facts.values(facts.INTAKE).items():
                    counts[str(state)] += (cases.bits & shown).bit_count()
        return +counts

    def intakes_in(self, state: str, limit: int) -> list[tuple[UUID, CaseRow]]:
        """Return the intakes that are in a state of the queue, the newest `limit` of them."""
        entries = []
        with self._locked():
            for group in self._groups:
                chosen = self._shown(group) & group.facts.bits(facts.INTAKE, state)
                newest = group.facts.newest(facts.OPENED, chosen, limit)
                entries += [(opened, group.facts.ref_of(slot), group, slot) for opened, slot in newest]
            entries = heapq.nlargest(limit, entries, key=lambda entry: entry[:2])
            return [each for _, _, group, slot in entries for each in self._rows_at(group, (slot,))]

    def recent_documents(self, since: dt.datetime, limit: int) -> DocumentPile:
        """Return the newest documents added since an instant: of each case the few that its row has."""
        first = rows.minute_of(since)
        if first <= 0:
            return DocumentPile((), 0)
        return self._documents_of(
            self._shown, first, lambda paper: paper.added_at is not None and paper.added_at >= since, limit
        )

    def unsorted_documents(self, limit: int) -> DocumentPile:
        """Return the newest documents of open cases that no member has sorted yet, and how many there are."""

        def waiting(group: GroupIndex) -> int:
            return self._shown(group) & group.facts.bits(facts.UNSORTED) & ~group.facts.bits(facts.CLOSED)

        pile = self._documents_of(waiting, 0, lambda paper: not paper.kind, limit)
        with self._locked():
            return DocumentPile(pile.documents, sum(self._sum_of(facts.UNSORTED, group) for group in self._groups))

    def _documents_of(
        self, choose: Callable[[GroupIndex], int], first: int, is_wanted: Callable[[DocumentRow], bool], limit: int
    ) -> DocumentPile:
        # The newest documents of all are in the cases whose newest document is newest; only those rows are decoded.
        entries = []
        with self._locked():
            for group in self._groups:
                newest = group.facts.newest(facts.NEWEST_DOCUMENT, choose(group), limit, first=first)
                entries += [(minute, group, slot) for minute, slot in newest]
            entries = heapq.nlargest(limit, entries, key=lambda entry: entry[0])
            listed = [each for _, group, slot in entries for each in self._rows_at(group, (slot,))]
        papers = [Item(case_id, row, paper) for case_id, row in listed for paper in row.documents if is_wanted(paper)]
        papers.sort(key=lambda item: (item.item.added_at or _LONG_AGO, item.row.ref), reverse=True)
        return DocumentPile(tuple(papers[:limit]), len(papers))

    def _by_facet(
        self, group: GroupIndex, text: str, members: Set[UUID], limit: int
    ) -> Iterator[tuple[bytes, str, float]]:
        """Yield the first `limit` cases at a court with this name and those of these members, open cases first."""
        known, courts, people = group.facts, 0, 0
        for normal in facets.courts_matching(text, map(str, known.values(facets.COURT))):
            courts |= known.bits(facets.COURT, normal)
        for member in members:
            people |= known.bits(facets.MEMBER, member.hex)
        closed = known.bits(facts.CLOSED)
        for cases, why, score in ((courts, "court", COURT_SCORE), (people & ~courts, "member", MEMBER_SCORE)):
            first = list(islice(known.sorted_by_ref(cases & ~closed), limit))
            first += islice(known.sorted_by_ref(cases & closed), limit - len(first))
            yield from ((group.raw.id_of(slot), why, score) for slot in first)
