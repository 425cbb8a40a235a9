"""`caseapp recover` as holders run it: another process, no database, no settings, shares on standard input."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from caseapp.accounts.recovery import office
from caseapp.vault.core import shares
from tests.helpers import cast
from tests.helpers.sheets import dealt

pytestmark = pytest.mark.django_db


def recover(*words: str, typed: str) -> subprocess.CompletedProcess[str]:
    """Run it with nothing of this process's surroundings."""
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "caseapp.cli.main", "recover", *words]
    return subprocess.run(command, input=typed, capture_output=True, text=True, env=bare, timeout=60, check=False)


def test_the_shares_open_the_test_file_and_tell_the_code(tmp_path: Path) -> None:
    admin = cast.found()
    given = dealt(admin)
    file = tmp_path / "test.json"
    file.write_bytes(office.build_test_file(admin))
    done = recover("test", str(file), typed=f"{given[2]}\n{given[0].upper()}\n")
    assert done.returncode == 0, done.stderr
    assert " ".join(office.office_words(admin.keys)) in done.stdout
    office.confirm_test(admin, done.stdout.strip().rpartition(": ")[2])
    assert office.read_state(admin.keys).current_set.tested_at  # type: ignore[union-attr]  # it was made above


def test_a_misspelt_word_is_told_and_no_code(tmp_path: Path) -> None:
    admin = cast.found()
    given = dealt(admin)
    file = tmp_path / "test.json"
    file.write_bytes(office.build_test_file(admin))
    misspelt = " ".join(["zebra", *given[0].split()[1:]])
    done = recover("test", str(file), typed=f"{misspelt}\n{given[1]}\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "word that is not right" in done.stderr


def test_shares_of_another_set_open_nothing(tmp_path: Path) -> None:
    admin = cast.found()
    dealt(admin)
    others = shares.split_secret(bytes(32), 2, 3)
    file = tmp_path / "test.json"
    file.write_bytes(office.build_test_file(admin))
    done = recover("test", str(file), typed="\n".join(others[:2]) + "\n")
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 40, b'{"what":"something else"}'])
def test_a_file_that_is_none_of_ours_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "test.json"
    file.write_bytes(content)
    given = shares.split_secret(bytes(32), 2, 3)
    done = recover("test", str(file), typed="\n".join(given[:2]) + "\n")
    assert (done.returncode, done.stderr.strip()) == (1, "This is not the right file.")
