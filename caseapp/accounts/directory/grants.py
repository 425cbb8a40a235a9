"""Grants: keys that one member gives another, signed by the giver, sealed to the recipient, merged and deleted.

plaintext = signature 64 | signer 8 | MessagePack {keys, root, office_file} padded to 1 KiB. The signature covers
(info | SHA-256 of the padded map); `info` names office, row and recipient, so a grant cannot be passed on or moved. No
group is in clear. The recipient's public key is from the directory, which the office's root signed.

The recipient judges each grant (`grant_checks.py`). What does not fit is not merged and its row stays; the rest is
merged all the same, so that one row put into the table shuts no member out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from caseapp.accounts.directory import members
from caseapp.accounts.directory.chains import grant_checks, group_chains
from caseapp.accounts.directory.chains.chain import ChainState
from caseapp.accounts.directory.chains.grant_checks import GrantContent, GrantRecipient, OpenedGrant, Verdict
from caseapp.accounts.directory.records import Directory, Person
from caseapp.accounts.keys import keyrings, profile
from caseapp.accounts.keys.findings import Finding
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Grant, Group, Member, OfficeState, Roster
from caseapp.lib.errors import Refused
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import OFFICE, GroupKey, Keyring
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

INBOX_PURPOSE = 1  # the purpose in a grant's HPKE info; the keys' own purpose is inside the sealed content
PADDING = 1024
_SIGNATURE, _SIGNER = 64, 8


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(GrantContent)


def give_keys(
    keys: Keys, recipient: Person, groups: Sequence[GroupKey], *, root: bytes = b"", office_file: UUID | None = None
) -> None:
    """Give keys to a member. `recipient` must be from the directory as just read.

    Raises Refused(code="locked_down") while the office is locked down.
    """
    with office_transaction(keys.org_id):
        refuse_while_locked_down(keys.org_id)
        row = uuid4()
        body = primitives.add_padding(
            _encoder.encode(GrantContent(keys=tuple(groups), root=root, office_file=office_file)), PADDING
        )
        context = _grant_context(keys.org_id, row, recipient.member_id)
        signature = hybrid.sign(keys.keyring.sign_private, context + primitives.digest(body))
        signer = hybrid.signer_id(hybrid.derive_verify_key(keys.keyring.sign_private))
        sealed = hybrid.seal_to(recipient.hpke_public, signature + signer + body, context)
        Grant.objects.create(org_id=keys.org_id, id=row, recipient=recipient.member_id, sealed=sealed)


def refuse_while_locked_down(org_id: UUID) -> None:
    """Raise Refused(code="locked_down") while the office is locked down."""
    if OfficeState.objects.filter(org_id=org_id, locked_down=True).exists():
        raise Refused("locked_down", "The office is locked down: no keys are given until an admin lifts it.")


@dataclass(frozen=True)
class Collected:
    """The result of looking for grants: whether there were any, and what did not fit."""

    has_grants: bool = False
    refused: tuple[Finding, ...] = ()


def collect(keys: Keys) -> Collected:
    """Merge what fits of the member's waiting grants. Return what does not.

    The member's role is updated from the directory at the same time: an empty grant signals a changed role. Raises
    OpenFailed when the directory does not count.
    """
    with office_transaction(keys.org_id):
        rows = list(Grant.objects.filter(org_id=keys.org_id, recipient=keys.member_id).order_by("id"))
        if not rows:
            return Collected()
        opened, findings = _open_grants(keys, rows)
        if not opened:
            return Collected(True, tuple(findings))
        try:
            reader, people = _read_directory(keys, opened)
        except OpenFailed as exc:
            if keys.groups_of_kind(OFFICE):
                raise
            # Not approved yet: what waits for them is from no member who could give them the office's key.
            return Collected(True, (*findings, grant_checks.unreadable(exc)))
        recipient = GrantRecipient(keys.member_id, keys.keyring, people, _read_states(reader, people, opened))
        verdicts: dict[UUID, Verdict] = {}
        held = list(keys.keyring.groups)
        for grant in opened:
            verdict = verdicts[grant.row] = grant_checks.judge_grant(recipient, grant, held)
            held += verdict.keys
            findings += verdict.findings
        settled = [row for row, verdict in verdicts.items() if verdict.is_settled]
        if settled or any(verdict.keys for verdict in verdicts.values()):
            me = people.find_person(keys.member_id)
            keyrings.change(keys, lambda ring: _merge_into_keyring(ring, recipient, tuple(verdicts.values()), me))
            _update_own_role(keys, me)
            Grant.objects.filter(org_id=keys.org_id, id__in=settled).delete()
    return Collected(True, tuple(findings))


def digest_of_row(sealed: bytes) -> bytes:
    """Return the SHA-256 by which the directory names a grant that was not collected yet."""
    return primitives.digest(sealed)


def _open_grants(keys: Keys, rows: Sequence[Grant]) -> tuple[list[OpenedGrant], list[Finding]]:
    opened, findings = [], []
    for row in rows:
        try:
            opened.append(_open_grant(keys, row))
        except OpenFailed as exc:
            findings.append(grant_checks.unreadable(exc))
    return opened, findings


def _open_grant(keys: Keys, row: Grant) -> OpenedGrant:
    """Return an opened grant; its signature is not verified yet."""
    context = _grant_context(keys.org_id, row.id, keys.member_id)
    sealed = bytes(row.sealed)
    plain = hybrid.open_from(keys.keyring.hpke_private, sealed, context)
    signature, signer, body = (
        plain[:_SIGNATURE],
        plain[_SIGNATURE : _SIGNATURE + _SIGNER],
        plain[_SIGNATURE + _SIGNER :],
    )
    try:
        content = _decoder.decode(primitives.remove_padding(body, PADDING, what="grant"))
    except (msgspec.MsgspecError, ValueError) as exc:
        raise OpenFailed("grant does not read") from exc
    return OpenedGrant(row.id, content, signer, signature, context + primitives.digest(body), digest_of_row(sealed))


def _read_directory(keys: Keys, opened: Sequence[OpenedGrant]) -> tuple[Keys, Directory]:
    """Return the directory, and the keys that open it: perhaps only with a key from a waiting grant.

    Trying a key that is not judged yet is safe: the directory is signed by the root, which is pinned in the bundle,
    for one group of the office. Raises OpenFailed.
    """
    candidates = [key for grant in opened for key in grant.content.keys if key.kind == OFFICE]
    known = keys.groups_of_kind(OFFICE)
    offices = [known[0].group] if known else list(dict.fromkeys(key.group for key in candidates))
    problem = OpenFailed("no key for the office's directory")
    for row in Roster.objects.filter(org_id=keys.org_id, group_id__in=offices):
        wider = keys.with_extra_groups(*(key for key in candidates if key.group == row.group_id))
        try:
            return wider, members.open_directory_row(wider, row)
        except OpenFailed as exc:
            problem = exc
    raise problem


def _read_states(reader: Keys, people: Directory, opened: Sequence[OpenedGrant]) -> dict[UUID, ChainState]:
    """Return the chains that count of all groups that the grants are about. One query."""
    wanted = {key.group for grant in opened for key in grant.content.keys}
    states = {}
    for row in Group.objects.filter(org_id=reader.org_id, group_id__in=wanted) if wanted else ():
        try:
            states[row.group_id] = group_chains.open_row(reader, people, row)
        except OpenFailed:
            continue
    return states


def _update_own_role(keys: Keys, me: Person) -> None:
    """Copy the member's role from the directory into their profile, which only their own bundle key can seal."""
    row = Member.objects.select_for_update().get(org_id=keys.org_id, id=keys.member_id)
    member_profile = profile.open_profile(keys.bundle_key, keys.org_id, keys.member_id, bytes(row.profile))
    member_profile = replace(member_profile, role=me.role, is_admin=me.is_admin)
    sealed = profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, member_profile)
    Member.objects.filter(org_id=row.org_id, id=row.id).update(profile=sealed)


def _merge_into_keyring(ring: Keyring, recipient: GrantRecipient, verdicts: Sequence[Verdict], me: Person) -> Keyring:
    new_keys = tuple(key for verdict in verdicts for key in verdict.keys)
    for verdict in verdicts:
        ring = replace(
            ring,
            org_root_private=verdict.root or ring.org_root_private,
            office_file=ring.office_file or verdict.office_file,
        )
    if not me.is_admin:
        ring = replace(ring, org_root_private=b"")
    heads = {key.group: recipient.states[key.group].head for key in new_keys if key.group in recipient.states}
    return replace(
        ring.with_heads({group: head for group, head in heads.items() if head}),
        groups=keyrings.merge_groups(ring, new_keys),
        roster_version=max(recipient.people.version, ring.roster_version),
    )


def _grant_context(org_id: UUID, row: UUID, recipient: UUID) -> bytes:
    return hybrid.grant_info(org_id, INBOX_PURPOSE, row, recipient, 0)
