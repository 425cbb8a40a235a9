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
from caseapp.tools.seal_scan.runs import BASE64_LETTERS, HEX_LETTERS, LineJoiner, RunDecoder, decode_base64, decode_hex
from caseapp.tools.seal_scan.toast import decompress_lz4_block

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

READ_SIZE = 256 * 1024  # bytes that a reader passes on at a time
ZEROS = bytes(READ_SIZE)
MAX_SHORT = 4096  # bytes of a decoded run that may be searched without a stream of its own
MAX_DEPTH = 8  # levels of nested containers
MAX_UNPACKED = 4 * 1024**3  # bytes that one stream may unpack to, with all its containers
MAX_OPEN_CONTAINERS = 256  # compressed streams open at once in one stream
SIGNATURE = re.compile(
    rb"x[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04|BZh[1-9]1AY&SY|\xfd7zXZ\x00|\x04\x22\x4d\x18[\x40-\x7f]"
    rb"|\x28\xb5\x2f\xfd[^\x08-\x0f\x18-\x1f]"
)
LONGEST_SIGNATURE = 10
# What begins a run of hex or base64, a folded line or a soft break: without it a text encodes nothing more.
MAY_ENCODE = re.compile(rb"[A-Za-z0-9+/_-]{32}|=\r?\n")
ZIP_METHODS = {
    *range(11),
    12,
    14,
    16,
    18,
    19,
    20,
    *range(93, 100),
}  # known compression methods of zip members (APPNOTE 4.4.5)


class StreamSink(Protocol):
    """Receiver of what a stream reports."""

    def record_match(self, location: str, via: tuple[str, ...], offset: int, pattern: bytes) -> None: ...
    def count_coincidence(self) -> None: ...
    def record_unscanned(self, location: str, reason: str) -> None: ...


class Unpacker(Protocol):
    """Unpacker that is fed from a signature onwards and yields the content; `done` when it needs no more bytes."""

    done: bool

    def unpack(self, piece: bytes) -> Iterator[bytes]: ...


@dataclass
class UnpackBudget:
    """The number of bytes that a stream and its containers may still unpack to."""

    left: int = MAX_UNPACKED


@dataclass
class OpenContainer:
    """A container that is being read, and the child stream of its content (created with the first bytes)."""

    name: str
    unpacker: Unpacker
    child: "SearchStream | None" = None


@dataclass
class SearchStream:
    """The bytes of one location, searched as they pass. `via` names the containers around them."""

    matcher: Matcher
    sink: StreamSink
    location: str
    via: tuple[str, ...] = ()
    budget: UnpackBudget = field(default_factory=UnpackBudget)
    passed: int = 0  # bytes before the present window
    _carry: bytes = b""
    _live: list[OpenContainer] = field(default_factory=list)
    _runs: "list[RunDecoder | LineJoiner] | None" = None

    def feed(self, piece: bytes) -> None:
        """Search the next bytes."""
        for start in range(0, len(piece), READ_SIZE):
            self._search_piece(piece[start : start + READ_SIZE])

    def close(self) -> None:
        """End the stream: open the runs that reach to its last byte, and close the children."""
        for run in self._runs or ():
            run.close()
        for live in self._live:
            if live.child:
                live.child.close()
        self._live = []

    def open_child(self, name: str) -> "SearchStream":
        """Return a stream for the content of a container in this one."""
        return SearchStream(self.matcher, self.sink, self.location, (*self.via, name), self.budget)

    def _search_short(self, name: str, content: bytes) -> bool:
        """Search what a whole run encodes, unless it is long or may contain something: then return False.

        It finds what a child stream finds. A store has tens of thousands of short runs, and a stream is costly.
        """
        if len(content) > MAX_SHORT or SIGNATURE.search(content) or MAY_ENCODE.search(content):
            return False
        for start, pattern in self.matcher.find_matches(content):
            if is_coincidence(content, start, pattern):
                self.sink.count_coincidence()
            else:
                self.sink.record_match(self.location, (*self.via, name), start, pattern)
        return True

    def _search_piece(self, piece: bytes) -> None:
        is_empty = piece == ZEROS[: len(piece)]
        # A pattern may end in zeros (UTF-16), so the first of them are still searched.
        window = self._carry + (piece[: Matcher.overlap] if is_empty else piece)
        self._report_matches(window)
        for live in self._live:
            self._feed_container(live, piece)
        if not is_empty:
            self._open_containers(window)
        self._feed_runs(piece[:1] if is_empty else piece)  # one zero ends a run as well as many
        self._live = [live for live in self._live if not live.unpacker.done]
        self._carry = (window if not is_empty else self._carry + piece)[-Matcher.overlap :]
        self.passed += len(piece)

    def _report_matches(self, window: bytes) -> None:
        for start, pattern in self.matcher.find_matches(window, seen=len(self._carry)):
            if is_coincidence(window, start, pattern):
                self.sink.count_coincidence()
            else:
                self.sink.record_match(self.location, self.via, self.passed - len(self._carry) + start, pattern)

    def _open_containers(self, window: bytes) -> None:
        """Open the containers that begin in this window. A signature cut by its end is found in the next window."""
        if len(self.via) >= MAX_DEPTH:
            if len(window) > 64 and SIGNATURE.search(window):
                self.sink.record_unscanned(self.location, f"more than {MAX_DEPTH} containers in each other")
            return
        seen = max(0, len(self._carry) - LONGEST_SIGNATURE)
        for match in SIGNATURE.finditer(window, seen):
            if match.end() <= len(self._carry):
                continue
            name, unpacker = _unpacker_for(match[0], self._report_locked)
            live = OpenContainer(name, unpacker)
            self._feed_container(live, window[match.start() :])
            if not unpacker.done:
                self._live.append(live)
        if len(self._live) > MAX_OPEN_CONTAINERS:
            self.sink.record_unscanned(self.location, f"more than {MAX_OPEN_CONTAINERS} compressed streams at once")
            self._live = self._live[-MAX_OPEN_CONTAINERS:]

    def _feed_container(self, live: OpenContainer, piece: bytes) -> None:
        for content in live.unpacker.unpack(piece):
            self.budget.left -= len(content)
            if self.budget.left < 0:
                live.unpacker.done = True
                self.sink.record_unscanned(self.location, f"it unpacks to more than {MAX_UNPACKED} bytes")
                break
            live.child = live.child or self.open_child(live.name)
            live.child.feed(content)
        if live.unpacker.done and live.child:
            live.child.close()

    def _feed_runs(self, piece: bytes) -> None:
        if self._runs is None:
            self._runs = [] if len(self.via) >= MAX_DEPTH else self._new_runs()
        for run in self._runs:
            run.feed(piece)

    def _new_runs(self) -> "list[RunDecoder | LineJoiner]":
        readers: list[RunDecoder | LineJoiner] = [
            RunDecoder(HEX_LETTERS, 32, 2, decode_hex, *self._readers_of("hex")),
            RunDecoder(BASE64_LETTERS, 48, 4, decode_base64, *self._readers_of("base64")),
        ]
        return readers if "unfolded" in self.via else [*readers, LineJoiner(lambda: self.open_child("unfolded"))]

    def _readers_of(self, name: str) -> "tuple[Callable[[], SearchStream], Callable[[bytes], bool]]":
        return (lambda: self.open_child(name)), (lambda content: self._search_short(name, content))

    def _report_locked(self, reason: str) -> None:
        self.sink.record_unscanned(self.location, reason)


class DeflateUnpacker:
    """Unpacker of zlib, gzip or raw deflate."""

    def __init__(self, bits: int) -> None:
        self.done = False
        self._inflate = zlib.decompressobj(bits)

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content of a piece, in parts. Damage ends it: a false signature, or a stream that was cut."""
        while not self.done:
            try:
                content = self._inflate.decompress(piece, READ_SIZE)
            except zlib.error:
                self.done = True
                return
            if content:
                yield content
            piece = self._inflate.unconsumed_tail
            self.done = self._inflate.eof
            if not piece and len(content) < READ_SIZE:
                return


class DecompressorUnpacker:
    """Unpacker of bzip2, xz or zstd."""

    def __init__(self, unzip: bz2.BZ2Decompressor | lzma.LZMADecompressor | zstd.ZstdDecompressor) -> None:
        self.done = False
        self._unzip = unzip

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content of a piece, in parts. Damage ends it."""
        while not self.done:
            try:
                content = self._unzip.decompress(piece, READ_SIZE)
            except (OSError, lzma.LZMAError, zstd.ZstdError):
                self.done = True
                return
            if content:
                yield content
            piece = b""
            self.done = self._unzip.eof
            if self._unzip.needs_input:
                return


class ZipMemberUnpacker:
    """Unpacker of a zip member from its local header onwards: docx, xlsx and the like are zips."""

    def __init__(self, locked: Callable[[str], None]) -> None:
        self.done = False
        self._head = b""
        self._locked = locked
        self._inner: DeflateUnpacker | DecompressorUnpacker | None = None

    def unpack(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content of the member. A stored member needs no unpacking: its bytes were searched already."""
        if self._inner is None:
            self._head += piece
            if len(self._head) < 30:
                return
            if not _is_member_header(self._head):
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
            self._inner = DeflateUnpacker(-15) if method == 8 else DecompressorUnpacker(bz2.BZ2Decompressor())
            piece, self._head = self._head[skip:], b""
        yield from self._inner.unpack(piece)
        self.done = self._inner.done


def _is_member_header(head: bytes) -> bool:
    """Return whether a local header is plausible: its first four bytes appear in any few gigabytes of ciphertext."""
    version, _flags, method, time, date = struct.unpack_from("<5H", head, 4)
    name, extra = struct.unpack_from("<2H", head, 26)
    is_time = time & 31 < 30 and time >> 5 & 63 < 60 and time >> 11 < 24
    is_date = not date or (date & 31 > 0 and 1 <= date >> 5 & 15 <= 12)
    is_known = version & 0xFF <= 63 and version >> 8 < 20 and method in ZIP_METHODS
    return is_known and is_time and is_date and 0 < name <= 1024 and extra <= 4096


class Lz4FrameUnpacker:
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
                yield self._unpack_block(bytes(self._frame[start : start + size]), is_plain=bool(word >> 31))
                self._at = start + size + (4 if flags & 16 else 0)

    def _unpack_block(self, block: bytes, *, is_plain: bool) -> bytes:
        content = block if is_plain else decompress_lz4_block(block, 4 * 1024**2, before=self._out)
        self._out = (self._out + content)[-65536:]
        return content


def _unpacker_for(signature: bytes, locked: Callable[[str], None]) -> tuple[str, Unpacker]:
    if signature[:1] == b"x":
        return "zlib", DeflateUnpacker(15)
    if signature[:2] == b"\x1f\x8b":
        return "gzip", DeflateUnpacker(31)
    if signature[:2] == b"PK":
        return "zip", ZipMemberUnpacker(locked)
    if signature[:3] == b"BZh":
        return "bzip2", DecompressorUnpacker(bz2.BZ2Decompressor())
    if signature[:4] == b"\xfd7zX":
        return "xz", DecompressorUnpacker(lzma.LZMADecompressor())
    if signature[:4] == b"\x04\x22\x4d\x18":
        return "lz4", Lz4FrameUnpacker(locked)
    return "zstd", DecompressorUnpacker(zstd.ZstdDecompressor())
