"""Slow work in threads of low priority: many sign-ins at once must leave the processor to other pages."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
NICENESS = 5  # a third of a core while pages want it, all of it otherwise
THREADS = 2
_pools: list[ThreadPoolExecutor] = []
_lock = threading.Lock()


def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what the work returns, or raise what it raises."""
    with _lock:
        if not _pools:
            _pools.append(ThreadPoolExecutor(THREADS, "low-priority", initializer=lower_priority))
    return _pools[0].submit(work, *args, **kwargs).result()


def lower_priority() -> None:
    """Lower the priority of this thread alone, which only Linux can; elsewhere all threads are equal."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


os.register_at_fork(after_in_child=_pools.clear)  # a child has none of the threads
