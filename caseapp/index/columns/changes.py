"""Changes of the rows of a group: the slots, and their rows of before for a page that is being made."""

from array import array
from dataclasses import dataclass
from typing import Final
from weakref import ref

MOST_NOTED: Final = 10_000  # changes; then a new log begins, and what was marked in the old one is out of date
StoredRow = tuple[bytes, bytes]  # case id and row


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A moment: the log of that time, and the number of changes in it."""

    log: "array[int]"
    noted: int


class Replaced:
    """Rows that were replaced, by slot, None for an empty one; `next` has what was replaced later."""

    __slots__ = ("__weakref__", "next", "rows")

    def __init__(self) -> None:
        self.rows: dict[int, StoredRow | None] = {}
        self.next: Replaced | None = None


class ChangeLog:
    """The changes of rows. Rows that were replaced are kept only while a snapshot of before is in use."""

    __slots__ = ("_log", "_newest")

    def __init__(self) -> None:
        self._log = array("I")
        self._newest: ref[Replaced] | None = None

    def moment(self) -> Moment:
        """Return the present moment."""
        return Moment(self._log, len(self._log))

    def changed_since(self, moment: Moment) -> set[int] | None:
        """Return the slots that changed since a moment; None if that is not known any more."""
        return set(self._log[moment.noted :]) if moment.log is self._log else None

    def note(self, slot: int, before: StoredRow | None) -> None:
        """Note that a slot changes, and what it has before."""
        if len(self._log) >= MOST_NOTED:
            self._log = array("I")
        self._log.append(slot)
        newest = self._newest() if self._newest is not None else None
        if newest is not None:
            newest.rows.setdefault(slot, before)

    def replaced_from_now(self) -> Replaced:
        """Return where rows are collected that are replaced from now on, as long as the caller keeps it."""
        newest = self._newest() if self._newest is not None else None
        if newest is None or newest.rows:
            later = Replaced()
            if newest is not None:
                newest.next = later
            newest, self._newest = later, ref(later)
        return newest


class RowSnapshot:
    """The rows at one moment: what changed afterwards is looked up in `replaced` first."""

    __slots__ = ("_id_size", "_ids", "_raw", "_replaced")

    def __init__(self, raw: list[bytes | None], ids: bytearray, id_size: int, replaced: Replaced) -> None:
        self._raw, self._ids, self._id_size, self._replaced = raw, ids, id_size, replaced

    def row_at(self, slot: int) -> StoredRow:
        """Return case id and row in a slot. Call it with the index locked. Raises KeyError for an empty slot."""
        each: Replaced | None = self._replaced
        while each is not None:
            if slot in each.rows:
                before = each.rows[slot]
                if before is None:
                    raise KeyError(slot)
                return before
            each = each.next
        raw = self._raw[slot]
        if raw is None:
            raise KeyError(slot)
        return bytes(self._ids[slot * self._id_size : (slot + 1) * self._id_size]), raw
