"""Registry of record kinds, each with a permanent number. It uses no Django, no key and no database.

A payload is a MessagePack map of a typed struct; it carries its schema version and is upgraded when it is read. A
record written by a newer program than this one is shown as such and never overwritten.
"""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec

from caseapp.vault.errors import NewerSchema, UnknownFormat

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

# These numbers are stored and permanent (shared decisions, "Records" 2). Never reuse a number for another kind.
KINDS = {
    1: "case", 2: "party", 3: "history", 4: "proceeding", 5: "representation", 6: "hearing", 7: "filing", 8: "notice",
    9: "deadline", 10: "document", 11: "request", 12: "letter", 13: "note", 14: "task", 15: "contact_attempt",
    16: "time", 17: "custody", 18: "readiness", 19: "consent", 20: "fee", 21: "answer", 22: "custom", 23: "activity",
    24: "conflict_check",
    100: "head", 101: "access", 102: "draft", 103: "office",
}  # fmt: skip


class Record(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Fields common to every kind: source of the fact, author and time of entry and change, document, external ids."""

    KIND: ClassVar[int] = 0
    SCHEMA: ClassVar[int] = 0
    UPGRADES: ClassVar[dict[int, Upgrade]] = {}

    told_by: str = ""
    entered_by: UUID | None = None
    entered_at: dt.datetime | None = None
    changed_by: UUID | None = None
    changed_at: dt.datetime | None = None
    source_document: UUID | None = None
    external_ids: dict[str, str] = msgspec.field(default_factory=dict)


class PlannedReminders(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Reminders of one dated record for one member, as they were sent to the operational tier.

    version  of the plan that these days were first part of; 0: that of the record
    """

    member: UUID
    days: tuple[dt.date, ...]
    urgent_days: tuple[dt.date, ...] = ()
    version: int = 0


R = TypeVar("R", bound=type[Record])
_by_kind: dict[int, type[Record]] = {}
_decoders: dict[int, msgspec.msgpack.Decoder[Any]] = {}
_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")


def keep_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields unchanged: the next schema only adds fields that have a default."""
    return fields


def record_kind(kind: int, *, schema: int, upgrades: dict[int, Upgrade] | None = None) -> Callable[[R], R]:
    """Return a decorator that registers a struct under its number. Raises ValueError if the number is unknown or taken.

    `upgrades[n]` turns a decoded map of schema n into one of schema n + 1.
    """

    def register(cls: R) -> R:
        if kind not in KINDS or kind in _by_kind:
            raise ValueError(f"record kind {kind} is unknown or taken")
        cls.KIND, cls.SCHEMA, cls.UPGRADES = kind, schema, upgrades or {}
        _by_kind[kind] = cls
        _decoders[kind] = msgspec.msgpack.Decoder(cls)
        return cls

    return register


def encode_record(record: Record) -> bytes:
    """Return the MessagePack map of a record."""
    return _encoder.encode(record)


def decode_record(kind: int, schema: int, body: bytes) -> Record:
    """Return the typed record from its map. Raises NewerSchema, UnknownFormat; never returns a partial record."""
    cls = _by_kind.get(kind)
    if cls is None:
        raise NewerSchema(f"record kind {kind} is not known to this program")
    if schema > cls.SCHEMA:
        known: Record | None = None
        with suppress(msgspec.MsgspecError):  # a newer schema that only adds fields reads without them
            known = _decoders[kind].decode(body)
        raise NewerSchema(f"record kind {kind} has schema {schema}, this program knows {cls.SCHEMA}", known)
    try:
        if all(cls.UPGRADES[step] is keep_fields for step in range(schema, cls.SCHEMA)):
            return _decoders[kind].decode(body)  # type: ignore[no-any-return]  # typed by kind
        fields = msgspec.msgpack.decode(body)
        for step in range(schema, cls.SCHEMA):
            fields = cls.UPGRADES[step](fields)
        return msgspec.convert(fields, cls)
    except (msgspec.MsgspecError, KeyError) as exc:
        raise UnknownFormat(f"record kind {kind} schema {schema} does not read") from exc


def convert_record(kind: int, schema: int, fields: dict[str, Any]) -> Record:
    """Return the typed record from its fields as JSON has them: ids, dates and bytes are text.

    Raises NewerSchema, UnknownFormat.
    """
    cls = _by_kind.get(kind)
    if cls is None or schema > cls.SCHEMA:
        raise NewerSchema(f"record kind {kind} schema {schema} is of a newer program")
    try:
        for step in range(schema, cls.SCHEMA):
            fields = cls.UPGRADES[step](fields)
        return msgspec.convert(fields, cls, strict=True, str_keys=True)
    except (msgspec.MsgspecError, KeyError) as exc:
        raise UnknownFormat(f"record kind {kind} schema {schema} does not read") from exc
