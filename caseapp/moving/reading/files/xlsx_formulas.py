"""Formulas and error values of a sheet, as text: the parser of workbooks gives an empty cell for them.

Called for a workbook that passed `check_workbook`: it declares no entities and its size is within the limits.
"""

import zipfile
from collections.abc import Mapping, Sequence, Set
from posixpath import normpath
from typing import BinaryIO
from xml.etree import ElementTree  # check_workbook refuses every declaration first

from caseapp.moving.reading.errors import UnreadableFile

Cells = Mapping[int, Sequence[tuple[int, str]]]  # row from 0 to (column from 0, text)


def read_formulas(source: BinaryIO, sheet: str, parts: Set[str]) -> Cells:
    """Return each formula that has no saved value, with its `=`, and each error value such as #N/A."""
    if not parts:
        return {}
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            part = _part_of_sheet(archive, sheet)
            return _read_part(archive, part) if part in parts else {}
    except (ElementTree.ParseError, KeyError, zipfile.BadZipFile) as exc:
        raise UnreadableFile("no_workbook") from exc


def _part_of_sheet(archive: zipfile.ZipFile, sheet: str) -> str:
    relation = ""
    for element in _parse(archive, "xl/workbook.xml").iter():
        if _name(element) == "sheet" and element.get("name") == sheet:
            relation = next((value for key, value in element.items() if key.endswith("}id")), "")
    for element in _parse(archive, "xl/_rels/workbook.xml.rels").iter():
        if element.get("Id") == relation and (target := element.get("Target")):
            return normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
    return ""


def _parse(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(part))  # noqa: S314 - without declarations


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _read_part(archive: zipfile.ZipFile, part: str) -> Cells:
    cells: dict[int, list[tuple[int, str]]] = {}
    with archive.open(part) as xml:
        for _event, element in ElementTree.iterparse(xml):  # noqa: S314 - without declarations
            if _name(element) == "c":
                if (text := _text_without_value(element)) and (reference := element.get("r")):
                    row, column = _position(reference)
                    cells.setdefault(row, []).append((column, text))
            elif _name(element) == "row":
                element.clear()
    return cells


def _text_without_value(cell: ElementTree.Element) -> str:
    texts = {_name(part): part.text or "" for part in cell}
    if cell.get("t") == "e":
        return texts.get("v", "")
    if "f" not in texts or texts.get("v"):
        return ""
    return f"={texts['f']}"


def _position(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]) - 1, column - 1
