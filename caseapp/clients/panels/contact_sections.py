"""Client contact on pages of other rooms: sections of Today, of the case page and of a person's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Keys
from caseapp.casefile import client_contact
from caseapp.casefile.client_contact import Telling
from caseapp.clients.panels.contact_lines import Moment, TellLine, Told, Who, tell_line
from caseapp.clients.services import texting
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.ui.display import labels
from caseapp.ui.display.colleagues import Names
from caseapp.ui.display.status import Status
from caseapp.vault.store import Entry, SealedFile

AT_ONCE = 10  # the most texts that one press of "Send all" sends


@dataclass(frozen=True)
class StopLine:
    """Client who answered STOP."""

    name: str
    ref: str
    case_href: str
    on: date


@dataclass(frozen=True)
class TodaySection:
    """Client contact on Today.

    `sendable` are the texts that one press of "Send all" would send; `more` is the number left for the next press.
    """

    lines: tuple[TellLine, ...]
    stops: tuple[StopLine, ...]
    sendable: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class ConsentLine:
    """Consent of a client, and whether it is active."""

    status: Status
    contact: str
    number: str
    detail: str
    language: str
    asked_on: date
    asked_how: str
    told_by: str
    until: date | None
    ended_on: date | None
    ended_how: str


@dataclass(frozen=True)
class AttemptLine:
    """Attempt to reach a client."""

    on: date
    way: str
    result: str
    by: str
    note: str
    next_try_on: date | None


@dataclass(frozen=True)
class PersonSection:
    """Texts and calls of one client, newest first. `can_agree` is True if a phone is marked safe."""

    name: str
    careful: str
    lines: tuple[TellLine, ...]
    consents: tuple[ConsentLine, ...]
    attempts: tuple[AttemptLine, ...]
    stands: bool
    can_agree: bool
    consent_href: str
    withdraw: str
    call_href: str


def today_section(keys: Keys, index: IndexView) -> TodaySection:
    """Return the clients to contact today, the nearest hearing first, and the clients who answered STOP recently."""
    items = index.clients()
    moment = moment_of(keys, [item.item for item in items])
    lines = [
        tell_line(item.item, Who(item.case_id, item.row.ref, item.item.name, item.item.careful, item.item.kind), moment)
        for item in items
    ]
    due = tuple(line for line in lines if line.is_due)
    sendable = [line.one for line in due if line.one]
    stops = tuple(
        StopLine(item.item.name, item.row.ref, reverse("cases:case", args=[item.case_id]), item.item.on)
        for item in index.stops()
    )
    return TodaySection(due, stops, tuple(sendable[:AT_ONCE]), max(0, len(sendable) - AT_ONCE))


def moment_of(keys: Keys, told: Iterable[Told]) -> Moment:
    """Return the current sending conditions. The office's file is opened only where a text could be sent."""
    may_go = any(contact.texts and not contact.blocked for contact in told)
    return Moment(clock.now(), bool(may_go and office_file.office_of(keys).client_gateway))


def case_lines(file: SealedFile, keys: Keys, *, only: UUID | None = None) -> tuple[TellLine, ...]:
    """Return a line for each client and each hearing ahead, done or not; with `only`, those of one client."""
    planned = [contact for contact in client_contact.tellings(file, clock.now()) if only in {None, contact.party}]
    moment = moment_of(keys, planned)
    return tuple(tell_line(contact, _who(file, contact), moment) for contact in planned)


def _who(file: SealedFile, told: Telling) -> Who:
    party = file.get(told.party, Party).record
    kind = file.get(told.hearing, Hearing).record.kind
    return Who(file.id, file.one(Case).record.ref, party.name.full, party.careful, kind)


def person_section(file: SealedFile, party_id: UUID, keys: Keys, names: Names, zone: str) -> PersonSection | None:
    """Return the contact section of a person, or None if the person is not a client."""
    party = file.get(party_id, Party).record
    if party.role not in client_contact.CLIENTS:
        return None
    consents = client_contact.consents_of(file, party_id)
    attempts = [entry for entry in file.all(ContactAttempt) if entry.record.party == party_id]
    attempts.sort(key=lambda entry: entry.record.at, reverse=True)
    ids = [file.id, party_id]
    return PersonSection(
        name=party.name.full,
        careful=party.careful,
        lines=case_lines(file, keys, only=party_id),
        consents=tuple(_consent(entry, clock.today(zone)) for entry in consents),
        attempts=tuple(_attempt(entry, names, zone) for entry in attempts),
        stands=any(not entry.record.is_withdrawn for entry in consents),
        can_agree=any(contact.way == "phone" and contact.safe == "yes" for contact in party.contacts),
        consent_href=reverse("clients:consent", args=ids),
        withdraw=reverse("clients:withdraw", args=ids),
        call_href=reverse("clients:call_any", args=ids),
    )


def _consent(entry: Entry[Consent], today: date) -> ConsentLine:
    consent = entry.record
    if consent.is_withdrawn:
        status = Status("waived", labels.word(labels.CONSENT_STATES, "ended"))
    elif consent.until and consent.until < today:
        status = Status("waived", labels.word(labels.CONSENT_STATES, "over"))
    else:
        status = Status("done", labels.word(labels.CONSENT_STATES, "stands"))
    return ConsentLine(
        status=status,
        contact=consent.contact,
        number=consent.number,
        detail=labels.word(labels.TEXT_DETAILS, consent.detail),
        language=labels.word(labels.TEXT_LANGUAGES, consent.language),
        asked_on=consent.asked_on,
        asked_how=labels.word(labels.ASKED_HOW, consent.asked_how),
        told_by=consent.told_by,
        until=consent.until,
        ended_on=consent.withdrawn_on,
        ended_how=labels.word(labels.WITHDRAWN_HOW, consent.withdrawn_how) if consent.withdrawn_how else "",
    )


def _attempt(entry: Entry[ContactAttempt], names: Names, zone: str) -> AttemptLine:
    attempt = entry.record
    return AttemptLine(
        on=attempt.at.astimezone(ZoneInfo(zone)).date(),
        way=labels.word(labels.ATTEMPT_WAYS, attempt.way),
        result=result_of(attempt),
        by=names.get(attempt.entered_by, "") if attempt.entered_by else "",
        note=attempt.note,
        next_try_on=attempt.next_try_on,
    )


def result_of(attempt: ContactAttempt) -> str:
    """Return the label of an attempt's result. A text still being sent is "under way", not yet in doubt."""
    is_under_way = attempt.result == "sending" and not texting.is_unsure(attempt, clock.now())
    return labels.word(labels.ATTEMPT_RESULTS, "under_way" if is_under_way else attempt.result)
