"""The cryptographic primitives of all sealed formats. Only this module generates keys and nonces."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from caseapp.vault.errors import OpenFailed

KEY_LENGTH = 32  # bytes of every symmetric key
NONCE_LENGTH = 12
TAG_LENGTH = 16
_LENGTH_PREFIX = 4  # bytes of the length prefix of padded plaintext


def random_bytes(count: int) -> bytes:
    """Return `count` bytes from the system's generator, the source of all keys, nonces and salts in the formats."""
    return os.urandom(count)


def new_key() -> bytes:
    """Return a new key of 32 bytes."""
    return random_bytes(KEY_LENGTH)


def expand(key: bytes, hkdf_info: bytes, length: int = KEY_LENGTH) -> bytes:
    """Derive a key by HKDF-Expand with SHA-256 (RFC 5869, 2.3). `key` must be uniformly random: there is no Extract."""
    return HKDFExpand(hashes.SHA256(), length, hkdf_info).derive(key)


def mac(key: bytes, *parts: bytes) -> bytes:
    """Return the HMAC-SHA-256, 32 bytes. Each part is prefixed by its length (u32), so parts cannot run together."""
    message = b"".join([len(part).to_bytes(4, "big") + part for part in parts])
    return hmac.digest(key, message, "sha256")


def digest(content: bytes) -> bytes:
    """Return the SHA-256, 32 bytes."""
    return hashlib.sha256(content).digest()


def is_equal(a: bytes, b: bytes) -> bool:
    """Return whether two byte strings are equal, in constant time."""
    return hmac.compare_digest(a, b)


def seal(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a random nonce. Return nonce 12 | ciphertext | tag 16."""
    nonce = random_bytes(NONCE_LENGTH)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, aad)


def open_sealed(key: bytes, sealed: bytes, aad: bytes, *, what: str) -> bytes:
    """Return the plaintext of `seal`. `what` names the object in messages, never its content. Raises OpenFailed."""
    if len(sealed) < NONCE_LENGTH + TAG_LENGTH:
        raise OpenFailed(f"{what}: cut short")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:], aad)
    except (InvalidTag, ValueError) as exc:
        raise OpenFailed(f"{what}: wrong key or altered") from exc


def add_padding(plaintext: bytes, step: int) -> bytes:
    """Return length u32 | plaintext | zeros up to the next multiple of `step` bytes."""
    return (len(plaintext).to_bytes(_LENGTH_PREFIX, "big") + plaintext).ljust(_padded_size(len(plaintext), step), b"\0")


def remove_padding(content: bytes, step: int, *, what: str) -> bytes:
    """Return the plaintext of `padded`. Raises OpenFailed unless length and zeros are as `padded` writes them."""
    length = int.from_bytes(content[:_LENGTH_PREFIX], "big")
    if len(content) < _LENGTH_PREFIX or len(content) != _padded_size(length, step):
        raise OpenFailed(f"{what}: length does not fit")
    end = _LENGTH_PREFIX + length
    if content[end:] != bytes(len(content) - end):
        raise OpenFailed(f"{what}: padding is not empty")
    return content[_LENGTH_PREFIX:end]


def _padded_size(length: int, step: int) -> int:
    return -(-(length + _LENGTH_PREFIX) // step) * step
