"""New accounts: a member's bundle, profile and sign-in address."""

from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from caseapp.accounts.directory import groups, members
from caseapp.accounts.keys import bundles, permissions, profile, word_list
from caseapp.accounts.keys.derivation import one_derivation
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Door, Member
from caseapp.accounts.signin.sign_in import tag_of
from caseapp.lib.errors import Refused
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core import keyring as kinds
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.tenancy import office

MINIMUM = 15  # characters of a chosen passphrase


def _new_group(kind: str) -> GroupKey:
    pair = hybrid.new_pair()
    return GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), role="lead", hpke_private=pair.private, kind=kind)


def enrol(by: Keys, *teams: GroupKey, told: profile.Profile, email: str, passphrase: str) -> UUID:
    """Add a member to the office and these teams at once, by an admin who knows the passphrase. Return the member's id.

    For the demo office and the tests' cast: real members are invited (`invitations.py`), so that no other person ever
    sees their passphrase. Raises Refused when the address is taken.
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
        members.admit(by, members.myself(theirs, name=told.name, role=told.role, is_admin=told.is_admin))
        for team in teams:
            groups.seat(by, team.group, {member_id: groups.MEMBER})
    return member_id


def admit(keys: Keys, told: profile.Profile, *, email: str, passphrase: str) -> None:
    """Create the rows of a new member: bundle, profile and address. Raises Refused(code="short" or "taken")."""
    typed = word_list.as_typed(passphrase)
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


def _new_shred_half(member_id: UUID) -> bytes:
    """Create a member's shred half: 32 bytes outside the database and its backups.

    Destroying it disables every wrap.
    """
    folder = settings.SHRED_FOLDER / "members"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = primitives.new_key()
    path = folder / member_id.hex
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(half)
    return half
