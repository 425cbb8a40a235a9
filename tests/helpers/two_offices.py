"""Two offices: `attorney` who opened the case, `outsider` of another office. Nobody signs in by a test's own way."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.test import Client

from caseapp.account.services import new_office
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members.new_office import Founder, Hosting
from caseapp.accounts.signin import office_codes, recovery_code, sign_in
from caseapp.casefile import case_access
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction as office_sight
from tests.helpers.cast import OTHER_WORDS, WORDS, found_further

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)  # Tuesday, 10:00 in New York
NAME = "Farid Karimi"
A_NUMBER = "000-123-417"


@dataclass(frozen=True)
class Worker:
    """Somebody signed in, and their browser."""

    staff: Staff
    client: Client

    def file(self, case_id: UUID) -> SealedFile:
        """The case as it stands."""
        with office_sight(self.staff.org_id):
            return case_access.open_case(self.staff.keys, case_id)


def signed_in(name: str, email: str, *, language: str = "en", zone: str = "America/New_York") -> Worker:
    """The first member of a new office, past the recovery code, with a browser that holds the session."""
    arrived = new_office.found_office(
        office_name="Harbor Legal Aid",
        zone=zone,
        language=language,
        member_name=name,
        email=email,
        passphrase=WORDS,
        founder=Founder(is_supervising=True),
        hosting=Hosting(is_first=False),
    )
    code = recovery_code.propose_recovery_code(arrived.staff)
    recovery_code.confirm_recovery_code(arrived.staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = arrived.token
    return Worker(arrived.staff, client)


def further_office(*, email: str) -> Worker:
    """The first member of a further office of the server, who signs in with its code."""
    staff = found_further(email=email)
    code = recovery_code.propose_recovery_code(staff)
    recovery_code.confirm_recovery_code(staff, code, code)
    arrived = sign_in.sign_in(email, OTHER_WORDS, office_code=office_codes.find_code(staff.org_id))
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = arrived.token
    return Worker(arrived.staff, client)


def boxes(name: str, on: dt.date | None) -> dict[str, str]:
    """A date as the three boxes send it."""
    parts = (on.day, on.month, on.year) if on else ("", "", "")
    return {f"{name}_{place}": str(part) for place, part in zip(("day", "month", "year"), parts, strict=True)}


def booking(**changed: str) -> Mapping[str, str]:
    """A hearing as the form sends it: Wed 17 Mar 2027, 8:30."""
    return {
        "kind": "individual",
        **boxes("on", dt.date(2027, 3, 17)),
        "at": "8:30",
        "half": "am",
        "court": "Court North",
        "zone": "America/New_York",
        "way": "in_person",
        "goes": "",
        **changed,
    }
