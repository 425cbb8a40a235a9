"""The bench of backups measures whole backups, and leaves neither database nor files behind."""

import os
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest

from caseapp.cli.backup.archive import blob_copy
from caseapp.cli.backup.archive.manifest import FileEntry
from caseapp.cli.backup.archive.target import write_sealed
from caseapp.tools.bench import backup
from caseapp.vault.core.archive.backup_file import RunKey


def test_the_bench_measures_a_whole_backup_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    admin = os.environ["CASEAPP_TEST_ADMIN_URL"]
    monkeypatch.setenv("ADMIN_DATABASE_URL", admin)
    monkeypatch.setenv("CASEAPP_DATA", str(tmp_path))
    monkeypatch.setenv("CASEAPP_BLOBS", "")
    monkeypatch.setenv("CASEAPP_SECRETS", str(tmp_path / "of-the-office"))  # as while a stack runs
    for name, value in (("CASES", 20), ("FILES_MB", 1), ("ROUNDS", 1)):
        monkeypatch.setattr(backup, name, value)
    written: list[str] = []

    def count_file(path: Path, run_key: RunKey, name: str, pieces: Iterable[bytes], *, padded: bool) -> FileEntry:
        written.append(name)
        return write_sealed(path, run_key, name, pieces, padded=padded)

    monkeypatch.setattr(blob_copy, "write_sealed", count_file)
    first, later = backup.run()
    assert first["goal"] == 1.5
    assert str(first["name"]).startswith("first backup: 20 cases")
    assert float(str(later["ours"])) > 0
    assert len(written) == len(set(written)) > 0, "the next backup copies no file again"
    assert not (tmp_path / "bench-backup").exists()
    assert not (tmp_path / "of-the-office").exists(), "no key of the bench is written among the office's secrets"
    with psycopg.connect(admin) as connection:
        assert connection.execute("SELECT FROM pg_database WHERE datname = %s", [backup.DATABASE]).fetchone() is None
