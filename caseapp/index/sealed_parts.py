"""Parts of a group's index: sealed before they are stored, opened after they are read."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from caseapp.index import queries
from caseapp.index.errors import IndexDamaged
from caseapp.index.queries import Part
from caseapp.vault.core import parts
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.parts import Span
from caseapp.vault.errors import OpenFailed

Entry = tuple[bytes, bytes | None]  # case id of 16 bytes, row or None if the case was removed
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[tuple[bytes, bytes | None]])


def add_part(org_id: UUID, group: GroupKey, lo: int, hi: int, entries: Iterable[Entry]) -> None:
    """Seal the entries and store them as the part (lo, hi]."""
    span = Span(org_id, group.group, group.epoch, lo, hi)
    queries.insert_part(span, parts.seal(group.index_key(), span, _encoder.encode(list(entries))))


def add_part_sealed_to_group(span: Span, public: bytes, entries: Iterable[Entry]) -> None:
    """Store entries as a part sealed to a group whose key we do not have: to its public key of the span's epoch."""
    queries.insert_part(span, parts.seal_to_group(public, span, _encoder.encode(list(entries))))


def open_entries(group: GroupKey, part: Part) -> list[Entry]:
    """Return the entries of a part. Raises IndexDamaged."""
    if len(part.sealed) != part.chunks:
        raise IndexDamaged(f"group {group.group}: chunks of part {part.span.hi} are missing")
    try:
        return _decoder.decode(parts.open_part(group.index_key(), part.span, part.sealed, private=group.hpke_private))
    except OpenFailed as exc:
        raise IndexDamaged(f"group {group.group}: part {part.span.hi} does not open") from exc
