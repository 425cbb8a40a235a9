"""Records as files: JSON lines with everything, a JSON schema for them, and CSV files for spreadsheets.

A line of JSON is `{"kind", "schema", "id", "version", "record"}`: kind and schema as in `vault.registry`, `record` with
the fields of `records/`, without those that still have their default. Keys of stored files are left out: in their place
is the path of the document in the archive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from caseapp.moving.services.exporting import csv_cells
from caseapp.records.document import Document, FileVersion
from caseapp.vault.registry import KINDS, Record
from caseapp.vault.store import Entry, SealedFile

Paths = Mapping[UUID, str]  # stored file -> its path in the archive
Names = Mapping[UUID, str]
FIRST_OWN_KIND = 100  # head, access list, drafts: how this server keeps the file, not what is in it
_STORED_ONLY = ("blob", "key", "padded", "chunks")  # how this server stored the bytes of a document


def exported_entries(file: SealedFile) -> list[Entry[Record]]:
    """Return the records of a case, by kind and then in the order of their entry."""
    entries = [entry for entry in file.entries.values() if 0 < entry.record.KIND < FIRST_OWN_KIND]
    return sorted(entries, key=_order)


def _order(entry: Entry[Record]) -> tuple[int, str, UUID]:
    entered = entry.record.entered_at
    return entry.record.KIND, entered.isoformat() if entered else "", entry.id


def record_fields(record: Record, paths: Paths) -> dict[str, Any]:
    """Return the fields of a record as JSON has them, with paths in place of the keys of stored files."""
    fields: dict[str, Any] = msgspec.to_builtins(record)
    if isinstance(record, Document) and record.files:
        fields["files"] = [_file_fields(version, paths) for version in record.files]
    return fields


def _file_fields(version: FileVersion, paths: Paths) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(version)
    for name in _STORED_ONLY:
        del fields[name]
    return {**fields, "sha256": version.sha256.hex(), "path": paths.get(version.blob, "")}


def json_lines(entries: Iterable[Entry[Record]], paths: Paths) -> bytes:
    """Return one line of JSON for each record."""
    lines = (
        msgspec.json.encode(
            {
                "kind": KINDS[entry.record.KIND],
                "schema": entry.record.SCHEMA,
                "id": entry.id,
                "version": entry.version,
                "record": record_fields(entry.record, paths),
            }
        )
        for entry in entries
    )
    return b"".join(line + b"\n" for line in lines)


def json_schema(kinds: Iterable[type[Record]]) -> bytes:
    """Return a JSON schema of the records of these kinds."""
    return _json_schema(frozenset(kinds))


@cache  # an office has a few sets of kinds, and thousands of cases
def _json_schema(kinds: frozenset[type[Record]]) -> bytes:
    ordered = sorted(kinds, key=lambda kind: kind.KIND)
    _references, components = msgspec.json.schema_components(ordered, ref_template="#/$defs/{name}")
    if "FileVersion" in components:
        _describe_exported_file(components["FileVersion"])
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "caseapp-records",
        "oneOf": [_line_schema(kind) for kind in ordered],
        "$defs": components,
    }
    return msgspec.json.format(msgspec.json.encode(schema))


def _describe_exported_file(component: dict[str, Any]) -> None:
    for name in _STORED_ONLY:
        component["properties"].pop(name)
    component["properties"]["sha256"] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    component["properties"]["path"] = {"type": "string"}
    component["required"] = [name for name in component["required"] if name not in _STORED_ONLY] + ["path"]


def _line_schema(kind: type[Record]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["kind", "schema", "id", "version", "record"],
        "properties": {
            "kind": {"const": KINDS[kind.KIND]},
            "schema": {"type": "integer", "maximum": kind.SCHEMA},
            "id": {"type": "string", "format": "uuid"},
            "version": {"type": "integer"},
            "record": {"$ref": f"#/$defs/{kind.__name__}"},
        },
    }


@dataclass(frozen=True)
class CsvRows:
    """Lines of a CSV file: its heading, and the rows of one case."""

    heading: bytes
    body: bytes


def csv_rows(entries: Iterable[Entry[Record]], paths: Paths, names: Names, ref: str) -> dict[str, CsvRows]:
    """Return the CSV lines of each kind of record, by file name. Each row begins with the reference of its case.

    Members are named; what has parts of its own is a cell of JSON.
    """
    by_kind: dict[type[Record], list[Entry[Record]]] = {}
    for entry in entries:
        by_kind.setdefault(type(entry.record), []).append(entry)
    by_text = {str(member): name for member, name in names.items()}
    return {f"{KINDS[kind.KIND]}.csv": _csv_rows(kind, rows, paths, by_text, ref) for kind, rows in by_kind.items()}


def _csv_rows(
    kind: type[Record], entries: list[Entry[Record]], paths: Paths, names: Mapping[str, str], ref: str
) -> CsvRows:
    columns = kind.__struct_fields__
    rows = []
    for entry in entries:
        fields = record_fields(entry.record, paths)
        rows.append((ref, str(entry.id), str(entry.version), *(_cell(fields.get(name), names) for name in columns)))
    heading = csv_cells.csv_lines([("case", "id", "version", *columns)])
    return CsvRows(heading, csv_cells.csv_lines(rows))


def _cell(value: Any, names: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return names.get(str(value), str(value))
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "; ".join(names.get(part, part) for part in value)
    return msgspec.json.encode(value).decode()
