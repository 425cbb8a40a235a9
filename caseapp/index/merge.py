"""Merging of neighbouring parts, so that a cold reader loads a few dozen parts instead of one for each save.

Parts are ordered in tiers, each eight times the size of the one before. A run of neighbours with eight parts of its
highest tier becomes one part. The base (the part that begins at 0) is rewritten only when the later parts have grown to
its size. So each row is rewritten only a few times in total, however large the group is.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from uuid import UUID

from caseapp.index import queries, sealed_parts
from caseapp.index.queries import PartSize
from caseapp.index.sealed_parts import Entry
from caseapp.vault.errors import NoKey
from caseapp.vault.tenancy import office_transaction

if TYPE_CHECKING:
    from caseapp.index.protocols import GroupKeyHolder

EVERY: Final = 8
FACTOR: Final = 8
UNIT: Final = 1024  # bytes of the smallest part


def merge_if_due(keys: "GroupKeyHolder", group_id: UUID, seq: int) -> bool:
    """Merge one run of a group's parts if `seq` is a multiple of 8 and a run is ready. Return whether it merged.

    Uses its own transaction and never waits for another merging process. Readers see the old parts or the new one.
    Raises IndexDamaged when a part does not open.
    """
    if seq % EVERY:
        return False
    with office_transaction(keys.org_id):
        if not queries.try_merge_lock(keys.org_id, group_id):
            return False
        run = choose_run(queries.part_sizes(keys.org_id, group_id))
        return bool(run) and _merge_run(keys, group_id, run)


def _merge_run(keys: "GroupKeyHolder", group_id: UUID, run: Sequence[PartSize]) -> bool:
    lo, hi = run[0].lo, run[-1].hi
    parts = queries.parts_after(keys.org_id, group_id, run[0].hi - 1, hi)
    epochs = {part.span.epoch for part in parts}
    if [(part.span.lo, part.span.hi) for part in parts] != [(part.lo, part.hi) for part in run] or len(epochs) != 1:
        return False
    try:
        group = keys.group(group_id, epochs.pop())
    except NoKey:
        return False
    entries = newest_entries([sealed_parts.open_entries(group, part) for part in parts], whole=lo == 0)
    queries.remove_parts(keys.org_id, group_id, [(part.lo, part.hi) for part in run])
    sealed_parts.add_part(keys.org_id, group, lo, hi, entries)
    return True


def newest_entries(parts: Iterable[Sequence[Entry]], *, whole: bool) -> list[Entry]:
    """Return the newest entry of each case. `whole`: the result begins at 0, so removed cases need no entry."""
    newest: dict[bytes, bytes | None] = {}
    for entries in parts:
        newest.update(entries)
    return [(case_id, raw) for case_id, raw in newest.items() if raw is not None or not whole]


def choose_run(parts: Sequence[PartSize]) -> Sequence[PartSize]:
    """Return the run to merge now, oldest first; empty when none is ready."""
    if len(parts) < 2 or any(left.hi != right.lo for left, right in pairwise(parts)):
        return ()
    base, after = (parts[0], parts[1:]) if parts[0].lo == 0 else (None, parts)
    if base and len(parts) >= FACTOR and sum(part.size for part in after) >= base.size:
        return parts
    tiers = [tier_of(part) for part in after]
    for level in sorted(set(tiers), reverse=True):
        for start, stop in _find_runs(tiers, level):
            if tiers[start:stop].count(level) >= FACTOR:
                return after[start:stop]
    return ()


def tier_of(part: PartSize) -> int:
    """Return 0 for a single save, plus 1 for each factor of eight in saves or bytes."""
    grown, level = max(part.hi - part.lo, part.size // UNIT), 0
    while grown >= FACTOR:
        grown //= FACTOR
        level += 1
    return level


def _find_runs(tiers: Sequence[int], level: int) -> list[tuple[int, int]]:
    """Return the runs of neighbours whose tier is at most `level`, as (start, stop)."""
    runs, start = [], None
    for at, value in enumerate([*tiers, level + 1]):
        if value <= level and start is None:
            start = at
        elif value > level and start is not None:
            runs.append((start, at))
            start = None
    return runs
