"""Memory of a process and its descendants, from Linux's /proc."""

from collections.abc import Iterator
from pathlib import Path


def memory_mb(pid: int) -> float:
    """Return the PSS of a process and its descendants, in MB (10^6 bytes). Needs root or the user that runs them.

    Pages that several processes share are counted once. A process that ends meanwhile counts as 0.
    """
    return sum(_pss_kb(member) for member in _process_tree(pid)) / 1000


def _process_tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = children.read_text().split()
        except OSError:
            continue  # it ended meanwhile
        for child in below:
            yield from _process_tree(int(child))


def _pss_kb(pid: int) -> float:
    """Return the PSS of one process in kB (1,000 bytes); 0.0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) * 1.024 for line in lines if line.startswith("Pss:")), 0.0)
