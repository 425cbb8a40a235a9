"""Limits of a workbook, checked before a parser sees it: a small file may unpack to more than the machine has.

Every part is unpacked once in small pieces and measured, whatever the archive says about itself. The parser keeps a
cell for each place of the rectangle that is in use, so one cell far away would take all memory.
"""

import copy
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from caseapp.moving.reading.errors import UnreadableFile

PARTS_LIMIT = 2_000
UNPACKED_LIMIT = 400 << 20  # bytes of all parts together
AREA_LIMIT = 8_000_000  # cells of the rectangle in use
CHUNK = 1 << 20
_OVERLAP = 64  # longer than a cell's reference
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["']([0-9]{1,9})["']""")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FORMULA = re.compile(rb"""<(?:\w+:)?f[\s/>]|\bt\s*=\s*["']e["']""")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_PARTS_WITHOUT_XML = ("xl/media/", "xl/embeddings/", "xl/printersettings/", "docprops/thumbnail")


def check_workbook(source: BinaryIO) -> frozenset[str]:
    """Return the names of the sheet parts with formulas or error values. Raises UnreadableFile for what is refused.

    Its codes: no_workbook, encrypted_workbook, workbook_too_large, workbook_declares (entities, as XML bombs do).
    """
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            return _check_parts(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as exc:
        raise UnreadableFile("no_workbook") from exc
    except RuntimeError as exc:  # a part with a password
        raise UnreadableFile("encrypted_workbook") from exc


def _check_parts(archive: zipfile.ZipFile) -> frozenset[str]:
    parts = archive.infolist()
    names = [part.filename for part in parts]
    if len(names) != len(set(names)) or "[Content_Types].xml" not in names:
        raise UnreadableFile("no_workbook")
    if len(parts) > PARTS_LIMIT:
        raise UnreadableFile("workbook_too_large", limit=UNPACKED_LIMIT >> 20)
    room, with_formulas = UNPACKED_LIMIT, set()
    for part in parts:
        shape = _SheetShape()
        is_xml = not part.filename.lower().startswith(_PARTS_WITHOUT_XML)
        for chunk in _unpack(archive, part, room):
            room -= len(chunk)
            if is_xml:
                shape.read(chunk)
        if shape.has_formulas:
            with_formulas.add(part.filename)
    return frozenset(with_formulas)


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, room: int) -> Iterator[bytes]:
    """Yield a part in pieces until it ends, whatever size the archive declares. Raises UnreadableFile."""
    unlimited = copy.copy(part)
    unlimited.file_size = room + CHUNK
    size = 0
    with archive.open(unlimited) as packed:
        while chunk := packed.read(CHUNK):
            size += len(chunk)
            if size > room:
                raise UnreadableFile("workbook_too_large", limit=UNPACKED_LIMIT >> 20)
            yield chunk
    if size != part.file_size:
        raise UnreadableFile("no_workbook")


class _SheetShape:
    """The rectangle that a part uses, read from its bytes without a parser."""

    def __init__(self) -> None:
        self.has_formulas = False
        self._rest = b""
        self._last_row = self._last_column = self._cells = 0

    def read(self, chunk: bytes) -> None:
        """Read the next piece. Raises UnreadableFile(code="workbook_declares", "workbook_too_large")."""
        if not self._rest and chunk.startswith(_WIDE):  # in UTF-16 the patterns would find nothing
            raise UnreadableFile("no_workbook")
        piece = self._rest + chunk
        if _DECLARATION.search(piece):
            raise UnreadableFile("workbook_declares")
        self.has_formulas = self.has_formulas or bool(_FORMULA.search(piece))
        for letters, digits in set(_REFERENCE.findall(piece)):
            self._last_row = max(self._last_row, int(digits))
            self._last_column = max(self._last_column, _column_number(letters))
        self._last_row = max([self._last_row, *map(int, _ROW.findall(piece))])
        # Cells without a reference continue to the right and below.
        self._cells += len(_CELL.findall(piece)) - len(_CELL.findall(self._rest))
        if max(self._last_row, 1) * max(self._last_column, 1) > AREA_LIMIT or self._cells > AREA_LIMIT:
            raise UnreadableFile("sheet_too_large", limit=AREA_LIMIT)
        self._rest = piece[-_OVERLAP:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
