"""The encoding of a text file. What bytes leave open is asked, never guessed."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from caseapp.moving.reading.errors import UnreadableFile

CHUNK = 1 << 20  # bytes read at a time
SAMPLE = 1 << 16  # bytes of lines with letters beyond ASCII
CODE_PAGES = ("windows-1252", "mac-roman", "windows-1250", "windows-1251", "windows-1256", "windows-1253")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORD = re.compile(r"\w+")
# Letters and signs that texts of the Americas and Western Europe have beyond ASCII.
_WESTERN = frozenset(
    "áéíóúüñçàèìòùâêîôûäëïöÿœæåøãõßðþýÁÉÍÓÚÜÑÇÀÈÌÒÙÂÊÎÔÛÄËÏÖŸŒÆÅØÃÕÐÞÝ¡¿ºª«»°·’‘“”–—…€£¢§©®™´¨\u00a0\u00ad½¼¾²³±×"
)


class Encoding(NamedTuple):
    """An encoding by Python's name; where it is unclear also the choices, and a word of the file in each of them."""

    name: str
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


def detect_encoding(source: BinaryIO) -> Encoding:
    """Return the encoding of a file, read whole in small pieces. Raises UnreadableFile(code="no_text")."""
    source.seek(0)
    start = source.read(4096)
    for mark, name in _MARKS:
        if start.startswith(mark):
            check_encoding(source, name)
            return Encoding(name)
    if wide := _wide_encoding(start):
        check_encoding(source, wide)
        return Encoding(wide)
    if b"\x00" in start:
        raise UnreadableFile("no_text")
    return Encoding("utf-8") if _decodes(source, "utf-8") else _detect_code_page(source)


def check_encoding(source: BinaryIO, name: str) -> None:
    """Check that the whole file is text in this encoding. Raises UnreadableFile(code="encoding_wrong")."""
    if not _decodes(source, name):
        raise UnreadableFile("encoding_wrong", encoding=name)


def _wide_encoding(start: bytes) -> str:
    """Return UTF-16 without a mark at its start, by the zero bytes of its ASCII letters; "" where it is not that."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 4  # half of the pairs
    if odd > half and not even:
        return "utf-16-le"
    return "utf-16-be" if even > half and not odd else ""


def _decodes(source: BinaryIO, name: str) -> bool:
    try:
        decoder = codecs.getincrementaldecoder(name)("strict")
        for chunk in read_chunks(source):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except (UnicodeError, LookupError):
        return False
    return True


def read_chunks(source: BinaryIO) -> Iterator[bytes]:
    """Yield the file from its start in pieces."""
    source.seek(0)
    while chunk := source.read(CHUNK):
        yield chunk


def _detect_code_page(source: BinaryIO) -> Encoding:
    sample = _lines_beyond_ascii(source)
    texts = {name: text for name in CODE_PAGES if (text := _decode(sample, name)) is not None}
    if not texts:
        raise UnreadableFile("no_text")
    western = texts.get("windows-1252")
    if western is not None and _is_western(western):
        return Encoding("windows-1252")
    examples = tuple(_longest_word(text) for text in texts.values())
    return Encoding(next(iter(texts)), tuple(texts), examples)


def _lines_beyond_ascii(source: BinaryIO) -> bytes:
    """Return the lines with bytes beyond ASCII, up to SAMPLE bytes."""
    source.seek(0)
    lines, size = [], 0
    for line in source:
        if not line.isascii():
            lines.append(line)
            size += len(line)
        if size > SAMPLE:
            break
    return b"".join(lines)


def _decode(sample: bytes, name: str) -> str | None:
    try:
        return sample.decode(name)
    except UnicodeDecodeError:
        return None


def _is_western(text: str) -> bool:
    """Return whether the letters beyond ASCII are Western ones, each within a word of mostly ASCII letters."""
    if not all(sign.isascii() or sign in _WESTERN for sign in text):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    foreign = [word for word in words if sum(not sign.isascii() for sign in word) * 2 > max(len(word), 2)]
    return len(foreign) * 20 <= len(words)


def _longest_word(text: str) -> str:
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return max(words, key=len, default="")[:40]
