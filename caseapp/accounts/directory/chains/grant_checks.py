"""Checks that a grant fits: its giver is entitled to the group, and the key is the one that the group's chain names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from caseapp.accounts.directory.chains import authority
from caseapp.accounts.directory.chains.authority import NotEntitled
from caseapp.accounts.directory.chains.chain import ROOT_KINDS, ChainState
from caseapp.accounts.directory.records import Directory, Person
from caseapp.accounts.keys import findings
from caseapp.accounts.keys.findings import Finding
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import OFFICE, SHARE, GroupKey, Keyring
from caseapp.vault.errors import OpenFailed


class GrantContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The content of a grant. `root` is the office's signing root, for a new admin."""

    keys: tuple[GroupKey, ...] = ()
    root: bytes = b""
    office_file: UUID | None = None

    def __repr__(self) -> str:
        return f"<Given of {len(self.keys)} keys>"


@dataclass(frozen=True)
class OpenedGrant:
    """An opened grant whose signature is not verified yet. `digest` is the SHA-256 of the row as it is stored."""

    row: UUID
    content: GrantContent = field(repr=False)
    signer: bytes
    signature: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    digest: bytes


@dataclass(frozen=True)
class GrantRecipient:
    """The basis that a grant is judged on: the recipient's keyring, and the directory and chains as just read."""

    member_id: UUID
    ring: Keyring = field(repr=False)
    people: Directory
    states: Mapping[UUID, ChainState]


@dataclass
class Verdict:
    """The part of a grant that may be merged, and the problem of the rest.

    waits  a key can be judged only after an admin has signed in to this program
    """

    keys: list[GroupKey] = field(default_factory=list, repr=False)
    root: bytes = field(default=b"", repr=False)
    office_file: UUID | None = None
    findings: list[Finding] = field(default_factory=list)
    waits: bool = False

    @property
    def is_settled(self) -> bool:
        """Return whether everything in the grant fits, so that its row can go."""
        return not self.findings and not self.waits


def judge_grant(recipient: GrantRecipient, grant: OpenedGrant, held: Sequence[GroupKey]) -> Verdict:
    """Return what of a grant fits. `held` are the recipient's keys, and those of grants judged before this one."""
    verdict = Verdict()
    try:
        person = authority.verify_signer(recipient.people, grant.signer, grant.signature, grant.signed)
        givers = authority.capacities(recipient.people, grant.signer, authority.names_item(grant.digest))
    except OpenFailed as exc:
        verdict.findings.append(_finding(exc))
        return verdict
    is_admin = any(giver.is_admin for giver in givers)
    _judge_office(recipient, grant.content, verdict, is_admin=is_admin)
    for key in grant.content.keys:
        try:
            fits = _judge_key(recipient, key, person, (*held, *verdict.keys), is_admin=is_admin)
        except NotEntitled as exc:
            verdict.findings.append(_finding(exc, key.group))
        else:
            if fits is None:
                verdict.waits = True
            elif fits:
                verdict.keys.append(key)
    return verdict


def unreadable(exc: OpenFailed) -> Finding:
    """Return the finding for a grant that does not open."""
    return Finding(findings.UNREADABLE, f"grant: {exc}")


def _finding(exc: OpenFailed, group: UUID | None = None) -> Finding:
    code = exc.code if isinstance(exc, NotEntitled) else "signature"
    return Finding(findings.grant_code(code), f"grant: {exc}", group)


def _judge_office(recipient: GrantRecipient, content: GrantContent, verdict: Verdict, *, is_admin: bool) -> None:
    """Judge what a grant says of the office itself: only an admin says it, and nothing that is known is replaced."""
    ring, known = recipient.ring, {recipient.ring.office_file, recipient.people.office_file} - {None}
    if content.office_file is not None:
        if is_admin and known <= {content.office_file}:
            verdict.office_file = content.office_file
        else:
            verdict.findings.append(Finding(findings.OFFICE, "grant: that is not the office's own file"))
    if content.root:
        if is_admin and hybrid.derive_verify_key(content.root) == ring.org_root_public:
            verdict.root = content.root
        else:
            verdict.findings.append(Finding(findings.OFFICE, "grant: that is not the office's root"))


def _judge_key(
    recipient: GrantRecipient, key: GroupKey, giver: Person, held: Iterable[GroupKey], *, is_admin: bool
) -> bool | None:
    """Return whether a key is to be merged: False when it is held already, None when it has to wait.

    Raises NotEntitled.
    """
    epochs = _held_epochs(key, held)
    if key.epoch in epochs:
        return False
    state = recipient.states.get(key.group)
    if key.kind == SHARE:
        # What a share opens, the case's own signed access list says; the key alone opens nothing.
        if state is not None or key.epoch != 1:
            raise NotEntitled("kind", f"group {key.group} is not one of a single case")
        return True
    if state is None or state.kind != key.kind or key.epoch > state.epoch:
        raise NotEntitled("chain", f"the chain of group {key.group} does not name epoch {key.epoch}")
    if not (is_admin if key.kind in ROOT_KINDS else giver.member_id in state.holders):
        raise NotEntitled("member", f"a key of group {key.group} was given by someone outside it")
    if key.kind != OFFICE and recipient.member_id not in state.members:
        raise NotEntitled("seat", f"the chain of group {key.group} does not list who was given its key")
    if not recipient.people.anchored:
        return None if epochs and key.epoch > max(epochs) else True
    if not state.fits(key):
        raise NotEntitled("key", f"a key of group {key.group} is not the one that its chain names")
    return True


def _held_epochs(key: GroupKey, held: Iterable[GroupKey]) -> set[int]:
    """Return the epochs of a key's group that are held. Raises NotEntitled when the key would replace one of them."""
    epochs = set()
    for mine in held:
        if mine.group != key.group:
            continue
        if mine.kind != key.kind:
            raise NotEntitled("kind", f"group {key.group} is not of kind {key.kind}")
        if mine.epoch == key.epoch and not primitives.is_equal(mine.commitment(), key.commitment()):
            raise NotEntitled("replaced", f"another key is held of group {key.group}, epoch {key.epoch}")
        epochs.add(mine.epoch)
    return epochs
