"""The first run: a new office with its first member, directory and groups."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from caseapp.accounts.directory import conflict_group, groups, members
from caseapp.accounts.directory.chains import group_chains
from caseapp.accounts.keys import permissions, profile
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.members.enrolment import create_account, new_group_key
from caseapp.accounts.models import Door, OfficeState
from caseapp.accounts.signin import sessions
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.lib import clock
from caseapp.lib.countries import country_of_zone
from caseapp.lib.errors import Refused
from caseapp.records.office import Office
from caseapp.vault import store
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core import keyring as kinds
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.tenancy import office_transaction

FACTOR_GRACE_SECONDS = 24 * 3600  # seconds the first admin has to set up a second factor


@dataclass(frozen=True)
class Hosting:
    """Place of a new office on its server.

    is_first  refused where an office exists
    has_code  its members sign in with the office's code; another office may then have the same addresses
    """

    org_id: UUID = field(default_factory=uuid4)
    is_first: bool = True
    has_code: bool = False


@dataclass(frozen=True, kw_only=True)
class Founder:
    """Answers of the first member about themselves and the country of the office.

    country  "": that of the office's time zone; packs: of rules, () for the pack of the time zone
    """

    role: str = permissions.ATTORNEY
    is_supervising: bool = False
    country: str = ""
    packs: tuple[str, ...] = ()


def needs_setup() -> bool:
    """Return whether this installation has no office yet."""
    return not Door.objects.exists()


def create_office(
    *,
    office_name: str,
    zone: str,
    language: str,
    member_name: str,
    email: str,
    passphrase: str,
    founder: Founder | None = None,
    hosting: Hosting | None = None,
) -> SignedIn:
    """Create an office with its first member (an admin), root, directory and first team in one transaction.

    Then sign in. The member is an attorney unless `founder` says otherwise. Raises Refused when the office exists
    already, the server has another first one (for a further office, `hosting` says so), the passphrase is too short, or
    a role cannot supervise.
    """
    hosting, founder = hosting or Hosting(), founder or Founder()
    if founder.is_supervising and founder.role not in permissions.LEGAL:
        raise Refused("is_supervising", "Only an attorney or an accredited representative can be marked so.")
    if (hosting.is_first and not needs_setup()) or Door.objects.filter(org_id=hosting.org_id).exists():
        raise Refused("exists", "This office is already set up. Sign in instead.")
    org_id, member_id = hosting.org_id, uuid4()
    root = hybrid.new_signing_key()
    keyring = Keyring(
        hpke_private=hybrid.new_key_pair().private,
        sign_private=hybrid.new_signing_key(),
        org_root_public=hybrid.derive_verify_key(root),
        org_root_private=root,
        groups=(new_group_key(kinds.OFFICE), new_group_key(kinds.TEAM), new_group_key(kinds.AUDITORS)),
        roster_version=1,
    )
    member_profile = profile.Profile(
        name=member_name,
        role=founder.role,
        is_admin=True,
        language=language,
        zone=zone,
        country=founder.country or country_of_zone(zone),
        office_name=office_name,
        factor_from=int(clock.now().timestamp()) + FACTOR_GRACE_SECONDS,
    )
    keys = Keys(org_id, member_id, primitives.new_key(), keyring)
    with office_transaction(org_id):
        if hosting.has_code:
            OfficeState.objects.create(org_id=org_id, has_code=True)
        draft = store.new_file(keys, [keys.office_group])
        draft.add(Office(name=office_name, zone=zone, language=language, country=founder.country, packs=founder.packs))
        store.write_draft(draft)
        keyring.office_file = draft.file.id
        create_account(keys, member_profile, email=email, passphrase=passphrase)
        _create_first_groups(keys, member_profile, is_supervising=founder.is_supervising)
        conflict_group.follow_officers(keys)
    token = sessions.start(org_id, member_id, keys.bundle_key)
    return SignedIn(token, sessions.open(token))


def _create_first_groups(keys: Keys, member_profile: profile.Profile, *, is_supervising: bool) -> None:
    """Create the directory, the first team (named like the office) and the group that reads the audit trail.

    The first member is the conflict officer.
    """
    (auditors,) = keys.groups_of_kind(kinds.AUDITORS)
    me = members.own_entry(
        keys,
        name=member_profile.name,
        role=member_profile.role,
        is_admin=True,
        is_supervising=is_supervising,
        is_conflict_officer=True,  # until they appoint another member
    )
    members.create_directory(keys, (me,), auditors_public=_public_key_of(auditors))
    group_chains.start(keys, keys.office_group, public=_public_key_of(keys.office_group), members=())
    seats = (groups.Seat(member_id=keys.member_id, role=groups.LEAD),)
    for group, name in ((keys.teams[0], member_profile.office_name), (auditors, "Audit")):
        groups.store_new_group(
            keys, group, groups.TeamRoster(name=name, group_public=_public_key_of(group), epoch=1, members=seats)
        )


def _public_key_of(group: GroupKey) -> bytes:
    return hybrid.derive_public_key(group.hpke_private)
