"""Records of client contact: consent, calls and reminder sheets handed over. Texts are sent by `texting`."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.contact import client_contact, reachability
from caseapp.casefile.transaction import case_transaction
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.lib.text import phones
from caseapp.records.consent import REPLACED, Consent
from caseapp.records.contact_attempt import CALL, GIVEN, PRINT, REACHED, TEXT, ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.vault.store import Draft, Entry, SealedFile

NOTE_LIMIT = 2_000  # characters
LONGEST_CONSENT = dt.timedelta(days=731)  # the furthest last day of a consent, from today


@dataclass(frozen=True, kw_only=True)
class NewConsent:
    """Consent as the client gave it: which of their contacts, which wording, and until when, if they named a day."""

    contact: str
    detail: str
    language: str
    asked_on: dt.date
    asked_how: str
    told_by: str = ""
    until: dt.date | None = None


def record_consent(staff: Staff, case_id: UUID, party_id: UUID, new: NewConsent) -> UUID:
    """Record that a client agreed to text reminders at one of their numbers; replace any earlier consent.

    Return the id of the consent. Raises Refused for a contact that is not marked safe or is not a complete number, and
    for days out of range.
    """
    today = clock.today(staff.zone)
    if new.asked_on > today:
        raise Refused("asked_on", "The day they were asked is after today.")
    if new.until is not None and not today <= new.until <= today + LONGEST_CONSENT:
        raise Refused("until", "The last day must be ahead, and within two years.")
    with case_transaction(staff, case_id) as draft:
        _require_client(draft.file, party_id)
        country = office_file.read_office(staff.keys).dialling_country
        if new.contact not in safe_phones(draft.file.get(party_id, Party).record):
            raise Refused("contact", "Choose a telephone that is marked safe.")
        number = _dialled_number(new.contact, country)
        _withdraw_active_consents(draft, staff, party_id, REPLACED)
        return draft.add(
            Consent(
                what="reminders",
                party=party_id,
                way=TEXT,
                contact=new.contact,
                number=number,
                detail=new.detail,
                language=new.language,
                asked_on=new.asked_on,
                asked_how=new.asked_how,
                told_by=new.told_by.strip(),
                until=new.until,
            )
        )


def _dialled_number(contact: str, country: str) -> str:
    try:
        return phones.add_country_code(contact, country=country)
    except Refused as exc:
        raise Refused("contact", exc.template, exc.values) from None


def safe_phones(party: Party) -> tuple[str, ...]:
    """Return the phone numbers of a person that are marked safe, without duplicates."""
    return tuple(dict.fromkeys(c.text for c in party.contacts if c.way == "phone" and c.safe == "yes"))


def withdraw_consent(staff: Staff, case_id: UUID, party_id: UUID, *, how: str) -> None:
    """Withdraw every active consent of a client. Raises Refused when there is none."""
    with case_transaction(staff, case_id) as draft:
        draft.file.get(party_id, Party)
        if not _withdraw_active_consents(draft, staff, party_id, how):
            raise Refused("consent", "They have not agreed to messages, or have already withdrawn their consent.")


def _withdraw_active_consents(draft: Draft, staff: Staff, party_id: UUID, how: str) -> int:
    active = [e for e in reachability.consents_of(draft.file, party_id) if not e.record.is_withdrawn]
    for entry in active:
        end_consent(draft, entry, how, at=draft.at, zone=staff.zone)
    return len(active)


def end_consent(draft: Draft, entry: Entry[Consent], how: str, *, at: dt.datetime, zone: str) -> None:
    """Mark a consent as withdrawn at an instant."""
    on = clock.local_date(at, zone)
    draft.change(entry.id, replace(entry.record, withdrawn_on=on, withdrawn_at=at, withdrawn_how=how))


@dataclass(frozen=True, kw_only=True)
class CallResult:
    """Result of a call.

    contact      the number that was called
    next_try_on  kept only when the client was not reached
    also         other clients who heard the message in the same call; they count only if the client was reached
    """

    result: str
    contact: str = ""
    note: str = ""
    next_try_on: dt.date | None = None
    also: Sequence[UUID] = ()


def record_call(
    staff: Staff, case_id: UUID, party_id: UUID, call: CallResult, *, hearing_id: UUID | None
) -> tuple[UUID, ...]:
    """Record a call and its result, for a hearing or without one. Return the ids of the attempts.

    Raises Refused for a next try that is in the past or after the hearing, and for a note that is too long.
    """
    if len(call.note) > NOTE_LIMIT:
        raise Refused(
            "note",
            "This note has %(length)d characters. The limit is %(limit)d.",
            {"length": len(call.note), "limit": NOTE_LIMIT},
        )
    is_reached = call.result == REACHED
    with case_transaction(staff, case_id) as draft:
        hearing = draft.file.get(hearing_id, Hearing) if hearing_id else None
        next_try = None if is_reached else call.next_try_on
        _check_next_try(next_try, clock.today(staff.zone), hearing)
        client_ids = tuple(dict.fromkeys((party_id, *call.also) if is_reached else (party_id,)))
        for client_id in client_ids:
            _require_client(draft.file, client_id, hearing)
        attempts = [_call_attempt(client_id, call, at=draft.at, next_try=next_try) for client_id in client_ids]
        return tuple(draft.add(_with_hearing(attempt, hearing)) for attempt in attempts)


def _call_attempt(party_id: UUID, call: CallResult, *, at: dt.datetime, next_try: dt.date | None) -> ContactAttempt:
    return ContactAttempt(
        party=party_id,
        way=CALL,
        result=call.result,
        at=at,
        contact=call.contact,
        note=call.note.strip(),
        next_try_on=next_try,
    )


def _check_next_try(on: dt.date | None, today: dt.date, hearing: Entry[Hearing] | None) -> None:
    if on is None:
        return
    if on < today:
        raise Refused("next_try_on", "The day of the next try is before today.")
    if hearing and on > hearing.record.starts_on:
        raise Refused("next_try_on", "The next try must be before the hearing.")


def _with_hearing(attempt: ContactAttempt, hearing: Entry[Hearing] | None) -> ContactAttempt:
    """Return the attempt with the hearing it was about, and the start and location that the client was given."""
    if hearing is None:
        return attempt
    record = hearing.record
    on = clock.local_date(attempt.at, record.zone)
    step = client_contact.call_step(record, on) if attempt.way == CALL else ""
    location = client_contact.location_key(record)
    return replace(attempt, hearing=hearing.id, step=step, starts_at=record.starts_at, place=location)


def record_reminder_sheet(staff: Staff, case_id: UUID, party_id: UUID, hearing_id: UUID) -> UUID:
    """Record that the printed reminder sheet was given to a client. Return the id of the attempt."""
    with case_transaction(staff, case_id) as draft:
        hearing = draft.file.get(hearing_id, Hearing)
        _require_client(draft.file, party_id, hearing)
        attempt = ContactAttempt(party=party_id, way=PRINT, result=GIVEN, at=draft.at)
        return draft.add(_with_hearing(attempt, hearing))


def _require_client(file: SealedFile, party_id: UUID, hearing: Entry[Hearing] | None = None) -> None:
    """Raise NotFound unless the party is a client of the case and, with a hearing, concerned by it."""
    parties = {entry.id: entry for entry in file.entries_of(Party) if entry.record.role in client_contact.CLIENTS}
    if party_id not in parties:
        raise NotFound(f"client {party_id}")
    if hearing is not None and party_id not in client_contact.clients_of_hearing(hearing.record, parties):
        raise NotFound(f"client {party_id} of hearing {hearing.id}")
