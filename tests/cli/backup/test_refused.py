"""Bad input of backup and restore: one sentence, nothing overwritten, the backups before stay whole."""

import datetime as dt
import errno
import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO

import psycopg
import pytest
from pytest_django.fixtures import Settings

from caseapp.cases.services import notes
from caseapp.cli.backup.archive import target as target_module
from caseapp.cli.backup.archive.blob_copy import storage_path
from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.key_file import make_key, read_offline_key
from caseapp.cli.backup.archive.target import Target
from caseapp.cli.backup.archive.verification import verify_target
from caseapp.cli.backup.restore_folder import begin_restore, finish_restore, is_empty
from caseapp.cli.backup.restore_run import run_restore
from caseapp.cli.backup.restore_source import open_source
from caseapp.cli.stack.data_folder import (
    RESTORE_MARK_FILE,
    CannotStart,
    DataFolder,
    clean_folder,
    make_secrets,
    open_folder,
)
from caseapp.lib import clock, setup_code
from tests.cli.backup.backed_up_office import BackedUpOffice, found_office

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)


@pytest.fixture
def office(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[BackedUpOffice]:
    """Two runs of an office with one case."""
    root = Path(settings.DATA_FOLDER)
    settings.BLOBS = root / "blobs"
    settings.BACKUP_TO = ""
    Path(settings.JOURNAL_FILE).unlink(missing_ok=True)  # of other tests of this process
    monkeypatch.setattr(clock, "now", lambda: NOW)
    made = found_office(root, tmp_path)
    made.add_case("Farid Karimi")
    made.back_up()
    yield made
    Path(settings.JOURNAL_FILE).unlink(missing_ok=True)


def _content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_restore_refuses_what_does_not_fit_and_writes_nothing(
    office: BackedUpOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    root = tmp_path / "empty"
    other = tmp_path / "other"
    make_secrets(other / "secrets")
    make_key(DataFolder(other), tmp_path / "other.key")
    with pytest.raises(BackupRefused, match="another installation"):
        open_source(office.target, read_offline_key(tmp_path / "other.key"))
    make_key(DataFolder(office.root), tmp_path / "replaced.key", replace=True)
    wrong = open_source(office.target, read_offline_key(tmp_path / "replaced.key"))
    with pytest.raises(BackupRefused, match="does not open"):
        run_restore(wrong, DataFolder(root), print)
    for text in ("", "{}", '{"kind": "caseapp-backup-key/1", "private": "x", "signer": "00"}'):
        (tmp_path / "no.key").write_text(text)
        with pytest.raises(BackupRefused, match="is not the key file"):
            read_offline_key(tmp_path / "no.key")
    with pytest.raises(BackupRefused, match="There is no backup"):
        open_source(tmp_path / "nothing", office.key)
    with pytest.raises(BackupRefused, match="There is no backup 2020"):
        open_source(office.target, office.key, "2020")
    assert not root.exists()


def test_a_backup_that_was_cut_is_refused(office: BackedUpOffice) -> None:
    run = office.back_up().manifest
    target = Target(office.target)
    blob = target.blob(run.key, next(iter(run.blobs)))
    for path in (target.part(run.name, "database"), target.part(run.name, "keys"), blob):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(BackupRefused, match="incomplete"):
            open_source(office.target, office.key, run.name)
        path.unlink()
        with pytest.raises(BackupRefused, match="incomplete"):
            open_source(office.target, office.key, run.name)
        path.write_bytes(whole)
    changed = bytearray(whole)
    changed[-40] ^= 1
    blob.write_bytes(changed)
    _, problems = verify_target(office.target, office.key.signer, print)
    assert problems == [f"{blob} was changed or cut"]
    blob.write_bytes(whole)
    assert verify_target(office.target, office.key.signer, print) == (2, [])


def test_a_journal_that_was_cut_is_refused(office: BackedUpOffice) -> None:
    office.remove_ben()
    office.back_up()
    target = Target(office.target)
    assert len(target.journal.read_text().splitlines()) == 1
    target.journal.write_text("")
    with pytest.raises(BackupRefused, match="journal of destructions was cut"):
        open_source(office.target, office.key)


def test_halves_that_are_gone_are_replaced_by_the_next_ones_or_refused(office: BackedUpOffice) -> None:
    target = Target(office.target)
    first = target.read_runs(office.key.signer)[0]
    second = office.back_up().manifest
    target.part(first.name, "halves").unlink()
    assert open_source(office.target, office.key, first.name).halves.run == second.run
    target.part(second.name, "halves").unlink()
    with pytest.raises(BackupRefused, match="shred halves"):
        open_source(office.target, office.key, first.name)


def test_halves_that_were_sealed_to_another_offline_key_do_not_take_the_place_of_those_that_are_gone(
    office: BackedUpOffice, tmp_path: Path
) -> None:
    target = Target(office.target)
    first = target.read_runs(office.key.signer)[0]
    make_key(DataFolder(office.root), tmp_path / "replaced.key", replace=True)
    office.back_up()
    target.part(first.name, "halves").unlink()
    with pytest.raises(BackupRefused, match="shred halves"):
        open_source(office.target, office.key, first.name)


def test_a_folder_with_data_is_refused_and_an_interrupted_restore_is_marked(
    office: BackedUpOffice, tmp_path: Path
) -> None:
    source = open_source(office.target, office.key)
    before = _content_of(office.root / "secrets")
    with pytest.raises(BackupRefused, match="has data already"):
        begin_restore(DataFolder(office.root), source, shared=False)
    assert _content_of(office.root / "secrets") == before
    prepared = DataFolder(tmp_path / "prepared")
    open_folder(prepared, shared=False)  # what `caseapp prepare` makes, before any office
    assert is_empty(prepared)
    setup_code.destroy_code(prepared.secrets)
    assert not is_empty(prepared)  # keys without a set-up code belonged to an office whose database is elsewhere
    folder = DataFolder(tmp_path / "begun")
    begin_restore(folder, source, shared=False)
    with pytest.raises(CannotStart, match="was not finished: run the same `caseapp restore` again"):
        open_folder(folder, shared=False)
    begin_restore(folder, source, shared=False)
    newer = open_source(office.target, office.key, office.back_up().manifest.name)
    with pytest.raises(BackupRefused, match="A restore of another backup"):
        begin_restore(folder, newer, shared=False)


def test_a_restore_that_was_killed_anywhere_around_its_mark_begins_again(
    office: BackedUpOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill is an error at each call that writes, in turn: nothing after it happens, no clean-up either."""
    source = open_source(office.target, office.key)
    root = tmp_path / "restored"

    def begin_and_finish() -> None:
        begin_restore(DataFolder(root), source, shared=False)
        clean_folder(DataFolder(root))  # as `run_restore` does
        finish_restore(DataFolder(root))

    for calls in range(1, 100):
        shutil.rmtree(root, ignore_errors=True)
        with monkeypatch.context() as patched:
            _kill_at_call(patched, calls)
            try:
                begin_and_finish()
            except _Killed:
                pass
            else:
                break
        if not (root / "VERSION").exists() or (root / RESTORE_MARK_FILE).exists():
            begin_and_finish()
        assert sorted(path.name for path in root.iterdir() if path.is_file()) == ["VERSION"]
    assert 8 < calls < 99


class _Killed(BaseException):
    """In place of the end of the process."""


def _kill_at_call(patched: pytest.MonkeyPatch, last: int) -> None:
    """Raise _Killed in place of the call number `last` of those that write to the disk, and of all after it."""
    done = 0

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def run(*args: object, **options: object) -> object:
            nonlocal done
            done += 1
            if done >= last:
                raise _Killed
            return call(*args, **options)

        return run

    for name in ("open", "fsync", "mkdir", "unlink", "replace", "rename", "chmod", "sync"):
        patched.setattr(os, name, counted(getattr(os, name)))


def test_a_full_target_leaves_the_backups_before_whole(office: BackedUpOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add_case("Olena Kovalenko")
    write_all = target_module.write_all
    written = 0

    def fill_up(out: IO[bytes], content: bytes) -> None:
        nonlocal written
        written += len(content)
        if written > 20_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_all(out, content)  # type: ignore[arg-type]  # an unbuffered file

    monkeypatch.setattr(target_module, "write_all", fill_up)
    with pytest.raises(BackupRefused, match="is full: free space there"):
        office.back_up()
    assert verify_target(office.target, office.key.signer, print) == (1, [])
    monkeypatch.setattr(target_module, "write_all", write_all)
    office.back_up()
    assert verify_target(office.target, office.key.signer, print) == (2, [])
    assert not list(office.target.rglob(".partial*"))


def test_a_target_of_another_installation_or_without_a_key_is_refused(office: BackedUpOffice, tmp_path: Path) -> None:
    public = office.root / "secrets" / "backup.public"
    kept = public.read_bytes()
    public.unlink()
    with pytest.raises(BackupRefused, match="There is no backup key yet"):
        office.back_up()
    public.write_bytes(b"no key")
    with pytest.raises(BackupRefused, match="is damaged"):
        office.back_up()
    public.write_bytes(kept)
    with pytest.raises(BackupRefused, match="exists already: nothing was changed"):
        make_key(DataFolder(office.root), office.key_file, replace=True)
    with pytest.raises(BackupRefused, match="There is a backup key already"):
        make_key(DataFolder(office.root), tmp_path / "second.key")
    assert public.read_bytes() == kept
    assert office.key_file.stat().st_mode & 0o777 == 0o600
    journal = Target(office.target).journal
    journal.write_text("1 of another machine\n")
    with pytest.raises(BackupRefused, match="not the beginning of this machine's journal"):
        office.back_up()


def test_a_file_that_storage_lost_is_counted_and_one_of_a_destroyed_case_is_not(office: BackedUpOffice) -> None:
    run = office.back_up().manifest
    (blob,) = run.blobs
    shutil.rmtree(office.target / "main" / "blobs")
    storage_path(office.root / "blobs", blob).unlink()
    short = office.back_up().manifest
    assert (short.missing, list(short.blobs)) == (1, [])
    with psycopg.connect(office.source.admin_url, autocommit=True) as connection:
        assert connection.execute(
            "SELECT count(*) FROM reminders_heartbeat WHERE name = 'backup short'"
        ).fetchone() == (1,)
        connection.execute("UPDATE vault_blob SET state = 'pending', pending_since = now()")
    assert office.back_up().manifest.missing == 0


def test_the_main_part_has_no_half_no_plan_key_and_no_session(office: BackedUpOffice) -> None:
    """Everything of a run but its halves, opened with the offline key: no half of a member or case is in it."""
    notes.add_note(office.ana, next(iter(office.cases.values())), text="one more plan row")
    setup_code.create_code(office.root / "secrets")
    run = office.back_up().manifest
    source = open_source(office.target, office.key, run.name)
    with source.open_part("database") as pieces:
        database = b"".join(pieces)
    keys = source.read_files("keys")
    halves = source.read_files("halves")
    assert len(halves) >= 3  # two members, a case and the office's file
    for name, half in halves.items():
        assert half not in database, name
        assert all(half not in content for content in keys.values()), name
    assert {"pepper.key", "operational.key", "audit.key", "django.key", "session.epoch"} <= set(keys)
    assert not {name for name in keys if name.startswith(("shred", "plan", "setup", "20"))}
    for path in (office.root / "secrets" / "plan-keys").glob("*.key"):
        assert path.read_bytes() not in b"".join([database, *keys.values(), *halves.values()])
    for table in (b'"accounts_session"', b'"reminders_plan_a"', b'"reminders_plan_b"', b'"accounts_throttle"'):
        assert table not in database
    assert run.parts["halves"].size > 0
    setup_code.destroy_code(office.root / "secrets")


def test_nothing_readable_and_no_key_is_in_the_target(office: BackedUpOffice) -> None:
    office.back_up()
    needles = [b"Farid", b"Karimi", b"Ana Ruiz", b"ana@office.test", b"identity card", b"card.txt", b"Harbor Legal"]
    needles += [path.read_bytes() for path in (office.root / "secrets").rglob("*.key")]
    needles += [path.read_bytes() for path in (office.root / "secrets" / "shred").rglob("*") if path.is_file()]
    for name, content in _content_of(office.target).items():
        assert not [needle for needle in needles if needle in content], name
    names = " ".join(str(path) for path in office.target.rglob("*"))
    assert not [needle for needle in needles if needle in os.fsencode(names)]
    modes = {path.stat().st_mode & 0o077 for path in office.target.rglob("*")}
    assert modes == {0}, "others can read nothing"


def test_a_second_backup_copies_only_what_is_new(office: BackedUpOffice) -> None:
    target = Target(office.target)
    before = {path.name: path.stat().st_mtime_ns for path in target.main.glob("blobs/*/??/*")}
    office.add_case("Olena Kovalenko")
    run = office.back_up().manifest
    after = {path.name: path.stat().st_mtime_ns for path in target.main.glob("blobs/*/??/*")}
    assert len(before) == 1
    assert len(after) == len(run.blobs) == 2
    assert {name: after[name] for name in before} == before


def test_a_half_that_is_replaced_during_the_run_is_kept_in_both_states(
    office: BackedUpOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = office.root / "secrets" / "shred" / "members" / office.ana.member_id.hex
    old = half.read_bytes()
    office_source = office.source

    def replace_half() -> None:
        half.write_bytes(b"n" * 32)

    from caseapp.cli.backup.backup_run import run_backup

    run = run_backup(office_source, office.target, say=lambda _line: None, merge_outbox=replace_half).manifest
    halves = open_source(office.target, office.key, run.name).read_files("halves")
    name = f"members/{office.ana.member_id.hex}"
    assert halves[name] == old
    assert [content for key, content in halves.items() if key.startswith(f"{name}.")] == [b"n" * 32]
    half.write_bytes(old)
