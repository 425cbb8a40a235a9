"""The protocol of a store (plant controls, read, name missed controls), and folders as a store."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from io import RawIOBase
from pathlib import Path
from stat import S_ISGID, S_ISLNK, S_ISREG
from typing import Protocol

from caseapp.tools.seal_scan.containers import READ_SIZE
from caseapp.tools.seal_scan.controls import OPERATIONAL, Controls, join_controls
from caseapp.tools.seal_scan.forms import Form
from caseapp.tools.seal_scan.tally import StoreUnreadable, Tally

FILE_NAMES = "file names"
CONTROL_FILE = "seal-scan-control"
MAX_WHOLE = 16 * 1024**2  # bytes of a file that is read whole


class Store(Protocol):
    """A location where a needle could be stored."""

    name: str

    def plant_controls(self, controls: Controls) -> AbstractContextManager[None]:
        """Plant the controls, and remove them again whatever happens. Raises StoreUnreadable."""

    def read(self, tally: Tally) -> None:
        """Pass all bytes to the tally. Raises StoreUnreadable."""

    def missed_controls(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the controls that were planted in this store and not found."""


@dataclass
class FolderStore:
    """Folders and single files. Every folder gets its own controls; file names are searched as well.

    others    paths inside that another store reads, or that were excluded
    owners    user ids whose files are read, None for all: a shared /tmp contains other people's files
    groups    group ids whose files are read, None for all; in a folder that passes its own group on, all count
    since     seconds of the epoch: files neither made nor changed after it are left out
    """

    name: str
    roots: Sequence[Path]
    others: frozenset[Path] = frozenset()
    owners: frozenset[int] | None = None
    groups: frozenset[int] | None = None
    since: float = 0.0
    is_planted: bool = True
    prepare: Callable[[Path, Tally], bool] | None = None  # a special reader; True if it read the file
    _controls: set[Path] = field(default_factory=set)  # the control files, which this process made

    @contextmanager
    def plant_controls(self, controls: Controls) -> Iterator[None]:
        """Write a control file to every folder, with a control number in its name."""
        files: list[Path] = []
        planted = join_controls(controls.planted)
        try:
            for number, root in enumerate(self._planted_folders()):
                files.append(root / f"{controls.number.text}.{number}.{CONTROL_FILE}")
                self._controls.add(files[-1])
                files[-1].write_bytes(planted)
            yield
        except OSError as problem:
            raise StoreUnreadable(f"{self.name}: {problem.filename}: {problem.strerror}") from None
        finally:
            for path in files:
                path.unlink(missing_ok=True)

    def read(self, tally: Tally) -> None:
        """Search all files and their names."""
        names = tally.open_stream(FILE_NAMES)
        for root in self.roots:
            if not root.exists():
                raise StoreUnreadable(f"{self.name}: {root} does not exist")
            for path in self._walk_files(root):
                names.feed(os.fsencode(path.relative_to(root.parent)) + b"\n")
                self._read_file(path, tally)
        names.close()

    def missed_controls(self, controls: Controls, tally: Tally) -> list[str]:
        """Return the forms that were missed in any of the folders."""
        missed: list[str] = []
        for number, root in enumerate(self._planted_folders()):
            control_file = str(root / f"{controls.number.text}.{number}.{CONTROL_FILE}")
            missed += [f"{root}: {form}" for form in controls.missed_forms(tally.seen_in.get(control_file, ()))]
        if self._planted_folders() and not any(
            seen[0] == controls.number.label for seen in tally.seen_in.get(FILE_NAMES, ())
        ):
            missed.append("a control in a file's name")
        return missed

    def _planted_folders(self) -> list[Path]:
        return [root for root in self.roots if root.is_dir()] if self.is_planted else []

    def _walk_files(self, root: Path) -> Iterator[Path]:
        if not root.is_dir():
            yield root
            return
        for folder, folders, files in os.walk(root, onerror=_walk_error_handler(self.name)):
            folders[:] = [name for name in folders if self._is_ours(Path(folder, name), is_folder=True)]
            yield from (path for name in files if self._is_ours(path := Path(folder, name), is_folder=False))

    def _is_ours(self, path: Path, *, is_folder: bool) -> bool:
        if path in self.others:
            return False
        try:
            stat = path.lstat()
        except FileNotFoundError:  # deleted meanwhile: temporary files are short-lived
            return False
        if self.owners is not None and stat.st_uid not in self.owners:
            return False
        if is_folder:
            return not S_ISLNK(stat.st_mode)
        if not S_ISREG(stat.st_mode):
            return False
        # The time of the last change of the inode: a copy may carry an old time of its content.
        return path in self._controls or (
            max(stat.st_mtime, stat.st_ctime) >= self.since and self._is_of_group(path, stat.st_gid)
        )

    def _is_of_group(self, path: Path, group: int) -> bool:
        return self.groups is None or group in self.groups or bool(path.parent.stat().st_mode & S_ISGID)

    def _read_file(self, path: Path, tally: Tally) -> None:
        try:
            if self.prepare and self.prepare(path, tally):
                return
            with path.open("rb", buffering=0) as source:
                search_open_file(source, str(path), tally)
        except FileNotFoundError:
            return
        except OSError as problem:
            raise StoreUnreadable(f"{self.name}: {path}: {problem.strerror}") from None


def search_open_file(source: RawIOBase, location: str, tally: Tally) -> None:
    """Search a file from where it is read on. A small one, with the same bytes as an earlier one, is searched once."""
    head = b""
    while len(head) <= MAX_WHOLE and (piece := source.read(READ_SIZE)):
        head += piece
    if len(head) <= MAX_WHOLE:
        tally.search_bytes(location, head)
        return
    stream, piece = tally.open_stream(location), head
    while piece:
        stream.feed(piece)
        tally.scanned += len(piece)
        piece = source.read(READ_SIZE) or b""
    stream.close()


class BackupStore(FolderStore):
    """The target of backups. What is normal elsewhere is a leak there: a table's name, a key of the server, a half."""

    def read(self, tally: Tally) -> None:
        """Search all files and their names; what only a backup in clear can contain counts as found."""
        super().read(tally)
        for location, sights in sorted(tally.seen_in.items()):
            for label, form, via in sorted(sights):
                if label == OPERATIONAL and Path(location) not in self._controls:
                    tally.record_leak(location, via, 0, Form(label, form))


def _walk_error_handler(store: str) -> Callable[[OSError], None]:
    def raise_unreadable(problem: OSError) -> None:
        if not isinstance(problem, FileNotFoundError):
            raise StoreUnreadable(f"{store}: {problem.filename}: {problem.strerror}") from None

    return raise_unreadable
