"""Codes of an authenticator app (RFC 6238): six digits, SHA-1, 30 seconds, as every authenticator app uses."""

import base64
import binascii

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from caseapp.lib.text.digits import has_only_plain_digits, normalise_digits
from caseapp.vault.core import primitives
from caseapp.vault.errors import OpenFailed

SECRET_LENGTH = 20  # bytes: 160 bits, recommended by RFC 4226; apps show 32 letters
STEP = 30  # seconds
DIGITS = 6
MAX_DRIFT_STEPS = 1  # steps that a phone's clock may be wrong, in either direction


def new_secret() -> bytes:
    """Return a new secret for one app."""
    return primitives.random_bytes(SECRET_LENGTH)


def format_secret(secret: bytes) -> str:
    """Return the secret in the form that apps accept: base32 in groups of four letters."""
    letters = base64.b32encode(secret).decode("ascii")
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def parse_secret(text: str) -> bytes:
    """Return the secret from its typed form; spaces and letter case do not matter. Raises OpenFailed."""
    try:
        secret = base64.b32decode("".join(text.split()).upper(), casefold=False)
    except (binascii.Error, ValueError) as exc:
        raise OpenFailed("not an authenticator's secret") from exc
    if len(secret) != SECRET_LENGTH:
        raise OpenFailed("not an authenticator's secret")
    return secret


def provisioning_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """Return the `otpauth://` address for the QR code."""
    return _make_totp(secret).get_provisioning_uri(account, issuer)


def find_time_step(secret: bytes, code: str, seconds: int, *, after: int) -> int | None:
    """Return the time step of this code, or None. Steps up to `after` are used up: each code is accepted once.

    code     as typed or pasted; spaces and dashes are ignored
    seconds  now, since 1970
    """
    typed = normalise_digits(code).replace(" ", "").replace("-", "")
    if len(typed) != DIGITS or not has_only_plain_digits(typed):
        return None
    now = seconds // STEP
    for step in range(now - MAX_DRIFT_STEPS, now + MAX_DRIFT_STEPS + 1):
        if step > after and _is_code_at(secret, typed, step * STEP):
            return step
    return None


def _is_code_at(secret: bytes, typed: str, seconds: int) -> bool:
    try:
        _make_totp(secret).verify(typed.encode("ascii"), seconds)
    except InvalidToken:
        return False
    return True


def _make_totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, hashes.SHA1(), STEP)  # noqa: S303  # the only algorithm that all apps support; safe in HMAC
