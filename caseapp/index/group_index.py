"""In-memory index of one group: raw rows, their search keys, agenda, vocabulary and facets, always consistent."""

import threading
from collections.abc import Iterable

from caseapp.index import rows
from caseapp.index.lookup.agenda import GroupAgenda
from caseapp.index.lookup.facets import GroupFacets
from caseapp.index.lookup.search import Vocabulary
from caseapp.index.rows import RowSummary
from caseapp.index.sealed_parts import Entry

ROW_OVERHEAD = 2000  # bytes of Python objects for a row, besides its raw bytes (measured over 20,000 rows, rounded up)
REBUILD_ABOVE = 512  # above this number of changes at once, rebuild agenda and vocabulary at their next use


class GroupIndex:
    """Index of one group. Hold `lock` to change or read it. Agenda, vocabulary and facets are built at first use.

    seq         the last save whose part was applied
    head_seq    the number of the stored head at that time; another one means that there may be something new
    is_partial  some part did not open or is missing, so rows may be missing or older than the stored ones
    loaded_at   monotonic seconds at which a partial index was loaded
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def __repr__(self) -> str:
        return f"<GroupIndex at save {self.seq}, {len(self.raw)} rows>"

    def reset(self) -> None:
        """Drop all rows and start at save 0."""
        self.seq = 0
        self.head_seq = 0
        self.is_partial = False
        self.loaded_at = 0.0
        self.raw: dict[bytes, bytes] = {}
        self.fronts: dict[bytes, RowSummary] = {}
        self.weight = 0  # bytes, approximately
        self._agenda: GroupAgenda | None = None
        self._vocabulary: Vocabulary | None = None
        self._facets: GroupFacets | None = None

    def apply_part(self, entries: Iterable[Entry], *, whole: bool, seq: int) -> None:
        """Apply a part that ends at save `seq`. `whole`: the part begins at 0 and replaces all rows."""
        if whole:
            self.reset()
        changed = list(entries)
        if len(changed) > REBUILD_ABOVE:
            self._agenda = self._vocabulary = self._facets = None
        for case_id, raw in changed:
            self._put_row(case_id, raw)
        self.seq = seq

    def _put_row(self, case_id: bytes, raw: bytes | None) -> None:
        watchers = [each for each in (self._agenda, self._vocabulary, self._facets) if each is not None]
        before = self.raw.pop(case_id, None)
        if before is not None:
            keys = self.fronts.pop(case_id)
            self.weight -= len(before) + ROW_OVERHEAD
            for watcher in watchers:
                watcher.remove(case_id, keys)
        if raw is not None:
            keys = rows.decode_summary(raw)
            self.raw[case_id], self.fronts[case_id] = raw, keys
            self.weight += len(raw) + ROW_OVERHEAD
            for watcher in watchers:
                watcher.add(case_id, keys)

    @property
    def agenda(self) -> GroupAgenda:
        """Return the dates of all cases."""
        if self._agenda is None:
            self._agenda = GroupAgenda(self.fronts)
        return self._agenda

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the words and numbers of all cases."""
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self.fronts)
        return self._vocabulary

    @property
    def facets(self) -> GroupFacets:
        """Return the courts, judges, languages, relief and members of all cases."""
        if self._facets is None:
            self._facets = GroupFacets(self.fronts)
        return self._facets
