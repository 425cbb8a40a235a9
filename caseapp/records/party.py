"""Record shapes for the people of a case. A change of shape raises `schema` and adds an upgrade."""

from datetime import date
from uuid import UUID

import msgspec

from caseapp.lib.partial_dates import PartialDate
from caseapp.vault.registry import Record, keep_fields, record_kind

CLIENT_ROLES = ("lead", "rider")
SEXES = ("female", "male", "x")  # as documents and forms of authorities ask for it
ENTRY_MANNERS = ("ewi", "admitted", "paroled", "visa_waiver", "other", "unknown")  # ewi: without inspection


class Name(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One spelling of a person's name. `full` is as on the document or as the person says it, in any script."""

    full: str
    given: str = ""
    family: str = ""
    script: str = ""


class Contact(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A contact of a person. `safe` is yes, no or not_asked: messages are sent only where it is yes."""

    way: str  # phone, mail, address, other
    text: str
    safe: str = "not_asked"
    note: str = ""
    from_on: date | None = None
    until_on: date | None = None


@record_kind(2, schema=4, upgrades={1: keep_fields, 2: keep_fields, 3: keep_fields})
class Party(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A person in a case: lead client, rider, or another role. Hearings, deadlines and filings refer to parties."""

    role: str  # lead, rider, spouse, child, sponsor, witness, opposing, caregiver, obligor, interpreter, other
    name: Name
    other_names: tuple[Name, ...] = ()
    pronouns: str = ""
    a_number: str = ""  # nine digits, no dashes; shown masked
    other_numbers: tuple[tuple[str, str], ...] = ()  # (kind, number)
    born_on: date | None = None
    born_approximate: bool = False
    citizenships: tuple[str, ...] = ()  # ISO 3166 alpha-2
    born_in: str = ""  # ISO 3166 alpha-2
    languages: tuple[str, ...] = ()  # spoken, best first, free words
    reads: tuple[str, ...] = ()
    literacy: str = ""
    contacts: tuple[Contact, ...] = ()
    careful: str = ""  # safety note: always shown before the contacts
    last_arrival_on: date | None = None
    detained_since: date | None = None
    # Added in schema 2: "1987" or "1987-05" of a birth that is not known to the day; `born_on` is then None.
    born_period: str = ""
    # Added in schema 3: the answers to the catalogue's questions about the last arrival.
    arrival_facts: dict[str, str] = msgspec.field(default_factory=dict)
    # Added in schema 4.
    sex: str = ""  # one of SEXES, or empty: not asked
    gender: str = ""  # as the person says
    entry_place: str = ""  # of the last arrival, as written
    entry_manner: str = ""  # of the last arrival: one of ENTRY_MANNERS, or empty: not asked
    relation: str = ""  # to the lead client, in free words: "sister"
    needs_interpreter: str = ""  # yes, no, or empty: not asked
    facets: dict[str, str] = msgspec.field(default_factory=dict)  # what funders ask for: "marital_status" to words
    other_facts: tuple[tuple[str, str], ...] = ()  # (heading, value) of an import's columns without a field
    same_as: tuple[tuple[UUID, UUID], ...] = ()  # (case, party): the same person in other cases, as a member said
    not_the_same: tuple[UUID, ...] = ()  # parties that look alike and are others, as a member said

    @property
    def birth(self) -> PartialDate | None:
        """Return the date of birth to the day, the month or the year."""
        if self.born_on is not None:
            return PartialDate.of_date(self.born_on)
        return PartialDate.of_text(self.born_period) if self.born_period else None
