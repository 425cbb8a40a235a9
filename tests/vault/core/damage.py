"""Ways to spoil bytes, and a fixed stream in place of the system's generator."""

import hashlib
from collections.abc import Iterator

from hypothesis import strategies as st


def flips(blob: bytes) -> Iterator[bytes]:
    """The blob with each single bit turned over."""
    for place in range(len(blob) * 8):
        yield flip(blob, place)


def flip(blob: bytes, place: int) -> bytes:
    """The blob with one bit turned over."""
    changed = bytearray(blob)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def misshapen(blob: bytes) -> Iterator[bytes]:
    """The blob cut at every length (of long ones, at both ends), lengthened, and doubled."""
    ends = range(len(blob)) if len(blob) < 1000 else [*range(300), *range(len(blob) - 300, len(blob))]
    for end in ends:
        yield blob[:end]
    yield blob + b"\0"
    yield blob + bytes(16)
    yield b"\0" + blob
    yield blob[1:]
    yield blob + blob


def damaged(blob: bytes) -> st.SearchStrategy[bytes]:
    """Any other bytes near the blob: bits turned, pieces cut out, put in or replaced."""

    def spoil(start: int, length: int, instead: bytes) -> bytes:
        return blob[:start] + instead + blob[start + length :]

    pieces = st.builds(spoil, st.integers(0, len(blob)), st.integers(0, 40), st.binary(max_size=40))
    turned = st.integers(0, len(blob) * 8 - 1).map(lambda place: flip(blob, place))
    return (pieces | turned).filter(lambda other: other != blob)


class FixedStream:
    """Answers the same bytes in every run, so that a format with random nonces can be compared byte for byte."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._calls = 0

    def __call__(self, count: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._seed + self._calls.to_bytes(4, "big")).digest(count)
