"""Files: sealed while they arrive, read back bit for bit or by range, and never half kept."""

import datetime as dt
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import destruction_journal
from caseapp.casefile import file_storage
from caseapp.casefile.file_storage import BlobWriter
from caseapp.cases.services import cases
from caseapp.documents import file_types, services
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db
PAPER = b"%PDF-1.7 of Farid Karimi " + bytes(range(256)) * 300


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


@pytest.fixture
def case_id(attorney: Staff) -> UUID:
    return cases.open_case(attorney, cases.NewCase(name="Farid Karimi"))


def _upload(staff: Staff, content: bytes = PAPER) -> file_storage.SealedBlob:
    writer = BlobWriter(staff.org_id)
    for start in range(0, len(content), 10_000):
        writer.write(content[start : start + 10_000])
    return writer.finish()


def _document(staff: Staff, case_id: UUID, content: bytes = PAPER) -> UUID:
    return services.add_documents(staff, case_id, [("passport scan.pdf", _upload(staff, content))])[0]


def _rows(staff: Staff) -> list[str]:
    with office_transaction(staff.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT state FROM vault_blob ORDER BY state")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385, 100_000])
def test_what_was_uploaded_comes_back_bit_for_bit(attorney: Staff, case_id: UUID, size: int) -> None:
    content = os.urandom(size)
    opened = services.open_document(attorney, _document(attorney, case_id, content))
    assert b"".join(opened.stream_verified()) == content
    assert opened.size == size


@pytest.mark.parametrize("piece", [64 * 1024, 1024 * 1024, 5_000_000])
def test_large_pieces_are_hashed_beside_and_come_back_bit_for_bit(attorney: Staff, case_id: UUID, piece: int) -> None:
    content, writer = os.urandom(3_333_333), BlobWriter(attorney.org_id)
    for start in range(0, len(content), piece):
        writer.write(content[start : start + piece])
    blob = writer.finish()
    assert blob.sha256 == hashlib.sha256(content).digest()
    assert not [thread for thread in threading.enumerate() if thread.name == "hash a file"]
    (document,) = services.add_documents(attorney, case_id, [("scan.pdf", blob)])
    assert b"".join(services.open_document(attorney, document).stream_verified()) == content


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (0, 76_825), (16_380, 16_390), (70_000, 76_825), (500, 500)])
def test_a_range_is_what_stands_there(attorney: Staff, case_id: UUID, start: int, stop: int) -> None:
    opened = services.open_document(attorney, _document(attorney, case_id))
    assert b"".join(opened.read_range(start, stop)) == PAPER[start:stop]


def test_nothing_readable_is_in_storage_not_even_the_name(attorney: Staff, case_id: UUID) -> None:
    blob = _upload(attorney)
    services.add_documents(attorney, case_id, [("passport.pdf", blob)])
    path = file_storage.blob_path(blob.id)
    assert b"Karimi" not in path.read_bytes()
    assert path.name == blob.id.hex


def test_a_file_cut_short_or_changed_raises_and_never_ends_well(attorney: Staff, case_id: UUID) -> None:
    blob = _upload(attorney)
    (document,) = services.add_documents(attorney, case_id, [("a.pdf", blob)])
    path = file_storage.blob_path(blob.id)
    whole = path.read_bytes()
    for broken in (whole[:-1], whole[: len(whole) // 2], whole[:60], whole[:100] + b"\x00" + whole[101:], b""):
        path.write_bytes(broken)
        with pytest.raises(OpenFailed):
            b"".join(services.open_document(attorney, document).stream_verified())
        with pytest.raises(OpenFailed):
            b"".join(services.open_document(attorney, document).read_range(0, len(PAPER)))


def test_another_cases_file_does_not_open_here(attorney: Staff, case_id: UUID) -> None:
    one, two = _upload(attorney), _upload(attorney)
    (document,) = services.add_documents(attorney, case_id, [("a.pdf", one)])
    file_storage.blob_path(one.id).write_bytes(file_storage.blob_path(two.id).read_bytes())
    with pytest.raises(OpenFailed):
        b"".join(services.open_document(attorney, document).stream_verified())


def test_an_upload_that_stops_leaves_neither_row_nor_bytes(attorney: Staff) -> None:
    writer = BlobWriter(attorney.org_id)
    writer.write(PAPER)
    writer.abandon()
    assert _rows(attorney) == []
    assert not file_storage.blob_path(writer.id).exists()


def test_an_upload_never_filed_goes_after_a_day(attorney: Staff, case_id: UUID) -> None:
    left = _upload(attorney)
    _document(attorney, case_id)
    assert _rows(attorney) == ["linked", "pending"]
    with acting_as("clock"):
        assert file_storage.delete_abandoned(clock.now() - dt.timedelta(days=1)) == 0
        assert file_storage.delete_abandoned(clock.now() + dt.timedelta(minutes=1)) == 1
    assert _rows(attorney) == ["linked"]
    assert not file_storage.blob_path(left.id).exists()


def test_a_file_of_a_destroyed_case_gets_its_line_in_the_journal_before_its_bytes_go(
    attorney: Staff, settings: Settings, tmp_path: Path
) -> None:
    settings.JOURNAL_FILE = tmp_path / "destructions.journal"
    upload, released = _upload(attorney), _upload(attorney)
    with office_transaction(attorney.org_id):
        assert file_storage.release_blobs(attorney.org_id, [released.id]) == 1  # and then a crash
    settings.JOURNAL_FILE.mkdir()  # it cannot be written
    with acting_as("clock"), pytest.raises(OSError, match="directory"):
        file_storage.delete_abandoned(clock.now() - dt.timedelta(days=1))
    assert file_storage.blob_path(released.id).exists()
    settings.JOURNAL_FILE.rmdir()
    with acting_as("clock"):
        assert file_storage.delete_abandoned(clock.now() + dt.timedelta(minutes=1)) == 2
    lines = destruction_journal.read_lines(settings.JOURNAL_FILE)
    assert [line.split(" ")[2:5] for line in lines] == [["blobs", attorney.org_id.hex, released.id.hex]]
    assert not any(file_storage.blob_path(blob.id).exists() for blob in (upload, released))


def test_a_blob_is_filed_once(attorney: Staff, case_id: UUID) -> None:
    blob = _upload(attorney)
    services.add_documents(attorney, case_id, [("a.pdf", blob)])
    with pytest.raises(NotFound):
        services.add_documents(attorney, case_id, [("b.pdf", blob)])


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("C:\\fake\\passport.pdf", "passport.pdf"),
        ("../../etc/passwd", "passwd"),
        ("", "document"),
        ("a\x00b\r\n.jpg", "ab.jpg"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("паспорт.pdf", "паспорт.pdf"),
    ],
)
def test_a_file_name_keeps_no_folder_and_no_control_character(told: str, kept: str) -> None:
    assert file_types.clean_file_name(told) == kept


def _samples() -> Iterator[tuple[bytes, str]]:
    yield b"%PDF-1.4\n%abc", "application/pdf"
    yield b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(300), "image/jpeg"
    yield b"<html><script>alert(1)</script>", "text/plain"
    yield b"\x00\x01\x02binary", "application/octet-stream"
    # Texts whose first letters are the mark of a picture, a program, a piece of music or an archive.
    yield b"BMW, her car, was seized on March 3.", "text/plain"
    yield "MZ es la clave de su pueblo, dice la señora.".encode(), "text/plain"
    yield b"ID3 is the third identity card.", "text/plain"
    yield b"BZhour: note of the call\nat nine", "text/plain"
    yield b"GIF87a and GIF89a are formats of pictures.", "text/plain"
    # And files of these formats.
    yield b"BM\x36\x00\x0c\x00\x00\x00\x00\x006\x00" + bytes(40), "image/bmp"
    yield b"MZ\x90\x00\x03\x00\x00\x00" + bytes(60), "application/x-msdownload"
    yield b"ID3\x03\x00\x00\x00\x00" + bytes(60), "audio/mpeg"
    yield b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(20), "image/gif"
    yield b"{\\rtf1\\ansi Dear Sir}", "application/rtf"


@pytest.mark.parametrize(("start", "media_type"), list(_samples()))
def test_the_kind_of_a_file_is_told_from_its_bytes(start: bytes, media_type: str) -> None:
    assert file_types.detect_media_type(start) == media_type
