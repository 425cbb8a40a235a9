"""Step-up authentication before acts that could hand out, take away or export keys."""

from datetime import timedelta

from django.utils.translation import gettext_noop

from caseapp.accounts.errors import SessionGone, StepUpNeeded
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import factors, passkeys, sessions, throttle, totp, unlock_bundle
from caseapp.lib import clock
from caseapp.lib.errors import Refused, TooMany
from caseapp.vault.core import primitives
from caseapp.vault.errors import OpenFailed

FRESH_FOR = timedelta(minutes=10)
NO_MATCH = gettext_noop("That did not match. Nothing is locked yet.")
NO_FACTOR = gettext_noop("Type a code of your authenticator app, or use a passkey.")


def is_fresh(staff: Staff) -> bool:
    """Return whether passphrase, and second factor where there is one, were checked in the last ten minutes."""
    presence = staff.presence
    if presence is None or clock.now() - presence.checked_at > FRESH_FOR:
        return False
    return presence.has_factor or not factors.list_factors(staff.keys)


def require(staff: Staff) -> None:
    """Raise StepUpNeeded unless passphrase and factor were checked in the last ten minutes.

    A GET is redirected to the page that asks; a POST is answered with 403 and keeps the typed text.
    """
    if not is_fresh(staff):
        raise StepUpNeeded("asked too long ago")


def check_credentials(
    staff: Staff, token: str, *, passphrase: str, code: str = "", site: passkeys.Site, answer: str = ""
) -> str:
    """Check passphrase and second factor again. Return the session's fresh cookie.

    code or answer  the second factor, if the member has one: an authenticator's code, or a passkey's answer at `site`
    Raises Refused(code="no_match", "no_factor" or "passkey"), TooMany, SessionGone.
    """
    tries = throttle.for_check(staff.member_id.bytes)
    throttle.count_try(tries)
    row = unlock_bundle.find_member(staff.org_id, staff.member_id)
    if row is None:
        raise SessionGone("member is gone")
    try:
        is_right = primitives.is_equal(unlock_bundle.by_passphrase(row, passphrase), staff.keys.bundle_key)
    except OpenFailed as exc:
        raise Refused("no_match", NO_MATCH) from exc
    except TooMany:
        throttle.refund_try(tries)
        raise
    if not is_right:
        raise Refused("no_match", NO_MATCH)
    has_factor = bool(factors.list_factors(staff.keys))
    if has_factor:
        _verify_factor(staff, code=code, site=site, answer=answer)
    throttle.clear_tries(tries)
    return sessions.record_reauthentication(token, has_factor=has_factor)


def _verify_factor(staff: Staff, *, code: str, site: passkeys.Site, answer: str) -> None:
    if answer:
        passkeys.verify_passkey(staff.keys, site, answer)
    elif code:
        totp.verify_code(staff.keys, code)
    else:
        raise Refused("no_factor", NO_FACTOR)
