"""Text that stands for bytes: runs of hex or base64 letters, and texts folded into lines."""

import base64
import re
from collections.abc import Callable
from typing import Protocol

HEX = b"0123456789abcdefABCDEF"
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
WIDEST = 1024 * 1024  # letters that are kept before they are decoded
# Both begin with a letter that is rare in ciphertext and look back from it: looking ahead from every place would read a
# long line again from each of its letters.
FOLDED_LINES = re.compile(rb"\n(?<=[A-Za-z0-9+/_-]{40}\n)(?=[A-Za-z0-9+/_-])")
SOFT_BREAKS = re.compile(rb"=\n(?<=[ -~]{20}=\n)(?=[ -~])")
FOLD_CARRY = 128  # bytes: a line of a folded text is at most 78


class Child(Protocol):
    """What takes the decoded bytes."""

    def feed(self, piece: bytes) -> None: ...
    def close(self) -> None: ...


class Runs:
    """Decodes every run of at least `minimum` of the `letters`. A run may go on for many pieces."""

    def __init__(
        self, letters: bytes, minimum: int, unit: int, decode: Callable[[bytes], bytes], child: Callable[[], Child]
    ) -> None:
        self._letters, self._minimum, self._unit, self._decode = letters, minimum, unit, decode
        self._new_child = child
        self._expression = re.compile(b"[" + re.escape(letters) + b"]{" + str(minimum).encode() + b",}+")
        self._waiting = b""  # letters at the end of the last piece: the run may go on
        self._child: Child | None = None  # the child of a run so long that part of it was decoded

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        rest = piece.lstrip(self._letters)
        self._waiting += piece[: len(piece) - len(rest)]
        if not rest:
            if len(self._waiting) >= WIDEST:
                self._drain()
            return
        self.close()
        inner = rest.rstrip(self._letters)
        for match in self._expression.finditer(inner):
            self._waiting = match[0]
            self.close()
        self._waiting = rest[len(inner) :]

    def close(self) -> None:
        """The run that is waiting has ended."""
        if self._child is None and len(self._waiting) >= self._minimum:
            self._child = self._new_child()
        if self._child is not None:
            self._child.feed(self._decode(self._waiting))
            self._child.close()
        self._waiting, self._child = b"", None

    def _drain(self) -> None:
        self._child = self._child or self._new_child()
        whole = len(self._waiting) // self._unit * self._unit
        self._child.feed(self._decode(self._waiting[:whole]))
        self._waiting = self._waiting[whole:]


class Unfolder:
    """Joins lines of base64 or hex and the soft breaks of quoted-printable, as in mail and in PDF hex strings.

    Only pieces that hold such a fold are handed on, so nothing else is searched twice.
    """

    def __init__(self, child: Callable[[], Child]) -> None:
        self._new_child = child
        self._carry = b""
        self._child: Child | None = None

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        window = self._carry + piece
        self._carry = piece[-FOLD_CARRY:]
        joined, lines = FOLDED_LINES.subn(b"", window.replace(b"\r\n", b"\n"))
        joined, breaks = SOFT_BREAKS.subn(b"", joined)
        if lines or breaks:
            self._child = self._child or self._new_child()
            self._child.feed(joined)

    def close(self) -> None:
        """The bytes have ended."""
        if self._child is not None:
            self._child.close()
        self._child = None


def hex_bytes(run: bytes) -> bytes:
    """The bytes of an even number of hex letters; an odd one at the end is dropped."""
    return bytes.fromhex(run[: len(run) // 2 * 2].decode())


def base64_bytes(run: bytes) -> bytes:
    """The bytes of base64 or base64url letters without their padding. Hex has its own decoder and gives nothing."""
    if not run[:256].strip(HEX):
        return b""
    letters = run.translate(bytes.maketrans(b"-_", b"+/"))
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))
