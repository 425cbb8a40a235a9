"""Codes of an authenticator app (RFC 6238): six digits, SHA-1, 30 seconds, as every such app makes them."""

import base64
import binascii
import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from caseapp.vault.core import primitives
from caseapp.vault.errors import OpenFailed

SECRET = 20  # bytes: 160 bits, what RFC 4226 recommends and apps show as 32 letters
STEP = 30  # seconds
DIGITS = 6
DRIFT = 1  # steps a phone's clock may be off, either way


def new_secret() -> bytes:
    """A fresh secret for one app."""
    return primitives.random_bytes(SECRET)


def as_text(secret: bytes) -> str:
    """The secret as apps take it: base32 in groups of four letters."""
    letters = base64.b32encode(secret).decode("ascii")
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def from_text(text: str) -> bytes:
    """The secret from however it was typed. Raises OpenFailed."""
    try:
        secret = base64.b32decode("".join(text.split()).upper(), casefold=False)
    except (binascii.Error, ValueError) as exc:
        raise OpenFailed("not an authenticator's secret") from exc
    if len(secret) != SECRET:
        raise OpenFailed("not an authenticator's secret")
    return secret


def address(secret: bytes, *, account: str, issuer: str) -> str:
    """The `otpauth://` address that a QR picture holds."""
    return _totp(secret).get_provisioning_uri(account, issuer)


def code_at(secret: bytes, seconds: int) -> str:
    """The code an app shows at this second since 1970."""
    return _totp(secret).generate(seconds).decode("ascii")


def used_step(secret: bytes, code: str, seconds: int, *, after: int) -> int | None:
    """The time step whose code this is, or None. Steps up to `after` are spent: a code counts once.

    code     as typed: spaces do not matter
    seconds  now, since 1970
    """
    typed = "".join(code.split())
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", typed):
        return None
    now = seconds // STEP
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and _is(secret, typed, step * STEP):
            return step
    return None


def _is(secret: bytes, typed: str, seconds: int) -> bool:
    try:
        _totp(secret).verify(typed.encode("ascii"), seconds)
    except InvalidToken:
        return False
    return True


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, hashes.SHA1(), STEP)  # noqa: S303  # the algorithm that apps know; HMAC keeps it sound
