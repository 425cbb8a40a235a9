"""Parts of an export without an office: names, cells, the stream of a zip and of its encryption."""

import csv
import datetime as dt
import io
import os
import threading
import tracemalloc
import zipfile
from collections.abc import Iterator

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseapp.lib.errors import Refused
from caseapp.moving.services.exporting import age, csv_cells
from caseapp.moving.services.exporting.file_names import NAME_BYTES, numbered_name, safe_file_name
from caseapp.moving.services.exporting.zip_stream import ArchiveFile, ZipStream

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("con.pdf", "_con.pdf"),
        ('a<b>:"c|d?*.pdf', "a_b___c_d__.pdf"),
        ("notice\x00\x1b[31m\u202e.pdf", "notice[31m.pdf"),
        ("   .pdf", "pdf"),
        ("", "document"),
        ("Никита.pdf", "Никита.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
    ],
)
def test_a_file_name_is_safe_on_every_system_and_stays_readable(text: str, safe: str) -> None:
    assert safe_file_name(text) == safe


@given(st.text(max_size=400), st.integers(1, 9_999))
@settings(max_examples=200, deadline=None)
def test_no_name_leaves_its_folder_or_is_too_long(text: str, number: int) -> None:
    name = numbered_name(number, text)
    assert not set(name) & set('/\\:*?"<>|\x00')
    assert len(name.encode()) <= NAME_BYTES + 5
    assert not name.endswith((" ", "."))


@given(st.text(max_size=50))
@settings(max_examples=300, deadline=None)
def test_a_cell_begins_with_no_formula_and_its_text_comes_back(text: str) -> None:
    cell = csv_cells.make_harmless(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert (cell[1:] if cell.startswith("'") else cell) == text


def test_cells_with_quotes_commas_and_line_ends_are_read_as_they_were() -> None:
    row = ['say "yes", now', "two\nlines", "=1+1", "'quoted", "سلام"]
    content = csv_cells.csv_lines([["a", "b", "c", "d", "e"], row]).decode()
    (_heading, read) = list(csv.reader(io.StringIO(content, newline="")))
    assert [cell[1:] if cell.startswith("'") else cell for cell in read] == row


def _random(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes * 16):
        yield os.urandom(65_536)


def test_an_archive_of_60_megabytes_is_made_and_encrypted_in_little_memory() -> None:
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    tracemalloc.start()
    size = sum(len(piece) for piece in age.encrypt(
        ZipStream(NOW).stream([ArchiveFile("scan.bin", _random(60), is_compressed=False)]), recipient
    ))  # fmt: skip
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 60 * 2**20
    assert peak < 4 * 2**20, f"{peak} bytes"


def test_the_reader_who_goes_away_ends_the_thread_that_encrypts() -> None:
    before = set(threading.enumerate())
    pieces = age.encrypt(_random(5), str(pyrage.x25519.Identity.generate().to_public()))
    next(pieces)
    pieces.close()
    assert set(threading.enumerate()) == before


def test_a_fault_in_what_is_encrypted_reaches_the_reader_and_ends_the_thread() -> None:
    def faulty() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise ValueError("damaged")

    before = set(threading.enumerate())
    with pytest.raises(ValueError, match="damaged"):
        list(age.encrypt(faulty(), str(pyrage.x25519.Identity.generate().to_public())))
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize("text", ["", "age1", "AGE-SECRET-KEY-1QQQ", "ssh-ed25519 AAAA", "age1" + "q" * 58, "a" * 500])
def test_what_is_no_public_key_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Refused) as refused:
        age.check_recipient(text)
    assert refused.value.sentence == age.BAD_RECIPIENT


def test_the_zip_is_complete_without_going_back_in_what_was_sent() -> None:
    files = [ArchiveFile("a/été.txt", [b"one", b"two"]), ArchiveFile("b.bin", [b""], is_compressed=False)]
    stream = ZipStream(NOW)
    with zipfile.ZipFile(io.BytesIO(b"".join(stream.stream(files)))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {"a/été.txt": b"onetwo", "b.bin": b""}
    assert [(file.path, file.size, file.is_whole) for file in stream.written] == [
        ("a/été.txt", 6, True),
        ("b.bin", 0, True),
    ]
