"""Entries of the conflict officers' index and their encoding.

part = MessagePack [filler, [[case id 16, version, people or nil], ...]]. `version` is that of the case's head: of two
entries of a case the one with the higher version counts, in whatever order they are read. People of nil: the case was
destroyed. The filler brings the part of one save to a multiple of 4 KiB, so that its size hardly tells a number of
people or spellings.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

STEP: Final = 4096  # bytes
_FRAME: Final = 64  # bytes that the lengths and the part's own frame may take


class ConflictPerson(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A person of a case. `year` of birth, 0 if it is not known."""

    names: tuple[str, ...]
    a_number: str = ""
    numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    year: int = 0

    def __repr__(self) -> str:
        return f"<ConflictPerson with {len(self.names)} names>"


class ConflictEntry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The people of a case, None if it was destroyed."""

    case_id: bytes
    version: int
    people: tuple[ConflictPerson, ...] | None

    def __repr__(self) -> str:
        return f"<ConflictEntry {self.case_id.hex()}>"


class _Body(msgspec.Struct, array_like=True, frozen=True):
    filler: bytes
    entries: list[ConflictEntry]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Body)


def encode_people(people: Sequence[ConflictPerson]) -> bytes:
    """Return the bytes of a case's people, for comparing them with those written before."""
    return _encoder.encode(people)


def pack_entries(entries: Iterable[ConflictEntry]) -> bytes:
    """Return the body of a part."""
    listed = list(entries)
    length = len(_encoder.encode(_Body(b"", listed)))
    return _encoder.encode(_Body(bytes(-(length + _FRAME) % STEP), listed))


def unpack_entries(body: bytes) -> list[ConflictEntry]:
    """Return the entries of a part's body."""
    return _decoder.decode(body).entries


def newest_entries(parts: Iterable[Iterable[ConflictEntry]]) -> dict[bytes, ConflictEntry]:
    """Return the newest entry of each case; destroyed cases are among them."""
    newest: dict[bytes, ConflictEntry] = {}
    for entries in parts:
        for entry in entries:
            known = newest.get(entry.case_id)
            # A destroyed case stays destroyed, whatever was saved at the same time.
            if known is None or (known.people is not None and (entry.people is None or entry.version > known.version)):
                newest[entry.case_id] = entry
    return newest
