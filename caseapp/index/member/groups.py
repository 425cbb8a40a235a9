"""The groups of a member as one: a case that is in two groups counts once, in its newest saved state."""

import datetime as dt
from collections.abc import Callable, Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from caseapp.index import rows
from caseapp.index.group_index import GroupIndex
from caseapp.index.health import RebuildProgress
from caseapp.index.rows import CaseRow, RowSummary
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
        group = self._newest_group(case_id.bytes)
        if group is None:
            return None
        with group.lock:  # never read an index that is being loaded
            raw = group.raw.get(case_id.bytes)
        return rows.decode(raw) if raw is not None else None

    def local_day(self, instant: dt.datetime) -> dt.date:
        """Return the day of an instant in the member's zone."""
        return clock.local_date(instant, self._zone)

    @property
    def is_whole(self) -> bool:
        """Return False while the index of a group is damaged: then cases may be missing, or older than their files."""
        return self.rebuild is None

    def listed_rows(self, case_id: UUID) -> dict[UUID, CaseRow]:
        """Return a case's row by group, of each group that has it, for comparing the lists with its file."""
        listed = {}
        for group_id, group in zip(self._group_ids, self._groups, strict=True):
            with group.lock:
                raw = group.raw.get(case_id.bytes)
            if raw is not None:
                listed[group_id] = rows.decode(raw)
        return listed

    def _rows_where(self, is_wanted: Callable[[RowSummary], bool]) -> list[tuple[UUID, CaseRow]]:
        return [
            (UUID(bytes=case_id), row)
            for case_id, _ in self._summaries_where(is_wanted)
            if (row := self.find_row(UUID(bytes=case_id))) is not None
        ]

    def _summaries_where(self, is_wanted: Callable[[RowSummary], bool]) -> list[tuple[bytes, RowSummary]]:
        entries = []
        for group in self._groups:
            with group.lock:
                entries += [(case_id, keys) for case_id, keys in self._summaries_of(group) if is_wanted(keys)]
        return entries

    def _summaries_of(self, group: GroupIndex) -> Iterable[tuple[bytes, RowSummary]]:
        """Return the cases that are shown from this group."""
        if len(self._groups) == 1:
            return group.fronts.items()
        return ((case_id, keys) for case_id, keys in group.fronts.items() if self._newest_group(case_id) is group)

    def _newest_group(self, case_id: bytes) -> GroupIndex | None:
        """Return the group that has the case; if several have it, the one with its newest save."""
        if len(self._groups) == 1:
            return self._groups[0]
        best, version = None, -1
        for group in self._groups:
            keys = group.fronts.get(case_id)
            if keys is not None and keys.head_version > version:
                best, version = group, keys.head_version
        return best
