"""View model of the page that records a call."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from caseapp.casefile.contact import client_contact
from caseapp.clients.panels.people import ContactLine, contact_lines
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.ui.display import labels
from caseapp.ui.display.agenda_lines import location_of
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class CallPage:
    """Client to call: the safety note before any number, and the hearing to tell them about."""

    name: str
    careful: str
    languages: str
    detained_since: date | None
    contacts: tuple[ContactLine, ...]
    numbers: tuple[str, ...]
    others: tuple[tuple[UUID, str], ...]
    hearing: str
    on: date | None
    at: datetime | None
    zone: str
    location: str


def call_page(file: SealedFile, party_id: UUID, hearing_id: UUID | None, *, on: date) -> CallPage:
    """Return the page of a call on a day. Raises NotFound for a person or hearing that is not in the case."""
    entry = file.get(party_id, Party)
    party = entry.record
    hearing = file.get(hearing_id, Hearing).record if hearing_id else None
    parties = {entry.id: entry for entry in file.entries_of(Party) if entry.record.role in client_contact.CLIENTS}
    concerned = client_contact.clients_of_hearing(hearing, parties) if hearing else []
    return CallPage(
        name=party.name.full,
        careful=party.careful,
        languages=", ".join(party.languages),
        detained_since=party.detained_since,
        contacts=contact_lines(file, entry, on=on),
        numbers=tuple(dict.fromkeys(contact.text for contact in party.contacts if contact.way == "phone")),
        others=tuple(
            (client_id, parties[client_id].record.name.full) for client_id in concerned if client_id != party_id
        ),
        hearing=labels.label_of(labels.HEARING_KINDS, hearing.kind) if hearing else "",
        on=hearing.starts_on if hearing else None,
        at=hearing.starts_at if hearing else None,
        zone=hearing.zone if hearing else "",
        location=location_of(hearing.court, hearing.room, hearing.way) if hearing else "",
    )
