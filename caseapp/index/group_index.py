"""In-memory index of one group: raw rows, their facts and orders, and vocabulary, always consistent."""

import itertools
import threading
from array import array
from collections.abc import Iterable
from typing import Final

from caseapp.index import rows
from caseapp.index.columns import freezing
from caseapp.index.columns.case_sets import Bitmap
from caseapp.index.columns.orders import TextOrder
from caseapp.index.columns.rows_by_case import RowsByCase, Summaries, SummariesBySlot
from caseapp.index.kept.kept_lists import KeptLists
from caseapp.index.lookup import facts
from caseapp.index.lookup.facts import FactColumns, GroupFacts
from caseapp.index.lookup.search import Vocabulary
from caseapp.index.lookup.word_columns import WordColumns
from caseapp.index.sealed_parts import Entry

ROW_OVERHEAD: Final = 2000  # bytes of a row on top of its raw bytes (measured over 3,000 rows; less over more)
SLOT_BYTES: Final = 230  # of a row in columns: id, ref, version, orders of ids and refs, the Python object of its bytes
REBUILD_ABOVE: Final = 512  # above this number of changes at once, all columns are laid out anew at their next use
READ_AT_ONCE: Final = 2000  # rows whose summaries are in memory together while the columns are made
_numbers = itertools.count(1)


class GroupIndex:
    """Index of one group. Hold `lock` to change or read it. Facts and vocabulary are built at first use.

    seq         the last save whose part was applied
    head_seq    the number of the stored head at that time; another one means that there may be something new
    is_partial  some part did not open or is missing, so rows may be missing or older than the stored ones
    loaded_at   monotonic seconds at which a partial index was loaded
    raw         rows by case id
    fronts      summaries by case id, decoded at each access; `by_slot` by slot
    kept        ordered lists of what rows contain
    state       changes with every change of a row, and is of no other index
    number      who needs the locks of several indexes takes them in the order of these numbers
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.number = next(_numbers)
        self.reset()

    def __repr__(self) -> str:
        return f"<GroupIndex at save {self.seq}, {len(self.raw)} rows>"

    def reset(self) -> None:
        """Drop all rows and start at save 0."""
        self.seq = 0
        self.head_seq = 0
        self.is_partial = False
        self.loaded_at = 0.0
        self.raw = RowsByCase()
        self.fronts = Summaries(self.raw)
        self.by_slot = SummariesBySlot(self.raw)
        self.kept = KeptLists(self.raw)
        self.state = next(_numbers)
        # Cases that are shown from another group of the member, as bits, for the states of all the member's groups.
        self.overlap: tuple[tuple[int, ...], int] = ((), 0)
        self._facts: GroupFacts | None = None
        self._vocabulary: Vocabulary | None = None

    @property
    def weight(self) -> int:
        """Return the bytes in memory, approximately; until facts and vocabulary are built, what they may take too."""
        kept = self.raw.size + self.kept.weight
        if self._facts is None or self._vocabulary is None:
            return kept + len(self.raw) * ROW_OVERHEAD
        return kept + len(self.raw) * SLOT_BYTES + self._facts.weight + self._vocabulary.weight

    def apply_part(self, entries: Iterable[Entry], *, whole: bool, seq: int) -> None:
        """Apply a part that ends at save `seq`. `whole`: the part begins at 0 and replaces all rows."""
        if whole:
            self.reset()
        changed = list(entries)
        if len(changed) > REBUILD_ABOVE or not self.raw.is_laid_out:
            self._facts = self._vocabulary = None
            for case_id, raw in changed:
                self.raw.load(case_id, raw)
        else:
            for case_id, raw in changed:
                self._put_row(case_id, raw)
        self.seq = seq
        self.state = next(_numbers)

    def _put_row(self, case_id: bytes, raw: bytes | None) -> None:
        facts, vocabulary = self._facts, self._vocabulary
        slot = self.raw.slot_of(case_id)
        before = self.raw.summary_of(slot) if slot is not None else None
        after = rows.decode_summary(raw) if raw is not None else None
        if slot is not None and before is not None:
            if facts is not None:
                facts.leave(slot, before, after)
            if vocabulary is not None:
                vocabulary.remove(slot, before)
        if raw is not None and after is not None:
            slot = self.raw.put(case_id, raw)
            if facts is not None:
                facts.enter(slot, before, after)
            if vocabulary is not None:
                vocabulary.add(slot, after)
        elif before is not None:
            self.raw.remove(case_id)

    def ids_with(self, kind: str) -> list[bytes]:
        """Return the cases of which a fact is true (`lookup.facts`), sorted."""
        filled = Bitmap.from_bits(self.facts.bits(kind))
        return [self.raw.id_of(slot) for slot in self.raw.slots() if slot in filled]

    def open_cases(self) -> dict[bytes, int]:
        """Return the open cases with the version of the head that each row was made from, sorted by id."""
        closed, known = Bitmap.from_bits(self.facts.bits(facts.CLOSED)), self.facts
        return {self.raw.id_of(slot): known.version_of(slot) for slot in self.raw.slots() if slot not in closed}

    def version_of(self, case_id: bytes) -> int | None:
        """Return the version of the head that a case's row was made from, None for an unknown case."""
        slot = self.raw.slot_of(case_id)
        return self.facts.version_of(slot) if slot is not None else None

    @property
    def facts(self) -> GroupFacts:
        """Return the sets and orders of all cases."""
        if self._facts is None:
            columns = FactColumns(self.raw.top)
            self._read_rows(columns)
            self._facts = GroupFacts(self.raw, columns)
            freezing.freeze_loaded(len(self.raw))
        return self._facts

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the words and numbers of all cases. Where the facts are not there yet, one reading makes both."""
        if self._vocabulary is None:
            words = WordColumns()
            if self._facts is None:
                columns = FactColumns(self.raw.top)
                self._read_rows(columns, words)
                self._facts = GroupFacts(self.raw, columns)
            else:
                self._read_rows(words)
            known = self._facts
            refs = TextOrder(self.raw.slots(), known.lower_ref, known.lower_ref_key)
            self._vocabulary = Vocabulary(words, refs, known.lower_ref_key)
            freezing.freeze_loaded(len(self.raw))
        return self._vocabulary

    def _read_rows(self, *columns: FactColumns | WordColumns) -> None:
        """Decode the summary of every row once, some at a time, for all of these columns."""
        slots = array("I", sorted(self.raw.slots()))
        for start in range(0, len(slots), READ_AT_ONCE):
            some = slots[start : start + READ_AT_ONCE]
            summaries = [self.raw.summary_of(slot) for slot in some]
            for each in columns:
                each.read_rows(some, summaries)
