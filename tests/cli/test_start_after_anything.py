"""`caseapp up` starts after anything that a machine does to it, or says in one sentence what to do."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest

from caseapp.cli.stack.data_folder import KEY_FILES
from caseapp.cli.stack.embedded import find_free_port
from caseapp.cli.stack.upgrade import NEWER_DATABASE
from caseapp.tools.pytest_plugin import CASEAPP, bare_environment, data_folder, run_caseapp

pytestmark = pytest.mark.stack
KILLS = int(os.environ.get("CASEAPP_START_KILLS", "3"))
PATIENCE = 90.0  # seconds for a start on a busy machine


class Start:
    """One `caseapp up` on a folder, in a machine of the name `hostname` where that can be chosen."""

    def __init__(self, root: Path, *, hostname: str = "") -> None:
        self.output = root.with_name("said")
        prefix = ["unshare", "--uts", "sh", "-c", f'hostname {hostname}; exec "$0" "$@"'] if hostname else []
        command = [*prefix, CASEAPP, "up", "--port", str(find_free_port())]
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                command, env=bare_environment(root), stdout=out, stderr=out, process_group=0
            )

    @property
    def text(self) -> str:
        return self.output.read_text()

    def pids(self) -> list[int]:
        """The supervisor and the processes that it started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        with suppress(OSError):
            return [self.process.pid, *map(int, children.read_text().split())]
        return [self.process.pid]

    def wait_until_ready(self, words: str = "Caseapp is ready") -> None:
        give_up = time.monotonic() + PATIENCE
        while words not in self.text:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < give_up, self.text
            time.sleep(0.05)

    def stop(self) -> int:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@pytest.fixture
def place() -> Generator[Path]:
    """A data folder whose path has everything that a careless program trips over."""
    with data_folder() as root:
        root.parent.chmod(0o711)
        place = root.with_name('Fälle d\'été, 100% "Kanzlei" #1')
        yield place


def keys_of(root: Path) -> dict[str, str]:
    paths = [root / "secrets" / name for name in (*KEY_FILES, "db-admin.password")]
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths if path.exists()}


def may_change_hostname() -> bool:
    return shutil.which("unshare") is not None and subprocess.run(["unshare", "--uts", "true"]).returncode == 0


def test_a_start_after_kills_at_any_moment_in_a_folder_of_any_name_on_a_renamed_machine(place: Path) -> None:
    seed = int(os.environ.get("CASEAPP_START_SEED", random.randrange(10**6)))
    chance = random.Random(seed)
    known: dict[str, str] = {}
    print(f"seed {seed}")
    for number in range(KILLS):
        start = Start(place)
        deadline = time.monotonic() + chance.uniform(0.2, 6.0)
        while time.monotonic() < deadline and start.process.poll() is None:
            time.sleep(0.02)
        victim = start.process.pid if number % 2 == 0 else chance.choice(start.pids())
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        if victim != start.process.pid:
            time.sleep(chance.uniform(0.0, 2.0))
            with suppress(ProcessLookupError):
                start.process.kill()
        start.process.wait(timeout=30)
        found = keys_of(place)
        assert known.items() <= found.items(), f"a key was made anew (seed {seed})"
        known = found
    last = Start(place, hostname="another-name" if may_change_hostname() else "")
    last.wait_until_ready()
    assert known.items() <= keys_of(place).items()
    page = run_caseapp("doctor", "--only", "database", "--only", "migrations", "--only", "storage", root=place)
    assert page.returncode == 0, page.stdout
    assert last.stop() == 0


def test_an_upgrade_of_one_machine_is_offered_as_a_command_and_data_of_a_newer_program_is_left_alone(
    place: Path,
) -> None:
    first = Start(place)
    first.wait_until_ready()
    refused = run_caseapp("upgrade", root=place)
    assert (refused.returncode, refused.stderr) == (1, f"Caseapp is already running on {place}.\n")
    url = json.loads((place / "run" / "stack.json").read_text())["urls"]["database"]["owner"]
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '0099_of_a_newer_program', now())"
        )
    assert first.stop() == 0
    upgraded = run_caseapp("upgrade", root=place)
    assert upgraded.returncode == NEWER_DATABASE
    assert "changed by a newer version of Caseapp than this one" in upgraded.stderr
    second = Start(place)
    second.wait_until_ready("install the newer version")
    state = json.loads((place / "run" / "stack.json").read_text())
    assert {"web", "postgres"} <= set(state["pids"])
    assert not {"worker", "beat"} & set(state["pids"])
    with pytest.raises(HTTPError) as answer, urlopen(f"{state['urls']['web']}/sign-in/", timeout=10):
        pass
    assert answer.value.code == 503
    assert b"changed by a newer version of Caseapp" in answer.value.read()
    with psycopg.connect(state["urls"]["database"]["owner"]) as connection:
        connection.execute("DELETE FROM django_migrations WHERE name = '0099_of_a_newer_program'")
    assert second.stop() == 0
    done = run_caseapp("upgrade", root=place)
    assert (done.returncode, done.stdout) == (0, "The database is up to date.\n")
