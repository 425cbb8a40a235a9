"""Small sealed blobs that are not case records: rosters, profiles, settings.

06 | alg 01 | nonce 12 | ciphertext | tag 16
key             = HKDF-Expand(key, "blob/1" | label)
associated data = "blob/1" | length of label u8 | label | count of ids u8 | ids 16 each | version u64 | step u32
plaintext       = length u32 | content | zeros up to a multiple of `step`
"""

import struct
from collections.abc import Sequence
from uuid import UUID

from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import UnknownFormat

FORMAT = b"\x06\x01"
_TAIL = struct.Struct(">QI")


def seal_blob(
    key: bytes, label: bytes, ids: Sequence[UUID], plaintext: bytes, *, version: int = 0, step: int = 256
) -> bytes:
    """Return `plaintext` sealed and bound to a label, ids, and the version of the row that contains it."""
    content = primitives.add_padding(plaintext, step)
    return FORMAT + primitives.seal(_derive_key(key, label), content, _associated_data(label, ids, version, step))


def open_blob(
    key: bytes, label: bytes, ids: Sequence[UUID], sealed: bytes, *, version: int = 0, step: int = 256
) -> bytes:
    """Return the content sealed with exactly this label, ids and version. Raises UnknownFormat, OpenFailed."""
    what = label.decode("ascii", "replace")
    if sealed[:2] != FORMAT:
        raise UnknownFormat(f"{what}: format {sealed[:2].hex()}")
    content = primitives.open_sealed(
        _derive_key(key, label), sealed[2:], _associated_data(label, ids, version, step), what=what
    )
    return primitives.remove_padding(content, step, what=what)


def _derive_key(key: bytes, label: bytes) -> bytes:
    return primitives.expand(key, LABELS["blob"] + label)


def _associated_data(label: bytes, ids: Sequence[UUID], version: int, step: int) -> bytes:
    names = b"".join(part.bytes for part in ids)
    return LABELS["blob"] + bytes([len(label)]) + label + bytes([len(ids)]) + names + _TAIL.pack(version, step)
