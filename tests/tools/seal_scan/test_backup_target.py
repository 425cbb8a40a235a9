"""The target of backups: encrypted there, no text; a backup that is written in clear is found by each of its parts."""

import datetime as dt
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from caseapp.lib import clock
from caseapp.vault.core.archive.backup_file import FileSealer
from tests.cli.backup.backed_up_office import BackedUpOffice, found_office
from tests.tools.seal_scan.test_the_whole_scan import Run

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)


@pytest.fixture
def office(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[BackedUpOffice]:
    root = Path(settings.DATA_FOLDER)
    settings.BLOBS = root / "blobs"
    settings.BACKUP_TO = ""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    founded = found_office(root, tmp_path)
    founded.add_case("Farid Karimi")
    yield founded
    Path(settings.JOURNAL_FILE).unlink(missing_ok=True)


@pytest.mark.django_db(transaction=True)
def test_an_encrypted_backup_shows_nothing_and_one_in_clear_is_found_by_each_part(
    office: BackedUpOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needles = tmp_path / "needles.txt"
    needles.write_text("client: Farid Karimi\nnote: first talk with Farid\nmail: ana@office.test\n")
    office.back_up()
    monkeypatch.setenv("CASEAPP_BACKUP_TO", str(office.target))
    sealed = Run(needles, office.root, capsys, "--only", "backup")
    assert (sealed.report["leaks"], sealed.report["broken"], sealed.exit_code) == ([], [], 0)
    assert [store["store"] for store in sealed.report["stores"]] == [f"backup:{office.target}"]
    assert sealed.report["stores"][0]["bytes"] > 100_000

    monkeypatch.setattr(FileSealer, "update", lambda self, content: bytes(content))
    monkeypatch.setattr(FileSealer, "finish", lambda self, *, padded: b"")
    office.target = tmp_path / "clear"
    office.back_up()
    clear = Run(needles, office.root, capsys, "--only", "backup", "--backup", str(office.target))
    assert clear.exit_code == 1
    shown = {
        (Path(leak["place"]).relative_to(office.target).parts[0], leak["form"]["name"])
        for leak in clear.report["leaks"]
    }
    assert {("main", "raw"), ("keys", "key operational.key"), ("halves", "half 0")} <= shown
    assert {leak["form"]["label"] for leak in clear.report["leaks"]} == {"operational"}


def test_a_text_in_a_file_of_the_target_is_found_and_a_target_that_is_not_there_is_no_proof(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needles = tmp_path / "needles.txt"
    needles.write_text("client: Farid Karimi\n")
    target = tmp_path / "data" / "backups"
    (target / "main").mkdir(parents=True)
    (target / "main" / "database").write_bytes(os.urandom(2000) + b"Farid Karimi" + os.urandom(2000))
    stores = ("--only", "backup", "--only", "data", "--backup", str(target))
    run = Run(needles, tmp_path / "data", capsys, *stores, "--exclude", str(needles))
    assert run.exit_code == 1
    assert run.places == {(f"backup:{target}", "client")}, "a target in the data folder is read once"
    shutil.rmtree(target)
    assert Run(needles, tmp_path / "data", capsys, *stores).exit_code == 3
