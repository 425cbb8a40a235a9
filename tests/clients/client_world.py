"""An office that may text: a client with a safe phone who agreed, a hearing in a week, a gateway that answers."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.casefile.contact.client_contact import ContactPlan, contact_plans_for
from caseapp.cases.services import cases
from caseapp.clients.services import contact
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact, Party
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)  # Tuesday, 10:00 in New York
STARTS = dt.datetime(2026, 12, 1, 13, 30, tzinfo=dt.UTC)  # the Tuesday after, 8:30
NAME, NUMBER = "Farid Karimi", "(212) 555-0122"
CAREFUL = "Do not leave voicemail."


def use_gateway(staff: Staff, address: str) -> None:
    """Set the office's gateway, past the page that tries it."""
    with office_transaction(staff.org_id):
        told = replace(office_file.read_office(staff.keys), client_gateway=address)
        office_file.save_office(staff.keys, told)


def a_case(staff: Staff, *, number: str = NUMBER, name: str = NAME) -> UUID:
    """A case whose client has a safe phone and a hearing in a week."""
    contacts = (Contact(way="phone", text=number, safe="yes"),)
    case_id = cases.open_case(staff, cases.NewCase(name=name, contacts=contacts, careful=CAREFUL))
    hearing = Hearing(kind="master", starts_at=STARTS, zone="America/New_York", court="Court North")
    hearings.book_hearing(staff, case_id, hearing)
    return case_id


def agreed(staff: Staff, case_id: UUID, **more: object) -> UUID:
    """The client agrees to texts."""
    told = {"contact": NUMBER, "detail": "plain", "language": "es", "asked_on": clock.today(staff.zone),
            "asked_how": "in_person", **more}  # fmt: skip
    new = contact.NewConsent(**told)  # type: ignore[arg-type]  # test
    return contact.record_consent(staff, case_id, client_of(staff, case_id), new)


def opened(staff: Staff, case_id: UUID) -> SealedFile:
    """The case as it stands."""
    with office_transaction(staff.org_id):
        return case_access.open_case(staff.keys, case_id)


def client_of(staff: Staff, case_id: UUID) -> UUID:
    return next(e.id for e in opened(staff, case_id).entries_of(Party) if e.record.role == "lead")


def hearing_of(staff: Staff, case_id: UUID) -> UUID:
    return opened(staff, case_id).entries_of(Hearing)[-1].id


def told(staff: Staff, case_id: UUID) -> ContactPlan:
    """What the client is to hear."""
    (found,) = contact_plans_for(opened(staff, case_id), clock.now())
    return found


def attempts(staff: Staff, case_id: UUID) -> list[ContactAttempt]:
    found = [entry.record for entry in opened(staff, case_id).entries_of(ContactAttempt)]
    return sorted(found, key=lambda attempt: attempt.at)


def consents(staff: Staff, case_id: UUID) -> list[Consent]:
    return [entry.record for entry in opened(staff, case_id).entries_of(Consent)]
