"""The target folder: whole runs or none, kept as long as they should be, and one sentence for what goes wrong."""

import errno
import itertools
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from caseapp.cli.backup.archive import target as target_module
from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.manifest import MANIFEST, FileEntry, Manifest, encode_manifest, read_manifest
from caseapp.cli.backup.archive.target import (
    Target,
    apply_retention,
    begin_write_out,
    delete_old_halves,
    explained,
    locked_target,
    remove_partial,
    write_sealed,
)
from caseapp.vault.core import hybrid
from caseapp.vault.core.archive import journal
from caseapp.vault.core.archive.backup_file import new_run_key

SIGNING = hybrid.new_signing_key()
SIGNER = hybrid.derive_verify_key(SIGNING)
KEY = "0123456789abcdef"
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def _add_run(target: Target, days_ago: int, blobs: tuple[str, ...]) -> Manifest:
    """Write a finished run with empty files."""
    at = NOW - timedelta(days=days_ago)
    entry = FileEntry(0, "")
    manifest = Manifest(
        installation="00" * 16,
        key=KEY,
        run=f"{days_ago:02d}" * 16,
        at=at,
        program="0.1.0",
        parts={"database": entry, "keys": entry, "halves": entry},
        blobs=dict.fromkeys(blobs, entry),
        missing=0,
        journal=journal.EMPTY,
    )
    folder = target.main / manifest.name
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_bytes(encode_manifest(manifest, SIGNING))
    for part in manifest.parts:
        target.part(manifest.name, part).parent.mkdir(exist_ok=True)
        target.part(manifest.name, part).write_bytes(b"")
    for name in blobs:
        target.blob(KEY, name).parent.mkdir(parents=True, exist_ok=True)
        target.blob(KEY, name).write_bytes(b"")
    return manifest


@pytest.fixture
def target(tmp_path: Path) -> Target:
    made = Target(tmp_path / "target")
    with locked_target(made):
        pass
    return made


def test_halves_are_kept_for_fourteen_days_and_main_backups_longer(target: Target) -> None:
    for days in (40, 15, 13, 0):
        _add_run(target, days, ())
    assert delete_old_halves(target, NOW) == 2
    kept = [path.name[:8] for path in sorted((target.root / "halves").glob("[0-9]*"))]
    assert kept == ["20261117", "20261130"]
    assert len(target.read_runs(SIGNER)) == 4


def test_old_runs_go_with_the_files_that_no_other_run_names(target: Target) -> None:
    runs = [_add_run(target, 61, ("aa01", "bb02")), _add_run(target, 59, ("bb02",)), _add_run(target, 0, ("cc03",))]
    assert apply_retention(target, runs, NOW, timedelta(days=60)) == 1
    assert [run.name for run in target.read_runs(SIGNER)] == [run.name for run in runs[1:]]
    assert sorted(path.name for path in target.main.glob("blobs/*/??/*")) == ["bb02", "cc03"]
    assert not target.part(runs[0].name, "keys").exists()


def test_the_newest_run_stays_however_old_it_is(target: Target) -> None:
    runs = [_add_run(target, 400, ("aa01",))]
    assert apply_retention(target, runs, NOW, timedelta(days=60)) == 0
    assert len(target.read_runs(SIGNER)) == 1


def test_what_a_cut_run_left_is_removed_and_finished_runs_stay(target: Target) -> None:
    whole = _add_run(target, 1, ("aa01",))
    (target.main / ".partial-20261130T030000Z-00000000").mkdir()
    (target.main / ".partial-20261130T030000Z-00000000" / "database").write_bytes(b"half")
    (target.main / "blobs" / KEY / "aa" / ".partial-aa02").write_bytes(b"half")
    (target.root / "halves" / ".partial-x").write_bytes(b"half")
    (target.root / "halves" / "20261130T030000Z-99999999").write_bytes(b"of a run without a manifest")
    remove_partial(target)
    left = sorted(path.name for path in target.root.rglob("*") if path.is_file() and path.name != ".lock")
    assert left == sorted(["aa01", "database", MANIFEST, whole.name, whole.name])


def test_keys_and_halves_stay_while_the_disk_of_the_main_parts_is_not_mounted(target: Target, tmp_path: Path) -> None:
    run = _add_run(target, 1, ("aa01",))
    target.main.rename(tmp_path / "disk")
    with locked_target(target):
        pass
    assert target.part(run.name, "keys").exists()
    assert target.part(run.name, "halves").exists()
    shutil.rmtree(target.main)
    (tmp_path / "disk").rename(target.main)
    with locked_target(target):
        assert [known.name for known in target.read_runs(SIGNER)] == [run.name]


def test_two_backups_at_once_are_refused(target: Target) -> None:
    with locked_target(target), pytest.raises(BackupRefused, match="Another backup"), locked_target(target):
        pass


def test_a_full_target_is_one_sentence() -> None:
    with (
        pytest.raises(BackupRefused, match=r"/mnt/backups is full: free space there\."),
        explained(Path("/mnt/backups")),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_target_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("a file")
    with pytest.raises(BackupRefused, match="cannot be used"), locked_target(Target(tmp_path / "target")):
        pass


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content.replace(b'"missing":0', b'"missing":1'),
        lambda content: content + b"x",
    ],
)  # fmt: skip
def test_a_manifest_that_was_cut_or_changed_is_refused(target: Target, damage: Callable[[bytes], bytes]) -> None:
    path = target.main / _add_run(target, 0, ("aa01",)).name / MANIFEST
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BackupRefused):
        read_manifest(path, SIGNER)


def test_a_manifest_of_another_installation_or_newer_program_is_refused(target: Target) -> None:
    path = target.main / _add_run(target, 0, ()).name / MANIFEST
    with pytest.raises(BackupRefused, match="another installation"):
        read_manifest(path, hybrid.derive_verify_key(hybrid.new_signing_key()))
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":2'))
    with pytest.raises(BackupRefused, match="newer program"):
        read_manifest(path, SIGNER)


def test_an_instant_is_read_from_the_name_of_a_run() -> None:
    assert target_module.instant_of("20261130T030000Z-0a1b2c3d") == NOW


def test_the_disk_begins_to_write_each_file_as_soon_as_it_is_sealed_and_a_long_one_before(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    monkeypatch.setattr(target_module, "WRITE_OUT_EVERY", 2**20)
    monkeypatch.setattr(target_module, "begin_write_out", lambda descriptor: begun.append(os.fstat(descriptor).st_size))
    run_key = new_run_key(hybrid.new_key_pair().public, b"i" * 16, b"r" * 16)
    target.root.mkdir(exist_ok=True)
    entry = write_sealed(target.root / "long", run_key, "database", [bytes(2**20)] * 3)
    assert begun[-1] == entry.size
    assert len(begun) == 4
    assert all(later - earlier <= 2**20 + 2**16 for earlier, later in itertools.pairwise([0, *begun]))


def test_a_file_whose_writing_began_is_whole(target: Target) -> None:
    target.root.mkdir(exist_ok=True)
    (target.root / "file").write_bytes(b"content")
    with (target.root / "file").open("rb+") as out:
        begin_write_out(out.fileno())
    assert (target.root / "file").read_bytes() == b"content"
