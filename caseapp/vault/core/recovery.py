"""The recovery code on the printed sheet: 160 random bits in Crockford's base32, and a checksum group.

Nine groups of four characters; the last group is 20 bits of SHA-256 over the other 20 bytes, so that a copying error
is detected before the code is tried. 160 bits need no slow hash.
"""

import hashlib

from caseapp.lib.text.digits import normalise_digits
from caseapp.vault.core import primitives
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_SEPARATORS = " -"
_BYTES = 20
_CODE, _CHECK, _GROUP = 32, 4, 4  # characters


class BadCode(OpenFailed):
    """The text is not a recovery code: a character or the checksum group is wrong."""


def new_recovery_code() -> str:
    """Return a new code in its printed form."""
    return _format_code(primitives.random_bytes(_BYTES))


def normalise_code(text: str) -> str:
    """Return the printed form of a typed code (any case, spaces, dashes, o for 0, l for 1). Raises BadCode."""
    return _format_code(code_bytes(text))


def code_bytes(text: str) -> bytes:
    """Return the 20 bytes of a code. Raises BadCode."""
    values = []
    for letter in normalise_digits(text).upper():
        if letter in _SEPARATORS:
            continue
        if letter not in _VALUES:
            raise BadCode("a character does not belong to a recovery code")
        values.append(_VALUES[letter])
        if len(values) > _CODE + _CHECK:
            break
    if len(values) != _CODE + _CHECK:
        raise BadCode("a recovery code has nine groups of four")
    raw = _decode_base32(values[:_CODE]).to_bytes(_BYTES, "big")
    if _decode_base32(values[_CODE:]) != _compute_checksum(raw):
        raise BadCode("the checksum group does not fit")
    return raw


def _format_code(raw: bytes) -> str:
    letters = _encode_base32(int.from_bytes(raw, "big"), _CODE) + _encode_base32(_compute_checksum(raw), _CHECK)
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def _encode_base32(number: int, count: int) -> str:
    return "".join(_ALPHABET[number >> 5 * position & 31] for position in reversed(range(count)))


def _decode_base32(values: list[int]) -> int:
    number = 0
    for value in values:
        number = number << 5 | value
    return number


def _compute_checksum(raw: bytes) -> int:
    return int.from_bytes(hashlib.sha256(LABELS["recovery"] + raw).digest()[:3], "big") >> 4
