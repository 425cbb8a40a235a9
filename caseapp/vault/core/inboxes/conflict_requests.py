"""Requests for a conflict check: sealed to the officers, with a copy for the asker, and the officer's sealed answer.

REQUEST : WRAP-H of a random key, context = "conflict/1" | org 16 | row 16 | small blob (06) under that key, label
          "conflict/1", padded to a size class: 16, 64 or 256 KiB
COPY    : small blob "conflict-copy/1" under the asker's bundle key, padded to the same class
ANSWER  : small blob "conflict-answer/1" under the request's answer key, 4 KiB: decision, sentence, signature
ENTRY   : WRAP-H of a random key, info as above with "entry" behind it | small blob "conflict-entry/1", 8 KiB: the
          officers' own record of the answer
row     = HMAC(key of the ids, number u32)[:16]: no other party can tell which rows are of one member
key of the ids = HKDF-Expand(bundle key, "conflict-ids/1")

A sealed request proves no sender: its content is signed by the asker, and an answer by the officer.
"""

from uuid import UUID

from caseapp.vault.core import blob, hybrid, primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

SIZE_CLASSES: tuple[int, ...] = tuple(16 * 1024 * 4**power for power in range(3))  # bytes of a padded request
ANSWER_STEP, ENTRY_STEP = 4096, 8192  # bytes of padded content
MAX_REQUEST = SIZE_CLASSES[-1] - 4  # bytes; the length prefix takes 4
_BLOB_FRAME = len(blob.FORMAT) + primitives.NONCE_LENGTH + primitives.TAG_LENGTH


def row_id_of(bundle_key: bytes, number: int) -> UUID:
    """Return the id of a member's request; `number` counts from 0."""
    ids_key = primitives.expand(bundle_key, LABELS["conflict ids"])
    return UUID(bytes=primitives.mac(ids_key, LABELS["conflict row"], number.to_bytes(4, "big"))[:16])


def seal_request(public: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal a request to the officers. Raises ValueError if it is longer than MAX_REQUEST."""
    return _seal_to(public, org, row, content, _hpke_info(org, row), LABELS["conflict request"], _class_of(content))


def open_request(private: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return a request. Raises UnknownFormat, OpenFailed."""
    step = len(sealed) - hybrid.WRAPPED_KEY[hybrid.algorithm_of_private(private)] - _BLOB_FRAME
    return _open_from(private, org, row, sealed, _hpke_info(org, row), LABELS["conflict request"], _known_class(step))


def seal_copy(bundle_key: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal the asker's copy of a request. Raises ValueError if it is longer than MAX_REQUEST."""
    return blob.seal_blob(bundle_key, LABELS["conflict copy"], (org, row), content, step=_class_of(content))


def open_copy(bundle_key: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return the asker's copy. Raises UnknownFormat, OpenFailed."""
    step = _known_class(len(sealed) - _BLOB_FRAME)
    return blob.open_blob(bundle_key, LABELS["conflict copy"], (org, row), sealed, step=step)


def seal_answer(answer_key: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal an answer. Raises ValueError if it is longer than ANSWER_STEP."""
    _check_length(content, ANSWER_STEP)
    return blob.seal_blob(answer_key, LABELS["conflict answer"], (org, row), content, step=ANSWER_STEP)


def open_answer(answer_key: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return an answer. Raises UnknownFormat, OpenFailed."""
    return blob.open_blob(answer_key, LABELS["conflict answer"], (org, row), sealed, step=ANSWER_STEP)


def seal_entry(public: bytes, org: UUID, row: UUID, content: bytes) -> bytes:
    """Seal the officers' entry of an answered request. Raises ValueError if it is longer than ENTRY_STEP."""
    context = _hpke_info(org, row) + LABELS["conflict entry"]
    return _seal_to(public, org, row, content, context, LABELS["conflict entry"], ENTRY_STEP)


def open_entry(private: bytes, org: UUID, row: UUID, sealed: bytes) -> bytes:
    """Return the officers' entry. Raises UnknownFormat, OpenFailed."""
    context = _hpke_info(org, row) + LABELS["conflict entry"]
    return _open_from(private, org, row, sealed, context, LABELS["conflict entry"], ENTRY_STEP)


def signed_request(org: UUID, row: UUID, content: bytes) -> bytes:
    """Return what the asker signs."""
    return _hpke_info(org, row) + primitives.digest(content)


def signed_answer(org: UUID, row: UUID, content: bytes) -> bytes:
    """Return what the officer signs."""
    return LABELS["conflict answer"] + org.bytes + row.bytes + primitives.digest(content)


def _hpke_info(org: UUID, row: UUID) -> bytes:
    return LABELS["conflict request"] + org.bytes + row.bytes


def _seal_to(public: bytes, org: UUID, row: UUID, content: bytes, context: bytes, label: bytes, step: int) -> bytes:
    _check_length(content, step)
    key = primitives.new_key()
    wrapped = hybrid.seal_to(public, key, context, alg=hybrid.algorithm_of(public))
    return wrapped + blob.seal_blob(key, label, (org, row), content, step=step)


def _open_from(private: bytes, org: UUID, row: UUID, sealed: bytes, context: bytes, label: bytes, step: int) -> bytes:
    length = hybrid.WRAPPED_KEY[hybrid.algorithm_of_private(private)]
    if len(sealed) <= length:
        raise OpenFailed(f"conflict request {row}: cut short")
    key = hybrid.open_from(private, sealed[:length], context)
    return blob.open_blob(key, label, (org, row), sealed[length:], step=step)


def _class_of(content: bytes) -> int:
    """Return the size class of a request."""
    if len(content) > MAX_REQUEST:
        raise ValueError("too long for a conflict request")
    return next(size for size in SIZE_CLASSES if len(content) + 4 <= size)


def _known_class(step: int) -> int:
    if step not in SIZE_CLASSES:
        raise UnknownFormat(f"conflict request of {step} bytes")
    return step


def _check_length(content: bytes, step: int) -> None:
    if len(content) > step - 4:
        raise ValueError("too long for a conflict request")
