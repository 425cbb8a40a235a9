"""Verifying keys of low order: a signature under one of them fits what its owner never signed."""

from functools import cache

import pytest

from caseapp.vault.core import hybrid
from caseapp.vault.errors import OpenFailed

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int]


def _sum(a: Point, b: Point) -> Point:
    """The sum of two points of the curve (RFC 8032, section 5.1.4)."""
    cross = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + cross, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - cross, -1, P)
    return x % P, y % P


def _root(square: int) -> int | None:
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square % P:
        root = root * pow(2, (P - 1) // 4, P) % P
    return root if root * root % P == square % P else None


@cache
def _points_of_low_order() -> set[Point]:
    """Multiply points by the group's odd order: what is left has an order of 1, 2, 4 or 8."""
    order = 2**252 + 27742317777372353535851937790883648493
    found: set[Point] = set()
    for y in range(2, 60):
        x = _root((y * y - 1) * pow(D * y * y + 1, P - 2, P) % P)
        if x is None:
            continue
        left, power, rest = (0, 1), (x, y), order
        while rest:
            if rest & 1:
                left = _sum(left, power)
            power, rest = _sum(power, power), rest >> 1
        found.add(left)
    return found


def _encodings() -> set[bytes]:
    """Every 32 bytes that decode to such a point: y or y + p, with either sign."""
    made = set()
    for _, y in _points_of_low_order():
        for number in (y, y + P):
            if number < 2**255:
                for sign in (0, 2**255):
                    made.add((number + sign).to_bytes(32, "little"))
    return made


def test_every_encoding_of_the_eight_points_of_low_order_is_refused() -> None:
    assert len(_points_of_low_order()) == 8
    assert len(_encodings()) == 14
    for public in _encodings():
        with pytest.raises(OpenFailed):
            hybrid.require_sound_verify_key(public)


@pytest.mark.parametrize("public", [b"", bytes(31), bytes([9]) * 33])
def test_a_key_of_another_length_is_refused(public: bytes) -> None:
    with pytest.raises(OpenFailed):
        hybrid.require_sound_verify_key(public)


def test_a_new_key_is_sound() -> None:
    hybrid.require_sound_verify_key(hybrid.derive_verify_key(hybrid.new_signing_key()))


def test_a_signature_under_a_key_of_low_order_fits_nothing() -> None:
    """Under the neutral point any content fits this signature, for whoever checks without looking at the key."""
    neutral, forged = (1).to_bytes(32, "little"), (1).to_bytes(32, "little") + bytes(32)
    with pytest.raises(OpenFailed, match="low order"):
        hybrid.verify(neutral, forged, b"any content")
