"""Sessions: a row that only the cookie opens. Idle 15 minutes, 12 hours at the longest (8 for admins).

The cookie is renewed every hour and whenever passphrase or factor are asked for; the old one then serves requests under
way for a minute more. All rows of one sign-in share a `chain`. Locking empties the rows. Between passphrase and second
factor there is a half-session: the same kind of row under a cookie of its own, for ten minutes, which opens no page.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from msgspec.structs import replace

from caseapp.accounts import about as abouts
from caseapp.accounts import bundles, grants, profile
from caseapp.accounts.about import About
from caseapp.accounts.errors import OfficeLockedDown, SessionGone, SessionLocked
from caseapp.accounts.keys import Keys, Presence, Staff
from caseapp.accounts.models import Member, Session
from caseapp.lib import clock
from caseapp.vault.core import session as sealed_session
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

SEEN_EVERY = timedelta(minutes=5)  # the row is touched no more often: session activity is a leak (L6)
RENEW_EVERY = timedelta(hours=1)
GRACE = timedelta(seconds=60)  # for requests that were under way with the old cookie
HALF = timedelta(minutes=10)


@dataclass(frozen=True)
class Half:
    """Somebody between passphrase and second factor: the keys, and what is still needed."""

    org_id: UUID
    member_id: UUID
    bundle_key: bytes = field(repr=False)
    about: About


@dataclass(frozen=True)
class Device:
    """One sign-in of a member, as their own page lists it. `name` like "Firefox · Windows", or empty."""

    id: UUID
    name: str
    since: datetime
    seen_at: datetime
    is_locked: bool
    is_this: bool


_MEMBER = """
SELECT m.bundle, m.bundle_version, m.profile, o.session_epoch, coalesce(o.locked_down, false),
       EXISTS (SELECT 1 FROM accounts_grant g WHERE g.org_id = m.org_id AND g.recipient = m.id)
FROM accounts_member m LEFT JOIN accounts_office o ON o.org_id = m.org_id
WHERE m.org_id = %s AND m.id = %s AND m.is_active
"""


def start(
    org_id: UUID,
    member_id: UUID,
    bundle_key: bytes,
    *,
    has_factor: bool = False,
    device: str = "",
    checked_at: int | None = None,
) -> str:
    """Open a session; answers the cookie's value, which is nowhere else. Raises SessionGone for a removed member."""
    now = clock.now()
    row, _ = _member(org_id, member_id)
    told = profile.open_profile(bundle_key, org_id, member_id, bytes(row.profile))
    longest = settings.ADMIN_ABSOLUTE_LIMIT if told.is_admin else settings.ABSOLUTE_LIMIT
    about = About(
        row=b"",
        checked_at=_seconds(now) if checked_at is None else checked_at,
        token_since=_seconds(now),
        has_factor=has_factor,
        office_epoch=_office_epoch(row),
        device=device,
    )
    return _store(org_id, member_id, bundle_key, about, since=now, until=now + timedelta(seconds=longest))


def begin(
    org_id: UUID,
    member_id: UUID,
    bundle_key: bytes,
    *,
    needs: tuple[str, ...],
    via: str,
    device: str = "",
    has_factor: bool = False,
) -> str:
    """A half-session: the bundle is open, something is still to be shown. Answers its cookie's value."""
    now = clock.now()
    row, _ = _member(org_id, member_id)
    about = About(
        row=b"", checked_at=_seconds(now), token_since=_seconds(now), needs=needs, via=via,
        has_factor=has_factor, office_epoch=_office_epoch(row), device=device,
    )  # fmt: skip
    return _store(org_id, member_id, bundle_key, about, since=now, until=now + HALF)


def half(token: str) -> Half:
    """Who stands between passphrase and factor with this cookie. Raises SessionGone."""
    row = _living(token)
    bundle_key, about = _opened(token, row)
    if not about.needs:
        raise SessionGone("not a half-session")
    return Half(row.org_id, row.member_id, bundle_key, about)


def open(token: str) -> Staff:
    """Who this cookie signs in. Raises SessionGone, SessionLocked."""
    row = _living(token)
    now = clock.now()
    if now - row.seen_at > timedelta(seconds=settings.IDLE_LIMIT) + SEEN_EVERY and row.sealed:
        lock(token)
        raise SessionLocked("idle")
    bundle_key, about = _opened(token, row)
    if about.needs:
        raise SessionGone("a half-session opens no page")
    if now - row.seen_at >= SEEN_EVERY:
        Session.objects.filter(key=row.key).update(seen_at=now.replace(second=0, microsecond=0))
    return staff_of(row.org_id, row.member_id, bundle_key, about=about, chain=row.chain)


def renewed(token: str, staff: Staff) -> str | None:
    """A fresh cookie when this one is an hour old, else None. Of requests at the same time one gets it."""
    renew_at = staff.presence.renew_at if staff.presence is not None else None
    if renew_at is None or clock.now() < renew_at:
        return None
    row = _living(token)
    bundle_key, about = _opened(token, row)
    if about.is_retired or clock.now() - _instant(about.token_since) < RENEW_EVERY:
        return None
    return _succeed(token, row, bundle_key, about, about)


def checked(token: str, *, has_factor: bool) -> str:
    """Passphrase (and factor) were just asked for: remember when, under a fresh cookie. Raises SessionGone."""
    row = _living(token)
    bundle_key, about = _opened(token, row)
    newer = replace(about, checked_at=_seconds(clock.now()), has_factor=has_factor or about.has_factor)
    fresh = _succeed(token, row, bundle_key, about, newer)
    if fresh is None:
        raise SessionGone("another request renewed this session just now")
    return fresh


def staff_of(
    org_id: UUID, member_id: UUID, bundle_key: bytes, *, about: About | None = None, chain: UUID | None = None
) -> Staff:
    """The member with keys opened by the bundle key.

    Raises SessionGone: removed, or the office ended all sessions; OfficeLockedDown for whoever is no admin.
    """
    row, has_grants = _member(org_id, member_id)
    if about is not None and about.office_epoch != _office_epoch(row):
        raise SessionGone("the office ended all sessions")
    bundle = Bundle.parse(bytes(row.bundle), member_id)
    keys = Keys(org_id, member_id, bundle_key, bundle.keyring(bundle_key))
    if has_grants and grants.merge(keys):
        row, _ = _member(org_id, member_id)  # a grant may bring another role
    told = profile.open_profile(bundle_key, org_id, member_id, bytes(row.profile))
    if row.locked_down and not told.is_admin:  # type: ignore[attr-defined]  # annotated
        raise OfficeLockedDown("only admins come in")
    presence = None
    if about is not None and chain is not None:
        renew_at = None if about.is_retired else _instant(about.token_since) + RENEW_EVERY
        presence = Presence(chain, _instant(about.checked_at), about.has_factor, renew_at)
    has_factor = about is not None and about.has_factor
    return Staff(
        keys=keys,
        name=told.name,
        role=told.role,
        is_admin=told.is_admin,
        language=told.language,
        zone=told.zone,
        office_name=told.office_name,
        covered=told.covered,
        theme=told.theme,
        recovery_pending=not bundles.has_recovery(bundle),
        presence=presence,
        locked_down=bool(row.locked_down),  # type: ignore[attr-defined]  # annotated
        factor_due=settings.ADMINS_NEED_FACTOR
        and told.is_admin
        and not has_factor
        and clock.now() >= _instant(told.factor_from),
    )


def locked_member(token: str) -> tuple[UUID, UUID]:
    """(office, member) of a session, locked or not. Raises SessionGone."""
    row = _living(token)
    return row.org_id, row.member_id


def about_of(token: str, bundle_key: bytes) -> About:
    """What a locked session knew, once its bundle is open again. Raises SessionGone, OpenFailed."""
    row = _living(token)
    return abouts.open(bundle_key, row.org_id, row.member_id, bytes(row.about), row=bytes(row.key))


def lock(token: str) -> None:
    """Forget the keys but not who it was: the passphrase opens the session again."""
    row = _row(token)
    Session.objects.filter(chain=row.chain).update(sealed=b"")


def end(token: str) -> None:
    """Sign out: the rows of this sign-in go."""
    row = _row(token)
    Session.objects.filter(chain=row.chain).delete()


def end_all(org_id: UUID, member_id: UUID, *, but: UUID | None = None) -> int:
    """End a member's sessions everywhere, except the one of the chain `but`; answers how many."""
    rows = Session.objects.filter(org_id=org_id, member_id=member_id)
    if but is not None:
        rows = rows.exclude(chain=but)
    return rows.delete()[0]


def end_device(staff: Staff, device: UUID) -> bool:
    """End one of the person's own sessions; answers whether there was one."""
    return bool(Session.objects.filter(org_id=staff.org_id, member_id=staff.member_id, chain=device).delete()[0])


def of_member(staff: Staff) -> tuple[Device, ...]:
    """The person's own sign-ins that still live, the newest first. Half-sessions are none."""
    now, found = clock.now(), {}
    mine = Session.objects.filter(org_id=staff.org_id, member_id=staff.member_id, expires_at__gt=now)
    for row in mine.filter(epoch=restore_epoch()).order_by("seen_at"):
        try:
            about = abouts.open(staff.keys.bundle_key, row.org_id, row.member_id, bytes(row.about), row=bytes(row.key))
        except OpenFailed:
            continue  # a row somebody moved: it opens for nobody
        if about.needs or about.is_retired:
            continue
        is_this = staff.presence is not None and staff.presence.session == row.chain
        found[row.chain] = Device(row.chain, about.device, row.created_at, row.seen_at, not row.sealed, is_this)
    return tuple(sorted(found.values(), key=lambda device: (device.is_this, device.seen_at), reverse=True))


def restore_epoch() -> int:
    """A number kept outside the database; raising it after a restore ends every old session."""
    try:
        return int(Path(settings.SESSION_EPOCH_FILE).read_text() or 0)
    except FileNotFoundError:
        return 0


def _store(
    org_id: UUID, member_id: UUID, bundle_key: bytes, about: About, *, since: datetime, until: datetime,
    chain: UUID | None = None,
) -> str:  # fmt: skip
    token, now, epoch = sealed_session.new_token(), clock.now(), restore_epoch()
    key = sealed_session.session_row_key(token)
    sealed = sealed_session.seal_session(
        token, bundle_key, org=org_id, member=member_id, created=_seconds(since), expires=_seconds(until), epoch=epoch
    )
    Session.objects.create(
        key=key,
        org_id=org_id,
        member_id=member_id,
        sealed=sealed,
        created_at=since.replace(microsecond=0),
        seen_at=now.replace(second=0, microsecond=0),
        expires_at=until.replace(microsecond=0),
        epoch=epoch,
        about=abouts.seal(bundle_key, org_id, member_id, replace(about, row=key)),
        chain=chain or uuid4(),
    )
    return token


def _succeed(token: str, row: Session, bundle_key: bytes, old: About, newer: About) -> str | None:
    """Retire this row and open its successor; None when another request was first."""
    now = clock.now()
    until = min(row.expires_at, now + GRACE)
    retired = sealed_session.seal_session(
        token, bundle_key, org=row.org_id, member=row.member_id, created=_seconds(row.created_at),
        expires=_seconds(until), epoch=row.epoch,
    )  # fmt: skip
    about = abouts.seal(bundle_key, row.org_id, row.member_id, replace(old, is_retired=True))
    with transaction.atomic():
        won = Session.objects.filter(key=row.key, about=bytes(row.about)).update(
            sealed=retired, about=about, expires_at=until.replace(microsecond=0)
        )
        if not won:
            return None
        newer = replace(newer, token_since=_seconds(now), is_retired=False)
        return _store(
            row.org_id, row.member_id, bundle_key, newer, since=row.created_at, until=row.expires_at, chain=row.chain
        )


def _opened(token: str, row: Session) -> tuple[bytes, About]:
    if not row.sealed:
        raise SessionLocked("locked")
    try:
        bundle_key = sealed_session.open_session(
            token,
            bytes(row.sealed),
            org=row.org_id,
            member=row.member_id,
            created=_seconds(row.created_at),
            expires=_seconds(row.expires_at),
            epoch=row.epoch,
        )
        return bundle_key, abouts.open(bundle_key, row.org_id, row.member_id, bytes(row.about), row=bytes(row.key))
    except OpenFailed as exc:
        raise SessionGone("session does not open") from exc


def _member(org_id: UUID, member_id: UUID) -> tuple[Member, bool]:
    """The member's row with the office's epoch, and whether keys wait for them. One query. Raises SessionGone."""
    # In plain SQL: it runs in every request, and putting it together from querysets took longer than asking it.
    with office(org_id), connection.cursor() as cursor:
        cursor.execute(_MEMBER, [org_id, member_id])
        found = cursor.fetchone()
    if found is None:
        raise SessionGone("member is gone")
    bundle, version, told, epoch, is_locked_down, has_grants = found
    row = Member(
        org_id=org_id, id=member_id, bundle=bytes(bundle), bundle_version=version, profile=bytes(told), is_active=True
    )
    row.office_epoch, row.locked_down = epoch, is_locked_down  # type: ignore[attr-defined]
    return row, bool(has_grants)


def _office_epoch(row: Member) -> int:
    return int(getattr(row, "office_epoch", 0) or 0)


def _living(token: str) -> Session:
    row = _row(token)
    if row.expires_at <= clock.now() or row.epoch != restore_epoch():
        Session.objects.filter(key=row.key).delete()
        raise SessionGone("session ended")
    return row


def _row(token: str) -> Session:
    try:
        key = sealed_session.session_row_key(token)
    except (OpenFailed, ValueError) as exc:
        raise SessionGone("no token") from exc
    row = Session.objects.filter(key=key).first()
    if row is None:
        raise SessionGone("no such session")
    return row


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
