"""A record of each kind with a value in every field, so that a field that is lost between two offices is seen."""

import datetime as dt
from functools import cache
from typing import Any
from uuid import UUID

from msgspec import inspect
from msgspec.structs import replace

from caseapp.records.answer import Answer
from caseapp.records.case import Case
from caseapp.records.certificate import Activity
from caseapp.records.conflict_check import ConflictCheck
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.custody import CustodyStep
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.history import History
from caseapp.records.letter import Letter
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from caseapp.vault.registry import Record

# Kinds that are filled whole. The others are made by the services, or below with codes that the lists read.
FILLED: tuple[type[Record], ...] = (
    Activity,
    Answer,
    ConflictCheck,
    Consent,
    ContactAttempt,
    CustodyStep,
    History,
    Letter,
    Notice,
    Proceeding,
)
_KEPT: dict[type[Record], tuple[str, ...]] = {  # fields that a service or a plan of reminders writes
    Case: ("ref", "lead", "team", "relief", "closed_on", "stage"),
    Party: ("role", "name", "a_number"),
    Hearing: ("planned", "plan_version", "starts_at", "zone", "kind", "outcome", "superseded_by"),
    Deadline: ("planned", "plan_version", "state", "working", "severity", "superseded_by", "proposal", "decisions"),
    Document: ("files",),
}


def fill_record(record: Record, number: int, related: UUID) -> Record:
    """Return the record with a value in every field that has none and that no service writes.

    related  the id that fields with the id of another record get
    """
    kept = {*_KEPT.get(type(record), ()), "entered_by", "entered_at", "changed_by", "changed_at"}
    empty = [name for name in _types_of(type(record)) if name not in kept and not getattr(record, name)]
    return replace(record, **{name: _value(_types_of(type(record))[name], name, number, related) for name in empty})


def make_record(kind: type[Record], number: int, related: UUID) -> Record:
    """Return a record of a kind with a value in every field."""
    author = {"entered_by", "entered_at", "changed_by", "changed_at"}
    types = {name: value for name, value in _types_of(kind).items() if name not in author}
    return kind(**{name: _value(wanted, name, number, related) for name, wanted in types.items()})


@cache
def _types_of(kind: type[Record]) -> dict[str, inspect.Type]:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    return {field.name: field.type for field in described.fields}


def _value(wanted: inspect.Type, name: str, number: int, related: UUID) -> Any:
    """Return a value of a type that follows from the name of its field and a number."""
    if isinstance(wanted, inspect.UnionType):
        return _value(next(t for t in wanted.types if not isinstance(t, inspect.NoneType)), name, number, related)
    if isinstance(wanted, inspect.StructType):
        return wanted.cls(**{f.name: _value(f.type, f.name, number, related) for f in wanted.fields})
    if isinstance(wanted, inspect.VarTupleType | inspect.ListType):
        return (_value(wanted.item_type, name, number, related),)
    if isinstance(wanted, inspect.TupleType):
        return tuple(_value(item, name, number, related) for item in wanted.item_types)
    if isinstance(wanted, inspect.DictType):
        return {f"{name}.key": _value(wanted.value_type, name, number, related)}
    return _plain_value(wanted, name, number, related)


def _plain_value(wanted: inspect.Type, name: str, number: int, related: UUID) -> Any:
    if isinstance(wanted, inspect.LiteralType):
        return wanted.values[number % len(wanted.values)]
    values = {
        inspect.StrType: f"={name} of {number}, \u00f1\u0639",  # as a formula, and beyond ASCII
        inspect.IntType: number % 40 + 1,
        inspect.BoolType: True,
        inspect.FloatType: number / 8,
        inspect.BytesType: f"{name} {number}".encode(),
        inspect.UUIDType: related,
        inspect.DateType: dt.date(2026, 3, 2) + dt.timedelta(days=number % 300),
        inspect.DateTimeType: dt.datetime(2026, 3, 2, 15, 4, 5, 678, tzinfo=dt.UTC) + dt.timedelta(minutes=number),
        inspect.AnyType: name,
    }
    try:
        return values[type(wanted)]
    except KeyError as exc:
        raise TypeError(f"no value for {name}: {wanted}") from exc
