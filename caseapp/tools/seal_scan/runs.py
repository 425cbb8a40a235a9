"""Decoders of bytes written as text: runs of hex or base64 letters, and texts folded into lines."""

import base64
import re
from collections.abc import Callable
from functools import cache
from typing import Protocol

HEX_LETTERS = b"0123456789abcdefABCDEF"
BASE64_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
MAX_WAITING = 1024 * 1024  # letters that are kept before they are decoded
# Both begin with a character that is rare in ciphertext and look back from it: a lookahead at every position would read
# a long line again from each of its letters.
FOLDED_LINES = re.compile(rb"\n(?<=[A-Za-z0-9+/_-]{40}\n)(?=[A-Za-z0-9+/_-])")
SOFT_BREAKS = re.compile(rb"=\n(?<=[ -~]{20}=\n)(?=[ -~])")
FOLD_CARRY = 128  # bytes: a line of a folded text is at most 78


class DecodedSink(Protocol):
    """Receiver of the decoded bytes."""

    def feed(self, piece: bytes) -> None: ...
    def close(self) -> None: ...


class RunDecoder:
    """Decoder of every run of at least `minimum` of the `letters`. A run may continue over many pieces."""

    def __init__(
        self,
        letters: bytes,
        minimum: int,
        unit: int,
        decode: Callable[[bytes], bytes],
        child: Callable[[], DecodedSink],
        search_whole: Callable[[bytes], bool],
    ) -> None:
        """Set up a decoder.

        search_whole  searches what a whole run encodes without a child, where that is enough; returns False otherwise
        """
        self._letters, self._minimum, self._unit, self._decode = letters, minimum, unit, decode
        self._new_child, self._search_whole = child, search_whole
        self._expression = _run_expression(letters, minimum)
        self._waiting = b""  # letters at the end of the last piece: the run may continue
        self._child: DecodedSink | None = None  # the child of a run that is so long that a part was decoded already

    def feed(self, piece: bytes) -> None:
        """Decode the runs that end in the next bytes."""
        rest = piece.lstrip(self._letters)
        self._waiting += piece[: len(piece) - len(rest)]
        if not rest:
            if len(self._waiting) >= MAX_WAITING:
                self._decode_waiting()
            return
        self.close()
        inner = rest.rstrip(self._letters)
        for match in self._expression.finditer(inner):
            self._waiting = match[0]
            self.close()
        self._waiting = rest[len(inner) :]

    def close(self) -> None:
        """Decode the waiting run, which has ended."""
        if self._child is None and len(self._waiting) >= self._minimum:
            if not self._search_whole(decoded := self._decode(self._waiting)):
                child = self._new_child()
                child.feed(decoded)
                child.close()
        elif self._child is not None:
            self._child.feed(self._decode(self._waiting))
            self._child.close()
        self._waiting, self._child = b"", None

    def _decode_waiting(self) -> None:
        self._child = self._child or self._new_child()
        whole = len(self._waiting) // self._unit * self._unit
        self._child.feed(self._decode(self._waiting[:whole]))
        self._waiting = self._waiting[whole:]


@cache
def _run_expression(letters: bytes, minimum: int) -> re.Pattern[bytes]:
    return re.compile(b"[" + re.escape(letters) + b"]{" + str(minimum).encode() + b",}+")


class LineJoiner:
    """Joiner of base64 or hex lines and of the soft breaks of quoted-printable, as in mail and PDF hex strings.

    Only pieces with such a fold are passed on, so nothing else is searched twice.
    """

    def __init__(self, child: Callable[[], DecodedSink]) -> None:
        self._new_child = child
        self._carry = b""
        self._child: DecodedSink | None = None

    def feed(self, piece: bytes) -> None:
        """Pass on the next bytes with their folds joined, if there are any."""
        window = self._carry + piece
        self._carry = piece[-FOLD_CARRY:]
        joined, lines = FOLDED_LINES.subn(b"", window.replace(b"\r\n", b"\n"))
        joined, breaks = SOFT_BREAKS.subn(b"", joined)
        if lines or breaks:
            self._child = self._child or self._new_child()
            self._child.feed(joined)

    def close(self) -> None:
        """End the joined text."""
        if self._child is not None:
            self._child.close()
        self._child = None


def decode_hex(run: bytes) -> bytes:
    """Return the bytes of hex letters; an odd letter at the end is dropped."""
    return bytes.fromhex(run[: len(run) // 2 * 2].decode())


def decode_base64(run: bytes) -> bytes:
    """Return the bytes of unpadded base64 or base64url letters; nothing for hex, which has its own decoder."""
    if not run[:256].strip(HEX_LETTERS):
        return b""
    letters = run.translate(bytes.maketrans(b"-_", b"+/"))
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))
