"""The first run: a new office with its first member, directory and groups."""

from uuid import uuid4

from caseapp.accounts.directory import groups, members
from caseapp.accounts.keys import profile
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.members.enrolment import _new_group, admit
from caseapp.accounts.models import Door
from caseapp.accounts.signin import sessions
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.office import Office
from caseapp.vault import store
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core import keyring as kinds
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.tenancy import office

DAY = 24 * 3600  # seconds the first admin has to set up a second factor


def needs_setup() -> bool:
    """Return whether this installation has no office yet."""
    return not Door.objects.exists()


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
    """Create an office with its first member (an admin), root, directory and first team in one transaction.

    Then sign in. Raises Refused when an office exists already (unless `is_additional`, for a host of several) or
    the passphrase is too short.
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
    member_profile = profile.Profile(
        name=member_name, role=role, is_admin=True, language=language, zone=zone, office_name=office_name,
        factor_from=int(clock.now().timestamp()) + DAY,
    )  # fmt: skip
    keys = Keys(org_id, member_id, primitives.new_key(), keyring)
    with office(org_id):
        draft = store.new_file(keys, [keys.office_group])
        draft.add(Office(name=office_name, zone=zone, language=language))
        store.write(draft)
        keyring.office_file = draft.file.id
        admit(keys, member_profile, email=email, passphrase=passphrase)
        _first_groups(keys, member_profile)
    token = sessions.start(org_id, member_id, keys.bundle_key)
    return SignedIn(token, sessions.open(token))


def _first_groups(keys: Keys, told: profile.Profile) -> None:
    """Create the directory, the first team (named like the office) and the group that reads the audit trail."""
    (auditors,) = keys.of_kind(kinds.AUDITORS)
    me = members.myself(keys, name=told.name, role=told.role, is_admin=True)
    members.found(keys, (me,), auditors_public=_public(auditors))
    groups.describe(keys, keys.office_group, public=_public(keys.office_group), members=())
    seats = (groups.Seat(member_id=keys.member_id, role=groups.LEAD),)
    for group, name in ((keys.teams[0], told.office_name), (auditors, "Audit")):
        groups.start(keys, group, groups.TeamRoster(name=name, group_public=_public(group), epoch=1, members=seats))


def _public(group: GroupKey) -> bytes:
    return hybrid.public_of(group.hpke_private)
