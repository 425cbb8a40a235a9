"""Who is in a group: signed by the office's root (pinned in each bundle), sealed for the group's members.

A public key swapped in the database does not verify, so a later grant to it fails loudly.
"""

from uuid import UUID

import msgspec

from caseapp.accounts.keys import Keys
from caseapp.accounts.models import Roster
from caseapp.vault.core import blob, hybrid
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import OpenFailed

LABEL = b"roster/1"


class Colleague(msgspec.Struct, kw_only=True, frozen=True):
    """One member as the group knows them. Keys are public ones."""

    member_id: UUID
    name: str
    role: str
    is_admin: bool
    hpke_public: bytes
    sign_public: bytes


class _Roster(msgspec.Struct, kw_only=True):
    group_name: str
    group_public: bytes
    version: int
    members: tuple[Colleague, ...]


class _Signed(msgspec.Struct, kw_only=True):
    body: bytes
    signature: bytes


def _context(org_id: UUID, group: GroupKey, version: int, body: bytes) -> bytes:
    return LABEL + org_id.bytes + group.group.bytes + version.to_bytes(4, "big") + body


def write(keys: Keys, group: GroupKey, *, name: str, public: bytes, members: tuple[Colleague, ...]) -> None:
    """Sign and store the next version of a group's roster. The caller holds the office's root key."""
    previous = Roster.objects.filter(org_id=keys.org_id, group_id=group.group).first()
    version = previous.version + 1 if previous else 1
    body = msgspec.msgpack.encode(_Roster(group_name=name, group_public=public, version=version, members=members))
    signature = hybrid.sign(keys.keyring.org_root_private, _context(keys.org_id, group, version, body))
    sealed = blob.seal_blob(
        group.roster_key(),
        LABEL,
        (keys.org_id, group.group),
        msgspec.msgpack.encode(_Signed(body=body, signature=signature)),
        version=version,
    )
    Roster.objects.update_or_create(
        org_id=keys.org_id, group_id=group.group, defaults={"version": version, "sealed": sealed}
    )


def colleagues(keys: Keys, group_id: UUID) -> tuple[Colleague, ...]:
    """The members of a group. Raises OpenFailed when the roster is missing, altered, older than seen, or not signed."""
    return _read(keys, keys.group(group_id)).members


def _read(keys: Keys, group: GroupKey) -> _Roster:
    row = Roster.objects.filter(org_id=keys.org_id, group_id=group.group).first()
    if row is None:
        raise OpenFailed(f"roster of group {group.group} is missing")
    plain = blob.open_blob(
        group.roster_key(), LABEL, (keys.org_id, group.group), bytes(row.sealed), version=row.version
    )
    signed = msgspec.msgpack.decode(plain, type=_Signed)
    context = _context(keys.org_id, group, row.version, signed.body)
    hybrid.verify(keys.keyring.org_root_public, signed.signature, context)
    return msgspec.msgpack.decode(signed.body, type=_Roster)


def add_member(keys: Keys, group: GroupKey, colleague: Colleague) -> None:
    """Put a member on the roster, or replace their entry."""
    roster = _read(keys, group)
    others = tuple(member for member in roster.members if member.member_id != colleague.member_id)
    write(keys, group, name=roster.group_name, public=roster.group_public, members=(*others, colleague))
