"""The processes of a running stack: their temporary folders, and how files that they made are known.

A file in the machine's temp folder or in shared memory may be anyone's. It counts as the stack's when it was made since
the stack's data folder was first used, by the users and with the groups of the stack's processes. Linux shows them; on
other systems, and while nothing runs, the group is not known and files of every group count.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from caseapp.cli.stack.data_folder import DataFolder, read_stack

PROC = Path("/proc")


@dataclass(frozen=True)
class StackProcesses:
    """What is known of a stack.

    pids                its processes that run now, with all that they started
    own_temp_folders    folders for temporary files that lie in its data folder
    other_temp_folders  TMPDIRs of its processes that lie elsewhere: others may use them too
    users               user ids whose files count
    groups              group ids that new files of its processes get; None when not known
    since               seconds since 1970: when its data folder was first used; 0 when not known
    """

    pids: tuple[int, ...]
    own_temp_folders: tuple[Path, ...]
    other_temp_folders: tuple[Path, ...]
    users: frozenset[int]
    groups: frozenset[int] | None
    since: float


def find_stack_processes(data_folder: Path) -> StackProcesses:
    """Return what is known of the stack of a data folder, whether or not it runs."""
    folder = DataFolder(data_folder)
    stack = read_stack(folder) or {"pids": {}, "environment": {}}
    pids = tuple(_with_children({int(pid) for pid in stack["pids"].values() if pid}))
    named = {stack["environment"].get("TMPDIR", ""), *(_temp_folder_of(pid) for pid in pids)}
    folders = {folder.temp, folder.postgres / "tmp", *(Path(name) for name in named if name)}
    existing = sorted({path.resolve() for path in folders if path.is_dir()})
    homes = [path for path in (folder.postgres, folder.postgres / "cluster") if path.exists()]
    groups = frozenset(group for pid in pids if (group := _file_group_of(pid)) is not None)
    return StackProcesses(
        pids=pids,
        own_temp_folders=tuple(path for path in existing if path.is_relative_to(data_folder)),
        other_temp_folders=tuple(path for path in existing if not path.is_relative_to(data_folder)),
        users=frozenset({os.geteuid(), *(path.stat().st_uid for path in homes)}),
        groups=groups or None,
        since=folder.version_file.stat().st_mtime if folder.version_file.exists() else 0.0,
    )


def _with_children(pids: set[int]) -> list[int]:
    """Return the processes of these that run, with all their descendants."""
    parents = dict(_parents_of_all())
    known = pids & parents.keys()
    while more := {pid for pid, parent in parents.items() if parent in known} - known:
        known |= more
    return sorted(known)


def _parents_of_all() -> Iterator[tuple[int, int]]:
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            yield int(entry.name), int((entry / "stat").read_text().rpartition(")")[2].split()[1])


def _temp_folder_of(pid: int) -> str:
    """Return the TMPDIR of a process; empty when it has none or the kernel does not show it."""
    with suppress(OSError):
        for line in (PROC / str(pid) / "environ").read_bytes().split(b"\0"):
            if line.startswith(b"TMPDIR="):
                return os.fsdecode(line.removeprefix(b"TMPDIR="))
    return ""


def _file_group_of(pid: int) -> int | None:
    """Return the group id that new files of a process get; None when the process is gone."""
    with suppress(OSError):
        for line in (PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("Gid:"):
                return int(line.split()[4])
    return None
