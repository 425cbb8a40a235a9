"""Parts of a conflict check, as it is sealed: the request, the answer, and the officers' entry."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from caseapp.vault.core import primitives
from caseapp.vault.errors import UnknownFormat

CLIENT, RELATIVE, ADVERSE, OTHER = "client", "relative", "adverse", "other"
RELATIONS: Final = (CLIENT, RELATIVE, ADVERSE, OTHER)
CLEARED, WAIVABLE, NOT_WAIVABLE = "cleared", "waivable", "not_waivable"
DECISIONS: Final = (CLEARED, WAIVABLE, NOT_WAIVABLE)
INTAKE, CASE, SEARCH = "intake", "case", "search"
MAX_PEOPLE: Final = 60  # in one check
MAX_NAMES: Final = 8  # spellings of one person
TEXT_LIMIT: Final = 600  # characters of a sentence, a reason or a note


class AskedPerson(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A person who is asked about. `born` is "1987", "1987-05" or "1987-05-09"; `a_number` has nine digits."""

    names: tuple[str, ...]
    relation: str = CLIENT
    a_number: str = ""
    numbers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    born: str = ""

    def __repr__(self) -> str:
        return f"<AskedPerson with {len(self.names)} names>"


class RequestContent(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A request as the officers read it.

    answer_key  seals the answer; the case it is about, or the asker's copy, keeps it
    case_id     the case it is about, None outside of a case
    """

    asked_by: UUID
    asked_at: dt.datetime
    purpose: str
    people: tuple[AskedPerson, ...]
    answer_key: bytes
    case_id: UUID | None = None
    ref: str = ""
    note: str = ""

    def __repr__(self) -> str:
        return f"<RequestContent about {len(self.people)} people>"


class AnswerContent(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The answer as the asker reads it: the decision and the officer's sentence to them, never what was found.

    case_id, asked  the case and the SHA-256 of its people that it is about: it counts for no other ones
    """

    decision: str
    sentence: str
    at: dt.datetime
    case_id: UUID | None = None
    asked: bytes = b""

    def __repr__(self) -> str:
        return f"<AnswerContent {self.decision}>"


class EntryContent(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The part of an answer that the register keeps, for the officers alone. `shown`: matches that they were shown."""

    decision: str
    sentence: str
    reason: str
    by: UUID
    at: dt.datetime
    shown: int = 0

    def __repr__(self) -> str:
        return f"<EntryContent {self.decision}>"


class SignedContent(msgspec.Struct, array_like=True, frozen=True):
    """Content with the signature of its writer."""

    signer: bytes
    signature: bytes
    content: bytes


S = TypeVar("S", bound=msgspec.Struct)
_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")


def encode(content: msgspec.Struct) -> bytes:
    """Return the bytes of any of these structs."""
    return _encoder.encode(content)


def digest_of(people: Sequence[AskedPerson]) -> bytes:
    """Return the SHA-256 of the people of a check."""
    return primitives.digest(b"".join(encode(person) for person in people))


def decode_request(content: bytes) -> RequestContent:
    """Return a request. Raises UnknownFormat."""
    return _decode(content, RequestContent)


def decode_answer(content: bytes) -> AnswerContent:
    """Return an answer. Raises UnknownFormat."""
    return _decode(content, AnswerContent)


def decode_entry(content: bytes) -> EntryContent:
    """Return an entry of the register. Raises UnknownFormat."""
    return _decode(content, EntryContent)


def decode_signed(content: bytes) -> SignedContent:
    """Return signed content. Raises UnknownFormat."""
    return _decode(content, SignedContent)


def _decode(content: bytes, kind: type[S]) -> S:
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except (msgspec.MsgspecError, ValueError):
        raise UnknownFormat("a conflict check does not read") from None  # the cause may quote the content
