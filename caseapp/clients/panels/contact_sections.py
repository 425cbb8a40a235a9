"""Client contact on pages of other rooms: sections of Today, of the case page and of a person's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile.contact import client_contact, reachability
from caseapp.casefile.contact.client_contact import ContactPlan
from caseapp.clients.panels.contact_lines import (
    ContactSubject,
    HearingContactLine,
    PlannedContact,
    SendingConditions,
    hearing_contact_line,
    send_all_value,
)
from caseapp.clients.panels.due_contacts import ClientsWithTexts, clients_due
from caseapp.clients.panels.lazy_lines import LazyLines
from caseapp.clients.panels.reach import ReachLine, reach_line
from caseapp.clients.panels.reply_lines import ReplyLine, reply_lines
from caseapp.clients.services import contact, texting
from caseapp.index.results import Item
from caseapp.index.row_parts.contact import ClientRow, StopRow
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import REPLIED, ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.ui.display import labels
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.status import StatusLabel
from caseapp.vault.store import Entry, SealedFile

LINES_SHOWN, ATTEMPTS_SHOWN = 3, 5  # of a client; a page of its own lists all
SEND_ALL_LIMIT = 10  # the most texts that one press of "Send all" sends


@dataclass(frozen=True)
class OptOutLine:
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

    lines: LazyLines[HearingContactLine]
    stops: LazyLines[OptOutLine]
    sendable: tuple[str, ...]
    more: int
    replies: LazyLines[ReplyLine]

    @property
    def due(self) -> int:
        """Return how many clients are to be contacted."""
        return len(self.lines) + len(self.replies)


@dataclass(frozen=True)
class ConsentLine:
    """Consent of a client, and whether it is active."""

    status: StatusLabel
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
    method: str
    result: str
    by: str
    note: str
    next_try_on: date | None


@dataclass(frozen=True)
class PersonSection:
    """Texts and calls of one client, newest first.

    reach      if the client may be called and texted
    *_href     the page that lists all of them, "" where none is left out
    can_agree  if a phone is marked safe, so that they can be asked about texts
    """

    name: str
    careful: str
    reach: ReachLine
    lines: tuple[HearingContactLine, ...]
    lines_total: int
    lines_href: str
    consents: tuple[ConsentLine, ...]
    attempts: tuple[AttemptLine, ...]
    attempts_total: int
    attempts_href: str
    has_consent: bool
    can_agree: bool
    consent_href: str
    withdraw: str
    call_href: str


def today_section(staff: Staff, index: IndexView) -> TodaySection:
    """Return the clients to contact today, the nearest hearing first, and the clients who answered STOP recently."""
    texted = index.clients_to_contact(ClientsWithTexts(index.today))
    moment = sending_conditions_for(staff.keys, [item.item for item in texted[:1]], zone=staff.zone)
    due = index.clients_to_contact(clients_due(index.today, moment, is_sendable=False))
    sendable = index.clients_to_contact(clients_due(index.today, moment, is_sendable=True))
    return TodaySection(
        lines=LazyLines(due, lambda item: _line_of(item, moment)),
        stops=LazyLines(index.recent_stops(), _opt_out_line),
        sendable=tuple(send_all_value(item.case_id, item.item, moment) for item in sendable[:SEND_ALL_LIMIT]),
        more=max(0, len(sendable) - SEND_ALL_LIMIT),
        replies=reply_lines(index),
    )


def _line_of(item: Item[ClientRow], moment: SendingConditions) -> HearingContactLine:
    subject = ContactSubject(item.case_id, item.row.ref, item.item.name, item.item.careful, item.item.kind)
    return hearing_contact_line(item.item, subject, moment)


def _opt_out_line(item: Item[StopRow]) -> OptOutLine:
    return OptOutLine(item.item.name, item.row.ref, quick_reverse("cases:case", item.case_id), item.item.on)


def sending_conditions_for(keys: Keys, planned: Iterable[PlannedContact], *, zone: str) -> SendingConditions:
    """Return the current sending conditions. The office's file is opened only where a text could be sent.

    zone  of the member
    """
    if not any(plan.texts and not plan.blocked for plan in planned):
        return SendingConditions(clock.now(), has_gateway=False)
    stops = opt_out_inbox.read_opt_outs(keys)
    return SendingConditions(clock.now(), bool(office_file.read_office(keys).client_gateway), stops, zone)


Contact = tuple[Entry[Hearing], Entry[Party]]


def contacts_of(file: SealedFile, *, only: UUID | None = None) -> list[Contact]:
    """Return each hearing ahead with each client it is about, done or not; with `only`, those of one client."""
    return [pair for pair in client_contact.contacts_ahead(file, clock.now()) if only in {None, pair[1].id}]


def contact_lines(
    file: SealedFile, keys: Keys, contacts: Iterable[Contact], *, zone: str
) -> tuple[HearingContactLine, ...]:
    """Return a line for each of these contacts.

    zone  of the member
    """
    planned = [client_contact.contact_plan_for(file, hearing, party, clock.now()) for hearing, party in contacts]
    moment = sending_conditions_for(keys, planned, zone=zone)
    return tuple(hearing_contact_line(plan, _contact_subject(file, plan), moment) for plan in planned)


def attempts_of(file: SealedFile, *, only: UUID | None = None) -> list[Entry[ContactAttempt]]:
    """Return the attempts to reach the clients, the newest first; with `only`, those of one client."""
    attempts = [attempt for attempt in file.entries_of(ContactAttempt) if only in {None, attempt.record.party}]
    return sorted(attempts, key=lambda attempt: attempt.record.at, reverse=True)


def _contact_subject(file: SealedFile, planned: ContactPlan) -> ContactSubject:
    party = file.get(planned.party, Party).record
    kind = file.get(planned.hearing, Hearing).record.kind
    return ContactSubject(file.id, file.get_only(Case).record.ref, party.name.full, party.careful, kind)


def person_section(file: SealedFile, party_id: UUID, keys: Keys, names: MemberNames, zone: str) -> PersonSection | None:
    """Return the contact section of a person, or None if the person is not a client."""
    entry = file.get(party_id, Party)
    party = entry.record
    if party.role not in client_contact.CLIENTS:
        return None
    consents = reachability.consents_of(file, party_id)
    current = reachability.effective_consent(file, party_id)
    reach = person_reach(file, entry, keys, zone)
    contacts, attempts = contacts_of(file, only=party_id), attempts_of(file, only=party_id)
    ids = [file.id, party_id]
    return PersonSection(
        name=party.name.full,
        careful=party.careful,
        reach=reach,
        lines=contact_lines(file, keys, contacts[:LINES_SHOWN], zone=zone),
        lines_total=len(contacts),
        lines_href=_all_href(file, "contacts", party_id) if len(contacts) > LINES_SHOWN else "",
        consents=tuple(_consent_line(consent, clock.today(zone), current, reach) for consent in consents),
        attempts=tuple(attempt_line(attempt, names, zone) for attempt in attempts[:ATTEMPTS_SHOWN]),
        attempts_total=len(attempts),
        attempts_href=_all_href(file, "attempts", party_id) if len(attempts) > ATTEMPTS_SHOWN else "",
        has_consent=any(not consent.record.is_withdrawn for consent in consents),
        can_agree=bool(contact.safe_phones(party)),
        consent_href=reverse("clients:consent", args=ids),
        withdraw=reverse("clients:withdraw", args=ids),
        call_href=reverse("clients:call_any", args=ids),
    )


def person_reach(file: SealedFile, party: Entry[Party], keys: Keys, zone: str) -> ReachLine:
    """Return if a client may be called and texted today; a STOP answer that waits to be written counts already."""
    today = clock.today(zone)
    consent = reachability.effective_consent(file, party.id)
    active = consent.record if consent is not None and not consent.record.is_withdrawn else None
    stops = opt_out_inbox.read_opt_outs(keys) if active is not None else ()
    answer = reachability.answer_for(file, party, on=today)
    return reach_line([answer], today, consent=active, stops=stops, zone=zone)


def _consent_line(entry: Entry[Consent], today: date, current: Entry[Consent] | None, reach: ReachLine) -> ConsentLine:
    """Return the line of a consent. One that is in force has no tick while no text may be sent by it."""
    consent = entry.record
    is_blocked = current is not None and current.id == entry.id and bool(reach.no_text)
    if consent.is_withdrawn:
        status = StatusLabel("waived", labels.label_of(labels.CONSENT_STATES, "ended"))
    elif consent.until and consent.until < today:
        status = StatusLabel("waived", labels.label_of(labels.CONSENT_STATES, "over"))
    elif is_blocked:
        status = StatusLabel("waived", reach.no_text_sentence)
    else:
        status = StatusLabel("done", labels.label_of(labels.CONSENT_STATES, "stands"))
    return ConsentLine(
        status=status,
        contact=consent.contact,
        number=consent.number,
        detail=labels.label_of(labels.TEXT_DETAILS, consent.detail),
        language=labels.label_of(labels.TEXT_LANGUAGES, consent.language),
        asked_on=consent.asked_on,
        asked_how=labels.label_of(labels.CONSENT_METHODS, consent.asked_how),
        told_by=consent.told_by,
        until=consent.until,
        ended_on=consent.withdrawn_on,
        ended_how=labels.label_of(labels.WITHDRAWAL_REASONS, consent.withdrawn_how) if consent.withdrawn_how else "",
    )


def _all_href(file: SealedFile, part: str, party_id: UUID) -> str:
    return f"{reverse('cases:part', args=[file.id, part])}?person={party_id}"


def attempt_line(entry: Entry[ContactAttempt], names: MemberNames, zone: str) -> AttemptLine:
    """Return an attempt as a line of its client's page."""
    attempt = entry.record
    return AttemptLine(
        on=clock.local_date(attempt.at, zone),
        method=labels.label_of(labels.ATTEMPT_METHODS, attempt.way),
        result=attempt_result_label(attempt),
        # A reply was recorded by the program in the session of a member, who did not do it.
        by=names.get(attempt.entered_by, "") if attempt.entered_by and attempt.result != REPLIED else "",
        note=attempt.note,
        next_try_on=attempt.next_try_on,
    )


def attempt_result_label(attempt: ContactAttempt) -> str:
    """Return the label of an attempt's result. A text still being sent is "under way", not yet in doubt."""
    is_under_way = attempt.result == "sending" and not texting.is_unsure(attempt, clock.now())
    return labels.label_of(labels.ATTEMPT_RESULTS, "under_way" if is_under_way else attempt.result)
