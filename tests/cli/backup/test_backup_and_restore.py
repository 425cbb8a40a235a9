"""A backup restored on an empty machine: everything that was saved is there, everything that ended stays ended."""

import datetime as dt
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from caseapp.cli.backup.archive.key_file import make_key
from caseapp.cli.backup.archive.verification import verify_target
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.lib import clock
from caseapp.tools.pytest_plugin import data_folder
from tests.cli.backup.backed_up_office import PAPER, BackedUpOffice, found_office, look, restore

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 12, 1, 15, 0, tzinfo=dt.UTC)


@pytest.fixture
def office(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[BackedUpOffice]:
    """An office on the tests' database, with journal and stored files of its own."""
    root = Path(settings.DATA_FOLDER)
    shutil.rmtree(root / "blobs", ignore_errors=True)
    shutil.rmtree(root / "secrets" / "shred", ignore_errors=True)
    settings.BLOBS = root / "blobs"
    settings.BACKUP_TO = ""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    yield found_office(root, tmp_path)
    Path(settings.JOURNAL_FILE).unlink(missing_ok=True)


def _needles_in(root: Path) -> set[bytes]:
    """Search every file of a restored folder, PostgreSQL's included, for what people typed."""
    needles = (
        b"Farid",
        b"Karimi",
        b"Olena",
        b"Kovalenko",
        b"first talk",
        b"identity card",
        b"card.txt",
        b"Harbor Legal",
    )
    contents = (path.read_bytes() for path in root.rglob("*") if path.is_file() and "programs" not in str(path))
    return {needle for content in contents for needle in needles if needle in content}


def test_a_restored_office_has_every_case_document_and_member(office: BackedUpOffice) -> None:
    office.add_case("Farid Karimi")
    office.add_case("Olena Kovalenko")
    office.back_up()
    with data_folder() as root:
        done = restore(office.target, office.key_file, root)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert _needles_in(root) == set(), "a thief who restores the backup has no passphrase"
        (root / "control").write_bytes(b"a control: Farid")
        assert _needles_in(root) == {b"Farid"}
        seen = look(root)
        assert seen["listed"] == sorted(office.cases)
        assert [(case["doubt"], case["documents"]) for case in seen["cases"].values()] == [("", [PAPER])] * 2
        assert seen["people"] == {"Ana Ruiz": "active", "Ben Okafor": "active"}
        assert not seen["failed"]


def test_after_the_offline_key_was_replaced_a_backup_opens_with_the_new_file_alone(
    office: BackedUpOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key file was lost. Files that the target has already were sealed to the lost key."""
    office.add_case("Farid Karimi")
    older = office.back_up().manifest
    replaced = tmp_path / "replaced.key"
    make_key(DataFolder(office.root), replaced, replace=True)
    monkeypatch.setattr(clock, "now", lambda: LATER)
    newer = office.back_up().manifest
    assert newer.key != older.key
    assert newer.blobs.keys() == older.blobs.keys() != set()
    assert verify_target(office.target, office.key.signer, print) == (2, [])
    for key_file, run in ((replaced, newer), (office.key_file, older)):
        with data_folder() as root:
            done = restore(office.target, key_file, root, "--run", run.name)
            assert (done.returncode, done.stderr) == (0, ""), done.stdout
            assert [case["documents"] for case in look(root)["cases"].values()] == [[PAPER]]


def test_what_ended_after_the_backup_stays_ended(office: BackedUpOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The drill of the issue: a destroyed case and a removed member do not come back with an older backup."""
    kept, destroyed = office.add_case("Farid Karimi"), office.add_case("Olena Kovalenko")
    office.close_case(destroyed, dt.date(2026, 11, 30))
    kept_ref = office.ref_of(kept)
    older = office.back_up().manifest
    stolen = {
        name: office.stolen_bundle(member) for name, member in (("ana", office.ana.member_id), ("ben", office.ben))
    }
    monkeypatch.setattr(clock, "now", lambda: LATER)
    office.destroy_case(destroyed)
    office.remove_ben()
    newer = office.back_up().manifest
    assert (older.journal.number, newer.journal.number) == (0, 3)  # the case, its stored file, the member
    assert (len(older.blobs), len(newer.blobs)) == (2, 1)
    with data_folder() as root:
        done = restore(office.target, office.key_file, root, "--run", older.name)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert "Cases that were destroyed after the backup, and are destroyed again: 1." in done.stdout
        assert "Members who were removed after the backup, and whose access is ended again: 1." in done.stdout
        halves = {path.name for path in (root / "secrets" / "shred").rglob("*") if path.is_file()}
        assert kept.hex in halves
        assert destroyed.hex not in halves
        assert office.ben.hex not in halves
        stored = {path.name for path in (root / "blobs").rglob("*") if path.is_file()}
        assert stored == newer.blobs.keys(), "the ciphertext of the destroyed case's document is not brought back"
        ben = look(root, "ben@office.test", stolen["ben"])
        assert ben["refused"] == "no_match"
        assert ben["bundle"] == "Shredded", "the passphrase opens no keys of the stolen backup either"
        assert (ben["sessions"], ben["addresses"]) == (0, 1), "the restore itself ended his access"
        ana = look(root, bundle=stolen["ana"])
        assert ana["bundle"] == "opened", "a control: hers are there"
        assert ana["listed"] == [kept_ref]
        assert set(ana["blobs"]) == stored, "and it has no row"
        assert ana["cases"][kept_ref]["doubt"] == ""
        assert ana["people"] == {"Ana Ruiz": "active", "Ben Okafor": "removed"}
        assert int((root / "secrets" / "session.epoch").read_text()) == 2
