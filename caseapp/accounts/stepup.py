"""Asking again: what could hand out, take away or carry off keys needs a fresh look at who is there."""

from datetime import timedelta

from caseapp.accounts import factors
from caseapp.accounts.errors import StepUpNeeded
from caseapp.accounts.keys import Staff
from caseapp.lib import clock

LIMIT = timedelta(minutes=10)


def is_fresh(staff: Staff) -> bool:
    """Whether passphrase, and second factor where there is one, were asked for in the last ten minutes."""
    presence = staff.presence
    if presence is None or clock.now() - presence.checked_at > LIMIT:
        return False
    return presence.has_factor or not factors.of(staff.keys)


def require(staff: Staff) -> None:
    """Raises StepUpNeeded: a GET is led to the page that asks, a POST answers 403 and keeps what was typed."""
    if not is_fresh(staff):
        raise StepUpNeeded("asked too long ago")
