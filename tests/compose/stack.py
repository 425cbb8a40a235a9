"""The services of docker-compose.yml on a real engine, under a project name of one run."""

import re
import secrets
import subprocess
import sys
import time
from pathlib import Path

from caseapp.cli.stack.embedded import find_free_port
from tests.compose import seal
from tests.compose.engine import ROOT, Engine, run
from tests.compose.images import classic
from tests.compose.walk import SecureVisitor, require

HOST = "cases.localhost"  # Caddy signs a name below localhost with its own authority
OURS = ("prepare", "migrate", "web", "worker", "beat", "backup")
CHECKED = {"postgres", "web", "worker", "beat"}  # services with a health check
LASTING = CHECKED | {"valkey", "backup", "proxy"}
AUTHORITY = "/data/caddy/pki/authorities/local/root.crt"
IMAGE = "caseapp-test/caseapp:latest"
UP_PATIENCE = 600  # seconds


class Stack:
    """One run of docker-compose.yml. `folder`: of this run, on this machine; `image`: the program's."""

    def __init__(self, engine: Engine, images: dict[str, str], folder: Path, image: str = IMAGE) -> None:
        self.engine = engine
        self.port = find_free_port()
        self.project = f"caseapp-test-{secrets.token_hex(4)}"
        self.image = image
        self.environment = classic(engine.environment) | {"CASEAPP_HOST": HOST}
        self.python_image = images[""]
        self.folder = folder
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
        return "\n".join(lines) + "\n" + seal.describe_service(self.folder)

    def compose(self, *arguments: str, patience: float = 900) -> str:
        """Run Compose on this project and return what it printed."""
        return run([*self.command, *arguments], self.environment, patience=patience)

    def inside(self, service: str, *command: str) -> str:
        """Run a command in a service's container and return what it printed."""
        return self.compose("exec", "--no-TTY", service, *command)

    def fails(self, *arguments: str) -> bool:
        """Return whether Compose ends with an error on this project."""
        whole = [*self.command, *arguments]
        return subprocess.run(whole, env=self.environment, cwd=ROOT, capture_output=True, check=False).returncode != 0

    def fails_inside(self, service: str, *command: str) -> bool:
        """Return whether a command fails in a service's container."""
        return self.fails("exec", "--no-TTY", service, *command)

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

    def show_logs(self) -> None:
        """Print the end of each service's log."""
        shown = [*self.command, "logs", "--no-color", "--tail", "30"]
        done = subprocess.run(shown, env=self.environment, cwd=ROOT, capture_output=True, check=False)
        print(re.sub(r"/setup/#\S+", "/setup/#...", done.stdout.decode(errors="replace")), file=sys.stderr)

    def remove(self) -> None:
        """Remove containers, networks and volumes of this run; from an engine that is not ours also the image."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "20")
        if not self.engine.is_own:
            subprocess.run(
                ["docker", "rmi", "--force", self.image], env=self.environment, capture_output=True, check=False
            )


def visitor_of(stack: Stack) -> SecureVisitor:
    """Return a new visitor, who trusts the proxy's own authority of now."""
    return SecureVisitor(stack.port, host=HOST, authority=stack.inside("proxy", "cat", AUTHORITY))
