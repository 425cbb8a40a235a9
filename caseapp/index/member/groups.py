"""The groups of a member as one: a case that is in two groups counts once, in its newest saved state."""

import datetime as dt
from collections.abc import Hashable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from caseapp.index import rows
from caseapp.index.columns.case_sets import slots_in
from caseapp.index.group_index import GroupIndex
from caseapp.index.health import RebuildProgress
from caseapp.index.lookup import facts
from caseapp.index.rows import CaseRow
from caseapp.lib import clock


class MemberGroups:
    """Access to the rows of all groups of a member; `view.IndexView` has the queries.

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

    def find_row(self, case_id: UUID) -> CaseRow | None:
        """Return a case's row, or None if no group of these keys has it."""
        with self._locked():
            group = self._newest_group(case_id.bytes)
            raw = group.raw.get(case_id.bytes) if group is not None else None
        return rows.decode(raw) if raw is not None else None

    def local_day(self, instant: dt.datetime) -> dt.date:
        """Return the day of an instant in the member's zone."""
        return clock.local_date(instant, self._zone)

    @property
    def is_whole(self) -> bool:
        """Return False while the index of a group is damaged: then cases may be missing, or older than their files."""
        return self.rebuild is None

    @property
    def has_cases(self) -> bool:
        """Return whether any group has a case."""
        with self._locked():
            return any(len(group.raw) for group in self._groups)

    def _locked(self) -> ExitStack:
        """Lock all groups, so that none is changed or loaded meanwhile; always in the same order."""
        with ExitStack() as stack:
            for group in sorted(self._groups, key=lambda each: each.number):
                stack.enter_context(group.lock)
            return stack.pop_all()

    def listed_rows(self, case_id: UUID) -> dict[UUID, CaseRow]:
        """Return a case's row by group, of each group that has it, for comparing the lists with its file."""
        listed = {}
        for group_id, group in zip(self._group_ids, self._groups, strict=True):
            with group.lock:
                raw = group.raw.get(case_id.bytes)
            if raw is not None:
                listed[group_id] = rows.decode(raw)
        return listed

    def is_listed_at(self, group_id: UUID, case_id: UUID, version: int) -> bool:
        """Return whether a group's row of a case was made from this version of its head. Decodes no row."""
        for known, group in zip(self._group_ids, self._groups, strict=True):
            if known == group_id:
                with group.lock:
                    return group.version_of(case_id.bytes) == version
        return False

    def case_ids_of_group(self, group_id: UUID, after: UUID | None, limit: int) -> list[UUID]:
        """Return the first `limit` ids of a group's cases above `after`, in order, for one step of a pass over them."""
        for known, group in zip(self._group_ids, self._groups, strict=True):
            if known == group_id:
                with group.lock:
                    ids = group.raw.ids_after(after.bytes if after else None)
                    return [UUID(bytes=case_id) for case_id in islice(ids, limit)]
        return []

    def _shown(self, group: GroupIndex) -> int:
        """Return the cases that are shown from this group, as bits. Call it locked."""
        shown = group.facts.bits(facts.ALL)
        return shown & ~self._hidden(group) if len(self._groups) > 1 else shown

    def _hidden(self, group: GroupIndex) -> int:
        """Return the cases of a group that another group has in a newer state, or first, as bits."""
        states = tuple(each.state for each in self._groups)
        if group.overlap[0] != states:
            bits = 0
            for case_id in self._shared_ids(group):
                slot = group.raw.slot_of(case_id)
                if slot is not None and self._newest_group(case_id) is not group:
                    bits |= 1 << slot
            group.overlap = (states, bits)
        return group.overlap[1]

    def _shared_ids(self, group: GroupIndex) -> Iterator[bytes]:
        """Yield the cases that this group and another one have; of two groups the smaller one is looked through."""
        for other in self._groups:
            if other is not group:
                smaller, larger = sorted((group, other), key=lambda each: len(each.raw))
                yield from (case_id for case_id in smaller.raw if case_id in larger.raw)

    def _rows_at(self, group: GroupIndex, slots: Iterable[int]) -> list[tuple[UUID, CaseRow]]:
        """Return the cases in these slots, in their order. Call it locked."""
        return [(UUID(bytes=group.raw.id_of(slot)), rows.decode(group.raw.raw_of(slot))) for slot in slots]

    def _rows_with(self, kind: str, value: Hashable = facts.YES) -> list[tuple[UUID, CaseRow]]:
        """Return the cases of which a fact is true."""
        entries = []
        with self._locked():
            for group in self._groups:
                entries += self._rows_at(group, slots_in(self._shown(group) & group.facts.bits(kind, value)))
        return entries

    def _sum_of(self, amount: str, group: GroupIndex) -> int:
        """Return a total over the cases that are shown from this group. Call it locked."""
        total = group.facts.totals[amount]
        if len(self._groups) == 1:
            return total
        counted_elsewhere = self._hidden(group) & group.facts.bits(amount)
        return total - sum(group.facts.amounts_of(slot)[amount] for slot in slots_in(counted_elsewhere))

    def _newest_group(self, case_id: bytes) -> GroupIndex | None:
        """Return the group that has the case; if several have it, the one with its newest save."""
        if len(self._groups) == 1:
            return self._groups[0]
        best, newest = None, -1
        for group in self._groups:
            version = group.version_of(case_id)
            if version is not None and version > newest:
                best, newest = group, version
        return best
