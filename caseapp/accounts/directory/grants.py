"""Grants: keys that one member gives another, signed by the giver, sealed to the recipient, merged and deleted.

plaintext = signature 64 | signer 8 | MessagePack {keys, root, office_file} padded to 1 KiB. The signature covers
(info | SHA-256 of the padded map); `info` names office, row and recipient, so a grant cannot be passed on or moved. No
group is in clear. The recipient's public key is from the directory, which the office's root signed.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec
from msgspec.structs import replace

from caseapp.accounts.directory import members
from caseapp.accounts.directory.records import Directory, Person
from caseapp.accounts.keys import keyrings, profile
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Grant, Member, OfficeState
from caseapp.lib.errors import Refused
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

INBOX_PURPOSE = 1  # the purpose in a grant's HPKE info; the keys' own purpose is inside the sealed content
PADDING = 1024
_SIGNATURE, _SIGNER = 64, 8


class GrantContent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The content of a grant. `root` is the office's signing root, for a new admin."""

    keys: tuple[GroupKey, ...] = ()
    root: bytes = b""
    office_file: UUID | None = None

    def __repr__(self) -> str:
        return f"<Given of {len(self.keys)} keys>"


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
        raise Refused("locked_down", "The office is locked down: nobody is given keys until an admin lifts it.")


def merge_waiting(keys: Keys) -> bool:
    """Merge the member's waiting grants into their keyring. Return whether there were any.

    The member's role is updated from the directory at the same time: an empty grant signals a changed role. A grant
    that does not open, or whose signer is not in the directory, stays in its row and raises OpenFailed.
    """
    with office_transaction(keys.org_id):
        rows = list(Grant.objects.filter(org_id=keys.org_id, recipient=keys.member_id).order_by("id"))
        if not rows:
            return False
        letters = [_open_grant(keys, row) for row in rows]
        people = _read_directory(keys, [given for given, _, _, _ in letters])
        verifiers = people.verifiers
        for _, signer, signature, signed in letters:
            if signer not in verifiers:
                raise OpenFailed("grant: its signer is not in the directory")
            hybrid.verify(verifiers[signer], signature, signed)
        me = people.find_person(keys.member_id)
        keyrings.change(
            keys, lambda ring: _merge_into_keyring(ring, [given for given, _, _, _ in letters], me, people.version)
        )
        _update_own_role(keys, me)
        Grant.objects.filter(org_id=keys.org_id, id__in=[row.id for row in rows]).delete()
    return True


def _open_grant(keys: Keys, row: Grant) -> tuple[GrantContent, bytes, bytes, bytes]:
    """Return (content, signer, signature, signed bytes) of a grant; the signature is not verified yet."""
    context = _grant_context(keys.org_id, row.id, keys.member_id)
    plain = hybrid.open_from(keys.keyring.hpke_private, bytes(row.sealed), context)
    signature, signer, body = (
        plain[:_SIGNATURE],
        plain[_SIGNATURE : _SIGNATURE + _SIGNER],
        plain[_SIGNATURE + _SIGNER :],
    )
    try:
        given = _decoder.decode(primitives.remove_padding(body, PADDING, what="grant"))
    except (msgspec.MsgspecError, ValueError) as exc:
        raise OpenFailed("grant does not read") from exc
    return given, signer, signature, context + primitives.digest(body)


def _read_directory(keys: Keys, given: Sequence[GrantContent]) -> Directory:
    # After a rotation of the office group's key the directory opens only with the key in the waiting grant. Trying an
    # unverified key is safe: the directory itself is signed by the root, which is pinned in the bundle.
    wider = keys.with_extra_groups(*(group for content in given for group in content.keys))
    return members.read_directory(wider)


def _update_own_role(keys: Keys, me: Person) -> None:
    """Copy the member's role from the directory into their profile, which only their own bundle key can seal."""
    row = Member.objects.select_for_update().get(org_id=keys.org_id, id=keys.member_id)
    member_profile = profile.open_profile(keys.bundle_key, keys.org_id, keys.member_id, bytes(row.profile))
    member_profile = replace(member_profile, role=me.role, is_admin=me.is_admin)
    sealed = profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, member_profile)
    Member.objects.filter(org_id=row.org_id, id=row.id).update(profile=sealed)


def _merge_into_keyring(ring: Keyring, given: Sequence[GrantContent], me: Person, version: int) -> Keyring:
    for content in given:
        ring = replace(
            ring,
            groups=keyrings.merge_groups(ring, content.keys),
            org_root_private=content.root or ring.org_root_private,
            office_file=content.office_file or ring.office_file,
        )
    if not me.is_admin:
        ring = replace(ring, org_root_private=b"")
    ring = replace(ring, roster_version=max(version, ring.roster_version))
    if ring.org_root_private and hybrid.derive_verify_key(ring.org_root_private) != ring.org_root_public:
        raise OpenFailed("grant: that is not the office's root")
    return ring


def _grant_context(org_id: UUID, row: UUID, recipient: UUID) -> bytes:
    return hybrid.grant_info(org_id, INBOX_PURPOSE, row, recipient, 0)
