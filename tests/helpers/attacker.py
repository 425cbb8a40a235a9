"""The thief's attempt: every secret of the server, in every role a key can have, on everything sealed.

For the at-rest proof (shared decisions, 22). It is given what a seizure gives: all rows with their ids, all stored
files, all key files; no passphrase. What opens is named; only the operational tier may.
"""

import io
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from caseapp.lib.errors import CaseappError
from caseapp.vault.core import blob, files, operational, parts, primitives, wraps
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.labels import LABELS

BLOB_LABELS = (
    b"profile/1", b"roster/1", b"session-about/1", b"session-whose/1", b"factor/1",
    b"directory/1", b"group/1", b"offer/1", b"invite/1", b"answer/1", b"stop/1",
)  # fmt: skip


@dataclass(frozen=True)
class Sealed:
    """One sealed thing as it was found: where, the other columns of its row, its bytes."""

    where: str
    row: Mapping[str, object]
    content: bytes = field(repr=False)

    def id(self, name: str) -> UUID:
        """An id of the row; zeros where the row has none of this name."""
        found = self.row.get(name)
        return found if isinstance(found, UUID) else UUID(int=0)

    def number(self, name: str) -> int:
        """A number of the row; 0 where it has none of this name."""
        found = self.row.get(name)
        return found if isinstance(found, int) else 0


Attempt = Callable[[bytes, Sealed], object]


def keys_from(secrets: Iterable[bytes]) -> list[bytes]:
    """Every 32-byte key that can be made of the secrets: themselves, their hash, and each derivation we have."""
    made: dict[bytes, None] = {}
    for secret in secrets:
        base = [secret] if len(secret) == primitives.KEY_LENGTH else []
        base += [primitives.digest(secret), primitives.mac(secret, b"")]
        for key in base:
            made[key] = None
            for label in LABELS.values():
                made[primitives.expand(key, label)] = None
                made[primitives.expand(key, label + bytes(primitives.KEY_LENGTH))] = None
    return list(made)


def opened(things: Iterable[Sealed], keys: Iterable[bytes]) -> Iterator[tuple[Sealed, str]]:
    """What opens, with the name of the way it opened by."""
    tried = list(keys)
    for thing in things:
        for way, attempt in ATTEMPTS.items():
            if any(_opens(attempt, key, thing) for key in tried):
                yield thing, way


def _opens(attempt: Attempt, key: bytes, thing: Sealed) -> bool:
    try:
        attempt(key, thing)
    except (CaseappError, ValueError, IndexError, struct.error):
        return False  # bytes of another format, or the wrong key: a thief would go on, and so do we
    return True


def _record(key: bytes, thing: Sealed) -> object:
    cipher = CaseCipher(key, thing.id("org_id"), thing.id("case_id"))
    return cipher.open(record=thing.id("id"), version=thing.number("version"), sealed=thing.content)


def _wrap_set(key: bytes, thing: Sealed) -> object:
    case = thing.id("case_id")
    ctx = b"case/1" + thing.id("org_id").bytes + case.bytes + thing.number("kver").to_bytes(4, "big")
    group = GroupKey(group=UUID(int=0), epoch=1, key=key)
    halves = [half for half in (thing.row.get("half"),) if isinstance(half, bytes)]
    for wrapping in (key, group.wrap_key(), *(group.wrap_key(half) for half in halves)):
        try:
            return wraps.open_wrapset(thing.content, wrapping, object_id=case.bytes, ctx=ctx)
        except CaseappError:
            continue
    raise ValueError("no slot")


def _bundle(key: bytes, thing: Sealed) -> object:
    return Bundle.parse(thing.content, thing.id("id")).open_keyring(key)


def _part(key: bytes, thing: Sealed) -> object:
    span = parts.Span(
        thing.id("org_id"), thing.id("group_id"), thing.number("epoch"), thing.number("lo"), thing.number("hi")
    )
    return parts.open_part(key, span, [thing.content])


def _plan(key: bytes, thing: Sealed) -> object:
    return operational.open_plan(key, thing.id("org_id"), thing.id("id"), thing.content)


def _fire(key: bytes, thing: Sealed) -> object:
    return operational.open_fire(key, thing.id("org_id"), thing.id("id"), thing.content)


def _setting(key: bytes, thing: Sealed) -> object:
    return operational.open_setting(key, thing.id("org_id"), thing.id("member_id"), thing.content)


def _blob(key: bytes, thing: Sealed) -> object:
    ids = [(thing.id("org_id"), thing.id(name)) for name in ("id", "group_id", "member_id", "chain")]
    for label in BLOB_LABELS:
        for pair in ids:
            try:
                return blob.open_blob(key, label, pair, thing.content, version=thing.number("version"))
            except CaseappError:
                continue
    raise ValueError("no label")


def _file(key: bytes, thing: Sealed) -> object:
    context = files.file_context(thing.id("org_id"), thing.id("id"), 1)
    return files.RangeReader(io.BytesIO(thing.content), key, context, size=thing.number("padded"),
                             padded=thing.number("padded"))  # fmt: skip


def _bare(key: bytes, thing: Sealed) -> object:
    """AES-GCM without associated data at the places where our formats put a nonce."""
    for start in (0, 1, 2, 6, 10):
        try:
            return primitives.open_sealed(key, thing.content[start:], b"", what="thief")
        except CaseappError:
            continue
    raise ValueError("no place")


ATTEMPTS: dict[str, Attempt] = {
    "record": _record,
    "wrap set": _wrap_set,
    "bundle": _bundle,
    "index part": _part,
    "plan": _plan,
    "fire row": _fire,
    "address": _setting,
    "small blob": _blob,
    "file": _file,
    "bare": _bare,
}
