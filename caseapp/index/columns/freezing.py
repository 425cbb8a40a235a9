"""Freezing of a loaded index: the garbage collector then does not look at its objects, which are no garbage.

Only web processes freeze, after the first use of a large group: everything else lives too short for it.
"""

import gc
from typing import Final

FROM_ROWS: Final = 2000  # rows of a group
_processes: list[str] = []  # the kind of this process, once it freezes


def freeze_in_this_process(kind: str) -> None:
    """Freeze each large index that this process loads from now on."""
    _processes.append(kind)


def freeze_loaded(rows: int) -> None:
    """Collect garbage, and take all that is left out of later collections."""
    if _processes and rows >= FROM_ROWS:
        _collect_all()
        gc.freeze()


def collect_dropped() -> None:
    """Collect what was frozen and is garbage since: what requests of that moment had open may be part of a cycle."""
    if gc.get_freeze_count():
        _collect_all()


def _collect_all() -> None:
    gc.unfreeze()
    gc.collect()
