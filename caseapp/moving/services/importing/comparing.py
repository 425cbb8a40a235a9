"""Digests of what an import saved, and the differences between a file and a case that is here already."""

import datetime as dt
import hashlib
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from caseapp.casefile.changes.saved_changes import PASSING
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.services.importing.shapes import Difference
from caseapp.records.case import Case
from caseapp.records.party import Party
from caseapp.vault.registry import Record, encode_record
from caseapp.vault.store import SealedFile

DIGEST_LENGTH = 16  # bytes
_NOT_COMPARED = PASSING | {"external_ids", "ref", "lead", "team", "role", "told_by", "script"}


def content_digest(record: Record) -> bytes:
    """Return a digest of what a person can change in a record: not of its reminders, nor of who saved it when."""
    content = encode_record(msgspec.structs.replace(record, **_passing_defaults(type(record))))
    return hashlib.sha256(record.KIND.to_bytes(2, "big") + content).digest()[:DIGEST_LENGTH]


@cache
def _passing_defaults(kind: type[Record]) -> dict[str, Any]:
    return {field.name: field.default for field in msgspec.structs.fields(kind) if field.name in PASSING}


def differences(file: SealedFile, case: Case | None, person: Party | None) -> tuple[Difference, ...]:
    """Return the fields for which the file has a value that the case has not."""
    unequal: list[Difference] = []
    if case is not None:
        unequal += _differing("case", case, file.get_only(Case).record)
    leads = [entry.record for entry in file.entries_of(Party) if entry.record.role == "lead"]
    if person is not None and leads:
        unequal += _differing("person", person, leads[0])
    return tuple(unequal)


def _differing(what: str, theirs: Record, ours: Record) -> list[Difference]:
    pairs = []
    for field in msgspec.structs.fields(type(theirs)):
        new, old = getattr(theirs, field.name), getattr(ours, field.name)
        if field.name in _NOT_COMPARED or not new or new == old:
            continue
        if isinstance(new, tuple) and isinstance(old, tuple) and set(map(str, new)) <= set(map(str, old)):
            continue
        if as_text(new).casefold() != as_text(old).casefold():
            pairs.append(Difference(f"{what}.{field.name}", as_text(new), as_text(old)))
    return pairs


def as_text(value: object) -> str:
    """Return a value of a record in one line, for a list of differences."""
    if value is None or value == "":
        return ""
    if isinstance(value, dt.date | UUID | int | str):
        return str(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {as_text(item)}" for name, item in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(as_text(item) for item in value)
    if isinstance(value, msgspec.Struct):
        shown = getattr(value, "full", None) or getattr(value, "text", None)
        return str(shown) if shown is not None else ""
    return str(value)


def row_ids(plan: RowPlan) -> dict[str, str]:
    """Return an id for a row of a file that gives none: the same row in another run has the same one."""
    content = msgspec.msgpack.encode(msgspec.structs.replace(plan, row=0, problems=()))
    return {"import": hashlib.sha256(content).hexdigest()[: DIGEST_LENGTH * 2]}
