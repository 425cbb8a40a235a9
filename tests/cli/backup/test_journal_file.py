"""The journal of destructions on disk: one line for each end, whatever crashes, and a copy that follows."""

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from caseapp.accounts.members import destruction_journal
from caseapp.vault import server_keys
from caseapp.vault.core import hybrid
from caseapp.vault.core.archive import journal

ORG = uuid4()


@pytest.fixture
def path(settings: Settings, tmp_path: Path) -> Path:
    settings.JOURNAL_FILE = tmp_path / "destructions.journal"
    settings.BACKUP_TO = ""
    return Path(settings.JOURNAL_FILE)


def _entries(path: Path) -> list[journal.JournalEntry]:
    public = hybrid.derive_verify_key(server_keys.audit_key())
    return journal.verify_lines(public, destruction_journal.read_lines(path))[0]


def test_each_end_has_one_line_signed_by_the_server(path: Path) -> None:
    case, member = uuid4(), uuid4()
    for _ in range(2):
        destruction_journal.record_destruction("cases", ORG, case)
        destruction_journal.record_destruction("members", ORG, member)
    assert [(entry.kind, entry.org_id, entry.subject) for entry in _entries(path)] == [
        ("cases", ORG, case), ("members", ORG, member)
    ]  # fmt: skip
    assert path.stat().st_mode & 0o777 == 0o600


def test_many_stored_files_get_their_lines_at_once_and_none_a_second_one(path: Path) -> None:
    first, second, third = (uuid4() for _ in range(3))
    destruction_journal.record_destructions("blobs", ORG, [first, second, second])
    destruction_journal.record_destructions("blobs", ORG, [second, third])
    destruction_journal.record_destructions("blobs", uuid4(), [first])
    assert [entry.subject for entry in _entries(path)] == [first, second, third, first]
    assert {entry.kind for entry in _entries(path)} == {"blobs"}


def test_a_line_that_a_crash_cut_is_replaced(path: Path) -> None:
    destruction_journal.record_destruction("cases", ORG, uuid4())
    with path.open("a") as out:
        out.write("2 2026-11-24 cas")
    case = uuid4()
    destruction_journal.record_destruction("cases", ORG, case)
    assert [entry.number for entry in _entries(path)] == [1, 2]
    assert _entries(path)[1].subject == case


def test_a_target_that_can_be_reached_gets_the_line_at_once(path: Path, settings: Settings, tmp_path: Path) -> None:
    destruction_journal.record_destruction("cases", ORG, uuid4())
    settings.BACKUP_TO = str(tmp_path / "target")
    destruction_journal.record_destruction("cases", ORG, uuid4())  # the folder is not there: only our own file grows
    assert len(_entries(path)) == 2
    (tmp_path / "target").mkdir()
    destruction_journal.record_destruction("cases", ORG, uuid4())
    copy = tmp_path / "target" / "destructions.journal"
    assert copy.read_text() == path.read_text()


def test_a_copy_that_is_not_ours_is_left_alone(path: Path, tmp_path: Path) -> None:
    destruction_journal.record_destruction("cases", ORG, uuid4())
    copy = tmp_path / "copy"
    copy.write_text(path.read_text().replace("1 2", "1 3", 1))
    before = copy.read_text()
    assert destruction_journal.extend_copy(path, copy) is False
    assert copy.read_text() == before
