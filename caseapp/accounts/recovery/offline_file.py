"""Files that the share holders open and answer. No Django: they work offline.

row      HPKE to the office's recovery key of MessagePack {key | root, office_file}, padded to 512 bytes;
         info = "cover/1" | office | row id;  row id = SHA-256("cover/1" | group | epoch u32)[:16], root: office, 0
test     JSON {rows, code}: the code is sealed under info "recovery-test/1" | office, shown only if all rows open
request  JSON of a member who lost access: ids, new public keys, all rows, rosters and chains as stored, and the
         SHA-256 of each grant that was not collected yet
answer   HPKE to the member's new key of signature 64 | MessagePack, padded to 1 KiB; info = "return/1" | office |
         return | member; the office's root signs info | SHA-256 of the padded map
"""

from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from caseapp.accounts.directory import signed_lists
from caseapp.accounts.directory.chains import chain, chain_rows
from caseapp.accounts.directory.chains.chain import ChainState, Link, Reader, StoredChain
from caseapp.accounts.directory.escrow_rows import (
    ANSWER_PADDING,
    EscrowRow,
    OpenedEscrow,
    T,
    decode_msgpack,
    encoder,
    open_rows,
)
from caseapp.accounts.directory.records import Directory, Person
from caseapp.accounts.keys import word_list
from caseapp.vault.core import hybrid, primitives, shares
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

DIRECTORY_LABEL = LABELS["directory"]  # the label of `directory/members.py`
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
    """The input of `caseapp recover grant`. `id` is the recovery's, `member` the returning member's.

    grants  SHA-256 of each grant in the office that was not collected yet
    """

    what: Literal["caseapp recovery request 1"] = "caseapp recovery request 1"
    org: UUID
    id: UUID
    member: UUID
    hpke_public: bytes
    sign_public: bytes
    rows: tuple[EscrowRow, ...]
    rosters: tuple[StoredList, ...]
    groups: tuple[StoredList, ...]
    grants: tuple[bytes, ...] = ()


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
    groups     rows to store of groups without any other member, which are handed to a returning admin
    """

    keys: tuple[GroupKey, ...]
    root_public: bytes
    office_file: UUID
    office_group: UUID
    directory: bytes
    version: int
    based_on: bytes
    root: bytes = b""
    groups: tuple[StoredList, ...] = ()

    def __repr__(self) -> str:
        return f"<Answer with {len(self.keys)} keys>"


class ReturningMember(msgspec.Struct, kw_only=True, frozen=True):
    """A returning member as the office's signed directory lists them, with everything an answer is made of.

    directory     as it was, with what still counts of the keys that are given up
    handed_over   rows of groups without any other member, for an admin; they list this admin from now on
    unfit         number of keys among the recovery rows that no chain of the office names; no member is given them
    """

    person: Person
    directory: Directory
    row: StoredList
    keys: tuple[GroupKey, ...]
    root: bytes
    office_file: UUID
    office_group: GroupKey
    handed_over: tuple[StoredList, ...] = ()
    unfit: int = 0

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

    An admin is also handed the groups of which no member of the office has a key any more. Raises OpenFailed
    (BadShares); NotFound for a member who is not in the office.
    """
    opened = open_rows(request.org, request.rows, shares.derive_key_pair(shares.recover_secret(given)))
    group, row, directory = _open_directory(request, opened)
    person = directory.find_person(request.member)
    reader = Reader(request.org, directory, hybrid.derive_verify_key(opened.root))
    states = _read_states(request, opened, reader, group)
    theirs = {name for name, state in states.items() if request.member in state.members} | {group.group}
    handed_over = _hand_over(request, opened, reader, states) if person.is_admin else {}
    named = [key for key in opened.keys if key.group in states and states[key.group].fits(key)]
    rosters = {stored.group: primitives.digest(stored.sealed) for stored in request.rosters}
    departure = chain.build_departure(directory, request.member, states, rosters, request.grants)
    return ReturningMember(
        person=person,
        directory=replace(directory, departures=(*directory.departures, departure)),
        row=row,
        keys=tuple(key for key in named if key.group in theirs or key.group in handed_over),
        root=opened.root,
        office_file=opened.office_file,
        office_group=group,
        handed_over=tuple(handed_over.values()),
        unfit=len(opened.keys) - len(named),
    )


def _open_directory(request: RecoveryRequest, opened: OpenedEscrow) -> tuple[GroupKey, StoredList, Directory]:
    """Return the office's newest key that opens its directory, the directory's row, and the directory.

    Anyone in the office can seal a row to the recovery key, so a key counts only if what it opens is signed by the
    root, whose words the holders compare with their sheets. Raises OpenFailed.
    """
    rows = {row.group: row for row in request.rosters}
    problem = OpenFailed("the office's directory is not in the file")
    for group in opened.office_keys:
        row = rows.get(group.group)
        if row is None:
            continue
        try:
            body = signed_lists.open_by_root(
                group.roster_key(),
                DIRECTORY_LABEL,
                request.org,
                group.group,
                row.version,
                row.sealed,
                root_public=hybrid.derive_verify_key(opened.root),
            )
        except OpenFailed as exc:
            problem = exc
        else:
            return group, row, decode_msgpack(body, Directory)
    raise problem


def _read_states(
    request: RecoveryRequest, opened: OpenedEscrow, reader: Reader, office: GroupKey
) -> dict[UUID, ChainState]:
    """Return the groups whose chains count."""
    offices = [key for key in opened.office_keys if key.group == office.group]
    states = {}
    for row in request.groups:
        try:
            stored = chain_rows.open_stored(offices, request.org, row.group, row.version, row.sealed)
            states[row.group] = chain_rows.judge_stored(reader, row.group, row.version, stored)
        except OpenFailed:
            continue
    return states


def _hand_over(
    request: RecoveryRequest, opened: OpenedEscrow, reader: Reader, states: dict[UUID, ChainState]
) -> dict[UUID, StoredList]:
    """Return the rows of the teams and walls without any active member, with a link that lists the returning admin.

    The admin's program makes the group's next key at once, since the people who left know this one.
    """
    offices = [key for key in opened.office_keys if states.get(key.group)]
    handed_over = {}
    for row in request.groups:
        state = states.get(row.group)
        if state is None or not state.head or not chain.is_orphaned(state, reader.people):
            continue
        newest = [key for key in opened.keys if (key.group, key.epoch) == (row.group, state.epoch) and state.fits(key)]
        stored = chain_rows.open_stored(offices, request.org, row.group, row.version, row.sealed)
        if not newest or not isinstance(stored, StoredChain):
            continue
        link = Link(
            kind=state.kind,
            epoch=state.epoch,
            public=state.public,
            previous=state.head,
            key=newest[0].commitment(),
            joined=(request.member,),
        )
        signed = chain.sign_link(link, org_id=request.org, group=row.group, root=opened.root)
        longer = StoredChain(links=(*stored.links[: len(state.digests)], signed), public=stored.public)
        sealed = chain_rows.seal_chain(offices[0], request.org, row.group, row.version + 1, longer)
        handed_over[row.group] = StoredList(group=row.group, version=row.version + 1, sealed=sealed)
    return handed_over


def build_answer(request: RecoveryRequest, who: ReturningMember) -> bytes:
    """Return the file that restores the member's access under the new keys: what they had before.

    An admin is given the groups without any other member too.
    """
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
        groups=who.handed_over,
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
