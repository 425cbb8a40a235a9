"""The bench of backups measures whole backups, and leaves neither database nor files behind."""

import os
from pathlib import Path

import psycopg
import pytest

from caseapp.tools.bench import backup


def test_the_bench_measures_a_whole_backup_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    admin = os.environ["CASEAPP_TEST_ADMIN_URL"]
    monkeypatch.setenv("ADMIN_DATABASE_URL", admin)
    monkeypatch.setenv("CASEAPP_DATA", str(tmp_path))
    monkeypatch.setenv("CASEAPP_BLOBS", "")
    monkeypatch.delenv("CASEAPP_SECRETS", raising=False)
    for name, value in (("CASES", 20), ("FILES_MB", 1), ("ROUNDS", 1)):
        monkeypatch.setattr(backup, name, value)
    first, later = backup.run()
    assert first["goal"] == 1.5
    assert str(first["name"]).startswith("first backup: 20 cases")
    assert later["ours"] < first["ours"] * 3  # type: ignore[operator]  # seconds
    assert not (tmp_path / "bench-backup").exists()
    with psycopg.connect(admin) as connection:
        assert connection.execute("SELECT FROM pg_database WHERE datname = %s", [backup.DATABASE]).fetchone() is None
