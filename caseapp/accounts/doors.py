"""Coming in: the first run, sign-in, unlock, and the recovery code.

There is no stored verifier: a passphrase is right when it opens the member's bundle. An unknown address costs the same
work as a known one.
"""

import secrets
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from caseapp.accounts import bundles, directory, groups, permissions, profile, sessions, words
from caseapp.accounts.derivation import one_derivation
from caseapp.accounts.entry import (
    SignedIn,
    member_at,
    opens_by_passkey,
    rescue,
    show_code,
    show_passkey,
    sign_in,
    tag_of,
    unlock,
    unlock_with_passkey,
)
from caseapp.accounts.keys import Keys, Staff
from caseapp.accounts.models import Door, Member
from caseapp.accounts.records import Office
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault import store
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core import keyring as kinds
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

MINIMUM = 15  # characters of a passphrase somebody chose
DAY = 24 * 3600  # seconds the first admin has to set up a second factor
__all__ = [
    "SignedIn",
    "admit",
    "confirm_recovery_code",
    "enrol",
    "found_office",
    "member_at",
    "needs_setup",
    "opens_by_passkey",
    "propose_passphrase",
    "propose_recovery_code",
    "rescue",
    "show_code",
    "show_passkey",
    "sign_in",
    "unlock",
    "unlock_with_passkey",
]


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
        groups=(_new_group(kinds.OFFICE), _new_group(kinds.TEAM), _new_group(kinds.AUDITORS)),
        roster_version=1,
    )
    told = profile.Profile(
        name=member_name, role=role, is_admin=True, language=language, zone=zone, office_name=office_name,
        factor_from=int(clock.now().timestamp()) + DAY,
    )  # fmt: skip
    keys = Keys(org_id, member_id, primitives.new_key(), keyring)
    with office(org_id):
        draft = store.new_file(keys, [keys.office_group])
        draft.add(Office(name=office_name, zone=zone, language=language))
        store.write(draft)
        keyring.office_file = draft.file.id
        admit(keys, told, email=email, passphrase=passphrase)
        _first_groups(keys, told)
    token = sessions.start(org_id, member_id, keys.bundle_key)
    return SignedIn(token, sessions.open(token))


def _first_groups(keys: Keys, told: profile.Profile) -> None:
    """The directory, the first team (named like the office) and those who read the audit trail."""
    (auditors,) = keys.of_kind(kinds.AUDITORS)
    me = directory.myself(keys, name=told.name, role=told.role, is_admin=True)
    directory.found(keys, (me,), auditors_public=_public(auditors))
    groups.describe(keys, keys.office_group, public=_public(keys.office_group), members=())
    seats = (groups.Seat(member_id=keys.member_id, role=groups.LEAD),)
    for group, name in ((keys.teams[0], told.office_name), (auditors, "Audit")):
        groups.start(keys, group, groups.TeamRoster(name=name, group_public=_public(group), epoch=1, members=seats))


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
    if permissions.allows("read_audit", told.role, is_admin=told.is_admin):
        teams = (*teams, *by.of_kind(kinds.AUDITORS))
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
            Door.objects.create(tag=tag_of(email), org_id=keys.org_id, member_id=keys.member_id)
    except IntegrityError as exc:
        raise Refused("taken", "This e-mail address already has an account here.") from exc
    Member.objects.create(
        org_id=keys.org_id,
        id=keys.member_id,
        bundle=sealed,
        profile=profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, told),
    )


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
