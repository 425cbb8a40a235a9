"""The data folder: its keys are made once, private, and never silently replaced."""

import stat
from pathlib import Path

import pytest

from caseapp.cli.stack.data_folder import KEY_FILES, CannotStart, DataFolder, add_logins, open_folder
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
