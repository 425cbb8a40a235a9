"""The state of an import and the rows that it read, sealed to the member who imports.

row    = HMAC(key of the ids, "import-row/1" | number u8)[:16]: no other party knows whose row it is
STATE : small blob "import/1" under the bundle key, ids = org, row, padded to 4,096 bytes
PART  : small blob "import-part/1" under the bundle key, ids = org, row, version = number of the part, padded to 16 KiB
key of the ids = HKDF-Expand(bundle key, "import-ids/1")
"""

from uuid import UUID

from caseapp.vault.core import blob, primitives
from caseapp.vault.core.labels import LABELS

STATE_STEP, PART_STEP = 4096, 16_384  # bytes


def row_id_of(bundle_key: bytes, number: int) -> UUID:
    """Return the id of the import with this number (0 to 255) of the member with this bundle key."""
    ids_key = primitives.expand(bundle_key, LABELS["import ids"])
    return UUID(bytes=primitives.mac(ids_key, LABELS["import row"], bytes([number]))[:16])


def seal_state(bundle_key: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal the state of an import to its member."""
    return blob.seal_blob(bundle_key, LABELS["import state"], (org, row), content, step=STATE_STEP)


def open_state(bundle_key: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return the state sealed for this row. Raises UnknownFormat, OpenFailed."""
    return blob.open_blob(bundle_key, LABELS["import state"], (org, row), sealed, step=STATE_STEP)


def seal_part(bundle_key: bytes, org: UUID, row: UUID, number: int, content: bytes) -> bytes:
    """Seal one part of an import to its member."""
    return blob.seal_blob(bundle_key, LABELS["import part"], (org, row), content, version=number, step=PART_STEP)


def open_part(bundle_key: bytes, org: UUID, row: UUID, number: int, sealed: bytes) -> bytes:
    """Return the content sealed for this part. Raises UnknownFormat, OpenFailed."""
    return blob.open_blob(bundle_key, LABELS["import part"], (org, row), sealed, version=number, step=PART_STEP)
