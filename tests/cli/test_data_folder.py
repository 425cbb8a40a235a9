"""The data folder: its keys are made once, private, and never silently replaced."""

import os
import stat
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from caseapp.cli.stack.data_folder import (
    KEY_FILES,
    CannotStart,
    DataFolder,
    add_logins,
    clean_folder,
    explain_early_clock,
    note_start,
    open_folder,
    process_environment,
    read_stack,
)
from caseapp.lib import setup_code
from caseapp.tools.pytest_plugin import run_caseapp


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    monkeypatch.delenv("CASEAPP_SECRETS", raising=False)
    made = DataFolder(tmp_path / "data")
    open_folder(made, shared=False)
    return made


def test_a_new_folder_gets_keys_of_its_own(place: DataFolder, tmp_path: Path) -> None:
    other = DataFolder(tmp_path / "other")
    open_folder(other, shared=False)
    for name in KEY_FILES:
        assert len((place.secrets / name).read_bytes()) == 32
        assert (place.secrets / name).read_bytes() != (other.secrets / name).read_bytes()


def test_folder_and_keys_are_for_their_user_only(place: DataFolder) -> None:
    assert stat.S_IMODE(place.root.stat().st_mode) == 0o700
    for path in place.secrets.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def test_a_folder_shared_with_the_databases_user_can_be_passed_through_but_not_listed(place: DataFolder) -> None:
    open_folder(place, shared=True)
    assert stat.S_IMODE(place.root.stat().st_mode) == 0o711
    assert stat.S_IMODE(place.secrets.stat().st_mode) == 0o700


def test_a_second_start_keeps_every_key(place: DataFolder) -> None:
    before = {path.name: path.read_bytes() for path in place.secrets.iterdir() if path.is_file()}
    open_folder(place, shared=False)
    assert {path.name: path.read_bytes() for path in place.secrets.iterdir() if path.is_file()} == before


def test_a_lost_key_is_asked_for_and_not_made_anew(place: DataFolder) -> None:
    (place.secrets / "pepper.key").unlink()
    with pytest.raises(CannotStart, match=r"The key pepper\.key is missing"):
        open_folder(place, shared=False)
    assert not (place.secrets / "pepper.key").exists()


def test_a_first_start_that_was_cut_short_goes_on(place: DataFolder) -> None:
    (place.root / "VERSION").unlink()
    (place.secrets / "pepper.key").unlink()
    open_folder(place, shared=False)
    assert (place.secrets / "pepper.key").exists()


def test_the_first_start_makes_a_set_up_code_and_no_later_start_makes_another(place: DataFolder) -> None:
    assert len(setup_code.read_code(place.secrets) or "") == 29
    setup_code.destroy_code(place.secrets)
    open_folder(place, shared=False)
    assert setup_code.read_code(place.secrets) is None


def test_preparing_a_folder_prints_no_set_up_code(tmp_path: Path) -> None:
    prepared = run_caseapp("prepare", root=tmp_path / "data")
    code = setup_code.read_code(tmp_path / "data" / "secrets")
    assert prepared.returncode == 0
    assert code
    assert code not in prepared.stdout + prepared.stderr


def test_an_address_without_a_user_gets_the_role_and_its_password(place: DataFolder) -> None:
    addresses = {"DATABASE_URL": "postgresql://postgres:5432/caseapp", "CASEAPP_MODE": "production"}
    add_logins(place, "clock", addresses)
    assert addresses["DATABASE_URL"] == (
        f"postgresql://caseapp_clock:{place.password('db-clock')}@postgres:5432/caseapp"
    )


def test_a_socket_address_gets_the_role_too(place: DataFolder) -> None:
    login = f"caseapp_web:{place.password('db-web')}"
    assert place.with_role("postgresql:///caseapp?host=%2Frun%2Fpg", "web") == (
        f"postgresql://{login}@/caseapp?host=%2Frun%2Fpg"
    )


def test_an_administrators_own_address_is_left_as_it_is(place: DataFolder) -> None:
    addresses = {"DATABASE_URL": "postgresql://ruiz:word@db/caseapp"}
    add_logins(place, "web", addresses)
    assert addresses == {"DATABASE_URL": "postgresql://ruiz:word@db/caseapp"}


def test_in_production_queue_and_mail_get_their_logins_from_files(place: DataFolder) -> None:
    (place.secrets / "smtp.url").write_text("smtps://list:word@mail.example.org\n")
    (place.secrets / "bounces.url").write_text("imaps://list:word@mail.example.org/INBOX\n")
    addresses = {
        "BROKER_URL": "redis://valkey:6379/0",
        "CASEAPP_MODE": "production",
        "ADMIN_DATABASE_URL": "postgresql://postgres@postgres/postgres",
    }
    add_logins(place, "web", addresses)
    assert addresses["BROKER_URL"] == f"redis://:{place.password('broker')}@valkey:6379/0"
    assert addresses["SMTP_URL"] == "smtps://list:word@mail.example.org"
    assert addresses["BOUNCES_URL"] == "imaps://list:word@mail.example.org/INBOX"
    assert addresses["ADMIN_DATABASE_URL"] == f"postgresql://postgres:{place.password('db-admin')}@postgres/postgres"


@pytest.mark.parametrize("name", KEY_FILES)
@pytest.mark.parametrize("left", [b"", b"half of it"])
def test_a_key_that_a_crash_left_incomplete_is_asked_for_and_not_made_anew(
    place: DataFolder, name: str, left: bytes
) -> None:
    (place.secrets / name).write_bytes(left)
    for version in (b"", None):  # also while the first start was not complete
        with pytest.raises(CannotStart, match=rf"The key {name} in .* is damaged \({len(left)} bytes instead of 32\)"):
            open_folder(place, shared=False)
        assert (place.secrets / name).read_bytes() == left
        if version is not None:
            place.version_file.write_bytes(version)


def test_settings_make_no_key_for_a_folder_that_was_in_use(place: DataFolder) -> None:
    (place.secrets / "pepper.key").unlink()
    asked = run_caseapp("doctor", root=place.root)
    assert asked.returncode == 1
    assert not (place.secrets / "pepper.key").exists()


@pytest.mark.parametrize("name", ["db-owner", "db-web", "db-clock", "broker"])
def test_an_empty_password_is_named_and_a_new_one_made_when_its_file_is_deleted(place: DataFolder, name: str) -> None:
    path = place.secrets / f"{name}.password"
    path.write_bytes(b"\n")
    with pytest.raises(CannotStart, match=rf"The file {name}\.password in .* is empty: delete it, and start again"):
        open_folder(place, shared=False)
    path.unlink()
    open_folder(place, shared=False)
    assert len(place.password(name)) > 30


def test_the_password_of_the_databases_administrator_is_asked_for_while_there_is_a_database(place: DataFolder) -> None:
    (place.secrets / "db-admin.password").write_bytes(b"")
    with pytest.raises(CannotStart, match=r"db-admin\.password in .* is empty: bring it back from its backup"):
        open_folder(place, shared=False)
    (place.secrets / "db-admin.password").unlink()
    (place.postgres / "cluster").mkdir(parents=True)
    with pytest.raises(CannotStart, match=r"The key db-admin\.password is missing"):
        open_folder(place, shared=False)


def test_an_epoch_without_a_number_is_named(place: DataFolder) -> None:
    (place.secrets / "session.epoch").write_bytes(b"")
    with pytest.raises(CannotStart, match=r"session\.epoch contains no number: write one into it that is higher"):
        open_folder(place, shared=False)


def test_a_version_file_that_power_failure_left_empty_is_written_again(place: DataFolder) -> None:
    for with_database in (False, True):
        place.version_file.write_bytes(b"")
        (place.postgres / "cluster").mkdir(parents=True, exist_ok=with_database)
        open_folder(place, shared=False)
        assert place.version_file.read_text() == "caseapp-data 1\n"


def test_a_folder_with_a_database_and_without_its_version_file_says_what_to_do(place: DataFolder) -> None:
    place.version_file.unlink()
    place.postgres.mkdir()
    with pytest.raises(CannotStart, match=r"VERSION is missing: bring it back .* or write `caseapp-data 1`"):
        open_folder(place, shared=False)
    assert not place.version_file.exists()


def test_what_killed_processes_left_of_secrets_is_destroyed_before_anything_starts(place: DataFolder) -> None:
    left = [place.secrets / ".0123456789abcdef.new", place.secrets / "shred" / "cases" / ".fedcba9876543210.new"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"a key that was never used")
    (place.secrets / "plan-keys" / "2026-11-29.key").write_bytes(bytes(32))
    (place.secrets / "plan-keys" / "2026-11-30.key").write_bytes(b"")
    clean_folder(place)
    assert not any(path.exists() for path in left)
    assert sorted(path.name for path in (place.secrets / "plan-keys").iterdir()) == [
        "2026-11-29.key", "2026-11-30.damaged",
    ]  # fmt: skip


def test_a_clock_before_the_last_start_is_said_until_it_is_right(place: DataFolder) -> None:
    assert note_start(place) == ""
    ahead = time.time() + 86_400
    os.utime(place.started_file, (ahead, ahead))
    assert "set the clock, or, if it is right, delete" in note_start(place)
    assert explain_early_clock(place) != ""
    assert "NOT  clock" in run_caseapp("doctor", "--only", "clock", root=place.root).stdout
    place.started_file.unlink()
    assert (note_start(place), explain_early_clock(place)) == ("", "")


def test_a_list_of_what_runs_that_a_crash_left_empty_counts_as_none(place: DataFolder) -> None:
    place.stack_file.write_bytes(b"")
    assert read_stack(place) is None


def test_mail_addresses_in_files_reach_the_processes_of_one_machine_too(
    place: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", "")
    (place.secrets / "smtp.url").write_text("smtps://list:word@mail.example.org\n")
    given = process_environment(place, database="postgresql:///caseapp", role="web", broker="", origin="http://a")
    assert given["SMTP_URL"] == "smtps://list:word@mail.example.org"


def test_a_password_with_unescaped_signs_reaches_the_database_driver_whole(place: DataFolder) -> None:
    addresses = {"DATABASE_URL": "postgresql://ruiz:w@rd:1@db/caseapp", "BROKER_URL": "redis://:a@b@queue/0"}
    add_logins(place, "web", addresses)
    assert addresses["DATABASE_URL"] == "postgresql://ruiz:w%40rd%3A1@db/caseapp"
    assert addresses["BROKER_URL"] == "redis://:a%40b@queue:6379/0"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_another_user_is_refused_with_the_users_name(place: DataFolder) -> None:
    os.chown(place.root, 1, 1)
    with pytest.raises(CannotStart, match=r"belongs to the user \w+: start Caseapp as that user"):
        open_folder(place, shared=False)


@contextmanager
def mounted(folder: Path, options: str) -> Generator[None]:
    """A small disk in memory on a folder; skips where this user may not mount."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_small_or_full_is_refused_with_what_to_do(tmp_path: Path) -> None:
    small = DataFolder(tmp_path / "small")
    with mounted(small.root, "size=1m,mode=700"):
        (small.root / "secrets").mkdir()
        with pytest.raises(CannotStart, match=r"The disk of .* has \d+ MB left; Caseapp starts with 500 MB or more"):
            open_folder(small, shared=False)
    with mounted(small.root, "size=64k,nr_inodes=2,mode=700"):
        (small.root / "secrets").mkdir()
        with pytest.raises(CannotStart, match=r"The disk of .* is full: free 500 MB or more, and start again"):
            open_folder(small, shared=False)


def test_a_disk_that_can_only_be_read_is_refused_with_what_to_do(tmp_path: Path) -> None:
    place = DataFolder(tmp_path / "disk")
    with mounted(place.root, "size=1m,ro"):
        with pytest.raises(CannotStart, match=r"The disk of .* can only be read: make it writable"):
            open_folder(place, shared=False)
        with pytest.raises(CannotStart, match=r"The disk of .* can only be read"):
            open_folder(DataFolder(place.root / "deeper"), shared=False)
