"""Values that PostgreSQL compressed: pglz and LZ4 in heap pages, TOAST chunks and the write-ahead log.

pg_dump shows every live row uncompressed, so live rows need none of this. Deleted and replaced rows stay in heap pages
until vacuum and in the WAL until it is recycled, where pglz breaks a text up with a control byte after every 8 letters:
a plain search of the raw files would miss it. So compressed values are found in the raw bytes by their header:

    inline varlena     header u32 (length << 2 | 2) | rawsize u30, method u2 | stream          (little-endian)
    TOAST chunk        chunk id u32 | number u32 | varlena header u32 (length << 2) | bytes; chunk 0 starts with
                       the same rawsize-and-method word

Chunks of one value are joined by chunk id within one file. A damaged stream gives its content before the damage.
"""

import mmap
import re
import struct
from collections.abc import Iterator

Pages = bytes | mmap.mmap
COMPRESSION_METHODS = {0: "pglz", 1: "lz4"}
_LOW2 = re.escape(bytes(range(2, 256, 4)))
_LOW0 = re.escape(bytes(range(0, 256, 4)))
# Inline values fit in a page: length < 8192, rawsize < 16 MiB. A lookahead, because a match may begin inside another.
INLINE_VALUE = re.compile(rb"(?=([" + _LOW2 + rb"][\x00-\x7f]\x00\x00)(...[\x00\x40]))", re.DOTALL)
# A chunk's varlena header: 16 to 2047 bytes. Zero bytes are no header, or empty pages would match everywhere.
_HEADER = rb"(?:[" + _LOW0 + rb"][\x01-\x1f]|[" + re.escape(bytes(range(64, 256, 4))) + rb"]\x00)\x00\x00"
FIRST_CHUNK = re.compile(rb"(?=\x00\x00\x00\x00(" + _HEADER + rb")...[\x00-\x03\x40-\x43])", re.DOTALL)
CHUNK_HEAD = re.compile(rb"(..\x00\x00)(" + _HEADER + rb")", re.DOTALL)
WAL_PAGE = 8192
WAL_MAGIC = 0xD1  # high byte of a WAL page's first word in every release since 13
MAX_VALUE_LENGTH = 64 * 1024 * 1024  # bytes of one joined value; a record or text is far smaller


def decompress_pglz(stream: bytes, rawsize: int) -> bytes:
    """Return the content of a pglz stream, at most `rawsize` bytes; of a damaged one the part before the damage."""
    out = bytearray()
    at, end = 0, len(stream)
    while at < end and len(out) < rawsize:
        control = stream[at]
        at += 1
        for bit in range(8):
            if at >= end or len(out) >= rawsize:
                break
            if not control >> bit & 1:
                out.append(stream[at])
                at += 1
                continue
            if at + 1 >= end:
                return bytes(out)
            length = (stream[at] & 0x0F) + 3
            back = (stream[at] & 0xF0) << 4 | stream[at + 1]
            at += 2
            if length == 18:
                if at >= end:
                    return bytes(out)
                length += stream[at]
                at += 1
            if not 0 < back <= len(out):
                return bytes(out)
            _copy_back(out, back, length)
    return bytes(out[:rawsize])


def decompress_lz4_block(stream: bytes, rawsize: int, before: bytes = b"") -> bytes:
    """Return the content of an LZ4 block, at most `rawsize` bytes; of a damaged one the part before the damage.

    before  content of the earlier blocks, for a frame whose blocks refer to each other
    """
    out = bytearray(before)
    rawsize += len(before)
    at = 0
    try:
        while at < len(stream) and len(out) < rawsize:
            token = stream[at]
            literals, at = _lz4_length(stream, at + 1, token >> 4)
            out += stream[at : at + literals]
            at += literals
            if at >= len(stream):
                break
            back = stream[at] | stream[at + 1] << 8
            length, at = _lz4_length(stream, at + 2, token & 15)
            if not 0 < back <= len(out) or length > MAX_VALUE_LENGTH:
                break
            _copy_back(out, back, length + 4)
    except IndexError:  # the block is cut: what was read so far is kept
        pass
    return bytes(out[len(before) : rawsize])


def compressed_values(pages: Pages, *, has_chunks: bool) -> Iterator[tuple[int, str, bytes]]:
    """Yield offset, method and content of every compressed value in `pages` (a relation file, or WAL without headers).

    has_chunks  search for TOAST chunks too: only WAL and TOAST relations contain them, and the search takes time
    """
    for match in INLINE_VALUE.finditer(pages):
        size = int.from_bytes(match[1], "little") >> 2
        if size >= 16 and (value := _decompress_value(pages[match.start() + 4 : match.start() + size])):
            yield match.start(), *value
    if has_chunks:
        yield from _toast_values(pages)


def without_wal_headers(segment: bytes) -> bytes:
    """Return a WAL segment without its page headers (24 bytes, 40 on the first), which may cut a text in two."""
    if len(segment) < WAL_PAGE or segment[1] != WAL_MAGIC:
        return segment
    return b"".join(
        page[40 if start == 0 else 24 :] if page[1] == WAL_MAGIC else page
        for start in range(0, len(segment) - 1, WAL_PAGE)
        if len(page := segment[start : start + WAL_PAGE]) > 40
    )


def _decompress_value(datum: bytes) -> tuple[str, bytes] | None:
    """Return method and content of `rawsize, method | stream`; None when the word is not plausible."""
    if len(datum) < 8:
        return None
    (word,) = struct.unpack_from("<I", datum)
    rawsize, method = word & 0x3FFFFFFF, COMPRESSION_METHODS.get(word >> 30)
    if method is None or not len(datum) - 4 < rawsize <= MAX_VALUE_LENGTH or rawsize > 300 * len(datum):
        return None
    content = (decompress_pglz if method == "pglz" else decompress_lz4_block)(datum[4:], rawsize)
    # A packed value is shorter than its content; one that ends early only looked like a value.
    return (method, content) if len(content) >= len(datum) - 4 else None


def _toast_values(pages: Pages) -> Iterator[tuple[int, str, bytes]]:
    """Yield values in TOAST chunks: their first chunks are found by their header, the others by their id."""
    firsts: dict[bytes, int] = {}
    for match in FIRST_CHUNK.finditer(pages, 4):
        start = match.start() + 8
        size = (int.from_bytes(match[1], "little") >> 2) - 4
        if _decompress_value(pages[start : start + size]) is not None:
            firsts.setdefault(pages[match.start() - 4 : match.start()], start)
    if not firsts:
        return
    chunks: dict[bytes, dict[int, tuple[int, int]]] = {value_id: {} for value_id in firsts}
    for value_id, parts in chunks.items():
        at = pages.find(value_id)
        while at >= 0:
            if header := CHUNK_HEAD.match(pages, at + 4):
                number, size = int.from_bytes(header[1], "little"), (int.from_bytes(header[2], "little") >> 2) - 4
                parts.setdefault(number, (at + 12, size))
            at = pages.find(value_id, at + 1)
    for value_id, parts in chunks.items():
        whole = bytearray()
        number = 0
        while number in parts and len(whole) < MAX_VALUE_LENGTH:
            whole += pages[parts[number][0] : sum(parts[number])]
            number += 1
        if value := _decompress_value(bytes(whole)):
            yield firsts[value_id], *value


def _lz4_length(stream: bytes, at: int, length: int) -> tuple[int, int]:
    if length == 15:
        while True:
            length += stream[at]
            at += 1
            if stream[at - 1] != 255:
                break
    return length, at


def _copy_back(out: bytearray, back: int, length: int) -> None:
    """Append `length` bytes from `back` bytes ago; they may overlap what is being written."""
    start = len(out) - back
    if back >= length:
        out += out[start : start + length]
    else:
        run = bytes(out[start:])
        out += (run * (length // back + 1))[:length]
