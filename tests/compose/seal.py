"""The seal scan of a stack in containers, from a container with the tools on the same volumes."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.compose.engine import ROOT, run
from tests.compose.walk import require

if TYPE_CHECKING:
    from tests.compose.stack import Stack

IMAGE = "caseapp-test/tools:latest"
RECIPE = "tests/compose/tools.Dockerfile"
MEMORY_FOLDERS = ("/tmp", "/dev/shm")  # of containers: in memory, so no volume has them
PROCESSES = ("web", "worker", "beat", "backup", "postgres", "valkey", "proxy")
STORES = {
    *("database", "database-files", "storage", "broker", "broker-memory", "logs", "data", "temp:own"),
    *("extra:/outside", "backup:/backups"),
}


def describe_service(folder: Path) -> str:
    """Return the lines of an override file for the container with the tools. `folder`: of this run, on this machine.

    It has the network and the processes of the queue, to read that one's memory; root in it reads every volume.
    """
    return f"""\
  tools:
    image: {IMAGE}
    profiles: ["tools"]
    network_mode: "service:valkey"
    pid: "service:valkey"
    cap_add: ["SYS_PTRACE"]
    volumes:
      - data:/data
      - secrets:/secrets
      - database:/var/lib/postgresql
      - backups:/backups
      - {folder}/needles:/needles:ro
      - {folder}/outside:/outside
    environment:
      CASEAPP_MODE: production
      CASEAPP_ORIGIN: "https://cases.localhost"
      CASEAPP_DATA: /data
      CASEAPP_SECRETS: /secrets
      DATABASE_URL: postgresql://postgres:5432/caseapp
      ADMIN_DATABASE_URL: postgresql://postgres@postgres:5432/postgres
      BROKER_URL: redis://127.0.0.1:6379/0
"""


def build_image(stack: "Stack") -> None:
    """Build the image of the tools from this checkout."""
    command = ["docker", "build", "--quiet", "--tag", IMAGE, "--build-arg", f"PYTHON_IMAGE={stack.python_image}"]
    run([*command, "--file", str(ROOT / RECIPE), str(ROOT)], stack.environment)


def scan_stack(stack: "Stack", needles: Mapping[str, str]) -> None:
    """Require that none of these texts (by label) is in a volume, the queue's memory, a log or a folder in memory."""
    outside = stack.folder / "outside"
    _write_files(stack, needles, outside)
    with _followed_logs(stack, outside / "logs.txt"):  # the scan looks for its own line in the database's log
        found = _scan(stack, "--extra", "/outside", "--backup", "/backups")
    stores = {store["store"] for store in found["stores"]}
    require(stores >= STORES, f"the seal scan read {', '.join(sorted(stores))}")
    if found["exit"] != 0:
        raise AssertionError(f"The seal scan ended with {found['exit']}: {found['leaks'][:3]} {found['broken'][:3]}")
    require(True, f"it found none of {len(needles)} texts in {len(stores)} stores, and every control")
    (outside / "plain.txt").write_text("\n".join(needles.values()))
    shown = _scan(stack, "--only", "extra", "--extra", "/outside")
    labels = {leak["form"]["label"] for leak in shown["leaks"]}
    require(labels >= set(needles), "a file in plain text is found, with each of the texts")
    shutil.rmtree(outside)


def _write_files(stack: "Stack", needles: Mapping[str, str], outside: Path) -> None:
    """Write the needles, and the folders that containers have in memory, outside of volumes."""
    outside.mkdir(exist_ok=True)
    (stack.folder / "needles").mkdir(exist_ok=True)
    lines = (f"{label}: {text}\n" for label, text in needles.items())
    (stack.folder / "needles" / "needles.txt").write_text("".join(lines))
    for service in PROCESSES:
        command = [*stack.command, "exec", "--no-TTY", service, "tar", "-cf", "-", *MEMORY_FOLDERS]
        with (outside / f"{service}.tar").open("wb") as archive:
            # tar ends with 1 where a file changed while it was read.
            subprocess.run(command, env=stack.environment, stdout=archive, stderr=subprocess.DEVNULL, check=False)
        require((outside / f"{service}.tar").stat().st_size, f"the folders in memory of {service} are read")


@contextmanager
def _followed_logs(stack: "Stack", path: Path) -> Iterator[None]:
    """Write what all containers have printed, and print from now on, to a file."""
    command = [*stack.command, "logs", "--no-color", "--follow"]
    with path.open("wb") as out, subprocess.Popen(command, env=stack.environment, cwd=ROOT, stdout=out) as following:
        try:
            yield
        finally:
            following.terminate()


def _scan(stack: "Stack", *arguments: str) -> dict[str, Any]:
    """Run the scan and return its report; the exit code is in it."""
    command = [*stack.command, "run", "--rm", "--no-deps", "--no-TTY", "tools", "seal-scan", "--json"]
    command += ["--needles", "/needles/needles.txt", *arguments]
    done = subprocess.run(command, env=stack.environment, capture_output=True, timeout=900, cwd=ROOT, check=False)
    if not done.stdout.startswith(b"{"):
        raise AssertionError(f"The seal scan gave no report: {done.stderr.decode(errors='replace')[-2000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report
