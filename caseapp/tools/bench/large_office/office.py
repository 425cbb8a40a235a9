"""A fictional office to fill with cases: its founder, further members, and recovery sheets that outside people have."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from caseapp.account.services import new_office
from caseapp.accounts.keys.profile import Profile
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members.new_office import Founder, Hosting
from caseapp.accounts.recovery import office as office_recovery
from caseapp.accounts.recovery import own_sheet
from caseapp.accounts.recovery.dealing import HolderChoice
from caseapp.accounts.signin import factors, passphrase, recovery_code, sessions, sign_in, totp
from caseapp.accounts.signin.factors import FactorRecord
from caseapp.lib import clock
from caseapp.team.services import enrolment
from caseapp.tools.bench.large_office.content import ZONE
from caseapp.vault.core import onetime

FAR_AHEAD = 2**33  # seconds since 1970: the year 2242
ROLES = ("attorney", "caseworker", "accredited_representative")


@dataclass(frozen=True)
class MemberSignIn:
    """What a member signs in with. The passphrase is fictional, like the member.

    app_secret  the key of the member's authenticator app, if there is one
    """

    member_id: UUID
    email: str
    passphrase: str
    app_secret: str = ""

    def as_text(self) -> dict[str, str]:
        """Return what is typed to sign in."""
        typed = {"email": self.email, "passphrase": self.passphrase}
        return typed | ({"app_secret": self.app_secret} if self.app_secret else {})


@dataclass(frozen=True)
class LargeOffice:
    """The office, open for its founder. `token`: the value of the founder's session cookie."""

    staff: Staff
    token: str
    members: tuple[MemberSignIn, ...]

    @property
    def member_ids(self) -> Sequence[UUID]:
        """Return the ids of the members, the founder first."""
        return [member.member_id for member in self.members]


def found_office(members: int = 3, *, hosting: Hosting | None = None, has_factors: bool = False) -> LargeOffice:
    """Create the office with this many members. Without `has_factors` they need none: nothing real is in it."""
    stamp = int(clock.now().timestamp() * 1000)
    words, email = passphrase.propose_passphrase(), f"member0-{stamp}@bench.invalid"
    signed_in = new_office.found_office(
        office_name="Harbor Legal Aid (bench)",
        zone=ZONE,
        language="en",
        member_name="Ana Ruiz",
        email=email,
        passphrase=words,
        founder=Founder(is_supervising=True),
        hosting=hosting or Hosting(is_first=False),
    )
    staff = signed_in.staff
    _finish_first_steps(staff)
    # An office without checked recovery sheets may open ten cases only.
    office_recovery.create_set(staff, 2, [HolderChoice(staff.member_id, is_outside=True)] * 3)
    own_sheet.collect_and_check(staff)
    admitted = [MemberSignIn(staff.member_id, email, words, _add_app(staff) if has_factors else "")]
    for number in range(1, members):
        email = f"member{number}-{stamp}@bench.invalid"
        admitted.append(_admit_member(staff, number, email, has_factor=has_factors))
    return LargeOffice(staff, signed_in.token, tuple(admitted))


def _admit_member(staff: Staff, number: int, email: str, *, has_factor: bool) -> MemberSignIn:
    words = passphrase.propose_passphrase()
    profile = Profile(
        name=f"Member {number}",
        role=ROLES[number % len(ROLES)],
        language="en",
        zone=ZONE,
        office_name=staff.office_name,
    )
    member_id = enrolment.admit_member(staff, profile=profile, email=email, passphrase=words)
    signed_in = sign_in.sign_in(email, words)
    _finish_first_steps(signed_in.staff)
    secret = _add_app(signed_in.staff) if has_factor else ""
    sessions.end(signed_in.token)
    return MemberSignIn(member_id, email, words, secret)


def _add_app(staff: Staff) -> str:
    """Give the member an authenticator app and return its key as text."""
    secret = totp.propose_secret()
    record = FactorRecord(kind="app", name="Phone", made_on=factors.current_day(), secret=onetime.parse_secret(secret))
    factors.add(staff.keys, record)
    return secret


def _finish_first_steps(staff: Staff) -> None:
    """Do what every page asks a new member for first: a recovery code, and a second factor, which waits."""
    code = recovery_code.propose_recovery_code(staff)
    recovery_code.confirm_recovery_code(staff, code, code)
    factors.postpone_requirement(staff.keys, until=FAR_AHEAD)
