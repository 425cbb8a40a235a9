"""A member's own sign-ins: listed by device, ended one by one or all together.

A session's row names nobody (`sessions`). Whoever has the member's keys finds their rows by opening those of the
office; whoever has not raises the member's number, and no session from before it opens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import F

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Member, Session
from caseapp.accounts.signin import session_state
from caseapp.accounts.signin.factors import Holder
from caseapp.accounts.signin.session_state import About
from caseapp.accounts.signin.sessions import restore_epoch
from caseapp.lib import clock
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office


@dataclass(frozen=True)
class Device:
    """One sign-in of a member, as their own page lists it. `name` like "Firefox · Windows", or empty."""

    id: UUID
    name: str
    since: datetime
    seen_at: datetime
    is_locked: bool
    is_this: bool


def of_member(staff: Staff) -> tuple[Device, ...]:
    """The person's own sign-ins that still live, the newest first. Half-sessions are none."""
    now, found = clock.now().timestamp(), {}
    own = sorted(_own(staff.keys), key=lambda pair: pair[0].seen_at)
    # The person is here in one of them, so the highest numbers are those that count; older ones were ended.
    numbers = max(((about.office_epoch, about.member_epoch) for _, about in own), default=(0, 0))
    for row, about in own:
        is_ended = (about.office_epoch, about.member_epoch) != numbers or row.epoch != restore_epoch()
        if about.needs or about.is_retired or about.until <= now or is_ended:
            continue
        is_this = staff.presence is not None and staff.presence.session == row.chain
        since = datetime.fromtimestamp(about.since, UTC)
        found[row.chain] = Device(row.chain, about.device, since, row.seen_at, not row.sealed, is_this)
    return tuple(sorted(found.values(), key=lambda device: (device.is_this, device.seen_at), reverse=True))


def end_all(holder: Holder, *, but: UUID | None = None) -> int:
    """End a member's sessions everywhere, except the one of the chain `but`; answers how many rows went."""
    chains = {row.chain for row, _ in _own(holder)} - {but}
    return Session.objects.filter(org_id=holder.org_id, chain__in=chains).delete()[0]


def end_device(staff: Staff, device: UUID) -> bool:
    """End one of the person's own sessions; answers whether there was one."""
    if all(row.chain != device for row, _ in _own(staff.keys)):
        return False
    return bool(Session.objects.filter(org_id=staff.org_id, chain=device).delete()[0])


def end_unseen(org_id: UUID, member_id: UUID) -> None:
    """End every session of a member whose keys are not at hand. A row goes when its cookie is used, or with the day."""
    with office(org_id):
        Member.objects.filter(org_id=org_id, id=member_id).update(session_epoch=F("session_epoch") + 1)


def _own(holder: Holder) -> Iterator[tuple[Session, About]]:
    for row in Session.objects.filter(org_id=holder.org_id):
        try:
            yield (
                row,
                session_state.open(holder.bundle_key, row.org_id, row.chain, bytes(row.about), row=bytes(row.key)),
            )
        except OpenFailed:
            continue  # somebody else's, or moved: it opens for nobody
