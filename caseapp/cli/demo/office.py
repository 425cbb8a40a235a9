"""A fictional office, created through the services of the pages: 3 staff, 40 cases, hearings in the next 60 days."""

import argparse
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from caseapp.cli.demo.people import STAFF

if TYPE_CHECKING:
    from caseapp.accounts.keys.staff import Staff

ZONE = "America/New_York"
FAR_AHEAD = 2**33  # seconds since 1970: the year 2242


@dataclass(frozen=True)
class DemoOffice:
    """The sign-in of the demo office, and its number of cases."""

    email: str
    passphrase: str
    cases: int


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp demo`, which creates the fictional office in an empty installation."""
    parser = subparsers.add_parser("demo", help="Create a fictional office (only where no office exists)")
    parser.add_argument("--cases", type=int, default=40, help="Number of cases (default 40)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Create the office unless one exists. Return 0 in both cases, so that a second start keeps its data."""
    import django

    django.setup()
    from caseapp.accounts.members import new_office

    if not new_office.needs_setup():
        return 0
    seeded = seed_office(cases=args.cases)
    print(f"Demo office with {seeded.cases} fictional cases. Sign in as {seeded.email} with:  {seeded.passphrase}")
    return 0


def seed_office(*, cases: int = 40) -> DemoOffice:
    """Create the office, its staff and cases. The passphrase is new each time."""
    from caseapp.account.services import new_office as office
    from caseapp.accounts.keys.profile import Profile
    from caseapp.accounts.members.new_office import Founder
    from caseapp.accounts.signin import factors, recovery_code
    from caseapp.accounts.signin import passphrase as doors
    from caseapp.cli.demo.cases import CaseMaker
    from caseapp.team.services import enrolment

    passphrase = doors.propose_passphrase()
    name, role, email = STAFF[0]
    signed_in = office.found_office(
        office_name="Harbor Legal Aid (demo)",
        zone=ZONE,
        language="en",
        member_name=name,
        email=email,
        passphrase=passphrase,
        founder=Founder(is_supervising=True),
    )
    staff = signed_in.staff
    code = recovery_code.propose_recovery_code(staff)
    recovery_code.confirm_recovery_code(staff, code, code)
    # Visitors are not asked for a second factor: the fictional office contains no real secrets.
    factors.postpone_requirement(staff.keys, until=FAR_AHEAD)
    colleagues = [staff.member_id]
    words = {STAFF[0][2]: passphrase}
    for name, role, email in STAFF[1:]:
        profile = Profile(name=name, role=role, language="en", zone=ZONE, office_name=staff.office_name)
        words[email] = doors.propose_passphrase()
        colleagues.append(enrolment.admit_member(staff, profile=profile, email=email, passphrase=words[email]))
    _deal_recovery_sheets(staff, words)
    # The same fictional office each time; nothing secret is derived from it.
    maker = CaseMaker(staff, colleagues, ZONE, random.Random(7))  # noqa: S311
    for number in range(cases):
        maker.open_case(number)
    return DemoOffice(email=STAFF[0][2], passphrase=passphrase, cases=cases)


def _deal_recovery_sheets(admin: "Staff", passphrases: dict[str, str]) -> None:
    """Deal recovery sheets to three members, each of whom checks theirs in a session of their own."""
    from caseapp.accounts.directory import members
    from caseapp.accounts.recovery import office, own_sheet
    from caseapp.accounts.recovery.dealing import HolderChoice
    from caseapp.accounts.signin import sessions, sign_in

    active = members.read_directory(admin.keys).active_people
    office.create_set(admin, 2, [HolderChoice(person.member_id) for person in active[:3]])
    for email, passphrase in passphrases.items():
        signed_in = sign_in.sign_in(email, passphrase)
        own_sheet.collect_and_check(signed_in.staff)
        sessions.end(signed_in.token)
