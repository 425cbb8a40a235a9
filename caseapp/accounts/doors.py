"""Coming in: the first run, sign-in, unlock, and the recovery code.

There is no stored verifier: a passphrase is right when it opens the member's bundle. An unknown address costs the same
work as a known one.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from caseapp.accounts import bundles, directory, groups, profile, sessions, words
from caseapp.accounts.keys import Keys, Staff
from caseapp.accounts.models import Door, Member
from caseapp.accounts.records import Office
from caseapp.lib.errors import Refused, TooMany
from caseapp.vault import server_keys, store
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core import keyring as kinds
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

NO_MATCH = "That did not match. Nothing is locked yet."
MINIMUM = 15  # characters of a passphrase somebody chose


@dataclass(frozen=True)
class SignedIn:
    """A fresh session: the cookie's value and who it is."""

    token: str = field(repr=False)
    staff: Staff


def needs_setup() -> bool:
    """Whether this installation has no office yet."""
    return not Door.objects.exists()


def propose_passphrase() -> str:
    """Six words for a new member; stored nowhere."""
    return words.new_passphrase()


def found_office(
    *,
    office_name: str,
    zone: str,
    language: str,
    member_name: str,
    email: str,
    passphrase: str,
    role: str = "attorney",
    further: bool = False,
) -> SignedIn:
    """The office, its first member (an admin), its root, directory and first team, in one transaction; signs in.

    Raises Refused when an office exists already (unless this is a `further` one of a host of several) or the passphrase
    is too short.
    """
    if not further and not needs_setup():
        raise Refused("exists", "This office is already set up. Sign in instead.")
    org_id, member_id = uuid4(), uuid4()
    root = hybrid.new_signing_key()
    keyring = Keyring(
        hpke_private=hybrid.new_pair().private,
        sign_private=hybrid.new_signing_key(),
        org_root_public=hybrid.verify_key(root),
        org_root_private=root,
        groups=(_new_group(kinds.OFFICE), _new_group(kinds.TEAM)),
        roster_version=1,
    )
    told = profile.Profile(
        name=member_name, role=role, is_admin=True, language=language, zone=zone, office_name=office_name
    )
    keys = Keys(org_id, member_id, primitives.new_key(), keyring)
    with office(org_id):
        draft = store.new_file(keys, [keys.office_group])
        draft.add(Office(name=office_name, zone=zone, language=language))
        store.write(draft)
        keyring.office_file = draft.file.id
        admit(keys, told, email=email, passphrase=passphrase)
        directory.found(keys, (directory.myself(keys, name=told.name, role=told.role, is_admin=True),))
        groups.describe(keys, keys.office_group, public=_public(keys.office_group), members=())
        team = keys.groups[0]
        seats = (groups.Seat(member_id=member_id, role=groups.LEAD),)
        groups.start(
            keys, team, groups.TeamRoster(name=office_name, group_public=_public(team), epoch=1, members=seats)
        )
    token = sessions.start(org_id, member_id, keys.bundle_key)
    return SignedIn(token, sessions.open(token))


def _new_group(kind: str) -> GroupKey:
    pair = hybrid.new_pair()
    return GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), role="lead", hpke_private=pair.private, kind=kind)


def _public(group: GroupKey) -> bytes:
    return hybrid.public_of(group.hpke_private)


def enrol(by: Keys, *teams: GroupKey, told: profile.Profile, email: str, passphrase: str) -> UUID:
    """A further member of the office and of these teams, made at once by an admin who knows the passphrase.

    For the demo office and the tests' cast: people are invited (`invitations.py`), so that nobody else ever sees their
    words. Raises Refused when the address is taken.
    """
    member_id = uuid4()
    keyring = Keyring(
        hpke_private=hybrid.new_pair().private,
        sign_private=hybrid.new_signing_key(),
        org_root_public=by.keyring.org_root_public,
        org_root_private=by.keyring.org_root_private if told.is_admin else b"",
        groups=(by.office_group, *teams),
        office_file=by.keyring.office_file,
    )
    theirs = Keys(by.org_id, member_id, primitives.new_key(), keyring)
    with office(by.org_id):
        admit(theirs, told, email=email, passphrase=passphrase)
        directory.admit(by, directory.myself(theirs, name=told.name, role=told.role, is_admin=told.is_admin))
        for team in teams:
            groups.seat(by, team.group, {member_id: groups.MEMBER})
    return member_id


def admit(keys: Keys, told: profile.Profile, *, email: str, passphrase: str) -> None:
    """Rows of a new member: bundle, profile and the address as a way in. Raises Refused(code="short" or "taken")."""
    typed = words.as_typed(passphrase)
    if len(typed) < MINIMUM:
        raise Refused("short", f"A passphrase has at least {MINIMUM} characters. The six words are best.")
    half = _new_shred_half(keys.member_id)
    with one_derivation():
        sealed = bundles.create(keys.keyring, keys.member_id, keys.bundle_key, typed, half)
    try:
        with transaction.atomic():
            Door.objects.create(tag=_tag(email), org_id=keys.org_id, member_id=keys.member_id)
    except IntegrityError as exc:
        raise Refused("taken", "This e-mail address already has an account here.") from exc
    Member.objects.create(
        org_id=keys.org_id,
        id=keys.member_id,
        bundle=sealed,
        profile=profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, told),
    )


def sign_in(email: str, passphrase: str, *, address: str = "", device: str = "", agent: str = "") -> SignedIn:
    """Open the bundle of this address by passphrase, or by the recovery code in its place.

    address  where the request came from; device: the browser's cookie of known members; agent: what it calls itself
    Raises FactorNeeded when there is more to show; Refused(code="no_match"); TooMany (Slow) after too many tries.
    """
    tag = _tag(email)
    door = Door.objects.filter(tag=tag).first()
    mark = devices.mark_for(door.member_id if door else uuid4(), device)
    tries = throttle.for_sign_in(tag, address=address, device=mark)
    throttle.count(tries)
    row = unlocking.member(door.org_id, door.member_id) if door is not None else None
    is_code = unlocking.is_code(passphrase)
    if row is None:
        if not is_code:  # a code costs no derivation, for a known address as for an unknown one
            unlocking.pretend(passphrase)
        raise Refused("no_match", NO_MATCH)
    try:
        bundle_key = unlocking.by_code(row, passphrase) if is_code else unlocking.by_passphrase(row, passphrase)
    except OpenFailed as exc:
        raise Refused("no_match", NO_MATCH) from exc
    throttle.forgive(tries)
    return _come_in(row.org_id, row.id, bundle_key, via="code" if is_code else "passphrase", agent=agent)


def unlock(token: str, passphrase: str) -> SignedIn:
    """Open a locked session again, under a new cookie. A factor shown before the lock still counts.

    Raises SessionGone, FactorNeeded, Refused(code="no_match"), TooMany.
    """
    return _unlocked(token, lambda row: unlocking.by_passphrase(row, passphrase))


def unlock_with_passkey(token: str, site: passkeys.Site, answer: str) -> SignedIn:
    """The same by a passkey that is a way into the bundle. Raises SessionGone, Refused(code="no_match"), TooMany."""
    signed_in = _unlocked(
        token,
        lambda row: unlocking.by_prf(row, passkeys.secret_in(answer)),
        also=lambda half: passkeys.use(half, site, answer),
    )
    return signed_in


def show_code(token: str, code: str, *, device: str = "") -> SignedIn:
    """An authenticator's code to the half-session of this cookie. Raises as `show`."""
    return _show(token, lambda half: totp.use(half, code), device=device)


def show_passkey(token: str, site: passkeys.Site, answer: str, *, device: str = "") -> SignedIn:
    """A passkey's answer to the half-session of this cookie. Raises as `show`."""
    return _show(token, lambda half: passkeys.use(half, site, answer), device=device)


def rescue(token: str, *, new: str, code: str) -> SignedIn:
    """A new passphrase and code for whom the recovery code let in; all other sessions end.

    The caller has checked that the code was typed back. Raises SessionGone, Refused, EditConflict, TooMany.
    """
    half = sessions.half(token)
    if half.about.needs != (PASSPHRASE,):
        raise SessionGone("something else is needed first")
    renewal.rescue(half.org_id, half.member_id, half.bundle_key, new=new, code=code)
    sessions.end_all(half.org_id, half.member_id)
    return _started(half.org_id, half.member_id, half.bundle_key, half.about)


def _come_in(org_id: UUID, member_id: UUID, bundle_key: bytes, *, via: str, agent: str) -> SignedIn:
    keys = _Opened(org_id, member_id, bundle_key)
    needs = (FACTOR,) if factors.of(keys) else ()
    needs += (PASSPHRASE,) if via == "code" else ()
    name = devices.said(agent)
    if needs:
        raise FactorNeeded(sessions.begin(org_id, member_id, bundle_key, needs=needs, via=via, device=name))
    token = sessions.start(org_id, member_id, bundle_key, device=name)
    return SignedIn(token, sessions.open(token))


def _show(token: str, show: Callable[[sessions.Half], None], *, device: str) -> SignedIn:
    half = sessions.half(token)
    if FACTOR not in half.about.needs:
        raise SessionGone("no factor is needed")
    tries = throttle.for_factor(half.member_id.bytes, device=devices.mark_for(half.member_id, device))
    try:
        throttle.count(tries)
    except TooMany:
        sessions.end(token)  # the keys are let go of: it begins with the passphrase again
        raise
    show(half)
    throttle.forgive(tries)
    about = replace(half.about, needs=half.about.needs[1:], has_factor=True)
    sessions.end(token)
    if about.needs:
        raise FactorNeeded(
            sessions.begin(
                half.org_id, half.member_id, half.bundle_key, needs=about.needs, via=about.via, device=about.device,
                has_factor=True,
            )
        )  # fmt: skip
    return _started(half.org_id, half.member_id, half.bundle_key, about)


def _unlocked(
    token: str, opener: Callable[[Member], bytes], also: Callable[[sessions.Half], None] | None = None
) -> SignedIn:
    org_id, member_id = sessions.locked_member(token)
    tries = throttle.for_check(session_row_key(token))
    throttle.count(tries)
    row = unlocking.member(org_id, member_id)
    if row is None:
        raise SessionGone("member is gone")
    try:
        bundle_key = opener(row)
    except OpenFailed as exc:
        raise Refused("no_match", NO_MATCH) from exc
    about = sessions.about_of(token, bundle_key)
    if about.needs:
        raise SessionGone("a half-session is not unlocked")
    if also is not None:
        also(sessions.Half(org_id, member_id, bundle_key, about))
        about = replace(about, has_factor=True)
    throttle.forgive(tries)
    sessions.end(token)
    if not about.has_factor and factors.of(_Opened(org_id, member_id, bundle_key)):
        raise FactorNeeded(
            sessions.begin(org_id, member_id, bundle_key, needs=(FACTOR,), via=about.via, device=about.device)
        )
    # What needs a fresh look asks for the factor again, too: a passphrase alone does not make the look fresh.
    checked_at = about.checked_at if about.has_factor and also is None else None
    return _started(org_id, member_id, bundle_key, about, checked_at=checked_at)


def _started(
    org_id: UUID, member_id: UUID, bundle_key: bytes, about: About, *, checked_at: int | None = None
) -> SignedIn:
    token = sessions.start(
        org_id, member_id, bundle_key, has_factor=about.has_factor, device=about.device, checked_at=checked_at
    )
    return SignedIn(token, sessions.open(token))


def propose_recovery_code(staff: Staff) -> str:
    """A code for the printed sheet; it opens nothing until it was typed back."""
    return bundles.new_code()


def confirm_recovery_code(staff: Staff, shown: str, typed: str) -> None:
    """Make the code a way into the bundle. Raises Refused(code="differs") when what was typed is not what was shown."""
    try:
        code, again = bundles.normal_code(shown), bundles.normal_code(typed)
    except OpenFailed as exc:
        raise Refused("differs", "That is not the code on the sheet. Check each group and type it again.") from exc
    if not secrets.compare_digest(code, again):
        raise Refused("differs", "That is not the code on the sheet. Check each group and type it again.")
    with office(staff.org_id):
        row = Member.objects.select_for_update().get(org_id=staff.org_id, id=staff.member_id)
        sealed = bundles.with_code(bytes(row.bundle), row.id, staff.keys.bundle_key, code, _shred_half(staff.member_id))
        Member.objects.filter(org_id=row.org_id, id=row.id, bundle_version=row.bundle_version).update(
            bundle=sealed, bundle_version=row.bundle_version + 1
        )


def _tag(email: str) -> bytes:
    return primitives.mac(server_keys.operational_key(), b"door/1", email.strip().lower().encode())


def _new_shred_half(member_id: UUID) -> bytes:
    """32 bytes kept outside the database and its backups; destroying them ends every wrap of this member."""
    folder = settings.SHRED_FOLDER / "members"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = primitives.new_key()
    path = folder / member_id.hex
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(half)
    return half


def _shred_half(member_id: UUID) -> bytes:
    try:
        return (settings.SHRED_FOLDER / "members" / member_id.hex).read_bytes()
    except FileNotFoundError as exc:
        raise OpenFailed(f"shred half of member {member_id} is gone") from exc
