"""Fictional offices of the benches of moving: an admin who is a supervising attorney, with recovery sheets checked."""

import sys
from uuid import UUID

from caseapp.account.services import new_office
from caseapp.accounts.keys.profile import Profile
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members.new_office import Founder, Hosting
from caseapp.accounts.recovery import office as office_recovery
from caseapp.accounts.recovery import own_sheet
from caseapp.accounts.recovery.dealing import HolderChoice
from caseapp.accounts.signin import passphrase, sessions, sign_in
from caseapp.team.services import enrolment

ZONE = "America/New_York"


class BenchOffice:
    """An office of one member, who can sign in again: a session ends after 15 minutes without a page."""

    def __init__(self, name: str) -> None:
        self.email = f"{name}@bench.invalid"
        self._words = passphrase.propose_passphrase()
        signed_in = new_office.found_office(
            office_name="Harbor Legal Aid",
            zone=ZONE,
            language="en",
            member_name="Ana Ruiz",
            email=self.email,
            passphrase=self._words,
            founder=Founder(is_supervising=True),
            hosting=Hosting(is_first=False),
        )
        office_recovery.create_set(signed_in.staff, 2, [HolderChoice(signed_in.staff.member_id, is_outside=True)] * 3)
        own_sheet.collect_and_check(signed_in.staff)

    def add_colleague(self, name: str) -> UUID:
        """Add a caseworker to the office's team and return their id."""
        staff = self.sign_in()[1]
        profile = Profile(name=name, role="caseworker", language="en", zone=ZONE, office_name=staff.office_name)
        words = passphrase.propose_passphrase()
        return enrolment.admit_member(staff, profile=profile, email=f"colleague-{self.email}", passphrase=words)

    def sign_in(self) -> tuple[str, Staff]:
        """Return a new session's token and the member with all the keys that they have now."""
        token = sign_in.sign_in(self.email, self._words).token
        return token, sessions.open(token)


def say_on_stderr(line: str) -> None:
    """Print where a bench of minutes is; its figures alone go to standard output."""
    print(line, file=sys.stderr, flush=True)
