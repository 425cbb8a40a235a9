"""The indexes this process holds in memory: bounded in bytes, least recently used first out, dropped when idle.

Nothing of it is written anywhere. A thread looks once a minute as long as there is something to drop, so that a group's
rows leave the memory also when no further request comes.
"""

import datetime as dt
import threading
import time
from collections import OrderedDict
from typing import Final
from uuid import UUID

from caseapp.index.group_index import GroupIndex
from caseapp.lib import clock
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey

LIMIT: Final = 256 * 1024 * 1024  # bytes a process
IDLE: Final = dt.timedelta(minutes=10)
LOOK_EVERY: Final = 60  # seconds of real time
# Group, epoch and a digest of the key itself: who names a group without holding its key finds nothing.
Place = tuple[UUID, UUID, int, bytes]


class Cache:
    """Indexes by place, oldest use first."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._held: OrderedDict[Place, GroupIndex] = OrderedDict()
        self._used: dict[Place, dt.datetime] = {}
        self._sweeper: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._held)

    def get(self, org_id: UUID, group: GroupKey) -> GroupIndex:
        """The index of a group, empty if it was not held; counts as a use."""
        place = (org_id, group.group, group.epoch, primitives.digest(group.index_key()))
        with self._lock:
            held = self._held.setdefault(place, GroupIndex())
            self._held.move_to_end(place)
            self._used[place] = clock.now()
            if self._sweeper is None or not self._sweeper.is_alive():
                self._sweeper = threading.Thread(target=self._sweep, name="index-cache", daemon=True)
                self._sweeper.start()
            return held

    def trim(self) -> None:
        """Drop least recently used indexes until the rest fits; the one used last always stays."""
        with self._lock:
            weight = sum(held.weight for held in self._held.values())
            while weight > self.limit and len(self._held) > 1:
                place, dropped = self._held.popitem(last=False)
                del self._used[place]
                weight -= dropped.weight

    def drop_idle(self) -> int:
        """Drop indexes nobody asked for in the last 10 minutes; answers how many went."""
        oldest = clock.now() - IDLE
        with self._lock:
            idle = [place for place, used in self._used.items() if used <= oldest]
            for place in idle:
                del self._held[place], self._used[place]
            return len(idle)

    def drop_all(self) -> None:
        """Hold nothing."""
        with self._lock:
            self._held.clear()
            self._used.clear()

    def _sweep(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            self.drop_idle()
            with self._lock:
                if not self._held:
                    self._sweeper = None
                    return


_cache = Cache()
get = _cache.get
trim = _cache.trim
drop_idle = _cache.drop_idle
drop_all = _cache.drop_all


def held() -> int:
    """How many indexes this process holds."""
    return len(_cache)
