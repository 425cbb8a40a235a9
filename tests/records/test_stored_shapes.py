"""The shapes of stored records never change under a reader: field names stay, and a new field raises the schema."""

import importlib
import itertools
import json
import pkgutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

import caseapp.records
from caseapp.vault import registry
from caseapp.vault.errors import NewerSchema, UnknownFormat
from caseapp.vault.registry import Record, decode_record, encode_record

SHAPES = json.loads((Path(__file__).parent / "stored_shapes.json").read_text())
for module in pkgutil.iter_modules(caseapp.records.__path__):
    importlib.import_module(f"caseapp.records.{module.name}")
RECORDS = {cls.KIND: cls for cls in Record.__subclasses__() if cls.__module__.startswith("caseapp.records.")}
COMMON = {field.encode_name for field in msgspec.structs.fields(Record)}


def stored_names(cls: type[Record]) -> list[str]:
    """Return the names under which a record's own fields are stored."""
    return sorted(field.encode_name for field in msgspec.structs.fields(cls) if field.encode_name not in COMMON)


@pytest.mark.parametrize("cls", RECORDS.values(), ids=lambda cls: str(cls.__name__))
def test_a_record_has_the_fields_that_its_schema_promises(cls: type[Record]) -> None:
    """A field was added or renamed: raise `schema`, give an upgrade, and append the new shape to the file."""
    shapes = SHAPES[registry.KINDS[cls.KIND]]
    assert list(shapes) == [str(number) for number in range(1, cls.SCHEMA + 1)]
    assert stored_names(cls) == sorted(shapes[str(cls.SCHEMA)])


@pytest.mark.parametrize("cls", RECORDS.values(), ids=lambda cls: str(cls.__name__))
def test_a_later_schema_keeps_every_earlier_field(cls: type[Record]) -> None:
    shapes = [set(fields) for fields in SHAPES[registry.KINDS[cls.KIND]].values()]
    for earlier, later in itertools.pairwise(shapes):
        assert earlier <= later
    assert set(cls.UPGRADES) == set(range(1, cls.SCHEMA))


def test_the_fields_of_every_record_have_their_names_for_ever() -> None:
    assert sorted(COMMON) == [
        "changed_at", "changed_by", "entered_at", "entered_by", "external_ids", "source_document", "told_by",
    ]  # fmt: skip


def test_the_numbers_of_the_kinds_are_permanent() -> None:
    numbers = {name: number for number, name in registry.KINDS.items()}
    assert len(numbers) == len(registry.KINDS)
    assert [numbers[name] for name in ("case", "party", "hearing", "deadline", "document", "consent", "office")] == [
        1, 2, 6, 9, 10, 19, 103,
    ]  # fmt: skip


def test_a_record_of_a_newer_program_is_named_as_such() -> None:
    note = RECORDS[13]
    body = encode_record(note(text="Phoned."))  # type: ignore[call-arg]  # a Note
    with pytest.raises(NewerSchema):
        decode_record(13, note.SCHEMA + 1, body)


@pytest.mark.parametrize("body", [b"", b"\x80", b"\xc1", b"\x81\xa4text\x07"])
def test_bytes_that_are_no_such_record_are_never_a_partial_one(body: bytes) -> None:
    with pytest.raises(UnknownFormat):
        decode_record(13, 1, body)


def test_a_record_of_an_older_schema_is_upgraded_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    task = RECORDS[14]

    def rename_text(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "text": fields["text"].upper()}

    monkeypatch.setattr(task, "SCHEMA", 3)
    monkeypatch.setattr(task, "UPGRADES", {1: rename_text, 2: lambda fields: fields})
    read = decode_record(14, 1, encode_record(task(text="call")))  # type: ignore[call-arg]  # a Task
    assert read == task(text="CALL")  # type: ignore[call-arg]  # a Task
