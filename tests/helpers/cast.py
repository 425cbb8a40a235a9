"""The fixed cast: `attorney` (on the case), `outsider` (another office). All people are fictional."""

from uuid import UUID, uuid4

from caseapp.accounts.keys.profile import Profile
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import GroupKey, Keyring

WORDS = "harbor candle orchard violet meadow lantern"
OTHER_WORDS = "copper thistle granite willow saddle ember"  # of a further office


def keys_of_a_new_group() -> Keys:
    """Keys of somebody in a group of their own, without a member row: enough for the record layer."""
    pair, root = hybrid.new_key_pair(), hybrid.new_signing_key()
    group = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), hpke_private=hybrid.new_key_pair().private)
    keyring = Keyring(
        hpke_private=pair.private,
        sign_private=hybrid.new_signing_key(),
        org_root_public=hybrid.derive_verify_key(root),
        org_root_private=root,
        groups=(group,),
    )
    return Keys(uuid4(), uuid4(), primitives.new_key(), keyring)


def found(*, name: str = "Ana Ruiz", email: str = "ana@office.test", zone: str = "America/New_York") -> Staff:
    """The first member of a new office, through the service that people use. A second call founds a second office."""
    from caseapp.account.services import new_office
    from caseapp.accounts.members.new_office import Founder, Hosting

    return new_office.found_office(
        office_name="Harbor Legal Aid",
        zone=zone,
        language="en",
        member_name=name,
        email=email,
        passphrase=WORDS,
        founder=Founder(is_supervising=True),
        hosting=Hosting(is_first=False),
    ).staff


def colleague_of(
    staff: Staff, *, name: str = "Ben Okafor", email: str = "ben@office.test", role: str = "caseworker"
) -> UUID:
    """A colleague in the same team."""
    from caseapp.team.services import enrolment

    told = Profile(name=name, role=role, language="en", zone=staff.zone, office_name=staff.office_name)
    return enrolment.admit_member(staff, profile=told, email=email, passphrase=WORDS)


def volunteer_of(staff: Staff, *, name: str = "Vera Lind", email: str = "vera@office.test") -> UUID:
    """A volunteer of the same office, in no team."""
    from caseapp.accounts.members import enrolment

    told = Profile(name=name, role="volunteer", language="en", zone=staff.zone, office_name=staff.office_name)
    return enrolment.add_member(staff.keys, member_profile=told, email=email, passphrase=WORDS)


def signed_in(email: str) -> Staff:
    """Somebody of the cast, as their next request sees them."""
    from caseapp.accounts.signin import sessions, sign_in

    return sessions.open(sign_in.sign_in(email, WORDS).token)


def found_further(*, name: str = "Olena Kovalenko", email: str = "ana@office.test") -> Staff:
    """The first member of a further office of the server, whose members sign in with its code."""
    from caseapp.account.services import new_office
    from caseapp.accounts.members.new_office import Hosting

    return new_office.found_office(
        office_name="Ridge Law Clinic",
        zone="America/Denver",
        language="en",
        member_name=name,
        email=email,
        passphrase=OTHER_WORDS,
        hosting=Hosting(is_first=False, has_code=True),
    ).staff
