"""Temp folders: what the stack's processes made is read, wherever they made it; what others have there is not."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from caseapp.tools import seal_scan
from caseapp.tools.pytest_plugin import group_of_stack
from tests.tools.seal_scan.conftest import A_NUMBER, NAME
from tests.tools.seal_scan.test_the_whole_scan import Run

FIRST_START = 1_790_000_000  # seconds since 1970
# Run in a process of the stack: it makes what the test asks for, says so, and stays until its input is closed.
WORKER = """
import os, sys, tempfile
from pathlib import Path
kind, folder, text = sys.argv[1:]
if kind == "own":
    file = tempfile.NamedTemporaryFile(delete=False)
elif kind == "nameless":
    file = tempfile.TemporaryFile(dir=folder)
elif kind == "old":
    file = open(Path(folder, "copied"), "wb")
else:
    Path(folder, "deep").mkdir(exist_ok=True)
    file = open(Path(folder, "deep", "cache"), "wb")
file.write(text.encode())
file.flush()
if kind == "old":
    os.utime(file.name, (1, 1))
print("made", flush=True)
sys.stdin.read()
"""
MakeFile = Callable[[str, str], None]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's temp folder, with a clone in it that is older than the stack."""
    folder = tmp_path / "machine"
    (folder / "clone").mkdir(parents=True)
    monkeypatch.setattr(seal_scan, "SHARED", (str(folder),))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for folder in ("secrets", "tmp", "run"):
        (root / folder).mkdir(parents=True)
    (root / "VERSION").write_text("caseapp-data 1\n")
    return root


@pytest.fixture
def make_file(data: Path, machine: Path) -> Iterator[MakeFile]:
    """Let a process of the running stack make a file."""
    running = []

    def make(kind: str, text: str = A_NUMBER) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, kind, str(machine), text],
            env={**os.environ, "TMPDIR": str(data / "tmp")}, group=group_of_stack(data),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"made\n"
        pids = {f"process {number}": started.pid for number, started in enumerate(running)}
        (data / "run" / "stack.json").write_text(json.dumps({"pids": pids, "environment": {}}))

    machine.chmod(0o777)
    yield make
    for process in running:
        process.communicate(timeout=10)


def scan(needles: Path, data: Path, capsys: pytest.CaptureFixture[str], *options: str) -> Run:
    return Run(needles, data, capsys, "--only", "temp", *options)


def test_what_a_process_of_the_stack_made_is_found_wherever_it_made_it(
    tmp_path: Path, data: Path, make_file: MakeFile, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {"own": "A000-310-411", "machine": "A000-310-412", "nameless": "A000-310-413", "old": "A000-310-414"}
    needles = tmp_path / "four.txt"
    needles.write_text("".join(f"{kind}: {number}\n" for kind, number in numbers.items()))
    for kind, number in numbers.items():
        make_file(kind, number)
    lines: list[str] = []
    monkeypatch.setattr(seal_scan, "_print_progress", lines.append)
    run = scan(needles, data, capsys)
    assert run.places == {
        ("temp:own", "own"), ("temp:machine", "machine"), ("temp:open", "nameless"), ("temp:machine", "old"),
    }  # fmt: skip
    assert run.exit_code == 1
    # The progress names each store and how much of it was read, and no needle.
    assert [line for line in lines if line.endswith(": reading")] == [
        "temp:own: reading", "temp:machine: reading", "temp:open: reading",
    ]  # fmt: skip
    assert sum(line.endswith(" MB read") for line in lines) == 3
    assert not any(number in line for number in numbers.values() for line in lines)


def test_a_file_that_was_there_before_the_stack_is_none_of_its_own(
    needles: Path, data: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = machine / "clone" / "test_texts.py"
    before.write_text(f"NAME = {NAME!r}\n")
    first_start = before.stat().st_ctime + 1
    os.utime(data / "VERSION", (first_start, first_start))
    time.sleep(1.1)
    (machine / "left").write_text(A_NUMBER)  # nothing runs: its group is not known, and every newer file counts
    run = scan(needles, data, capsys)
    assert run.places == {("temp:machine", "a-number")}
    assert run.report["broken"] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a stack a group of its own")
def test_a_file_that_another_program_makes_meanwhile_is_none_of_its_own(
    needles: Path, data: Path, machine: Path, make_file: MakeFile, capsys: pytest.CaptureFixture[str]
) -> None:
    os.utime(data / "VERSION", (FIRST_START, FIRST_START))
    make_file("machine", "nothing of anyone")
    (machine / "clone" / "cache.pyc").write_text(NAME)
    (machine / "deep" / "other.pyc").write_text(A_NUMBER)
    run = scan(needles, data, capsys)
    assert (run.report["leaks"], run.report["broken"], run.exit_code) == ([], [], 0)


def test_a_temp_folder_outside_of_the_data_folder_is_read_like_the_machines(
    needles: Path, data: Path, make_file: MakeFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "scratch"
    elsewhere.mkdir()
    make_file("machine", "nothing of anyone")
    state = json.loads((data / "run" / "stack.json").read_text())
    state["environment"]["TMPDIR"] = str(elsewhere)
    (data / "run" / "stack.json").write_text(json.dumps(state))
    (elsewhere / "upload").write_text(A_NUMBER)
    os.chown(elsewhere / "upload", -1, group_of_stack(data) or os.getegid())
    assert scan(needles, data, capsys).places == {("temp:machine", "a-number")}
