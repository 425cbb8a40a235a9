"""Queries by court, judge, language, relief and member, and of documents, over all groups of a member."""

import datetime as dt
import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Set
from uuid import UUID

from caseapp.index import rows
from caseapp.index.group_index import GroupIndex
from caseapp.index.lookup import facets
from caseapp.index.member.groups import MemberGroups
from caseapp.index.results import DocumentPile, FacetValue, Item
from caseapp.index.rows import CaseRow, DocumentRow, RowSummary

COURT_SCORE, MEMBER_SCORE = 0.45, 0.4  # below every name: a client named like a court is found first
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class FacetQueries(MemberGroups):
    """Values that lists are filtered by, and the documents of all cases; part of `view.IndexView`."""

    def facet_values(self, kind: str) -> list[FacetValue]:
        """Return the courts, judges, languages, relief or members of the cases, by how they are written."""
        merged: dict[str, FacetValue] = {}
        for group in self._groups:
            with group.lock:
                for normal, facet in group.facets.values[kind].items():
                    merged.setdefault(normal, FacetValue(kind, normal, facet.text))
        return sorted(merged.values(), key=lambda value: value.text.casefold())

    def courts_named(self, text: str) -> list[FacetValue]:
        """Return the courts in whose name each typed word begins a word."""
        named = set[str]()
        for group in self._groups:
            with group.lock:
                named.update(group.facets.matching_courts(text))
        return [value for value in self.facet_values(facets.COURT) if value.normal in named]

    def intake_counts(self) -> Counter[str]:
        """Return the number of intakes by where they are in the queue (`records.answer.STATES`)."""
        return Counter(keys.intake for _, keys in self._summaries_where(lambda keys: bool(keys.intake)))

    def intakes_in(self, state: str, limit: int) -> list[tuple[UUID, CaseRow]]:
        """Return the intakes that are in a state of the queue, the newest `limit` of them."""
        entries = self._summaries_where(lambda keys: keys.intake == state)
        newest = heapq.nlargest(limit, entries, key=lambda entry: (entry[1].opened, entry[1].ref))
        listed = ((UUID(bytes=case_id), self.find_row(UUID(bytes=case_id))) for case_id, _ in newest)
        return [(case_id, row) for case_id, row in listed if row is not None]

    def recent_documents(self, since: dt.datetime, limit: int) -> DocumentPile:
        """Return the newest documents added since an instant: of each case the few that its row has."""
        first = rows.minute_of(since)
        return self._documents_where(
            lambda keys: keys.newest_document >= first > 0,
            lambda paper: paper.added_at is not None and paper.added_at >= since,
            limit,
        )

    def unsorted_documents(self, limit: int) -> DocumentPile:
        """Return the newest documents of open cases that no member has sorted yet, and how many there are."""
        pile = self._documents_where(
            lambda keys: keys.unsorted > 0 and not keys.closed, lambda paper: not paper.kind, limit
        )
        entries = self._summaries_where(lambda keys: keys.unsorted > 0 and not keys.closed)
        return DocumentPile(pile.documents, sum(keys.unsorted for _, keys in entries))

    def _documents_where(
        self, has_some: Callable[[RowSummary], bool], is_wanted: Callable[[DocumentRow], bool], limit: int
    ) -> DocumentPile:
        # The newest documents of all are in the cases whose newest document is newest; only those rows are decoded.
        newest = heapq.nlargest(limit, self._summaries_where(has_some), key=lambda entry: entry[1].newest_document)
        papers = [
            Item(UUID(bytes=case_id), row, paper)
            for case_id, _ in newest
            if (row := self.find_row(UUID(bytes=case_id))) is not None
            for paper in row.documents
            if is_wanted(paper)
        ]
        papers.sort(key=lambda item: (item.item.added_at or _LONG_AGO, item.row.ref), reverse=True)
        return DocumentPile(tuple(papers[:limit]), len(papers))

    def _by_facet(
        self, group: GroupIndex, text: str, members: Set[UUID], limit: int
    ) -> Iterator[tuple[bytes, str, float]]:
        """Yield the first `limit` cases at a court with this name and those of these members, open cases first."""
        values = group.facets.values
        courts = set[bytes]().union(*(values[facets.COURT][name].cases for name in group.facets.matching_courts(text)))
        theirs = (values[facets.MEMBER].get(member.hex) for member in members)
        people = set[bytes]().union(*(facet.cases for facet in theirs if facet is not None)) - courts
        for cases, why, score in ((courts, "court", COURT_SCORE), (people, "member", MEMBER_SCORE)):
            first = heapq.nsmallest(limit, cases, key=lambda at: (group.fronts[at].closed, group.fronts[at].ref))
            yield from ((case_id, why, score) for case_id in first)
