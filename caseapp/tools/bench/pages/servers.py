"""The two servers of the bench: a stack of the product's own, and the twin in a database next to it.

Both are on a temporary data folder and are gone afterwards: no office that runs here is touched.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

from caseapp.cli.stack.embedded import find_free_port
from caseapp.cli.stack.processes import is_web_ready
from caseapp.cli.stack.supervisor import die_with_parent
from caseapp.lib.service_urls import read_database
from caseapp.tools.bench.pages.visits import KnownOffice
from caseapp.tools.pytest_plugin import CASEAPP, RunningStack, bare_environment, data_folder, group_of_stack
from caseapp.tools.pytest_plugin import running_stack as start_stack

MEMBERS = 3
KNOWN_CASES = 400  # cases that the checks know; the others are only there
DATABASE = "plain_twin"
START_TIMEOUT = 60.0  # seconds


class CannotMeasure(RuntimeError):
    """A server of the bench did not start or was not filled."""


@contextmanager
def filled_servers(cases: int) -> Iterator[tuple[RunningStack, dict[str, int], KnownOffice]]:
    """Yield a stack, the ports of "ours" and "twin", and what is known of the office that both have."""
    with _filled_stack(cases) as (stack, copy), _running_twin(stack, stack.root, copy) as port:
        ports = {"ours": int(stack.read_state()["ports"]["web"]), "twin": port}
        yield stack, ports, _read_known(copy, cases)


@contextmanager
def filled_stack(
    cases: int, *, members: int = MEMBERS, has_factors: bool = False
) -> Iterator[tuple[RunningStack, KnownOffice]]:
    """Yield a stack with a fictional office, and what is known of the office."""
    with _filled_stack(cases, members, has_factors=has_factors) as (stack, copy):
        yield stack, _read_known(copy, cases)


@contextmanager
def _filled_stack(
    cases: int, members: int = MEMBERS, *, has_factors: bool = False
) -> Iterator[tuple[RunningStack, Path]]:
    with data_folder() as root, start_stack(root) as stack, tempfile.TemporaryDirectory(dir=root.parent) as name:
        copy = Path(name)
        copy.chmod(0o777)  # the stack's processes may have another group
        amounts = ["--cases", str(cases), "--members", str(members), *(["--factors"] if has_factors else [])]
        _run([CASEAPP, "fill-office", *amounts, "--plain", name, "--json"], root)
        yield stack, copy


def _run(command: list[str], root: Path, **variables: str) -> None:
    done = subprocess.run(
        command,
        env=bare_environment(root) | variables,
        capture_output=True,
        text=True,
        check=False,
        group=group_of_stack(root),
    )
    if done.returncode:
        raise CannotMeasure(f"{' '.join(command[1:3])}: {done.stderr[-300:]}")


def _read_known(copy: Path, cases: int) -> KnownOffice:
    known: list[dict[str, Any]] = []
    for path in sorted(copy.glob("cases-*.jsonl")):
        with path.open() as lines:
            known += [json.loads(line) for line in islice(lines, KNOWN_CASES)]
    return KnownOffice(tuple(json.loads((copy / "members.json").read_text())), tuple(known), cases)


@contextmanager
def _running_twin(stack: RunningStack, root: Path, copy: Path) -> Iterator[int]:
    admin = stack.database_url("admin")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    database = read_database(admin)
    settings = {
        "NAME": DATABASE,
        "USER": database.login.user,
        "PASSWORD": database.login.password,
        "HOST": database.host,
        "PORT": str(database.port or ""),
        "OPTIONS": dict(database.options),
    }
    variables = {"PLAIN_TWIN_DATABASE": json.dumps(settings)}
    files = [str(copy / "members.json"), *sorted(str(path) for path in copy.glob("cases-*.jsonl"))]
    _run([sys.executable, "-m", "caseapp.tools.bench.plain_twin.load", *files], root, **variables)
    port, run = find_free_port(), root.parent / "twin"
    run.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "caseapp.tools.bench.pages.twin_server", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [*command, "--run", str(run)],
        env=bare_environment(root) | variables | {"PATH": os.environ.get("PATH", "")},
        preexec_fn=die_with_parent,
        stderr=subprocess.DEVNULL,
    )
    try:
        give_up = time.monotonic() + START_TIMEOUT
        while not is_web_ready(port):
            if server.poll() is not None or time.monotonic() > give_up:
                raise CannotMeasure("the twin did not start")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(30)
