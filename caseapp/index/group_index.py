"""One group's index in the memory of this process: raw rows, their fronts, and what is looked through, all in step."""

import threading
from collections.abc import Iterable

from caseapp.index import rows
from caseapp.index.agenda import Agenda
from caseapp.index.rows import Keys
from caseapp.index.search import Vocabulary
from caseapp.index.tables import Entry

PER_ROW = 1200  # bytes of Python objects around a row, beside its raw bytes (measured over 20,000 rows, rounded up)
REBUILD = 512  # more changes at once than this: build what is looked through anew, when it is next needed


class GroupIndex:
    """Guarded by `lock` while it is changed or looked through. Agenda and vocabulary are built at first use."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def __repr__(self) -> str:
        return f"<GroupIndex at save {self.seq}, {len(self.raw)} rows>"

    def reset(self) -> None:
        """Know nothing."""
        self.seq = 0
        self.raw: dict[bytes, bytes] = {}
        self.fronts: dict[bytes, Keys] = {}
        self.weight = 0  # bytes, about
        self._agenda: Agenda | None = None
        self._vocabulary: Vocabulary | None = None

    def apply(self, entries: Iterable[Entry], *, whole: bool, seq: int) -> None:
        """Take in a part that ends at save `seq`. `whole`: it begins at 0 and says everything."""
        if whole:
            self.reset()
        changed = list(entries)
        if len(changed) > REBUILD:
            self._agenda = self._vocabulary = None
        for case_id, raw in changed:
            self._put(case_id, raw)
        self.seq = seq

    def _put(self, case_id: bytes, raw: bytes | None) -> None:
        watchers = [watcher for watcher in (self._agenda, self._vocabulary) if watcher is not None]
        before = self.raw.pop(case_id, None)
        if before is not None:
            keys = self.fronts.pop(case_id)
            self.weight -= len(before) + PER_ROW
            for watcher in watchers:
                watcher.remove(case_id, keys)
        if raw is not None:
            keys = rows.front(raw)
            self.raw[case_id], self.fronts[case_id] = raw, keys
            self.weight += len(raw) + PER_ROW
            for watcher in watchers:
                watcher.add(case_id, keys)

    @property
    def agenda(self) -> Agenda:
        """Dates of all cases."""
        if self._agenda is None:
            self._agenda = Agenda(self.fronts)
        return self._agenda

    @property
    def vocabulary(self) -> Vocabulary:
        """Words and numbers of all cases."""
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self.fronts)
        return self._vocabulary
