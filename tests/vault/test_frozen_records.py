"""A record never changes after it was read: a change is another record, so that what was before stays for undo."""

import importlib
import pkgutil

import msgspec
import pytest

import caseapp.records
from caseapp.records.note import Note
from caseapp.vault import head, registry
from caseapp.vault.registry import Record


def structs() -> list[type[msgspec.Struct]]:
    """Return every struct of the rooms that define records."""
    modules = [
        importlib.import_module(f"caseapp.records.{item.name}")
        for item in pkgutil.iter_modules(caseapp.records.__path__)
    ]
    found = {
        item
        for module in (*modules, head, registry)
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, msgspec.Struct) and item is not msgspec.Struct
    }
    return sorted(found, key=lambda struct: struct.__qualname__)


@pytest.mark.parametrize("struct", structs(), ids=lambda struct: struct.__qualname__)
def test_every_record_and_its_parts_are_frozen(struct: type[msgspec.Struct]) -> None:
    assert struct.__struct_config__.frozen


def test_an_assignment_to_a_record_raises() -> None:
    note: Record = Note(text="Called.")
    with pytest.raises(AttributeError):
        note.told_by = "Ana"  # type: ignore[misc]  # the test is about this
