"""A member's own sign-ins: listed by device, ended one by one or all together.

A session's row does not name its member (`sessions`). With the member's keys their rows are those of the office that
open; without the keys, raising the member's session epoch ends every earlier session.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import F

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Member, Session
from caseapp.accounts.signin import session_state
from caseapp.accounts.signin.factors import BundleHolder
from caseapp.accounts.signin.session_state import SessionState
from caseapp.accounts.signin.sessions import read_restore_epoch
from caseapp.lib import clock
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction


@dataclass(frozen=True)
class Device:
    """A sign-in of a member, as their own page lists it. `name` like "Firefox · Windows", or empty."""

    id: UUID
    name: str
    since: datetime
    seen_at: datetime
    is_locked: bool
    is_this: bool


def list_devices(staff: Staff) -> tuple[Device, ...]:
    """Return the member's own current sign-ins, the newest first, without half-sessions."""
    now, devices = clock.now().timestamp(), {}
    own = sorted(_own_sessions(staff.keys), key=lambda pair: pair[0].seen_at)
    # One of them is the current session, so the highest epochs are the valid ones; older sessions were ended.
    numbers = max(((about.office_epoch, about.member_epoch) for _, about in own), default=(0, 0))
    for row, about in own:
        is_ended = (about.office_epoch, about.member_epoch) != numbers or row.epoch != read_restore_epoch()
        if about.needs or about.is_retired or about.until <= now or is_ended:
            continue
        is_this = staff.presence is not None and staff.presence.session == row.chain
        since = datetime.fromtimestamp(about.since, UTC)
        devices[row.chain] = Device(row.chain, about.device, since, row.seen_at, not row.sealed, is_this)
    return tuple(sorted(devices.values(), key=lambda device: (device.is_this, device.seen_at), reverse=True))


def end_all(holder: BundleHolder, *, except_chain: UUID | None = None) -> int:
    """End a member's sessions, except that of the chain `except_chain`. Return how many rows were deleted."""
    chains = {row.chain for row, _ in _own_sessions(holder)} - {except_chain}
    return Session.objects.filter(org_id=holder.org_id, chain__in=chains).delete()[0]


def end_device(staff: Staff, device: UUID) -> bool:
    """End one of the member's own sessions. Return whether it existed."""
    if all(row.chain != device for row, _ in _own_sessions(staff.keys)):
        return False
    return bool(Session.objects.filter(org_id=staff.org_id, chain=device).delete()[0])


def end_without_keys(org_id: UUID, member_id: UUID) -> None:
    """End every session of a member without their keys.

    A row is deleted when its cookie is used, or on its last day.
    """
    with office_transaction(org_id):
        Member.objects.filter(org_id=org_id, id=member_id).update(session_epoch=F("session_epoch") + 1)


def _own_sessions(holder: BundleHolder) -> Iterator[tuple[Session, SessionState]]:
    for row in Session.objects.filter(org_id=holder.org_id):
        try:
            yield (
                row,
                session_state.open(holder.bundle_key, row.org_id, row.chain, bytes(row.about), row=bytes(row.key)),
            )
        except OpenFailed:
            continue  # another member's row, or one that was moved and no longer opens
