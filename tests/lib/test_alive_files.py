"""A process is alive while its main loop touches its file."""

import os
import time
from pathlib import Path

import pytest

from caseapp.lib import alive_files
from caseapp.lib.alive_files import ALIVE_LIMITS


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds, time.time() - seconds))


@pytest.mark.parametrize("process", sorted(ALIVE_LIMITS))
def test_a_process_is_alive_from_its_mark_until_its_limit(tmp_path: Path, process: str) -> None:
    assert not alive_files.is_alive(tmp_path, process)
    alive_files.mark_alive(tmp_path, process)
    (mark,) = tmp_path.iterdir()
    age(mark, ALIVE_LIMITS[process] - 5)
    assert alive_files.is_alive(tmp_path, process)
    age(mark, ALIVE_LIMITS[process] + 5)
    assert not alive_files.is_alive(tmp_path, process)
    alive_files.mark_alive(tmp_path, process)
    assert alive_files.is_alive(tmp_path, process)


def test_a_process_that_starts_or_ends_is_not_alive_by_its_old_mark(tmp_path: Path) -> None:
    alive_files.mark_alive(tmp_path, "worker")
    alive_files.mark_alive(tmp_path, "beat")
    alive_files.forget(tmp_path, "worker")
    assert not alive_files.is_alive(tmp_path, "worker")
    assert alive_files.is_alive(tmp_path, "beat")


def test_marks_of_containers_that_are_gone_do_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "container-of-last-week")
    alive_files.mark_alive(tmp_path, "worker")
    age(next(tmp_path.iterdir()), 2 * 86_400)
    monkeypatch.setattr("socket.gethostname", lambda: "container-of-today")
    assert not alive_files.is_alive(tmp_path, "worker")
    alive_files.forget(tmp_path, "worker")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    alive_files.mark_alive(tmp_path / "run", "beat")
    alive_files.forget(tmp_path / "run", "beat")
