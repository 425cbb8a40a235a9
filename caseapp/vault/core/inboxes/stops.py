"""A client's reply, STOP or not, sealed to the office by the server, which cannot open it again.

STOP : WRAP-H of a random key, info = "stop/1" | org 16 | row 16 | small blob (06) under that key, label "stop/1"
It is sealed to the office group's public key. Anyone with that key can write one: it proves no sender.
"""

from uuid import UUID

from caseapp.vault.core import blob, hybrid, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

STEP = 256  # bytes: the same size for every number


def seal_stop(public: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal `content` to the office group. Raises as `hybrid.seal_to`."""
    key = primitives.new_key()
    wrapped = hybrid.seal_to(public, key, _hpke_info(org, row), alg=hybrid.algorithm_of(public))
    return wrapped + blob.seal_blob(key, LABELS["stop"], (org, row), content, step=STEP)


def open_stop(private: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return the content sealed for this row. Raises UnknownFormat, OpenFailed."""
    length = hybrid.WRAPPED_KEY[hybrid.algorithm_of_private(private)]
    if len(sealed) <= length:
        raise OpenFailed(f"stop {row}: cut short")
    key = hybrid.open_from(private, sealed[:length], _hpke_info(org, row))
    return blob.open_blob(key, LABELS["stop"], (org, row), sealed[length:], step=STEP)


def _hpke_info(org: UUID, row: UUID) -> bytes:
    return LABELS["stop"] + org.bytes + row.bytes
