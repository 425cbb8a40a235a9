"""The thief's attempt: every secret of the server, in every role a key can have, on everything sealed.

For the at-rest proof (shared decisions, 22). It is given what a seizure gives: all rows with their ids, all stored
files, all key files; no passphrase. What opens is named; only the operational tier may.
"""

import base64
import hmac
import io
import itertools
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from caseapp.lib.errors import CaseappError
from caseapp.vault.core import (
    blob,
    files,
    hybrid,
    operational,
    parts,
    primitives,
    session,
    shares,
    wraps,
)
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.core.envelope import CaseCipher
from caseapp.vault.core.inboxes import conflict_requests, drafts, imports, list_views, stops
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.labels import KEY_LABELS, LABELS
from caseapp.vault.errors import OpenFailed, UnknownFormat

# Names in LABELS of the small blobs; `test_all_secrets.py` compares them with the code.
BLOB_LABELS = (
    "profile", "group roster", "session state", "session holder", "factor", "directory", "group descriptor",
    "group chain", "invitation offer", "invitation record", "invitation answer", "stop", "audit", "audit of case",
    "recovery sheet state", "draft", "draft inbox", "sent form", "saved views", "conflict copy", "conflict answer",
    "import state", "import part",
)  # fmt: skip
BLOB_STEPS = (256, 1024)  # paddings of small blobs
DRAFT_LABELS = ("draft", "draft inbox")  # their paddings are the size classes of drafts
ID_NAMES = ("id", "group_id", "member_id", "chain", "case_id", "recipient")
BARE_LENGTH = primitives.NONCE_LENGTH + primitives.TAG_LENGTH
FIRST_COUNTER = (2).to_bytes(4, "big")  # of the plaintext's first block, after a nonce of 12 bytes
WRAP_KINDS = range(1, 5)  # kinds of secrets of a bundle


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

    @cached_property
    def small_blob(self) -> tuple[bytes, bytes, dict[str, list[tuple[bytes, int]]]]:
        """Nonce, ciphertext, and by label the associated data and padding of each place that it could be from.

        Raises ValueError for bytes of another format.
        """
        if self.content[:2] != blob.FORMAT:
            raise ValueError("no small blob")
        ids: list[tuple[UUID, ...]] = [(self.id("org_id"), self.id(name)) for name in ID_NAMES]
        ids.append((self.id("org_id"), self.id("case_id"), self.id("id")))
        # A row without some of the ids gives the same group more than once.
        groups, version = (
            tuple(dict.fromkeys(ids)),
            self.number("version") or self.number("seq") or self.number("number"),
        )
        start = len(blob.FORMAT) + primitives.NONCE_LENGTH
        nonce, content = self.content[len(blob.FORMAT) : start], self.content[start:]
        places: dict[str, list[tuple[bytes, int]]] = {}
        for name, associated, step in _blob_places(groups, version, len(content) - primitives.TAG_LENGTH):
            places.setdefault(name, []).append((associated, step))
        return nonce, content, places

    @cached_property
    def bare_places(self) -> list[tuple[bytes, bytes]]:
        """Nonce and ciphertext at each of the places where our formats put a nonce."""
        starts = [start for start in (0, 1, 2, 6, 10) if len(self.content) - start >= BARE_LENGTH]
        ends = [start + primitives.NONCE_LENGTH for start in starts]
        return [(self.content[start:end], self.content[end:]) for start, end in zip(starts, ends, strict=True)]

    @cached_property
    def hpke_infos(self) -> list[tuple[bytes, bytes]]:
        """Each info that a WRAP-H in this row could be bound to, after the message of which its locator is the MAC."""
        return [(_locator_message(info), info) for info in _hpke_infos(self)]

    @cached_property
    def stop_message(self) -> bytes:
        """The message of which a stop's locator in this row is the MAC."""
        return _locator_message(stops._hpke_info(self.id("org_id"), self.id("id")))

    @cached_property
    def draft_info(self) -> bytes:
        """What a draft in this row is bound to."""
        return LABELS["draft"] + self.id("org_id").bytes + self.id("id").bytes

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
            for label in (LABELS[name] for name in KEY_LABELS):
                made[primitives.expand(key, label)] = None
                made[primitives.expand(key, label + bytes(primitives.KEY_LENGTH))] = None
    return list(made)


def opened(things: Iterable[Sealed], keys: Iterable[bytes]) -> Iterator[tuple[Sealed, str]]:
    """What opens, with the name of the way it opened by.

    Key by key, so that what is derived of a key is derived once; bytes of another format are tried with one key.
    """
    left = [(thing, way) for thing in things for way in ATTEMPTS if _has_format(ATTEMPTS[way], thing)]
    for key in keys:
        opening = [(thing, way) for thing, way in left if _opens(ATTEMPTS[way], key, thing)]
        if opening:
            yield from opening
            left = [pair for pair in left if not any(pair[0] is thing and pair[1] == way for thing, way in opening)]


def _has_format(attempt: Attempt, thing: Sealed) -> bool:
    """Whether the attempt gets as far as to the key."""
    try:
        attempt(primitives.new_key(), thing)
    except (UnknownFormat, ValueError, IndexError, struct.error):
        return False
    except CaseappError:
        return True
    return True


def _opens(attempt: Attempt, key: bytes, thing: Sealed) -> bool:
    try:
        attempt(key, thing)
    except (CaseappError, ValueError, IndexError, struct.error):
        return False  # the wrong key: a thief would go on, and so do we
    return True


def _open_by_any(ways: Iterable[Callable[[], object]]) -> object:
    """Return what the first fitting way opens. Raises OpenFailed; UnknownFormat if none gets as far as to the key."""
    has_format = False
    for way in ways:
        try:
            return way()
        except UnknownFormat:
            continue
        except CaseappError:
            has_format = True
    raise OpenFailed("not this key") if has_format else UnknownFormat("another format")


def _record(key: bytes, thing: Sealed) -> object:
    cipher = CaseCipher(key, thing.id("org_id"), thing.id("case_id"))
    return cipher.open(record=thing.id("id"), version=thing.number("version"), sealed=thing.content)


def _wrap_set(key: bytes, thing: Sealed) -> object:
    case = thing.id("case_id")
    ctx = b"case/1" + thing.id("org_id").bytes + case.bytes + thing.number("kver").to_bytes(4, "big")
    group = GroupKey(group=UUID(int=0), epoch=1, key=key)
    halves = [half for half in (thing.row.get("half"),) if isinstance(half, bytes)]
    wrappings = (key, group.wrap_key(), *(group.wrap_key(half) for half in halves))
    return _open_by_any(
        partial(wraps.open_wrapset, thing.content, wrapping, object_id=case.bytes, ctx=ctx) for wrapping in wrappings
    )


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
    """A member's address, or the mail of an invitation that waits, whose row has an id of its own."""
    return _open_by_any(
        partial(operational.open_setting, key, thing.id("org_id"), whose, thing.content)
        for whose in (thing.id("member_id"), thing.id("id"))
    )


def _blob(key: bytes, thing: Sealed) -> object:
    nonce, content, places = thing.small_blob
    for name, of_label in places.items():
        cipher, keystream = _blob_cipher(key, name)
        # The text's length stands at the start of its plaintext: one block says whether this key can be the right one,
        # before a tag is computed for each place.
        start = int.from_bytes(keystream.update(nonce + FIRST_COUNTER)[:4], "big") ^ int.from_bytes(content[:4], "big")
        if start > len(content):
            continue
        for associated, step in of_label:
            try:
                padded = cipher.decrypt(nonce, content, associated)
            except InvalidTag:
                continue
            return primitives.remove_padding(padded, step, what=name)
    raise OpenFailed("no label")


@lru_cache(maxsize=1000)
def _blob_places(groups: tuple[tuple[UUID, ...], ...], version: int, size: int) -> list[tuple[str, bytes, int]]:
    """Name of the label, associated data and padding of each place that a small blob of this size could be from."""
    padded = [(name, step) for name in BLOB_LABELS for step in BLOB_STEPS]
    padded += [(name, step) for name in DRAFT_LABELS for step in drafts.SIZE_CLASSES if step not in BLOB_STEPS]
    padded += [("conflict copy", step) for step in conflict_requests.SIZE_CLASSES]
    padded += [
        ("saved views", list_views.STEP),
        ("conflict answer", conflict_requests.ANSWER_STEP),
        ("import state", imports.STATE_STEP),
        ("import part", imports.PART_STEP),
    ]
    fitting = [(name, step) for name, step in padded if size % step == 0]  # a thief sees the size
    return [
        (name, blob._associated_data(LABELS[name], group, version, step), step)
        for (name, step), group in itertools.product(fitting, groups)
    ]


@lru_cache(maxsize=len(BLOB_LABELS))
def _blob_cipher(key: bytes, name: str) -> tuple[AESGCM, CipherContext]:
    """The cipher of a label, and AES alone: `blob.open_blob` derives the key at each call, and a thief tries millions.

    AES of nonce and counter is the keystream of AES-GCM (NIST SP 800-38D, 7.2).
    """
    derived = blob._derive_key(key, LABELS[name])
    return AESGCM(derived), Cipher(AES(derived), ECB()).encryptor()  # one block at a time


def _single_wrap(key: bytes, thing: Sealed) -> object:
    """WRAP-S: alone, or in a bundle, whose wraps a thief takes apart. The key stands in for what a secret derives."""
    member = thing.id("id")
    found = (
        [thing.content]
        if len(thing.content) == wraps.WRAP_LENGTH
        else [wrap.blob for wrap in Bundle.parse(thing.content, member).wraps]
    )
    contexts = [LABELS["bundle wrap"] + member.bytes + bytes([kind]) for kind in WRAP_KINDS]
    return _open_by_any(
        partial(wraps.open_key, key, wrapped, object_id=member.bytes, ctx=ctx)
        for wrapped, ctx in itertools.product(found, contexts)
    )


@lru_cache(maxsize=1)
def _key_pairs(key: bytes) -> tuple[tuple[hybrid.KeyPair, int, bytes], ...]:
    """The HPKE key pairs that a secret could be: an X25519 key as it is, and what the recovery's shares derive.

    Each with its algorithm and the digest of its public key.
    """
    pairs = hybrid.KeyPair(key, hybrid.derive_public_key(key)), shares.derive_key_pair(key)
    return tuple((pair, hybrid.algorithm_of(pair.public), primitives.digest(pair.public)) for pair in pairs)


def _key_wrap(key: bytes, thing: Sealed) -> object:
    """WRAP-H: alone, before a small blob (stop, conflict request), or inside a part of the index sealed to a group."""
    content = thing.content[2:] if thing.content[:2] == bytes((parts.VERSION, parts.TO_GROUP)) else thing.content
    if content[:1] != bytes([hybrid.VERSION]) or content[1] not in hybrid.WRAPPED_KEY:
        raise ValueError("no key wrap")
    for pair, algorithm, public_digest in _key_pairs(key):
        if algorithm != content[1]:
            continue
        for message, info in thing.hpke_infos:
            # The locator says which info it is, so that a thief needs no trial of each.
            if hmac.digest(public_digest, message, "sha256")[:8] == content[2:10]:
                for wrapped in (content, content[: hybrid.WRAPPED_KEY[content[1]]]):
                    try:
                        return hybrid.open_from(pair.private, wrapped, info)
                    except CaseappError:
                        continue
    raise OpenFailed("no info")


def _hpke_infos(thing: Sealed) -> Iterator[bytes]:
    """Every info that the program binds a WRAP-H to, with the ids of the row."""
    org, row = thing.id("org_id"), thing.id("id")
    for name in ("cover", "stop", "draft", "recovery test", "recovery sheet", "audit", "return"):
        yield LABELS[name] + org.bytes
        yield LABELS[name] + org.bytes + row.bytes
        yield LABELS[name] + org.bytes + row.bytes + thing.id("member_id").bytes
    request = LABELS["conflict request"] + org.bytes + row.bytes
    yield request
    yield request + LABELS["conflict entry"]
    kid = thing.row.get("kid")
    if isinstance(kid, bytes | memoryview):
        yield LABELS["audit"] + org.bytes + bytes(kid)
    for recipient in (thing.id("recipient"), thing.id("member_id")):
        for purpose in range(4):
            yield hybrid.grant_info(org, purpose, row, recipient, thing.number("epoch"))
            yield hybrid.grant_info(org, purpose, row, recipient, 0)
    span = (org.bytes, thing.id("group_id").bytes, thing.number("epoch"), thing.number("lo"), thing.number("hi"))
    yield LABELS["index to group"] + LABELS["index part"] + struct.pack(">16s16sIQQII", *span, 0, 1)


def _locator_message(info: bytes) -> bytes:
    """What `primitives.mac` computes the MAC of, so that a thief joins it once for all keys."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in (LABELS["hpke kid"], info))


def _session(key: bytes, thing: Sealed) -> object:
    """A session opens with its cookie; a secret that is the cookie's token opens the owner first."""
    token = base64.urlsafe_b64encode(key).rstrip(b"=").decode()
    whose = thing.row.get("whose")
    if not isinstance(whose, bytes | memoryview):
        raise ValueError("no session")
    owner = session.open_owner(token, bytes(whose), org=thing.id("org_id"), chain=thing.id("chain"))
    return session.open_session(
        token, thing.content, org=thing.id("org_id"), member=owner.member, created=owner.created,
        expires=owner.expires, epoch=thing.number("epoch"),
    )  # fmt: skip


def _stop(key: bytes, thing: Sealed) -> object:
    org, row = thing.id("org_id"), thing.id("id")
    pairs = [pair for pair in _key_pairs(key) if thing.content[:2] == bytes((hybrid.VERSION, pair[1]))]
    if not pairs:
        raise UnknownFormat("no stop")
    for pair, _, public_digest in pairs:
        # As with other key wraps, the locator says whether it is this pair's.
        if hmac.digest(public_digest, thing.stop_message, "sha256")[:8] == thing.content[2:10]:
            with suppress(CaseappError):
                return stops.open_stop(pair.private, org, row, thing.content)
    raise OpenFailed("no stop of these pairs")


def _draft(key: bytes, thing: Sealed) -> object:
    """A draft opens with its member's pair, which the bundle key gives."""
    pair, public_digest = _draft_pair(key)
    # As with other key wraps, the locator says whether it is this pair's.
    if thing.content[2:10] != primitives.mac(public_digest, LABELS["hpke kid"], thing.draft_info)[:8]:
        raise OpenFailed("no draft of this pair")
    return drafts.open_draft(pair.private, thing.id("org_id"), thing.id("id"), thing.content)


@lru_cache(maxsize=1)
def _draft_pair(key: bytes) -> tuple[hybrid.KeyPair, bytes]:
    """The pair, and the digest of its public key."""
    private = drafts.derive_private_key(key)
    public = hybrid.derive_public_key(private)
    return hybrid.KeyPair(private, public), primitives.digest(public)


def _log_line(key: bytes, thing: Sealed) -> object:
    message_id = str(thing.row.get("message_id", ""))
    return operational.open_log_recipient(key, thing.id("org_id"), message_id, thing.content)


def _file(key: bytes, thing: Sealed) -> object:
    context = files.file_context(thing.id("org_id"), thing.id("id"), 1)
    return files.RangeReader(io.BytesIO(thing.content), key, context, size=thing.number("padded"),
                             padded=thing.number("padded"))  # fmt: skip


def _bare(key: bytes, thing: Sealed) -> object:
    """AES-GCM without associated data at the places where our formats put a nonce."""
    cipher = _bare_cipher(key)
    for nonce, content in thing.bare_places:
        try:
            return cipher.decrypt(nonce, content, b"")
        except InvalidTag:
            continue
    raise OpenFailed("no place")


@lru_cache(maxsize=1)
def _bare_cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


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
    "single wrap": _single_wrap,
    "key wrap": _key_wrap,
    "session": _session,
    "stop": _stop,
    "draft": _draft,
    "log line": _log_line,
}
