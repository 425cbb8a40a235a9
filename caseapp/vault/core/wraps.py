"""Wrapped keys: a single wrap (WRAP-S) or the slots of a case (WRAPSET). Both commit to the wrapping key.

    WRAP-S  : 01 | alg 01 | kid 8 | epoch u32 | nonce 12 | ciphertext 32 | tag 16 | commitment 16        = 90 bytes
    WRAPSET : 01 | alg 02 | slots u16 | slot * slots;  slot = kid 8 | nonce 12 | ciphertext 32 | tag 16 | commitment 16

    kid        = HMAC(wrapping key, "kid" | object id)[:8]: a locator per object that only a holder can compute, so that
                 equal kids do not reveal the graph of groups and cases
    keys       = HKDF-Expand(wrapping key, "wrap/1" or "wrapset/1" | context, 64): encryption key | commitment key
    commitment = HMAC(commitment key, nonce | ciphertext | tag)[:16]; AES-GCM alone would let one ciphertext open under
                 two keys
    associated data = everything before the nonce (in a set: its first two bytes | slot u16 | kid) | object id

Unused slots hold random bytes, so that used and unused ones look alike.
"""

import hmac
import struct

from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import NoKey, OpenFailed, UnknownFormat

VERSION = 1
SINGLE = 1  # algorithm byte of WRAP-S: AES-256-GCM with commitment
SET = 2  # algorithm byte of WRAPSET: the same, in slots
KID = 8
SLOT = 84
STEP = 4  # slots by which a set grows
WRAP_LENGTH = 90
_COMMIT = 16
_SINGLE_HEADER = struct.Struct(">BB8sI")
_SET_HEADER = struct.Struct(">BBH")
_SLOT_HEADER = struct.Struct(">BBH8s")
_MAX_SLOTS = 4096


def kid_of(wrapping: bytes, object_id: bytes) -> bytes:
    """Return the 8 bytes by which a holder of `wrapping` finds the wrap of this object."""
    return hmac.digest(wrapping, LABELS["kid"] + object_id, "sha256")[:KID]


def seal_key(wrapping: bytes, key: bytes, *, object_id: bytes, ctx: bytes, epoch: int) -> bytes:
    """Wrap `key` (32 bytes) under `wrapping`, as WRAP-S. `epoch` is authenticated but not encrypted."""
    head = _SINGLE_HEADER.pack(VERSION, SINGLE, kid_of(wrapping, object_id), epoch)
    return head + _encrypt_key(wrapping, key, LABELS["wrap"] + ctx, head + object_id)


def open_key(wrapping: bytes, blob: bytes, *, object_id: bytes, ctx: bytes) -> bytes:
    """Return the key in a WRAP-S. Raises UnknownFormat, OpenFailed."""
    if len(blob) != WRAP_LENGTH:
        raise UnknownFormat(f"wrap of {len(blob)} bytes")
    version, alg, kid, _ = _SINGLE_HEADER.unpack_from(blob)
    if version != VERSION or alg != SINGLE:
        raise UnknownFormat(f"wrap version {version}, algorithm {alg}")
    if not primitives.is_equal(kid, kid_of(wrapping, object_id)):
        raise OpenFailed("wrap: wrong key or altered")
    head, body = blob[: _SINGLE_HEADER.size], blob[_SINGLE_HEADER.size :]
    return _decrypt_key(wrapping, body, LABELS["wrap"] + ctx, head + object_id)


def epoch_of(blob: bytes) -> int:
    """Return the epoch stated in a WRAP-S; only `open_key` authenticates it. Raises UnknownFormat."""
    if len(blob) != WRAP_LENGTH:
        raise UnknownFormat(f"wrap of {len(blob)} bytes")
    return int.from_bytes(blob[10:14], "big")


def new_wrapset(slots: int = STEP) -> bytes:
    """Return an empty set. `slots` is a positive multiple of 4; raises ValueError otherwise."""
    if slots < STEP or slots % STEP or slots > _MAX_SLOTS:
        raise ValueError("slots is a multiple of 4")
    return _SET_HEADER.pack(VERSION, SET, slots) + primitives.random_bytes(SLOT * slots)


def slot_count(blob: bytes) -> int:
    """Return the number of slots in a set, used or not. Raises UnknownFormat."""
    if len(blob) < _SET_HEADER.size:
        raise UnknownFormat("wrap set is cut short")
    version, alg, slots = _SET_HEADER.unpack_from(blob)
    if version != VERSION or alg != SET:
        raise UnknownFormat(f"wrap set version {version}, algorithm {alg}")
    if slots < STEP or slots % STEP or slots > _MAX_SLOTS or len(blob) != _SET_HEADER.size + SLOT * slots:
        raise UnknownFormat(f"wrap set of {len(blob)} bytes")
    return int(slots)


def set_slot(blob: bytes, slot: int, wrapping: bytes, key: bytes, *, object_id: bytes, ctx: bytes) -> bytes:
    """Return the set with `key` wrapped in this slot, replacing its content. Raises IndexError without such a slot."""
    slot_header = _slot_header(slot, kid_of(wrapping, object_id))
    body = _encrypt_key(wrapping, key, LABELS["wrapset"] + ctx, slot_header + object_id)
    return _replace_slot(blob, slot, slot_header[-KID:] + body)


def clear_slot(blob: bytes, slot: int) -> bytes:
    """Return the set with random bytes in this slot. Raises IndexError if there is no such slot."""
    return _replace_slot(blob, slot, primitives.random_bytes(SLOT))


def add_slots(blob: bytes) -> bytes:
    """Return the set with 4 more unused slots; the others keep their numbers. Raises ValueError when it is full."""
    slots = slot_count(blob) + STEP
    if slots > _MAX_SLOTS:
        raise ValueError("wrap set is full")
    return _SET_HEADER.pack(VERSION, SET, slots) + blob[_SET_HEADER.size :] + primitives.random_bytes(SLOT * STEP)


def open_wrapset(blob: bytes, wrapping: bytes, *, object_id: bytes, ctx: bytes) -> bytes:
    """Return the key in the slot made for `wrapping`. Raises NoKey if there is none, OpenFailed if it was altered."""
    kid = kid_of(wrapping, object_id)
    for slot in range(slot_count(blob)):
        at = _SET_HEADER.size + SLOT * slot
        if blob[at : at + KID] == kid:
            body = blob[at + KID : at + SLOT]
            return _decrypt_key(wrapping, body, LABELS["wrapset"] + ctx, _slot_header(slot, kid) + object_id)
    raise NoKey("no slot is for this key")


def _slot_header(slot: int, kid: bytes) -> bytes:
    return _SLOT_HEADER.pack(VERSION, SET, slot, kid)


def _replace_slot(blob: bytes, slot: int, content: bytes) -> bytes:
    if not 0 <= slot < slot_count(blob):
        raise IndexError("no such slot")
    at = _SET_HEADER.size + SLOT * slot
    return blob[:at] + content + blob[at + SLOT :]


def _encrypt_key(wrapping: bytes, key: bytes, hkdf_info: bytes, aad: bytes) -> bytes:
    if len(key) != primitives.KEY_LENGTH:
        raise ValueError("a wrapped key has 32 bytes")
    keys = primitives.expand(wrapping, hkdf_info, 64)
    sealed = primitives.seal(keys[:32], key, aad)
    return sealed + hmac.digest(keys[32:], sealed, "sha256")[:_COMMIT]


def _decrypt_key(wrapping: bytes, body: bytes, hkdf_info: bytes, aad: bytes) -> bytes:
    keys = primitives.expand(wrapping, hkdf_info, 64)
    sealed, commitment = body[:-_COMMIT], body[-_COMMIT:]
    if not primitives.is_equal(commitment, hmac.digest(keys[32:], sealed, "sha256")[:_COMMIT]):
        raise OpenFailed("wrap: wrong key or altered")
    return primitives.open_sealed(keys[:32], sealed, aad, what="wrap")
