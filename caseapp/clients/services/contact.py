"""What is written down about reaching clients: consent, calls, slips handed over. Texts go out in `texting`."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import client_contact
from caseapp.casefile.transaction import changing
from caseapp.lib import clock, phones
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.consent import REPLACED, Consent
from caseapp.records.contact_attempt import CALL, GIVEN, PRINT, REACHED, TEXT, ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.vault.store import Draft, Entry, SealedFile

NOTE_LIMIT = 2_000  # characters
KEPT_UNTIL = dt.timedelta(days=731)  # how far ahead a consent may be said to last


def record_consent(
    staff: Staff,
    case_id: UUID,
    party_id: UUID,
    *,
    contact: str,
    detail: str,
    language: str,
    asked_on: dt.date,
    asked_how: str,
    told_by: str = "",
    until: dt.date | None = None,
) -> UUID:
    """They agreed to text reminders at one of their numbers; whatever they agreed to before is replaced.

    Raises Refused for a contact that is not marked safe or is no whole number, and for days that cannot be.
    """
    today = clock.today(staff.zone)
    if asked_on > today:
        raise Refused("asked_on", "The day they were asked is after today.")
    if until is not None and not today <= until <= today + KEPT_UNTIL:
        raise Refused("until", "The last day must be ahead, and within two years.")
    with changing(staff, case_id) as draft:
        _client(draft.file, party_id)
        zone = office_file.office_of(staff.keys).zone
        if contact not in safe_phones(draft.file.get(party_id, Party).record):
            raise Refused("contact", "Choose a telephone that is marked safe.")
        number = _number(contact, zone)
        _take_back(draft, staff, party_id, REPLACED)
        return draft.add(
            Consent(
                what="reminders", party=party_id, way=TEXT, contact=contact, number=number, detail=detail,
                language=language, asked_on=asked_on, asked_how=asked_how, told_by=told_by.strip(), until=until,
            )
        )  # fmt: skip


def _number(contact: str, zone: str) -> str:
    try:
        return phones.dialled(contact, zone=zone)
    except Refused as exc:
        raise Refused("contact", exc.sentence) from None


def safe_phones(party: Party) -> tuple[str, ...]:
    """The telephones of a person that are marked safe, each once."""
    return tuple(dict.fromkeys(c.text for c in party.contacts if c.way == "phone" and c.safe == "yes"))


def withdraw(staff: Staff, case_id: UUID, party_id: UUID, *, how: str) -> None:
    """They want no more messages. Raises Refused when there is no consent that stands."""
    with changing(staff, case_id) as draft:
        draft.file.get(party_id, Party)
        if not _take_back(draft, staff, party_id, how):
            raise Refused("consent", "They have agreed to no messages, or took it back already.")


def _take_back(draft: Draft, staff: Staff, party_id: UUID, how: str) -> int:
    standing = [e for e in client_contact.consents_of(draft.file, party_id) if not e.record.is_withdrawn]
    for entry in standing:
        end(draft, entry, how, at=draft.at, zone=staff.zone)
    return len(standing)


def end(draft: Draft, entry: Entry[Consent], how: str, *, at: dt.datetime, zone: str) -> None:
    """Mark one consent as taken back."""
    on = client_contact.day_of(at, zone)
    draft.change(entry.id, replace(entry.record, withdrawn_on=on, withdrawn_at=at, withdrawn_how=how))


def record_call(
    staff: Staff,
    case_id: UUID,
    party_id: UUID,
    *,
    hearing_id: UUID | None,
    result: str,
    contact: str = "",
    note: str = "",
    next_try_on: dt.date | None = None,
    also: Sequence[UUID] = (),
) -> tuple[UUID, ...]:
    """A call and how it ended, for a hearing or without one; `also` are other clients who heard it with them.

    Raises Refused for a next try that is past or after the hearing, and for too long a note.
    """
    if len(note) > NOTE_LIMIT:
        raise Refused("note", f"This note has {len(note)} characters. The limit is {NOTE_LIMIT}.")
    with changing(staff, case_id) as draft:
        hearing = draft.file.get(hearing_id, Hearing) if hearing_id else None
        told = (party_id, *also) if result == REACHED else (party_id,)
        again = next_try_on if result != REACHED else None
        _may_try_on(again, clock.today(staff.zone), hearing)
        made = []
        for one in dict.fromkeys(told):
            _client(draft.file, one, hearing)
            attempt = ContactAttempt(
                party=one, way=CALL, result=result, at=draft.at, contact=contact, note=note.strip(), next_try_on=again
            )
            made.append(draft.add(_about(attempt, hearing)))
        return tuple(made)


def _may_try_on(on: dt.date | None, today: dt.date, hearing: Entry[Hearing] | None) -> None:
    if on is None:
        return
    if on < today:
        raise Refused("next_try_on", "The day of the next try is before today.")
    if hearing and on > client_contact.day_of(hearing.record.starts_at, hearing.record.zone):
        raise Refused("next_try_on", "The next try must be before the hearing.")


def _about(attempt: ContactAttempt, hearing: Entry[Hearing] | None) -> ContactAttempt:
    """The attempt with what they were told: which hearing, its start and its place."""
    if hearing is None:
        return attempt
    record = hearing.record
    on = client_contact.day_of(attempt.at, record.zone)
    step = client_contact.call_step(record, on) if attempt.way == CALL else ""
    place = client_contact.place_of(record)
    return replace(attempt, hearing=hearing.id, step=step, starts_at=record.starts_at, place=place)


def record_slip(staff: Staff, case_id: UUID, party_id: UUID, hearing_id: UUID) -> UUID:
    """The printed slip was given to them."""
    with changing(staff, case_id) as draft:
        hearing = draft.file.get(hearing_id, Hearing)
        _client(draft.file, party_id, hearing)
        attempt = ContactAttempt(party=party_id, way=PRINT, result=GIVEN, at=draft.at)
        return draft.add(_about(attempt, hearing))


def _client(file: SealedFile, party_id: UUID, hearing: Entry[Hearing] | None = None) -> None:
    """Raises NotFound unless this is a client of the case, and one whom the hearing concerns."""
    parties = {entry.id: entry for entry in file.all(Party) if entry.record.role in client_contact.CLIENTS}
    if party_id not in parties:
        raise NotFound(f"client {party_id}")
    if hearing is not None and party_id not in client_contact.concerned(hearing.record, parties):
        raise NotFound(f"client {party_id} of hearing {hearing.id}")
