"""Sessions: a row that only the cookie opens. Idle 15 minutes, 12 hours at the longest; locking empties the row."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from caseapp.accounts import bundles, profile
from caseapp.accounts.errors import SessionGone, SessionLocked
from caseapp.accounts.keys import Keys, Staff
from caseapp.accounts.models import Member, Session
from caseapp.lib import clock
from caseapp.vault.core import session as sealed_session
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

SEEN_EVERY = timedelta(minutes=5)  # the row is touched no more often: session activity is a leak (L6)


def start(org_id: UUID, member_id: UUID, bundle_key: bytes) -> str:
    """Open a session; answers the cookie's value, which is nowhere else."""
    token, now = sealed_session.new_token(), clock.now()
    expires = now + timedelta(seconds=settings.ABSOLUTE_LIMIT)
    epoch = restore_epoch()
    Session.objects.create(
        key=sealed_session.session_row_key(token),
        org_id=org_id,
        member_id=member_id,
        sealed=sealed_session.seal_session(
            token,
            bundle_key,
            org=org_id,
            member=member_id,
            created=int(now.timestamp()),
            expires=int(expires.timestamp()),
            epoch=epoch,
        ),
        created_at=now.replace(microsecond=0),
        seen_at=now.replace(second=0, microsecond=0),
        expires_at=expires.replace(microsecond=0),
        epoch=epoch,
    )
    return token


def open(token: str) -> Staff:
    """Who this cookie signs in. Raises SessionGone, SessionLocked."""
    row = _row(token)
    now = clock.now()
    if row.expires_at <= now or row.epoch != restore_epoch():
        end(token)
        raise SessionGone("session ended")
    if now - row.seen_at > timedelta(seconds=settings.IDLE_LIMIT) + SEEN_EVERY and row.sealed:
        lock(token)
        raise SessionLocked("idle")
    if not row.sealed:
        raise SessionLocked("locked")
    try:
        bundle_key = sealed_session.open_session(
            token,
            bytes(row.sealed),
            org=row.org_id,
            member=row.member_id,
            created=int(row.created_at.timestamp()),
            expires=int(row.expires_at.timestamp()),
            epoch=row.epoch,
        )
    except OpenFailed as exc:
        raise SessionGone("session does not open") from exc
    if now - row.seen_at >= SEEN_EVERY:
        Session.objects.filter(key=row.key).update(seen_at=now.replace(second=0, microsecond=0))
    return staff_of(row.org_id, row.member_id, bundle_key)


def staff_of(org_id: UUID, member_id: UUID, bundle_key: bytes) -> Staff:
    """The member with keys opened by the bundle key. Raises SessionGone when the member was removed."""
    with office(org_id):
        row = Member.objects.filter(org_id=org_id, id=member_id, is_active=True).first()
    if row is None:
        raise SessionGone("member is gone")
    bundle = Bundle.parse(bytes(row.bundle), member_id)
    keyring = bundle.keyring(bundle_key)
    told = profile.open_profile(bundle_key, org_id, member_id, bytes(row.profile))
    return Staff(
        keys=Keys(org_id, member_id, bundle_key, keyring),
        name=told.name,
        role=told.role,
        is_admin=told.is_admin,
        language=told.language,
        zone=told.zone,
        office_name=told.office_name,
        covered=told.covered,
        theme=told.theme,
        recovery_pending=not bundles.has_recovery(bundle),
    )


def locked_member(token: str) -> tuple[UUID, UUID]:
    """(office, member) of a session, locked or not. Raises SessionGone."""
    row = _row(token)
    if row.expires_at <= clock.now() or row.epoch != restore_epoch():
        raise SessionGone("session ended")
    return row.org_id, row.member_id


def lock(token: str) -> None:
    """Forget the keys but not who it was: the passphrase opens the session again."""
    Session.objects.filter(key=sealed_session.session_row_key(token)).update(sealed=b"")


def end(token: str) -> None:
    """Sign out: the row goes."""
    Session.objects.filter(key=sealed_session.session_row_key(token)).delete()


def restore_epoch() -> int:
    """A number kept outside the database; raising it after a restore ends every old session."""
    try:
        return int(Path(settings.SESSION_EPOCH_FILE).read_text() or 0)
    except FileNotFoundError:
        return 0


def _row(token: str) -> Session:
    try:
        key = sealed_session.session_row_key(token)
    except (OpenFailed, ValueError) as exc:
        raise SessionGone("no token") from exc
    row = Session.objects.filter(key=key).first()
    if row is None:
        raise SessionGone("no such session")
    return row
