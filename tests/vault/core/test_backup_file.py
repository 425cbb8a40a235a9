"""Sealed files of a backup: whole or refused, whatever was cut, changed or exchanged."""

import io
from collections.abc import Iterator

import pytest

from caseapp.vault.core import hybrid
from caseapp.vault.core.archive import backup_file
from caseapp.vault.core.archive.backup_file import FileOpener, FileSealer, RunKey
from caseapp.vault.errors import OpenFailed, UnknownFormat

INSTALLATION, OTHER = bytes(range(16)), bytes(range(1, 17))
PAIR = hybrid.new_key_pair()


@pytest.fixture(scope="module")
def run_key() -> RunKey:
    return backup_file.new_run_key(PAIR.public, INSTALLATION, b"r" * 16)


def _seal(run_key: RunKey, name: str, pieces: list[bytes], *, padded: bool = False) -> bytes:
    sealer = FileSealer(run_key, name)
    return b"".join([sealer.start(), *(sealer.update(piece) for piece in pieces), sealer.finish(padded=padded)])


def _open(sealed: bytes, name: str, *, private: bytes = PAIR.private, installation: bytes = INSTALLATION) -> bytes:
    return b"".join(FileOpener(private, installation).open_stream(io.BytesIO(sealed), name))


@pytest.mark.parametrize("size", [0, 1, 16383, 16384, 16385, 100_000, 3 * 1024 * 1024])
def test_a_file_of_any_size_opens_with_the_offline_key(run_key: RunKey, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    assert _open(_seal(run_key, "blob a", [content[:7], content[7:]]), "blob a") == content


def test_a_padded_file_ends_with_zeros_that_hide_its_length(run_key: RunKey) -> None:
    lengths = {len(_seal(run_key, "database x", [b"x" * size], padded=True)) for size in range(100_001, 100_101)}
    assert len(lengths) == 1
    assert (
        _open(_seal(run_key, "database x", [b"x" * 100_001], padded=True), "database x").rstrip(b"\0") == b"x" * 100_001
    )


def _damages(sealed: bytes) -> Iterator[bytes]:
    for end in (0, 15, 40, 1210, len(sealed) // 2, len(sealed) - 16385 - 16, len(sealed) - 1):
        yield sealed[:end]
    for place in (3, 20, 700, 1215, 1260, len(sealed) - 5):
        yield sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    yield sealed + b"\0"


def test_a_cut_or_changed_file_is_refused(run_key: RunKey) -> None:
    sealed = _seal(run_key, "blob a", [b"a paper of the client " * 4000])
    for damaged in _damages(sealed):
        with pytest.raises((OpenFailed, UnknownFormat)):
            _open(damaged, "blob a")


def test_a_file_cannot_take_the_place_of_another_one(run_key: RunKey) -> None:
    sealed = _seal(run_key, "blob a", [b"content"])
    with pytest.raises(OpenFailed):
        _open(sealed, "blob b")
    with pytest.raises(OpenFailed):
        _open(sealed, "blob a", installation=OTHER)
    with pytest.raises(OpenFailed):
        _open(sealed, "blob a", private=hybrid.new_key_pair().private)


def test_files_of_two_runs_cannot_be_exchanged(run_key: RunKey) -> None:
    other = backup_file.new_run_key(PAIR.public, INSTALLATION, b"s" * 16)
    one, two = _seal(run_key, "keys", [b"first"]), _seal(other, "keys", [b"second"])
    header = 16 + 16 + hybrid.WRAPPED_KEY[hybrid.HYBRID]
    with pytest.raises(OpenFailed):
        _open(one[:header] + two[header:], "keys")
    with pytest.raises(OpenFailed):
        _open(one[:16] + b"s" * 16 + one[32:], "keys")


def test_the_key_of_a_run_is_not_in_its_files(run_key: RunKey) -> None:
    assert run_key.key not in _seal(run_key, "keys", [b"content"])
    assert "key=" not in repr(run_key)
