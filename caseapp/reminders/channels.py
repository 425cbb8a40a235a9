"""How a member is reached: address, language, zone, level. Sealed under the operational key."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import msgspec

from caseapp.reminders.models import Channel
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

LEVELS = ("normal", "constant")


class Ways(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """`zone` is an IANA name; `level` normal (days with items and some others) or constant (every working day)."""

    address: str
    language: str = "en"
    zone: str = "UTC"
    admin: bool = False
    level: str = "normal"


@dataclass(frozen=True)
class Reached:
    """A member and their ways."""

    org_id: UUID
    member_id: UUID
    ways: Ways


def set_address(
    org_id: UUID, member_id: UUID, *, address: str, language: str, zone: str, admin: bool, level: str = "normal"
) -> None:
    """Save how a member is reached, in the caller's transaction of that office."""
    ways = Ways(address=address.strip(), language=language, zone=zone, admin=admin, level=level)
    sealed = operational.seal_setting(server_keys.operational_key(), org_id, member_id, msgspec.msgpack.encode(ways))
    Channel.objects.update_or_create(org_id=org_id, member_id=member_id, defaults={"sealed": sealed})


def opened(row: Channel) -> Reached:
    """A row's ways. Raises OpenFailed."""
    plain = operational.open_setting(server_keys.operational_key(), row.org_id, row.member_id, bytes(row.sealed))
    return Reached(row.org_id, row.member_id, msgspec.msgpack.decode(plain, type=Ways))


def get(org_id: UUID, member_id: UUID) -> Reached | None:
    """A member's ways, or None where none are set. Raises OpenFailed."""
    row = Channel.objects.filter(org_id=org_id, member_id=member_id).first()
    return opened(row) if row else None


def admins(org_id: UUID) -> list[Reached]:
    """The admins of an office who have an address, in the caller's transaction of that office."""
    found = []
    for row in Channel.objects.filter(org_id=org_id):
        with suppress(OpenFailed):  # one damaged row must not keep the others from being told
            found.append(opened(row))
    return [reached for reached in found if reached.ways.admin]
