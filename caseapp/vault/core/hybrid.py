"""Sealing to a public key (WRAP-H), signing, and both together (GRANT).

    WRAP-H : 01 | alg 11 | kid 8 | encapsulated key 1120 | ciphertext | tag 16        ML-KEM-768 + X25519, hybrid
             01 | alg 12 | kid 8 | encapsulated key   32 | ciphertext | tag 16        X25519 alone
    HPKE (RFC 9180) with HKDF-SHA-256 and AES-256-GCM; the library's call takes no associated data, so `info` carries
    all of the context: "hpke/1" | version | alg | kid | the caller's info
    kid    = HMAC(SHA-256(public key), "hpke-kid/1", info)[:8]
    GRANT  : a WRAP-H of key 32 | signer id 8 | Ed25519 signature 64 over (info | SHA-256(key)); the signer is hidden at
             rest, and `info` names the recipient, so a recipient cannot pass a grant on as their own

A verifying key of low order is refused: a signature under it fits many contents without any private key.

The length of a key pair determines its kind and the algorithm: a blob sealed to a hybrid key cannot be replaced by one
sealed to its X25519 half. The hybrid follows an IETF draft; a later change gets a new algorithm byte.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

VERSION = 1
HYBRID, X25519 = 11, 12  # algorithm bytes
_ML_KEM_SEED, _ML_KEM_PUBLIC, _CURVE = 64, 1184, 32
_PRIVATE = {_ML_KEM_SEED + _CURVE: HYBRID, _CURVE: X25519}
_PUBLIC = {_ML_KEM_PUBLIC + _CURVE: HYBRID, _CURVE: X25519}
_ENCAPSULATED = {HYBRID: 1120, X25519: 32}
_KID = 8
WRAPPED_KEY = {alg: 2 + _KID + length + 32 + 16 for alg, length in _ENCAPSULATED.items()}  # bytes of a sealed key
_SIGNER, _SIGNATURE = 8, 64
# Encodings (without the sign bit) of the y coordinates of the eight Ed25519 points of low order, non-canonical ones
# too. `tests/vault/core/test_low_order_keys.py` works them out from the curve.
_LOW_ORDER_Y = frozenset(
    bytes.fromhex(text)
    for text in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)
_SUITES = {
    alg: hpke.Suite(kem, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    for alg, kem in ((HYBRID, hpke.KEM.MLKEM768_X25519), (X25519, hpke.KEM.X25519))
}
_GRANT = struct.Struct(">16sH16s16sI")
_AnyPrivate = hpke.MLKEM768X25519PrivateKey | X25519PrivateKey
_AnyPublic = hpke.MLKEM768X25519PublicKey | X25519PublicKey


@dataclass(frozen=True)
class KeyPair:
    """Raw key pair. Hybrid: private = ML-KEM seed 64 | X25519 32, public = 1184 | 32 bytes. X25519: 32 bytes each."""

    private: bytes = field(repr=False)
    public: bytes = field(repr=False)


def new_key_pair(*, alg: int = HYBRID) -> KeyPair:
    """Return a new key pair, hybrid by default. Raises UnknownFormat."""
    if alg not in _SUITES:
        raise UnknownFormat(f"key algorithm {alg}")
    private = primitives.random_bytes(_CURVE if alg == X25519 else _ML_KEM_SEED + _CURVE)
    return KeyPair(private, derive_public_key(private))


def derive_public_key(private: bytes) -> bytes:
    """Return the public key of a private key. Raises UnknownFormat."""
    alg = _algorithm_for_length(private, _PRIVATE)
    curve = X25519PrivateKey.from_private_bytes(private[-_CURVE:]).public_key().public_bytes_raw()
    if alg == X25519:
        return curve
    return MLKEM768PrivateKey.from_seed_bytes(private[:_ML_KEM_SEED]).public_key().public_bytes_raw() + curve


def seal_to(public: bytes, plaintext: bytes, hpke_info: bytes, *, alg: int = HYBRID) -> bytes:
    """Seal `plaintext` to a public key, bound to `info`. It proves no sender: anyone with the public key can make one.

    Raises UnknownFormat unless the key is of this algorithm, OpenFailed when the key is not usable.
    """
    if _algorithm_for_length(public, _PUBLIC) != alg:
        raise UnknownFormat(f"public key is not of algorithm {alg}")
    head = bytes([VERSION, alg]) + _compute_kid(public, hpke_info)
    try:
        return head + _SUITES[alg].encrypt(plaintext, _load_public(public), info=_full_hpke_info(head, hpke_info))
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise OpenFailed("public key is not usable") from exc


def open_from(private: bytes, blob: bytes, hpke_info: bytes) -> bytes:
    """Return the plaintext sealed to this key under this `info`. Raises UnknownFormat, OpenFailed."""
    alg = _algorithm_for_length(private, _PRIVATE)
    if len(blob) < 2 + _KID + _ENCAPSULATED[alg] + primitives.TAG_LENGTH:
        raise OpenFailed("sealed to a key: cut short")
    if blob[0] != VERSION or blob[1] != alg:
        raise UnknownFormat(f"sealed to a key: version {blob[0]}, algorithm {blob[1]}")
    head, body = blob[: 2 + _KID], blob[2 + _KID :]
    if not primitives.is_equal(head[2:], _compute_kid(derive_public_key(private), hpke_info)):
        raise OpenFailed("sealed to a key: wrong key, place or altered")
    try:
        return _SUITES[alg].decrypt(body, _load_private(private), info=_full_hpke_info(head, hpke_info))
    except (InvalidTag, ValueError) as exc:
        raise OpenFailed("sealed to a key: wrong key, place or altered") from exc


def new_signing_key() -> bytes:
    """Return a new Ed25519 private key, 32 bytes."""
    return primitives.new_key()


def derive_verify_key(private: bytes) -> bytes:
    """Return the public part of a signing key, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def sign(private: bytes, content: bytes) -> bytes:
    """Return an Ed25519 signature, 64 bytes. `content` begins with the label of the signed type."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(content)


def verify(public: bytes, signature: bytes, content: bytes) -> None:
    """Check that the signature was made with this key over exactly this content. Raises OpenFailed."""
    require_sound_verify_key(public)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError) as exc:
        raise OpenFailed("signature does not fit") from exc


def require_sound_verify_key(public: bytes) -> None:
    """Raise OpenFailed for a verifying key of low order or of another length. For each key that is enrolled."""
    if len(public) != _CURVE or public[:-1] + bytes([public[-1] & 0x7F]) in _LOW_ORDER_Y:
        raise OpenFailed("verifying key is not usable: wrong length or low order")


def signer_id(public: bytes) -> bytes:
    """Return the 8 bytes that identify a verifying key on a roster."""
    return primitives.digest(public)[:_SIGNER]


def grant_info(org: UUID, purpose: int, subject: UUID, recipient: UUID, epoch: int) -> bytes:
    """Return the info of a grant: "grant/1" | org 16 | purpose u16 | subject 16 | recipient 16 | epoch u32."""
    return LABELS["grant"] + _GRANT.pack(org.bytes, purpose, subject.bytes, recipient.bytes, epoch)


def seal_grant(
    recipient_public: bytes, key: bytes, *, signer_private: bytes, signer_id: bytes, hpke_info: bytes
) -> bytes:
    """Seal a key (32 bytes) to one member, signed by another. `info` is from `grant_info`.

    Raises ValueError for a wrong length or info; otherwise as `seal_to`.
    """
    if len(key) != primitives.KEY_LENGTH or len(signer_id) != _SIGNER or not hpke_info.startswith(LABELS["grant"]):
        raise ValueError("a grant is a key of 32 bytes, a signer id of 8 and a grant's info")
    signature = sign(signer_private, hpke_info + primitives.digest(key))
    return seal_to(
        recipient_public, key + signer_id + signature, hpke_info, alg=_algorithm_for_length(recipient_public, _PUBLIC)
    )


def open_grant(private: bytes, blob: bytes, hpke_info: bytes, *, roster: Mapping[bytes, bytes]) -> bytes:
    """Return the granted key. `roster` maps each signer id to its verifying key; the caller has verified the roster.

    Raises OpenFailed when the signer is not on the roster or did not sign this.
    """
    plain = open_from(private, blob, hpke_info)
    if len(plain) != primitives.KEY_LENGTH + _SIGNER + _SIGNATURE or not hpke_info.startswith(LABELS["grant"]):
        raise OpenFailed("grant: length does not fit")
    key, signer, signature = plain[:32], plain[32:40], plain[40:]
    if signer not in roster:
        raise OpenFailed("grant: signer is not on the roster")
    verify(roster[signer], signature, hpke_info + primitives.digest(key))
    return key


def algorithm_of(public: bytes) -> int:
    """Return the algorithm byte of a public key. Raises UnknownFormat."""
    return _algorithm_for_length(public, _PUBLIC)


def algorithm_of_private(private: bytes) -> int:
    """Return the algorithm byte of a private key. Raises UnknownFormat."""
    return _algorithm_for_length(private, _PRIVATE)


def _algorithm_for_length(key: bytes, lengths: Mapping[int, int]) -> int:
    if len(key) not in lengths:
        raise UnknownFormat(f"key of {len(key)} bytes")
    return lengths[len(key)]


def _compute_kid(public: bytes, hpke_info: bytes) -> bytes:
    return primitives.mac(primitives.digest(public), LABELS["hpke kid"], hpke_info)[:_KID]


def _full_hpke_info(head: bytes, hpke_info: bytes) -> bytes:
    return LABELS["hpke"] + head + hpke_info


def _load_private(private: bytes) -> _AnyPrivate:
    curve = X25519PrivateKey.from_private_bytes(private[-_CURVE:])
    if len(private) == _CURVE:
        return curve
    return hpke.MLKEM768X25519PrivateKey(MLKEM768PrivateKey.from_seed_bytes(private[:_ML_KEM_SEED]), curve)


def _load_public(public: bytes) -> _AnyPublic:
    curve = X25519PublicKey.from_public_bytes(public[-_CURVE:])
    if len(public) == _CURVE:
        return curve
    return hpke.MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(public[:_ML_KEM_PUBLIC]), curve)
