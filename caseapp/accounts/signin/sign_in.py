"""Signing in and unlocking: the bundle opens first, then the second factor is checked, then a session starts.

Between the two the bundle's key is in a half-session, sealed under a separate cookie (`sessions`). An unknown address
gets the same sentence after the same work as a known one. There is no stored verifier: a passphrase is right when it
opens the member's bundle.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, check_in, escrow
from caseapp.accounts.errors import FactorNeeded, OfficeLockedDown, SessionGone
from caseapp.accounts.keys import bundles
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Door, Member
from caseapp.accounts.signin import (
    active_sessions,
    factors,
    known_browsers,
    office_codes,
    passkeys,
    sessions,
    throttle,
    totp,
    unlock_bundle,
)
from caseapp.accounts.signin import passphrase as renewal
from caseapp.accounts.signin.session_state import FACTOR, PASSPHRASE, SessionState
from caseapp.lib.errors import Refused, TooMany
from caseapp.vault.core.session import session_row_key
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

log = logging.getLogger("caseapp.accounts")
SIGN_IN, CODE, UNLOCK = "sign_in", "sign_in.code", "unlock"  # codes of audit entries
LOCKED_DOWN = gettext_noop("The office is locked down. Only an admin can sign in until it is lifted.")
NO_MATCH = gettext_noop("That did not match. Nothing is locked yet.")


@dataclass(frozen=True)
class SignedIn:
    """A fresh session: the cookie's value and the member."""

    token: str = field(repr=False)
    staff: Staff


@dataclass(frozen=True)
class _OpenedBundle:
    """A bundle that was just opened, with its member."""

    org_id: UUID
    member_id: UUID
    bundle_key: bytes = field(repr=False)


def find_member(email: str, office_code: str = "") -> tuple[UUID, UUID] | None:
    """Return (office, member) of an address, for the server's operator; pages never say whether there is one."""
    door = Door.objects.filter(tag=office_codes.email_tag(email, office_code)).first()
    return (door.org_id, door.member_id) if door is not None else None


def sign_in(
    email: str, passphrase: str, *, office_code: str = "", address: str = "", device: str = "", agent: str = ""
) -> SignedIn:
    """Sign in at this address by passphrase, or by the recovery code in its place.

    office_code  as typed; empty for the first office of a server
    address      where the request came from; device: the browser's cookie of known members; agent: its User-Agent
    Raises FactorNeeded when there is more to show; Refused(code="no_match"); TooMany (Slow) after too many tries.
    """
    tag = office_codes.email_tag(email, office_code)
    door = Door.objects.filter(tag=tag).first()
    mark = known_browsers.find_mark(door.member_id if door else uuid4(), device)
    who = door.member_id.bytes if door else tag[:16]
    tries = throttle.for_sign_in(tag, address=address, device=mark)
    throttle.count_try(tries)
    # Unknown addresses cost the same query as known ones: a skipped query would show in the response time.
    row = unlock_bundle.find_member(*((door.org_id, door.member_id) if door is not None else (uuid4(), uuid4())))
    is_code = unlock_bundle.is_recovery_code(passphrase)
    try:
        if row is None:
            simulate = unlock_bundle.simulate_unlock_with_code if is_code else unlock_bundle.simulate_unlock
            simulate(passphrase)  # the same work as for a known address, so that time does not tell them apart
            raise Refused("no_match", NO_MATCH)
        bundle_key = unlock_bundle.by_code(row, passphrase) if is_code else unlock_bundle.by_passphrase(row, passphrase)
    except TooMany:
        throttle.refund_try(tries)
        raise
    except (Refused, OpenFailed) as exc:
        throttle.record_failure(who)
        raise Refused("no_match", NO_MATCH) from exc
    throttle.clear_tries(tries)
    return _continue_sign_in(row.org_id, row.id, bundle_key, via="code" if is_code else "passphrase", agent=agent)


def unlock(token: str, passphrase: str) -> SignedIn:
    """Open a locked session again, under a new cookie. A factor shown before the lock is still valid.

    Raises SessionGone, FactorNeeded, Refused(code="no_match"), TooMany.
    """
    return _unlock_session(token, lambda row: unlock_bundle.by_passphrase(row, passphrase))


def unlock_with_passkey(token: str, site: passkeys.Site, answer: str) -> SignedIn:
    """Unlock by a passkey that opens the bundle. Raises SessionGone, Refused(code="no_match"), TooMany."""
    return _unlock_session(
        token,
        lambda row: unlock_bundle.by_prf(row, passkeys.prf_secret(answer)),
        also=lambda half: passkeys.verify_passkey(half, site, answer),
    )


def can_unlock_with_passkey(token: str) -> bool:
    """Return whether a locked session's member has a passkey that opens the bundle without a passphrase."""
    try:
        org_id, member_id = sessions.member_of_session(token)
    except SessionGone:
        return False
    row = unlock_bundle.find_member(org_id, member_id)
    return row is not None and bundles.has_prf(bytes(row.bundle), row.id)


def submit_code(token: str, code: str, *, device: str = "") -> SignedIn:
    """Check an authenticator's code for the half-session of this cookie, and sign in.

    Raises Refused(code="no_match"); FactorNeeded when a new passphrase is still to be chosen; SessionGone; TooMany.
    """
    return _submit_factor(token, lambda half: totp.verify_code(half, code), device=device)


def submit_passkey(token: str, site: passkeys.Site, answer: str, *, device: str = "") -> SignedIn:
    """Check a passkey's answer for the half-session of this cookie, and sign in.

    Raises Refused(code="passkey"), otherwise as for an authenticator's code.
    """
    return _submit_factor(token, lambda half: passkeys.verify_passkey(half, site, answer), device=device)


def replace_passphrase_after_recovery(token: str, *, new: str, code: str, email: str = "") -> SignedIn:
    """Replace passphrase and code after a sign-in by recovery code; all other sessions end.

    The caller has checked that the code was typed back. Raises SessionGone, Refused, EditConflict, TooMany.
    """
    half = sessions.open_half(token)
    if half.about.needs != (PASSPHRASE,):
        raise SessionGone("something else is needed first")
    renewal.replace_after_recovery(half.org_id, half.member_id, half.bundle_key, new=new, code=code, email=email)
    active_sessions.end_all(half)
    return _start_session(half.org_id, half.member_id, half.bundle_key, half.about, what=CODE)


def _continue_sign_in(org_id: UUID, member_id: UUID, bundle_key: bytes, *, via: str, agent: str) -> SignedIn:
    keys = _OpenedBundle(org_id, member_id, bundle_key)
    needs: tuple[str, ...] = (FACTOR,) if factors.list_factors(keys) else ()
    needs += (PASSPHRASE,) if via == "code" else ()
    name = known_browsers.device_name(agent)
    if needs:
        raise FactorNeeded(sessions.begin_half(org_id, member_id, bundle_key, needs=needs, via=via, device=name))
    token = sessions.start(org_id, member_id, bundle_key, device=name)
    return _finish_sign_in(token, SIGN_IN)


def _submit_factor(token: str, show: Callable[[sessions.HalfSession], None], *, device: str) -> SignedIn:
    half = sessions.open_half(token)
    if FACTOR not in half.about.needs:
        raise SessionGone("no factor is needed")
    tries = throttle.for_factor(half.member_id.bytes, device=known_browsers.find_mark(half.member_id, device))
    try:
        throttle.count_try(tries)
    except TooMany:
        sessions.end(token)  # drops the keys: the next try starts with the passphrase
        raise
    try:
        show(half)
    except Refused:
        throttle.record_failure(half.member_id.bytes)
        raise
    throttle.clear_tries(tries)
    about = replace(half.about, needs=half.about.needs[1:], has_factor=True)
    sessions.end(token)
    if about.needs:
        raise FactorNeeded(
            sessions.begin_half(
                half.org_id,
                half.member_id,
                half.bundle_key,
                needs=about.needs,
                via=about.via,
                device=about.device,
                has_factor=True,
            )
        )
    return _start_session(half.org_id, half.member_id, half.bundle_key, about, what=SIGN_IN)


def _unlock_session(
    token: str, opener: Callable[[Member], bytes], also: Callable[[sessions.HalfSession], None] | None = None
) -> SignedIn:
    org_id, member_id = sessions.member_of_session(token)
    tries = throttle.for_check(session_row_key(token))
    throttle.count_try(tries)
    row = unlock_bundle.find_member(org_id, member_id)
    if row is None:
        raise SessionGone("member is gone")
    try:
        bundle_key = opener(row)
    except OpenFailed as exc:
        throttle.record_failure(member_id.bytes)
        raise Refused("no_match", NO_MATCH) from exc
    except TooMany:
        throttle.refund_try(tries)
        raise
    about = sessions.state_of_locked_session(token, bundle_key)
    if about.needs:
        raise SessionGone("a half-session is not unlocked")
    if also is not None:
        also(sessions.HalfSession(org_id, member_id, bundle_key, about))
        about = replace(about, has_factor=True)
    throttle.clear_tries(tries)
    sessions.end(token)
    if not about.has_factor and factors.list_factors(_OpenedBundle(org_id, member_id, bundle_key)):
        raise FactorNeeded(
            sessions.begin_half(org_id, member_id, bundle_key, needs=(FACTOR,), via=about.via, device=about.device)
        )
    # Step-up acts ask for the factor too, so an unlock by passphrase alone does not renew `checked_at`.
    checked_at = about.checked_at if about.has_factor and also is None else None
    return _start_session(org_id, member_id, bundle_key, about, what=UNLOCK, checked_at=checked_at)


def _start_session(
    org_id: UUID, member_id: UUID, bundle_key: bytes, about: SessionState, *, what: str, checked_at: int | None = None
) -> SignedIn:
    token = sessions.start(
        org_id, member_id, bundle_key, has_factor=about.has_factor, device=about.device, checked_at=checked_at
    )
    return _finish_sign_in(token, what)


def _finish_sign_in(token: str, what: str) -> SignedIn:
    """Finish a sign-in: remember the newest directory and chains, so that older ones restored later are refused.

    `what` and the number of failed tries before it are written to the audit trail. Raises Refused(code="locked_down").
    """
    try:
        staff = sessions.open(token)
    except OfficeLockedDown:
        sessions.end(token)
        raise Refused("locked_down", LOCKED_DOWN) from None
    try:
        if not staff.is_awaiting_approval:
            check_in.remember_newest(staff.keys)
            escrow.add_held_keys(staff.keys)
            _record_sign_in(staff, what)
    except OpenFailed as exc:
        log.error("directory.unreadable_at_sign_in %s", exc)  # each page that needs the directory shows the error too
    return SignedIn(token, staff)


def _record_sign_in(staff: Staff, what: str) -> None:
    with office_transaction(staff.org_id):
        if count := throttle.take_failure_count(staff.member_id.bytes):
            audit_trail.record_entry_in_transaction(staff.keys, "sign_in.failed", count=count)
        audit_trail.record_entry_in_transaction(staff.keys, what)
