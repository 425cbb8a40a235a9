"""New accounts: a member's bundle, profile and sign-in address."""

from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from caseapp.accounts.directory import conflict_group, groups, members
from caseapp.accounts.keys import bundles, permissions, profile
from caseapp.accounts.keys.derivation import derivation_slot
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Door, Member
from caseapp.accounts.signin import office_codes
from caseapp.accounts.signin.passphrase import require_length
from caseapp.lib.errors import Refused
from caseapp.vault import shred_keys
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core import keyring as kinds
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.tenancy import office_transaction


def new_group_key(kind: str) -> GroupKey:
    """Return the first key of a new group."""
    pair = hybrid.new_key_pair()
    return GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), role="lead", hpke_private=pair.private, kind=kind)


def add_member(by: Keys, *teams: GroupKey, member_profile: profile.Profile, email: str, passphrase: str) -> UUID:
    """Add a member to the office and these teams at once, by an admin who knows the passphrase. Return the member's id.

    For the demo office and the tests' cast: real members are invited (`invitations.py`), so that no other person ever
    sees their passphrase. Raises Refused when the address is taken.
    """
    member_id = uuid4()
    if permissions.role_allows("read_audit", member_profile.role, is_admin=member_profile.is_admin):
        teams = (*teams, *by.groups_of_kind(kinds.AUDITORS))
    keyring = Keyring(
        hpke_private=hybrid.new_key_pair().private,
        sign_private=hybrid.new_signing_key(),
        org_root_public=by.keyring.org_root_public,
        org_root_private=by.keyring.org_root_private if member_profile.is_admin else b"",
        groups=(by.office_group, *teams),
        office_file=by.keyring.office_file,
    )
    theirs = Keys(by.org_id, member_id, primitives.new_key(), keyring)
    with office_transaction(by.org_id):
        create_account(theirs, member_profile, email=email, passphrase=passphrase)
        members.add_person(
            by,
            members.own_entry(
                theirs, name=member_profile.name, role=member_profile.role, is_admin=member_profile.is_admin
            ),
        )
        conflict_group.follow_officers(by)
        for team in teams:
            groups.seat_members(by, team.group, {member_id: groups.MEMBER})
    return member_id


def create_account(keys: Keys, member_profile: profile.Profile, *, email: str, passphrase: str) -> None:
    """Create the rows of a new member: bundle, profile and address. Raises Refused(code="short" or "taken")."""
    typed = require_length(passphrase)
    half = shred_keys.new("members", keys.member_id)
    with derivation_slot():
        sealed = bundles.create(keys.keyring, keys.member_id, keys.bundle_key, typed, half)
    tag = office_codes.email_tag(email, office_codes.find_code(keys.org_id))
    try:
        with transaction.atomic():
            Door.objects.create(tag=tag, org_id=keys.org_id, member_id=keys.member_id)
    except IntegrityError as exc:
        raise Refused("taken", "This e-mail address already has an account here.") from exc
    Member.objects.create(
        org_id=keys.org_id,
        id=keys.member_id,
        bundle=sealed,
        profile=profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, member_profile),
    )
