"""Files that processes have open and that have no name any more: unlinked temporary files and shared memory."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from caseapp.tools.seal_scan.controls import Controls, join_controls
from caseapp.tools.seal_scan.stack_processes import PROC
from caseapp.tools.seal_scan.stores import search_open_file
from caseapp.tools.seal_scan.tally import StoreUnreadable, Tally

DELETED = " (deleted)"  # what the kernel adds to the name


@dataclass
class OpenFilesStore:
    """The nameless open files of some processes, and of this one, which has the control.

    A process whose files the kernel does not show to this user is left out: root sees all.
    """

    name: str
    pids: Sequence[int]

    @contextmanager
    def plant_controls(self, controls: Controls) -> Iterator[None]:
        """Keep an unlinked temporary file with the controls open."""
        try:
            with tempfile.TemporaryFile() as file:
                file.write(join_controls(controls.planted))
                file.flush()
                yield
        except OSError as problem:
            raise StoreUnreadable(f"{self.name}: {problem.strerror}") from None

    def read(self, tally: Tally) -> None:
        """Search every nameless open file once."""
        seen: set[tuple[int, int]] = set()
        for pid in (os.getpid(), *self.pids):
            for path in _nameless_files_of(pid):
                with suppress(OSError):  # closed meanwhile
                    stat = path.stat()
                    if S_ISREG(stat.st_mode) and (stat.st_dev, stat.st_ino) not in seen:
                        seen.add((stat.st_dev, stat.st_ino))
                        _read_file(path, tally)

    def missed_controls(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the forms that were missed in the control file."""
        return controls.missed_forms(tally.seen)


def _nameless_files_of(pid: int) -> Iterator[Path]:
    with suppress(OSError):
        for path in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                if os.readlink(path).endswith(DELETED):
                    yield path


def _read_file(path: Path, tally: Tally) -> None:
    with path.open("rb", buffering=0) as source:
        search_open_file(source, str(path), tally)
