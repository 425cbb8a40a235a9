"""Files with secrets: private, complete or absent, and overwritten before they go."""

import stat
from pathlib import Path

from caseapp.lib import secret_files


def test_the_first_of_two_secrets_by_one_name_stays(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    assert secret_files.create_file(path, b"first") is True
    assert secret_files.create_file(path, b"second") is False
    assert path.read_bytes() == b"first"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["one.key"]


def test_a_replaced_secret_is_overwritten_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    secret_files.create_file(path, b"the secret before")
    with path.open("rb") as before:
        secret_files.replace_file(path, b"the secret after")
        assert before.read() != b"the secret before"
    assert path.read_bytes() == b"the secret after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_destroyed_secret_is_overwritten_and_gone(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    secret_files.create_file(path, b"the secret")
    with path.open("rb") as before:
        secret_files.destroy_file(path)
        secret_files.destroy_file(path)
        assert before.read() != b"the secret"
    assert list(tmp_path.iterdir()) == []
