"""`caseapp export` and `caseapp move-in`: with a member's own passphrase, typed."""

import argparse
import io
import re
from pathlib import Path
from uuid import UUID

import pyrage
import pytest

from caseapp.casefile import case_access
from caseapp.cli.moving import export, move_in
from caseapp.cli.stack.data_folder import CannotStart
from caseapp.index import reader
from caseapp.records.case import Case
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import NAME, Worker
from tests.moving.opened_archive import files_of

pytestmark = pytest.mark.usefixtures("frozen")


def _type(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))


def _export(ref: str, to: Path, **more: object) -> int:
    with acting_as("web"):
        return export.run(argparse.Namespace(ref=ref, to=to, **{"recipient": "", "plain": False, **more}))


def _ref(attorney: Worker, case_id: UUID) -> str:
    return attorney.file(case_id).get_only(Case).record.ref


def test_the_file_of_a_case_is_written_encrypted_with_words_that_are_printed(
    attorney: Worker,
    case_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ref = _ref(attorney, case_id)
    _type(monkeypatch, "ana@office.test", WORDS)
    assert _export(ref.lower(), tmp_path) == 0
    path = tmp_path / f"case-{ref}-encrypted.zip"
    assert path.stat().st_mode & 0o777 == 0o600
    match = re.search(r"shown this once: ([a-z -]+)", capsys.readouterr().out)
    assert match is not None
    outer = files_of(path.read_bytes())
    identity = pyrage.passphrase.decrypt(outer[f"case-{ref}.key.age"], match.group(1)).decode().strip()
    inner = pyrage.decrypt(outer[f"case-{ref}.zip.age"], [pyrage.x25519.Identity.from_str(identity)])
    assert NAME in files_of(inner)["Whole file.html"].decode()
    assert NAME.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("typed", "ref", "sentence"),
    [
        (("ana@office.test", "copper thistle granite willow saddle ember"), "", "passphrase is wrong"),
        (("nobody@office.test", WORDS), "", "passphrase is wrong"),
        (("", ""), "", "Type the address and the passphrase"),
        (("ana@office.test", WORDS), "QQQQQ", "no such case"),
    ],
)
def test_without_a_member_or_a_case_it_says_why_and_writes_nothing(
    attorney: Worker,
    case_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: tuple[str, str],
    ref: str,
    sentence: str,
) -> None:
    _type(monkeypatch, *typed)
    with pytest.raises(CannotStart, match=sentence):
        _export(ref or _ref(attorney, case_id), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_there_already_is_not_written_over(
    attorney: Worker, case_id: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = _ref(attorney, case_id)
    path = tmp_path / f"case-{ref}.zip"
    path.write_bytes(b"mine")
    _type(monkeypatch, "ana@office.test", WORDS)
    with pytest.raises(CannotStart, match="cannot be written"):
        _export(ref, tmp_path, plain=True)
    assert path.read_bytes() == b"mine"


def test_what_was_exported_moves_into_another_office(
    attorney: Worker,
    outsider: Worker,
    case_id: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ref = _ref(attorney, case_id)
    _type(monkeypatch, "ana@office.test", WORDS)
    assert _export(ref, tmp_path, plain=True) == 0
    for sentence in ("1 cases imported, 0 were here already", "0 cases imported, 1 were here already"):
        _type(monkeypatch, "lena@elsewhere.test", WORDS)
        with acting_as("web"):
            assert move_in.run(argparse.Namespace(archive=tmp_path / f"case-{ref}.zip")) == 0
        assert sentence in capsys.readouterr().out
    with office_transaction(outsider.staff.org_id):
        rows = list(reader.open_view(outsider.staff.keys, zone="UTC").all_rows())
        assert [row.ref for _case_id, row in rows] == [ref]
        assert NAME in str(case_access.open_case(outsider.staff.keys, rows[0][0]).entries)
    _type(monkeypatch, "lena@elsewhere.test", WORDS)
    (tmp_path / "broken.zip").write_bytes((tmp_path / f"case-{ref}.zip").read_bytes()[:-100])
    with pytest.raises(CannotStart, match="no archive that Caseapp exported"):
        move_in.run(argparse.Namespace(archive=tmp_path / "broken.zip"))
