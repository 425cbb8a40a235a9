"""Files that the share holders open and answer. No Django: they work offline.

row      HPKE to the office's recovery key of MessagePack {key | root, office_file}, padded to 512 bytes;
         info = "cover/1" | office | row id;  row id = SHA-256("cover/1" | group | epoch u32)[:16], root: office, 0
test     JSON {rows, code}: the code is sealed under info "recovery-test/1" | office, shown only if all rows open
request  JSON of a member who lost access: ids, new public keys, all rows, rosters and descriptors as stored
answer   HPKE to the member's new key of signature 64 | MessagePack, padded to 1 KiB; info = "return/1" | office |
         return | member; the office's root signs info | SHA-256 of the padded map
"""

from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from caseapp.accounts.directory import signed_lists
from caseapp.accounts.directory.escrow_rows import (
    ANSWER_PADDING,
    EscrowRow,
    OpenedEscrow,
    T,
    decode_msgpack,
    encoder,
    open_rows,
)
from caseapp.accounts.directory.records import Descriptor, Directory, Person
from caseapp.accounts.keys import word_list
from caseapp.vault.core import hybrid, primitives, shares
from caseapp.vault.core.keyring import OFFICE, GroupKey, open_with_any
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

# The labels of `directory/members.py` and `directory/groups.py`.
DIRECTORY_LABEL, GROUP_LABEL = LABELS["directory"], LABELS["group descriptor"]
MAX_BYTES = 20_000_000  # most bytes of a file that are read
_SIGNATURE = 64


class StoredList(msgspec.Struct, kw_only=True, frozen=True):
    """A roster's or descriptor's row as stored."""

    group: UUID
    version: int
    sealed: bytes


class RecoveryTestFile(msgspec.Struct, kw_only=True, frozen=True):
    """The input of `caseapp recover test`."""

    __test__ = False  # keeps pytest from collecting it for its name
    what: Literal["caseapp recovery test 1"] = "caseapp recovery test 1"
    org: UUID
    code: bytes
    rows: tuple[EscrowRow, ...]


class RecoveryRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The input of `caseapp recover grant`. `id` is the recovery's, `member` the returning member's."""

    what: Literal["caseapp recovery request 1"] = "caseapp recovery request 1"
    org: UUID
    id: UUID
    member: UUID
    hpke_public: bytes
    sign_public: bytes
    rows: tuple[EscrowRow, ...]
    rosters: tuple[StoredList, ...]
    groups: tuple[StoredList, ...]


class RecoveryAnswerFile(msgspec.Struct, kw_only=True, frozen=True):
    """The output of `caseapp recover grant`."""

    what: Literal["caseapp recovery answer 1"] = "caseapp recovery answer 1"
    id: UUID
    sealed: bytes


class RecoveryAnswer(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The keys for a returning member.

    root       only for an admin
    directory  the row to store, with its `version`
    based_on   SHA-256 of the row that it follows, so that no change in between is lost
    """

    keys: tuple[GroupKey, ...]
    root_public: bytes
    office_file: UUID
    office_group: UUID
    directory: bytes
    version: int
    based_on: bytes
    root: bytes = b""

    def __repr__(self) -> str:
        return f"<Answer with {len(self.keys)} keys>"


class ReturningMember(msgspec.Struct, kw_only=True, frozen=True):
    """A returning member as the office's signed directory lists them, with everything an answer is made of."""

    person: Person
    directory: Directory
    row: StoredList
    keys: tuple[GroupKey, ...]
    root: bytes
    office_file: UUID
    office_group: GroupKey

    def __repr__(self) -> str:
        return f"<Returning {self.person.member_id}>"


def build_test_file(org: UUID, rows: Sequence[EscrowRow], code: str, public: bytes) -> bytes:
    """Return the file of a test."""
    sealed = hybrid.seal_to(public, code.encode("ascii"), LABELS["recovery test"] + org.bytes)
    return msgspec.json.encode(RecoveryTestFile(org=org, code=sealed, rows=tuple(rows)))


def open_test_file(content: bytes, given: Iterable[str]) -> tuple[str, int, bytes]:
    """Open a test file with shares. Return (the code, how many rows opened, the root's public key).

    Raises OpenFailed (BadShares), also for any other file.
    """
    test = _decode_json(content, RecoveryTestFile)
    pair = shares.derive_key_pair(shares.recover_secret(given))
    code = hybrid.open_from(pair.private, test.code, LABELS["recovery test"] + test.org.bytes)
    opened = open_rows(test.org, test.rows, pair)
    return code.decode("ascii", "replace"), len(test.rows), hybrid.derive_verify_key(opened.root)


def office_of_test_file(content: bytes) -> UUID:
    """Return the office of a test file. Raises OpenFailed."""
    return _decode_json(content, RecoveryTestFile).org


def read_request(content: bytes) -> RecoveryRequest:
    """Parse a request file. Raises OpenFailed."""
    return _decode_json(content, RecoveryRequest)


def find_returning_member(request: RecoveryRequest, given: Iterable[str]) -> ReturningMember:
    """Open a request with shares and return the member who made it.

    Raises OpenFailed (BadShares); NotFound for a member who is not in the office.
    """
    opened = open_rows(request.org, request.rows, shares.derive_key_pair(shares.recover_secret(given)))
    group = opened.office_group
    row = next((row for row in request.rosters if row.group == group.group), None)
    if row is None:
        raise OpenFailed("the office's directory is not in the file")
    body = signed_lists.open_by_root(
        group.roster_key(),
        DIRECTORY_LABEL,
        request.org,
        group.group,
        row.version,
        row.sealed,
        root_public=hybrid.derive_verify_key(opened.root),
    )
    directory = decode_msgpack(body, Directory)
    person = directory.find_person(request.member)
    known = _open_descriptors(request, opened, directory)
    theirs = {d.group for d in known if request.member in d.members} | {group.group}
    return ReturningMember(
        person=person,
        directory=directory,
        row=row,
        keys=tuple(key for key in opened.keys if key.group in theirs),
        root=opened.root,
        office_file=opened.office_file,
        office_group=group,
    )


def _open_descriptors(request: RecoveryRequest, opened: OpenedEscrow, directory: Directory) -> list[Descriptor]:
    offices = sorted((key for key in opened.keys if key.kind == OFFICE), key=lambda key: -key.epoch)

    def open_descriptor(row: StoredList) -> Descriptor:
        def open_with(office: GroupKey) -> bytes:
            return signed_lists.open_by_member(
                office.roster_key(),
                GROUP_LABEL,
                request.org,
                row.group,
                row.version,
                row.sealed,
                verifiers=directory.verifiers,
            )

        return decode_msgpack(open_with_any(offices, open_with, what=f"group {row.group}"), Descriptor)

    return [open_descriptor(row) for row in request.groups]


def build_answer(request: RecoveryRequest, who: ReturningMember) -> bytes:
    """Return the file that restores the member's access under the new keys: exactly what they had before."""
    newer = who.directory.with_keys(request.member, hpke_public=request.hpke_public, sign_public=request.sign_public)
    newer = replace(newer, version=who.row.version + 1)
    sealed = signed_lists.seal(
        who.office_group.roster_key(),
        DIRECTORY_LABEL,
        request.org,
        who.office_group.group,
        newer.version,
        msgspec.msgpack.encode(newer),
        private=who.root,
        root=True,
    )
    given = RecoveryAnswer(
        keys=who.keys,
        root_public=hybrid.derive_verify_key(who.root),
        office_file=who.office_file,
        office_group=who.office_group.group,
        directory=sealed,
        version=newer.version,
        based_on=primitives.digest(who.row.sealed),
        root=who.root if who.person.is_admin else b"",
    )
    body = primitives.add_padding(encoder.encode(given), ANSWER_PADDING)
    context = _answer_context(request.org, request.id, request.member)
    content = hybrid.sign(who.root, context + primitives.digest(body)) + body
    return msgspec.json.encode(
        RecoveryAnswerFile(id=request.id, sealed=hybrid.seal_to(request.hpke_public, content, context))
    )


def open_answer(content: bytes, *, org: UUID, row: UUID, member: UUID, hpke_private: bytes) -> RecoveryAnswer:
    """Open the answer to this request. Raises OpenFailed. The caller compares the root's words with the office's."""
    file = _decode_json(content, RecoveryAnswerFile)
    context = _answer_context(org, row, member)
    plain = hybrid.open_from(hpke_private, file.sealed, context)
    signature, body = plain[:_SIGNATURE], plain[_SIGNATURE:]
    given = decode_msgpack(primitives.remove_padding(body, ANSWER_PADDING, what="answer"), RecoveryAnswer)
    hybrid.verify(given.root_public, signature, context + primitives.digest(body))
    return given


def request_words(org: UUID, member: UUID, hpke_public: bytes, sign_public: bytes) -> tuple[str, ...]:
    """Return six words of a returning member's new keys, read aloud before the request is answered."""
    content = LABELS["return words"] + org.bytes + member.bytes + primitives.digest(hpke_public) + sign_public
    return word_list.words_for_digest(primitives.digest(content))


def office_words(org: UUID, root_public: bytes) -> tuple[str, ...]:
    """Return six words of the office's root, as printed on every holder's sheet."""
    return word_list.words_for_digest(primitives.digest(LABELS["office words"] + org.bytes + root_public))


def _answer_context(org: UUID, row: UUID, member: UUID) -> bytes:
    return LABELS["return"] + org.bytes + row.bytes + member.bytes


def _decode_json(content: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(content[: MAX_BYTES + 1], type=shape)
    except (msgspec.MsgspecError, ValueError):
        raise OpenFailed("This is not the right file.") from None
