"""Sessions: a row that only the cookie opens, and that does not name its member without it.

Idle 15 minutes, 12 hours at most (8 for admins).

The cookie is renewed every hour and whenever passphrase or factor are checked; the old one then serves requests under
way for a minute more. All rows of one sign-in share a `chain`. Locking empties the rows. Between passphrase and second
factor there is a half-session: the same kind of row under a separate cookie, for ten minutes, which opens no page.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, transaction
from msgspec.structs import replace

from caseapp.accounts import queries
from caseapp.accounts.directory import grants
from caseapp.accounts.errors import OfficeLockedDown, SessionGone, SessionLocked
from caseapp.accounts.keys import bundles, profile
from caseapp.accounts.keys.staff import Keys, Presence, Staff
from caseapp.accounts.models import Session
from caseapp.accounts.queries import MemberRow, SessionRow
from caseapp.accounts.signin import activity_stamp, session_state
from caseapp.accounts.signin.session_state import SessionState
from caseapp.lib import clock
from caseapp.lib.countries import country_of_zone
from caseapp.vault.core import session
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.core.inboxes import drafts
from caseapp.vault.core.inboxes.drafts import DraftInbox
from caseapp.vault.core.session import SessionOwner
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import end_held_transaction, hold_office_transaction, join_office_transaction

log = logging.getLogger("caseapp.accounts")
T = TypeVar("T")
SEEN_EVERY = timedelta(minutes=5)  # the row is touched no more often: session activity is a leak (L6)
RENEW_EVERY = timedelta(hours=1)
GRACE = timedelta(seconds=60)  # for requests that were under way with the old cookie
HALF_SESSION_LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class HalfSession:
    """A half-session between passphrase and second factor: the keys, and what is still needed."""

    org_id: UUID
    member_id: UUID
    bundle_key: bytes = field(repr=False)
    about: SessionState


def start(
    org_id: UUID,
    member_id: UUID,
    bundle_key: bytes,
    *,
    has_factor: bool = False,
    device: str = "",
    checked_at: int | None = None,
) -> str:
    """Open a session and return its cookie's value, which is stored nowhere.

    Raises SessionGone for a removed member.
    """
    now = clock.now()
    row = _read_member(org_id, member_id)
    member_profile = profile.open_profile(bundle_key, org_id, member_id, row.profile)
    longest = settings.ADMIN_ABSOLUTE_LIMIT if member_profile.is_admin else settings.ABSOLUTE_LIMIT
    about = SessionState(
        row=b"",
        checked_at=_to_seconds(now) if checked_at is None else checked_at,
        token_since=_to_seconds(now),
        has_factor=has_factor,
        office_epoch=row.office_epoch,
        member_epoch=row.session_epoch,
        since=_to_seconds(now),
        until=_to_seconds(now) + longest,
        device=device,
    )
    return _store_session(org_id, member_id, bundle_key, about)


def begin_half(
    org_id: UUID,
    member_id: UUID,
    bundle_key: bytes,
    *,
    needs: tuple[str, ...],
    via: str,
    device: str = "",
    has_factor: bool = False,
) -> str:
    """Open a half-session and return its cookie's value: the bundle is open, and `needs` is still to be shown."""
    now = clock.now()
    row = _read_member(org_id, member_id)
    about = SessionState(
        row=b"",
        checked_at=_to_seconds(now),
        token_since=_to_seconds(now),
        needs=needs,
        via=via,
        has_factor=has_factor,
        office_epoch=row.office_epoch,
        member_epoch=row.session_epoch,
        since=_to_seconds(now),
        until=_to_seconds(now + HALF_SESSION_LIFETIME),
        device=device,
    )
    return _store_session(org_id, member_id, bundle_key, about)


def open_half(token: str) -> HalfSession:
    """Return the half-session of this cookie. Raises SessionGone."""
    row, whose = _find_living_row(token)
    bundle_key, about = _open_keys(token, row, whose)
    if not about.needs:
        raise SessionGone("not a half-session")
    _refuse_ended(row.org_id, whose.member, about)
    return HalfSession(row.org_id, whose.member, bundle_key, about)


def open(token: str, *, is_activity: bool = True, stamp: str = "", holds_transaction: bool = False) -> Staff:
    """Return the member this cookie signs in. Raises SessionGone, SessionLocked.

    is_activity   False for what a page sends without its member: it does not put off the idle lock
    stamp         the browser's stamp of the last activity; without one the row alone counts, which is minutes behind
    holds_transaction  leave the transaction of the check open for the page (`tenancy.hold_office_transaction`)
    """
    row, whose = _find_living_row(token)
    now = clock.now()
    stamped = activity_stamp.read_stamp(token, stamp)
    idle, leeway = now - max(stamped or row.seen_at, row.seen_at), activity_stamp.EVERY if stamped else SEEN_EVERY
    if idle > timedelta(seconds=settings.IDLE_LIMIT) + leeway and row.sealed:
        _write_if_possible("a lock", lambda: lock(token))
        raise SessionLocked("idle")
    bundle_key, about = _open_keys(token, row, whose)
    if about.needs:
        raise SessionGone("a half-session opens no page")
    if is_activity and now - row.seen_at >= SEEN_EVERY:
        minute = now.replace(second=0, microsecond=0)
        _write_if_possible("last seen", lambda: Session.objects.filter(key=row.key).update(seen_at=minute))
    if holds_transaction:
        hold_office_transaction(row.org_id)
    try:
        return load_staff(row.org_id, whose.member, bundle_key, about=about, chain=row.chain)
    except OfficeLockedDown:
        raise
    except SessionGone:
        end_held_transaction()
        # The session was ended by raising an epoch, without its keys, so its row was not known then.
        _write_if_possible("an end", lambda: Session.objects.filter(chain=row.chain).delete())
        raise


def renew_cookie(token: str, staff: Staff) -> str | None:
    """Return a fresh cookie when this one is an hour old, else None. Of concurrent requests one gets it."""
    renew_at = staff.presence.renew_at if staff.presence is not None else None
    if renew_at is None or clock.now() < renew_at:
        return None
    end_held_transaction()  # a new row names a sign-in: it shares no transaction with the page
    row, whose = _find_living_row(token)
    bundle_key, about = _open_keys(token, row, whose)
    if about.is_retired or clock.now() - _to_datetime(about.token_since) < RENEW_EVERY:
        return None
    return _write_if_possible("a new cookie", lambda: _replace_cookie(token, row, whose, bundle_key, about, about))


def record_reauthentication(token: str, *, has_factor: bool) -> str:
    """Record that passphrase (and factor) were just checked, and return a fresh cookie. Raises SessionGone."""
    row, whose = _find_living_row(token)
    bundle_key, about = _open_keys(token, row, whose)
    newer = replace(about, checked_at=_to_seconds(clock.now()), has_factor=has_factor or about.has_factor)
    fresh = _replace_cookie(token, row, whose, bundle_key, about, newer)
    if fresh is None:
        raise SessionGone("another request renewed this session just now")
    return fresh


def load_staff(
    org_id: UUID, member_id: UUID, bundle_key: bytes, *, about: SessionState | None = None, chain: UUID | None = None
) -> Staff:
    """Return the member with keys opened by the bundle key.

    Raises SessionGone: removed, or all sessions were ended; OfficeLockedDown for a member who is not an admin.
    """
    row = _read_member(org_id, member_id)
    if about is not None and not _is_current(about, row):
        raise SessionGone("all sessions were ended")
    bundle = Bundle.parse(row.bundle, member_id)
    keys = Keys(org_id, member_id, bundle_key, bundle.open_keyring(bundle_key))
    collected = _write_if_possible("waiting keys", lambda: grants.collect(keys)) if row.has_grants else None
    if collected is not None and collected.has_grants:
        row = _read_member(org_id, member_id)  # a grant may change the role
    member_profile = profile.open_profile(bundle_key, org_id, member_id, row.profile)
    if row.is_locked_down and not member_profile.is_admin:
        raise OfficeLockedDown("only admins come in")
    presence = None
    if about is not None and chain is not None:
        renew_at = None if about.is_retired else _to_datetime(about.token_since) + RENEW_EVERY
        presence = Presence(chain, _to_datetime(about.checked_at), about.has_factor, renew_at)
    has_factor = about is not None and about.has_factor
    return Staff(
        keys=keys,
        name=member_profile.name,
        role=member_profile.role,
        is_admin=member_profile.is_admin,
        language=member_profile.language,
        zone=member_profile.zone,
        country=member_profile.country or country_of_zone(member_profile.zone),
        shown_country=member_profile.shown_country,
        letter_keys=member_profile.letter_keys,
        office_name=member_profile.office_name,
        covered=member_profile.covered,
        theme=member_profile.theme,
        recovery_pending=not bundles.has_recovery_code(bundle),
        presence=presence,
        locked_down=row.is_locked_down,
        findings=collected.refused if collected is not None else (),
        factor_due=settings.ADMINS_NEED_FACTOR
        and member_profile.is_admin
        and not has_factor
        and clock.now() >= _to_datetime(member_profile.factor_from),
    )


def member_of_session(token: str) -> tuple[UUID, UUID]:
    """Return (office, member) of a session, locked or not. Raises SessionGone."""
    row, whose = _find_living_row(token)
    return row.org_id, whose.member


def draft_inbox_of_session(token: str) -> tuple[UUID, DraftInbox]:
    """Return the office, and what writes its member's drafts, also while the session is locked. Raises SessionGone."""
    row, _ = _find_living_row(token)
    try:
        sealed = queries.find_draft_inbox(bytes(row.key))
        return row.org_id, drafts.open_inbox(token, sealed, org=row.org_id, chain=row.chain)
    except OpenFailed as exc:
        raise SessionGone("a session of an older program keeps no drafts") from exc


def state_of_locked_session(token: str, bundle_key: bytes) -> SessionState:
    """Return the state of a locked session, once its bundle is open again. Raises SessionGone, OpenFailed."""
    row, whose = _find_living_row(token)
    about = session_state.open(bundle_key, row.org_id, row.chain, bytes(row.about), row=bytes(row.key))
    _refuse_ended(row.org_id, whose.member, about)
    return about


def lock(token: str) -> None:
    """Delete the keys of a session but keep its member: the passphrase opens it again."""
    row = _find_row(token)
    Session.objects.filter(chain=row.chain).update(sealed=b"")


def end(token: str) -> None:
    """Delete the rows of this sign-in."""
    row = _find_row(token)
    Session.objects.filter(chain=row.chain).delete()


def read_restore_epoch() -> int:
    """Return a number kept outside the database; raising it after a restore ends every old session."""
    try:
        return int(Path(settings.SESSION_EPOCH_FILE).read_text() or 0)
    except FileNotFoundError:
        return 0


def _store_session(
    org_id: UUID, member_id: UUID, bundle_key: bytes, about: SessionState, *, chain: UUID | None = None
) -> str:
    token, epoch, chain = session.new_token(), read_restore_epoch(), chain or uuid4()
    key = session.session_row_key(token)
    whose = SessionOwner(member_id, about.since, about.until)
    Session.objects.create(
        key=key,
        org_id=org_id,
        whose=session.seal_owner(token, whose, org=org_id, chain=chain),
        sealed=_seal_keys(token, bundle_key, org_id, whose, epoch),
        seen_at=clock.now().replace(second=0, microsecond=0),
        gone_on=_to_datetime(about.until).date() + timedelta(days=1),
        epoch=epoch,
        about=session_state.seal(bundle_key, org_id, chain, replace(about, row=key)),
        chain=chain,
        draft_inbox=drafts.seal_inbox(token, drafts.derive_inbox(bundle_key), org=org_id, chain=chain),
    )
    return token


def _seal_keys(token: str, bundle_key: bytes, org_id: UUID, whose: SessionOwner, epoch: int) -> bytes:
    return session.seal_session(
        token, bundle_key, org=org_id, member=whose.member, created=whose.created, expires=whose.expires, epoch=epoch
    )


def _replace_cookie(
    token: str, row: SessionRow, whose: SessionOwner, bundle_key: bytes, old: SessionState, newer: SessionState
) -> str | None:
    """Retire this row and open its successor. Return None when another request was first."""
    now = _to_seconds(clock.now())
    until = min(whose.expires, now + int(GRACE.total_seconds()))
    retired = whose._replace(expires=until)
    with transaction.atomic():
        won = Session.objects.filter(key=row.key, about=bytes(row.about)).update(
            whose=session.seal_owner(token, retired, org=row.org_id, chain=row.chain),
            sealed=_seal_keys(token, bundle_key, row.org_id, retired, row.epoch),
            about=session_state.seal(bundle_key, row.org_id, row.chain, replace(old, is_retired=True, until=until)),
        )
        if not won:
            return None
        newer = replace(newer, token_since=now, is_retired=False)
        return _store_session(row.org_id, whose.member, bundle_key, newer, chain=row.chain)


def _open_keys(token: str, row: SessionRow, whose: SessionOwner) -> tuple[bytes, SessionState]:
    if not row.sealed:
        raise SessionLocked("locked")
    try:
        bundle_key = session.open_session(
            token,
            bytes(row.sealed),
            org=row.org_id,
            member=whose.member,
            created=whose.created,
            expires=whose.expires,
            epoch=row.epoch,
        )
        return bundle_key, session_state.open(bundle_key, row.org_id, row.chain, bytes(row.about), row=bytes(row.key))
    except OpenFailed as exc:
        raise SessionGone("session does not open") from exc


def _refuse_ended(org_id: UUID, member_id: UUID, about: SessionState) -> None:
    if not _is_current(about, _read_member(org_id, member_id)):
        raise SessionGone("all sessions were ended")


def _is_current(about: SessionState, row: MemberRow) -> bool:
    """Return whether the session's epochs are current: sessions whose rows cannot be found are ended by raising one."""
    return (about.office_epoch, about.member_epoch) == (row.office_epoch, row.session_epoch)


def _write_if_possible(what: str, write: Callable[[], T]) -> T | None:
    """Run a deferrable write and return its result; None while the database is read-only, so that pages still show.

    The caller is in no transaction, or in one that is lost with it.
    """
    try:
        return write()
    except DatabaseError as exc:
        log.error("session.not_written what=%s %s", what, exc)
        return None


def _read_member(org_id: UUID, member_id: UUID) -> MemberRow:
    """Return an active member's row. Raises SessionGone."""
    with join_office_transaction(org_id):
        row = queries.find_member(org_id, member_id)
    if row is None:
        raise SessionGone("member is gone")
    return row


def _find_living_row(token: str) -> tuple[SessionRow, SessionOwner]:
    row = _find_row(token)
    try:
        whose = session.open_owner(token, bytes(row.whose), org=row.org_id, chain=row.chain)
    except OpenFailed as exc:
        raise SessionGone("session does not open") from exc
    if whose.expires <= clock.now().timestamp() or row.epoch != read_restore_epoch():
        _write_if_possible("an end", lambda: Session.objects.filter(key=row.key).delete())
        raise SessionGone("session ended")
    return row, whose


def _find_row(token: str) -> SessionRow:
    try:
        key = session.session_row_key(token)
    except (OpenFailed, ValueError) as exc:
        raise SessionGone("no token") from exc
    row = queries.find_session(key)
    if row is None:
        raise SessionGone("no such session")
    return row


def _to_seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _to_datetime(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
