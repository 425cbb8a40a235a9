"""In-memory cache of group indexes: limited in bytes, least recently used dropped first, dropped when idle.

The cache is never written to disk. A thread checks once a minute while the cache has entries, so that a group's rows
leave memory even if no further request arrives.
"""

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

from caseapp.index.columns import freezing
from caseapp.index.group_index import GroupIndex
from caseapp.lib import clock
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey

MAX_BYTES: Final = 256 * 1024 * 1024  # bytes in each process
IDLE_AFTER: Final = dt.timedelta(minutes=10)
LOOK_EVERY: Final = 60  # seconds of real time
# Office, group, epoch and a digest of the key: a caller without the group's key cannot find its entry.
CacheKey = tuple[UUID, UUID, int, bytes]


class Weighed(Protocol):
    """The part of an index that the cache reads."""

    @property
    def weight(self) -> int:
        """Return the bytes in memory, approximately."""


C = TypeVar("C", bound=Weighed)


class Cache(Generic[C]):
    """Indexes by office, group, epoch and key digest, least recently used first. `make` returns an empty one."""

    def __init__(self, make: Callable[[], C], limit: int = MAX_BYTES) -> None:
        self.make, self.limit = make, limit
        self._lock = threading.Lock()
        self._held: OrderedDict[CacheKey, C] = OrderedDict()
        self._used: dict[CacheKey, dt.datetime] = {}
        self._sweeper: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._held)

    def get(self, org_id: UUID, group: GroupKey) -> C:
        """Return the index of a group, empty if it was not cached. Counts as a use."""
        cache_key = (org_id, group.group, group.epoch, primitives.digest(group.index_key()))
        with self._lock:
            held = self._held.get(cache_key)
            if held is None:
                held = self._held[cache_key] = self.make()
            self._held.move_to_end(cache_key)
            self._used[cache_key] = clock.now()
            if self._sweeper is None or not self._sweeper.is_alive():
                self._sweeper = threading.Thread(target=self._sweep_until_empty, name="index-cache", daemon=True)
                self._sweeper.start()
            return held

    def trim(self) -> None:
        """Drop least recently used indexes until the rest fits the limit. Always keep the one used last."""
        with self._lock:
            weight = sum(held.weight for held in self._held.values())
            while weight > self.limit and len(self._held) > 1:
                cache_key, dropped = self._held.popitem(last=False)
                del self._used[cache_key]
                weight -= dropped.weight

    def drop_idle(self) -> int:
        """Drop indexes that were not used in the last 10 minutes. Return the number dropped."""
        oldest = clock.now() - IDLE_AFTER
        with self._lock:
            idle = [cache_key for cache_key, used in self._used.items() if used <= oldest]
            for cache_key in idle:
                del self._held[cache_key], self._used[cache_key]
        if idle:
            freezing.collect_dropped()
        return len(idle)

    def drop_all(self) -> None:
        """Drop all indexes."""
        with self._lock:
            self._held.clear()
            self._used.clear()
        freezing.collect_dropped()

    def _sweep_until_empty(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            self.drop_idle()
            with self._lock:
                if not self._held:
                    self._sweeper = None
                    return


_cache = Cache(GroupIndex)
get = _cache.get
trim = _cache.trim
drop_all = _cache.drop_all
