"""Upgrade of a stack in containers from a program of an earlier commit, with the lines of docs/operations.md."""

import http.client
import subprocess
import time
from pathlib import Path

from tests.compose import backups
from tests.compose.engine import ROOT, Engine, run
from tests.compose.stack import AUTHORITY, IMAGE, Stack, visitor_of
from tests.compose.walk import EMAIL, SecureVisitor, open_first_case, read_case_again, require

OLDER = "e59cbe9"  # the commit that made the data of tests/upgrade
TAG = "caseapp-test/upgraded:latest"
OF_OLDER = ("postgres", "valkey", "migrate", "web", "worker", "beat", "proxy")  # it knows no backups
PATIENCE = 300.0  # seconds until it answers; it has no `caseapp alive`, so none of its processes becomes healthy


def walk_upgrade(engine: Engine, images: dict[str, str], folder: Path) -> None:
    """Set up an office with an older program, upgrade, and read its case. Say so where that program is not at hand."""
    source = folder / "older"
    if not _take_older_source(source):
        print(f"  --  no upgrade: commit {OLDER} is not in the history of this checkout")
        return
    stack = Stack(engine, images, folder, TAG)
    try:
        _build_older(stack, source)
        stack.compose("up", "--detach", "--no-build", *OF_OLDER)
        visitor = _wait_for_pages(stack)
        words = visitor.found_office(email=EMAIL)
        path = open_first_case(visitor)
        require(True, f"commit {OLDER} has made an office with a case")
        _upgrade(stack)
        read_case_again(visitor_of(stack), path, words)
    except BaseException:
        stack.show_logs()
        raise
    finally:
        stack.remove()


def _take_older_source(folder: Path) -> bool:
    """Write the older program's files to a new folder. Return False where the history does not have it."""
    packed = subprocess.run(["git", "-C", str(ROOT), "archive", OLDER], capture_output=True, check=False)
    if packed.returncode != 0:
        return False
    folder.mkdir()
    subprocess.run(["tar", "-xf", "-", "-C", str(folder)], input=packed.stdout, check=True)
    return True


def _build_older(stack: Stack, source: Path) -> None:
    recipe = source / "Dockerfile"
    recipe.write_text(recipe.read_text().replace("FROM python:3.11-slim", f"FROM {stack.python_image}"))
    run(["docker", "build", "--quiet", "--tag", stack.image, str(source)], stack.environment)


def _wait_for_pages(stack: Stack) -> SecureVisitor:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if not stack.fails_inside("proxy", "cat", AUTHORITY) and _answers(visitor := visitor_of(stack)):
            return visitor
        time.sleep(2)
    raise AssertionError(f"The program of commit {OLDER} does not answer.")


def _answers(visitor: SecureVisitor) -> bool:
    try:
        return visitor.get("/setup/").status == 200
    except (OSError, http.client.HTTPException):
        return False


def _upgrade(stack: Stack) -> None:
    """Do what docs/operations.md says: the new image, stop what writes, the key of backups, upgrade, start."""
    run(["docker", "tag", IMAGE, stack.image], stack.environment)
    stack.compose("stop", "web", "worker", "beat")
    backups.make_offline_key(stack, "--no-deps")
    printed = stack.compose("run", "--rm", "--no-deps", "backup", "upgrade")
    require("is complete" in printed, "the upgrade makes a backup first")
    require("The database is up to date for Caseapp" in printed, "the database is upgraded")
    stack.start()
    stack.inside("backup", "caseapp", "backup", "verify", "/backups")
    require(True, "the backup of before the upgrade is whole")
