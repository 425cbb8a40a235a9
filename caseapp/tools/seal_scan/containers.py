"""Byte streams that open what they contain: compressed, zipped, in hex or in base64, also nested.

`SearchStream.feed` accepts pieces of any size; a text, a signature or a compressed stream may cross their borders. Each
container becomes a child stream, so a gzip in a zip in a bytea in a dump has `via` = "hex > zip > gzip".

Opened: gzip, zlib (every 78 01/5e/9c/da, which covers PDF Flate), zip members and so docx, xlsx, odt, jar; bzip2, xz,
LZ4 and zstd frames; runs of hex and of base64, also in lines; soft line breaks of quoted-printable. Pickles keep
strings raw. Not opened: encrypted zip members (reported as "not scanned"), brotli (no signature), zstd with a
dictionary.
"""

import bz2
import lzma
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from caseapp.tools.seal_scan.matching import Matcher, is_coincidence
from caseapp.tools.seal_scan.runs import BASE64, HEX, Runs, Unfolder, base64_bytes, hex_bytes
from caseapp.tools.seal_scan.toast import lz4_block

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE = 256 * 1024  # bytes that a reader passes on at a time
ZEROS = bytes(PIECE)
DEEPEST = 8  # levels of nested containers
INFLATED = 4 * 1024**3  # bytes that one stream may unpack to, with all its containers
LIVE = 256  # compressed streams open at once in one stream
SIGNATURE = re.compile(
    rb"x[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04|BZh[1-9]1AY&SY|\xfd7zXZ\x00|\x04\x22\x4d\x18[\x40-\x7f]"
    rb"|\x28\xb5\x2f\xfd[^\x08-\x0f\x18-\x1f]"
)
LONGEST_SIGNATURE = 10
METHODS = {
    *range(11),
    12,
    14,
    16,
    18,
    19,
    20,
    *range(93, 100),
}  # known compression methods of zip members (APPNOTE 4.4.5)


class Sink(Protocol):
    """Receiver of what a stream reports."""

    def found(self, place: str, via: tuple[str, ...], offset: int, pattern: bytes) -> None: ...
    def coincided(self) -> None: ...
    def not_scanned(self, place: str, reason: str) -> None: ...


class Unpacker(Protocol):
    """Unpacker that is fed from a signature onwards and yields the content; `done` when it needs no more bytes."""

    done: bool

    def unpack(self, piece: bytes) -> Iterator[bytes]: ...


@dataclass
class Budget:
    """The number of bytes that a stream and its containers may still unpack to."""

    left: int = INFLATED


@dataclass
class Live:
    """A container that is being read, and the child stream of its content (created with the first bytes)."""

    name: str
    unpacker: Unpacker
    child: "Stream | None" = None


@dataclass
class Stream:
    """The bytes of one location, searched as they pass. `via` names the containers around them."""

    matcher: Matcher
    sink: Sink
    place: str
    via: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)
    passed: int = 0  # bytes before the present window
    _carry: bytes = b""
    _live: list[Live] = field(default_factory=list)
    _runs: "list[Runs | Unfolder] | None" = None

    def feed(self, piece: bytes) -> None:
        """Search the next bytes."""
        for start in range(0, len(piece), PIECE):
            self._feed(piece[start : start + PIECE])

    def close(self) -> None:
        """End the stream: open the runs that reach to its last byte, and close the children."""
        for run in self._runs or ():
            run.close()
        for live in self._live:
            if live.child:
                live.child.close()
        self._live = []

    def child(self, name: str) -> "Stream":
        """Return a stream for the content of a container in this one."""
        return Stream(self.matcher, self.sink, self.place, (*self.via, name), self.budget)

    def _feed(self, piece: bytes) -> None:
        is_empty = piece == ZEROS[: len(piece)]
        # A pattern may end in zeros (UTF-16), so the first of them are still searched.
        window = self._carry + (piece[: Matcher.overlap] if is_empty else piece)
        self._match(window)
        for live in self._live:
            self._unpack(live, piece)
        if not is_empty:
            self._carve(window)
        self._run(piece[:1] if is_empty else piece)  # one zero ends a run as well as many
        self._live = [live for live in self._live if not live.unpacker.done]
        self._carry = (window if not is_empty else self._carry + piece)[-Matcher.overlap :]
        self.passed += len(piece)

    def _match(self, window: bytes) -> None:
        for start, pattern in self.matcher.find(window, seen=len(self._carry)):
            if is_coincidence(window, start, pattern):
                self.sink.coincided()
            else:
                self.sink.found(self.place, self.via, self.passed - len(self._carry) + start, pattern)

    def _carve(self, window: bytes) -> None:
        """Open the containers that begin in this window. A signature cut by its end is found in the next window."""
        if len(self.via) >= DEEPEST:
            if len(window) > 64 and SIGNATURE.search(window):
                self.sink.not_scanned(self.place, f"more than {DEEPEST} containers in each other")
            return
        seen = max(0, len(self._carry) - LONGEST_SIGNATURE)
        for match in SIGNATURE.finditer(window, seen):
            if match.end() <= len(self._carry):
                continue
            name, unpacker = _unpacker(match[0], self._locked)
            live = Live(name, unpacker)
            self._unpack(live, window[match.start() :])
            if not unpacker.done:
                self._live.append(live)
        if len(self._live) > LIVE:
            self.sink.not_scanned(self.place, f"more than {LIVE} compressed streams at once")
            self._live = self._live[-LIVE:]

    def _unpack(self, live: Live, piece: bytes) -> None:
        for content in live.unpacker.unpack(piece):
            self.budget.left -= len(content)
            if self.budget.left < 0:
                live.unpacker.done = True
                self.sink.not_scanned(self.place, f"it unpacks to more than {INFLATED} bytes")
                break
            live.child = live.child or self.child(live.name)
            live.child.feed(content)
        if live.unpacker.done and live.child:
            live.child.close()

    def _run(self, piece: bytes) -> None:
        if self._runs is None:
            self._runs = [] if len(self.via) >= DEEPEST else self._new_runs()
        for run in self._runs:
            run.feed(piece)

    def _new_runs(self) -> "list[Runs | Unfolder]":
        readers: list[Runs | Unfolder] = [
            Runs(HEX, 32, 2, hex_bytes, lambda: self.child("hex")),
            Runs(BASE64, 48, 4, base64_bytes, lambda: self.child("base64")),
        ]
        return readers if "unfolded" in self.via else [*readers, Unfolder(lambda: self.child("unfolded"))]

    def _locked(self, reason: str) -> None:
        self.sink.not_scanned(self.place, reason)


class Deflated:
    """Unpacker of zlib, gzip or raw deflate."""

    def __init__(self, bits: int) -> None:
        self.done = False
        self._inflate = zlib.decompressobj(bits)

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content of a piece, in parts. Damage ends it: a false signature, or a stream that was cut."""
        while not self.done:
            try:
                content = self._inflate.decompress(piece, PIECE)
            except zlib.error:
                self.done = True
                return
            if content:
                yield content
            piece = self._inflate.unconsumed_tail
            self.done = self._inflate.eof
            if not piece and len(content) < PIECE:
                return


class Squeezed:
    """Unpacker of bzip2, xz or zstd."""

    def __init__(self, unzip: bz2.BZ2Decompressor | lzma.LZMADecompressor | zstd.ZstdDecompressor) -> None:
        self.done = False
        self._unzip = unzip

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content of a piece, in parts. Damage ends it."""
        while not self.done:
            try:
                content = self._unzip.decompress(piece, PIECE)
            except (OSError, lzma.LZMAError, zstd.ZstdError):
                self.done = True
                return
            if content:
                yield content
            piece = b""
            self.done = self._unzip.eof
            if self._unzip.needs_input:
                return


class ZipMember:
    """Unpacker of a zip member from its local header onwards: docx, xlsx and the like are zips."""

    def __init__(self, locked: Callable[[str], None]) -> None:
        self.done = False
        self._head = b""
        self._locked = locked
        self._inner: Deflated | Squeezed | None = None

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content of the member. A stored member needs no unpacking: its bytes were searched already."""
        if self._inner is None:
            self._head += piece
            if len(self._head) < 30:
                return
            if not _begins_a_member(self._head):
                self.done = True
                return
            skip = 30 + int.from_bytes(self._head[26:28], "little") + int.from_bytes(self._head[28:30], "little")
            if len(self._head) < skip:
                return
            is_encrypted, method = self._head[6] & 1, int.from_bytes(self._head[8:10], "little")
            if is_encrypted or method not in {8, 12}:
                self.done = True
                if is_encrypted or method:  # 0 is stored: its bytes were searched already
                    self._locked("a zip member that is encrypted or packed in an unknown way")
                return
            self._inner = Deflated(-15) if method == 8 else Squeezed(bz2.BZ2Decompressor())
            piece, self._head = self._head[skip:], b""
        yield from self._inner.unpack(piece)
        self.done = self._inner.done


def _begins_a_member(head: bytes) -> bool:
    """Return whether a local header is plausible: its first four bytes appear in any few gigabytes of ciphertext."""
    version, _flags, method, time, date = struct.unpack_from("<5H", head, 4)
    name, extra = struct.unpack_from("<2H", head, 26)
    is_time = time & 31 < 30 and time >> 5 & 63 < 60 and time >> 11 < 24
    is_date = not date or (date & 31 > 0 and 1 <= date >> 5 & 15 <= 12)
    is_known = version & 0xFF <= 63 and version >> 8 < 20 and method in METHODS
    return is_known and is_time and is_date and 0 < name <= 1024 and extra <= 4096


class Lz4Frame:
    """Unpacker of an LZ4 frame. Blocks may refer to earlier ones, so all are kept; over 64 MiB is only reported."""

    def __init__(self, locked: Callable[[str], None]) -> None:
        self.done = False
        self._frame = bytearray()
        self._locked = locked
        self._at = 0
        self._out = b""

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content of the complete blocks."""
        self._frame += piece
        if len(self._frame) > 64 * 1024**2:
            self.done = True
            self._locked("an LZ4 frame over 64 MiB")
            return
        flags = self._frame[4] if len(self._frame) > 4 else 0
        if not self._at and len(self._frame) >= 19:
            self._at = 7 + (8 if flags & 8 else 0) + (4 if flags & 1 else 0)
        while self._at and self._at + 4 <= len(self._frame) and not self.done:
            word = int.from_bytes(self._frame[self._at : self._at + 4], "little")
            size, start = word & 0x7FFFFFFF, self._at + 4
            if size == 0 or size > 4 * 1024**2:
                self.done = True
            elif start + size > len(self._frame):
                return
            else:
                yield self._block(bytes(self._frame[start : start + size]), is_plain=bool(word >> 31))
                self._at = start + size + (4 if flags & 16 else 0)

    def _block(self, block: bytes, *, is_plain: bool) -> bytes:
        content = block if is_plain else lz4_block(block, 4 * 1024**2, before=self._out)
        self._out = (self._out + content)[-65536:]
        return content


def _unpacker(signature: bytes, locked: Callable[[str], None]) -> tuple[str, Unpacker]:
    if signature[:1] == b"x":
        return "zlib", Deflated(15)
    if signature[:2] == b"\x1f\x8b":
        return "gzip", Deflated(31)
    if signature[:2] == b"PK":
        return "zip", ZipMember(locked)
    if signature[:3] == b"BZh":
        return "bzip2", Squeezed(bz2.BZ2Decompressor())
    if signature[:4] == b"\xfd7zX":
        return "xz", Squeezed(lzma.LZMADecompressor())
    if signature[:4] == b"\x04\x22\x4d\x18":
        return "lz4", Lz4Frame(locked)
    return "zstd", Squeezed(zstd.ZstdDecompressor())
