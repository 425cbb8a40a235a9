"""People of a case as finished values."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from caseapp.casefile.contact import reachability
from caseapp.clients.panels.orders import order_lines
from caseapp.clients.panels.reach import NUMBER_SENTENCES, dial_link
from caseapp.lib.errors import Refused
from caseapp.lib.partial_dates import PartialDate
from caseapp.lib.text import phones
from caseapp.records import names
from caseapp.records.party import CLIENT_ROLES, Contact, Party
from caseapp.ui.display import labels
from caseapp.ui.display.country import office_country
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.people.fact_lines import FactLine, person_facts
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.display.status import StatusLabel
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class ContactLine:
    """Phone number or address of a person, and whether it is safe to use.

    text     as it was typed
    dialled  a phone number as it is dialled, if its digits are not those that were typed
    problem  why a phone number is not used, or cannot be dialled by the program
    dial     the link that calls it; empty where it may not be called (`casefile.contact.reachability`)
    """

    kind: str
    text: str
    safe: StatusLabel
    dialled: str = ""
    problem: str = ""
    dial: str = ""
    is_phone: bool = False


@dataclass(frozen=True)
class CasePerson:
    """Person of the case."""

    id: UUID
    href: str
    name: str
    role: str
    is_client: bool
    other_names: tuple[str, ...]
    a_number: str
    number_id: str
    birth: PartialDate | None
    languages: str
    careful: str
    contacts: tuple[ContactLine, ...]
    last_arrival_on: date | None
    detained_since: date | None
    custody_href: str
    facts: tuple[FactLine, ...] = ()
    orders: tuple[str, ...] = ()  # earlier removal orders
    also_in: tuple[str, ...] = ()  # addresses of their pages in other cases

    @property
    def phones(self) -> tuple[ContactLine, ...]:
        """Return the telephone numbers."""
        return tuple(contact for contact in self.contacts if contact.is_phone)

    @property
    def anchor(self) -> str:
        """Return the id of the person's card on the page."""
        return f"person-{self.id.hex[:8]}"


def parties_by_role(file: SealedFile) -> list[Entry[Party]]:
    """Return the people of a case: the lead client, the other clients, then the others, each by name."""

    def rank(entry: Entry[Party]) -> tuple[bool, bool, str]:
        role = entry.record.role
        return role != "lead", role not in CLIENT_ROLES, entry.record.name.full.casefold()

    return sorted(file.entries_of(Party), key=rank)


def case_person(file: SealedFile, entry: Entry[Party], *, on: date) -> CasePerson:
    """Return a person as the case page shows them on a day."""
    party, case_id = entry.record, file.id
    return CasePerson(
        id=entry.id,
        href=quick_reverse("clients:person", case_id, entry.id),
        name=party.name.full,
        role=labels.label_of(labels.PARTY_ROLES, party.role),
        is_client=party.role in CLIENT_ROLES,
        other_names=tuple(name.full for name in party.other_names),
        a_number=names.format_a_number(party.a_number),
        number_id=f"number-{entry.id.hex[:8]}",
        birth=party.birth,
        languages=", ".join(party.languages),
        careful=party.careful,
        contacts=contact_lines(file, entry, on=on),
        last_arrival_on=party.last_arrival_on,
        detained_since=party.detained_since,
        custody_href=quick_reverse("clients:custody", case_id),
        facts=person_facts(party),
        orders=tuple(line.text for line in order_lines(file, entry.id)),
        also_in=tuple(quick_reverse("clients:person", *other) for other in party.same_as),
    )


def contact_lines(file: SealedFile, entry: Entry[Party], *, on: date) -> tuple[ContactLine, ...]:
    """Return each phone number and address of a person, and whether it may be used on a day."""
    return tuple(_contact_line(file, entry, contact, on) for contact in entry.record.contacts)


def _contact_line(file: SealedFile, entry: Entry[Party], contact: Contact, on: date) -> ContactLine:
    kind = labels.label_of(labels.CONTACT_METHODS, contact.way)
    line = ContactLine(kind, contact.text, _safety_status(contact.safe))
    if contact.way != reachability.PHONE:
        return line
    against = reachability.number_problem(file, entry, contact, on=on)
    if against in NUMBER_SENTENCES:
        line = replace(line, safe=StatusLabel("waived", str(NUMBER_SENTENCES[against])))
    return _phone_line(replace(line, is_phone=True, dial="" if against else dial_link(contact.text)), contact)


def _phone_line(line: ContactLine, contact: Contact) -> ContactLine:
    """Return the line of a phone number with the number as it is dialled, or with what is wrong with it."""
    try:
        number = phones.add_country_code(contact.text, country=office_country())
    except Refused as exc:
        return replace(line, problem=translate_refusal(exc))
    return replace(line, dialled=number if number != phones.normalise_number(contact.text) else "")


def _safety_status(code: str) -> StatusLabel:
    kinds = {"yes": "done", "no": "waived"}
    return StatusLabel(kinds.get(code, "to-check"), labels.label_of(labels.CONTACT_SAFETY, code))
