"""Views of lists that a member saved, sealed to them, and ids of courts, judges and languages in addresses of lists.

id    = HMAC(key of the ids, "filter/1" | length of kind u8 | kind | value)[:8], in hex: says nothing without the key
row   = HMAC(key of the ids, "views-row/1")[:16]: no other party knows whose row it is
VIEWS : small blob "views/1" under the bundle key, ids = org, row, padded to 4,096 bytes
key of the ids = HKDF-Expand(bundle key, "filter-ids/1")
"""

from uuid import UUID

from caseapp.vault.core import blob, primitives
from caseapp.vault.core.labels import LABELS

STEP = 4096  # bytes of padded content: one size for all rows
MAX_CONTENT = STEP - 4  # bytes; the length prefix takes 4
_ID_LENGTH = 8  # bytes of an id


def derive_ids_key(bundle_key: bytes) -> bytes:
    """Return the key of the ids of the member with this bundle key."""
    return primitives.expand(bundle_key, LABELS["filter ids"])


def filter_id_of(ids_key: bytes, kind: str, value: str) -> str:
    """Return the id of a value of this kind, the same each time for this member."""
    name = kind.encode()
    return primitives.mac(ids_key, LABELS["filter"], bytes([len(name)]) + name + value.encode())[:_ID_LENGTH].hex()


def row_id_of(bundle_key: bytes) -> UUID:
    """Return the id of the row with the views of the member with this bundle key."""
    return UUID(bytes=primitives.mac(derive_ids_key(bundle_key), LABELS["views row"])[:16])


def seal_views(bundle_key: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal the views to their member. Raises ValueError if they are longer than MAX_CONTENT."""
    if len(content) > MAX_CONTENT:
        raise ValueError("too long for saved views")
    return blob.seal_blob(bundle_key, LABELS["saved views"], (org, row), content, step=STEP)


def open_views(bundle_key: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return the content sealed for this row. Raises UnknownFormat, OpenFailed."""
    return blob.open_blob(bundle_key, LABELS["saved views"], (org, row), sealed, step=STEP)
