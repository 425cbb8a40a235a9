"""Backup, restore into emptied volumes, and upgrade of a stack in containers, with the lines of docs/operations.md."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.compose.engine import run
from tests.compose.walk import EMAIL, require

if TYPE_CHECKING:
    from tests.compose.stack import Stack

KEY = "/offline/caseapp.key"
LOST = ("database", "data", "secrets", "doors", "certificates", "proxy")  # volumes of the machine that is lost
READABLE_FOR_ALL = 0o777  # the key's folder, for the container's own user


def make_offline_key(stack: "Stack", *options: str) -> Path:
    """Make the key that opens backups. Return the folder that has it, on this machine and in no volume.

    `options`: of `docker compose run`.
    """
    folder = Path(tempfile.mkdtemp(prefix="offline-", dir=stack.folder))  # each office has a key of its own
    folder.chmod(READABLE_FOR_ALL)
    stack.compose("run", "--rm", *options, "--volume", f"{folder}:/offline", "backup", "backup", "key", KEY)
    require(any(folder.iterdir()), "the key of backups is made, outside of every volume")
    return folder


def back_up(stack: "Stack") -> None:
    """Make a backup, and verify it without its key."""
    stack.inside("backup", "caseapp", "backup")
    stack.inside("backup", "caseapp", "backup", "verify", "/backups")
    require(True, "a backup is made, and verified without its key")


def drill(stack: "Stack", offline: Path, words: str) -> None:
    """Open the case from a restored copy, in the image, with the words typed."""
    where = ("--rm", "--no-TTY", "--volume", f"{offline}:/offline:ro")
    command = [*stack.command, "run", *where, "backup", "backup", "drill", "/backups", "--key", KEY]
    printed = run(command, stack.environment, content=f"{EMAIL}\n{words}\n\n\n".encode())
    require("a case opened" in printed and "The drill succeeded" in printed, "a drill opens the case in the image")
    require(stack.fails_inside("backup", "test", "-e", "/data/drill"), "it leaves no folder")


def restore_on_new_machine(stack: "Stack", offline: Path) -> None:
    """Remove every volume but the one of backups, restore from it and start."""
    stack.compose("down", "--timeout", "60")
    for volume in LOST:
        run(["docker", "volume", "rm", f"{stack.project}_{volume}"], stack.environment)
    stack.compose("up", "--detach", "--no-build", "postgres")
    restore = ("run", "--rm", "--volume", f"{offline}:/offline:ro", "backup", "restore", "/backups", "--key", KEY)
    stack.compose(*restore)
    stack.start()
    require(True, "the backup is restored into empty volumes, and all services start on it")
    require(stack.fails(*restore), "a restore over an office is refused")
