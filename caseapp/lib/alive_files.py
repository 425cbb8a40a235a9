"""Signs of life of worker and beat: one file for each process and machine, touched by its main loop.

Cheap to write and to read, for the health checks of containers. `caseapp doctor` and `/readyz` ask for more.
"""

import os
import socket
import time
from contextlib import suppress
from pathlib import Path

# Seconds after which a process counts as hung: the worker touches its file every 15 seconds, and beat at each tick, at
# most 60 seconds apart.
ALIVE_LIMITS = {"worker": 90, "beat": 180}
KEPT = 86_400  # seconds until files of machines (containers) that are gone are deleted


def mark_alive(folder: Path, process: str) -> None:
    """Touch the file of `process` in `folder`. A full disk is not the end of the process that reports here."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _path_of(folder, process).touch(mode=0o600)


def is_alive(folder: Path, process: str) -> bool:
    """Return whether the process `worker` or `beat` of this machine gave a sign of life lately."""
    try:
        age = time.time() - _path_of(folder, process).stat().st_mtime
    except FileNotFoundError:
        return False
    return age <= ALIVE_LIMITS[process]


def forget(folder: Path, process: str) -> None:
    """Delete the file, when the process starts or ends, and files of machines that are long gone."""
    with suppress(OSError):
        _path_of(folder, process).unlink(missing_ok=True)
        for path in folder.glob("*.alive"):
            if time.time() - path.stat().st_mtime > KEPT:
                path.unlink(missing_ok=True)


def _path_of(folder: Path, process: str) -> Path:
    return folder / f"{process}.{os.path.basename(socket.gethostname())}.alive"
