"""The contacts due with each client before each hearing, derived from an open case and never stored.

For each upcoming hearing and each client it concerns there is a call seven days before, due until the client is
reached, and, where the client consented, a text seven days and one day before. Days are counted in the court's zone.
A contact about another start or location does not count: a client who knows the old date is contacted again.

A client who replied to a text with anything but STOP is called. What they wrote is not known. A call in which they were
reached, or which reached another person, answers the reply; a call without an answer waits for the day of its next try.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from caseapp.casefile.contact import reachability
from caseapp.casefile.contact.reachability import WRONG_NUMBER, ReachAnswer
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import (
    CALL,
    HANDED_OVER,
    IN_PERSON,
    REACHED,
    REPLIED,
    SENDING,
    TEXT,
    ContactAttempt,
)
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.vault.store import Entry, SealedFile

CLIENTS = ("lead", "rider")
CALL_DAYS = 7
EARLY_CALL_DAYS = 3  # a call this many days early counts: on a Friday for a Sunday
TEXT_WEEK, TEXT_DAY = "text_7", "text_1"
TEXT_DAYS = {TEXT_WEEK: (7, 2), TEXT_DAY: (1, 0)}  # first and last day to send, in days before the hearing
CONTACT_FROM, CONTACT_UNTIL = dt.time(8), dt.time(20)  # on the clock of the hearing's zone
ANSWERED = (REACHED, WRONG_NUMBER)  # results of a call after which no call is due any more
NO_GATEWAY, OUTSIDE_HOURS = "no_gateway", "hour"  # reasons outside the case: the office's gateway and the time of day


@dataclass(frozen=True)
class ReminderText:
    """One reminder text. `state` is empty, or the result of its last attempt: sending, handed_over, refused."""

    step: str
    first: dt.date
    last: dt.date
    state: str = ""
    attempt: UUID | None = None


@dataclass(frozen=True)
class ContactPlan:
    """The call and the texts due with one client before one hearing.

    call_on  the day from which to call; None once the client was reached
    consent  the one in force; None where there is none
    answers  if the client may be called and texted, today and later (`reachability`); `texts` lists what would be due
    """

    party: UUID
    hearing: UUID
    starts_at: dt.datetime
    zone: str
    call_on: dt.date | None
    tries: int
    texts: tuple[ReminderText, ...]
    answers: tuple[ReachAnswer, ...] = ()
    reached: UUID | None = None
    consent: Consent | None = None

    @property
    def blocked(self) -> str:
        """Return the reason why no text may be sent today, or an empty string."""
        return self.answers[0].no_text


class PlannedText(Protocol):
    """A text that is planned, of a case (`ReminderText`) or of the index (`row_parts.contact.TextRow`)."""

    @property
    def step(self) -> str: ...
    @property
    def first(self) -> dt.date: ...
    @property
    def last(self) -> dt.date: ...
    @property
    def state(self) -> str: ...
    @property
    def attempt(self) -> UUID | None: ...


def is_call_due(call_on: dt.date | None, on: dt.date) -> bool:
    """Return True when a client whose calls begin on `call_on` is to be called on a day."""
    return call_on is not None and call_on <= on


def is_text_due(text: PlannedText, on: dt.date) -> bool:
    """Return True when the text is to be sent on a day and was not sent yet."""
    return text.first <= on <= text.last and text.state != HANDED_OVER


def text_due(texts: Iterable[PlannedText], on: dt.date) -> PlannedText | None:
    """Return the text that is to be sent on a day, or None."""
    return next((text for text in texts if is_text_due(text, on)), None)


def is_within_contact_hours(now: dt.datetime, zone: str) -> bool:
    """Return True when a client may be contacted now: from 8:00 until 20:00 in the hearing's zone."""
    return CONTACT_FROM <= clock.local_time(now, zone).time() < CONTACT_UNTIL


def contact_plans_for(file: SealedFile, now: dt.datetime) -> tuple[ContactPlan, ...]:
    """Return the contact plans of every upcoming hearing, the nearest first. A closed case has none."""
    return tuple(contact_plan_for(file, hearing, party, now) for hearing, party in contacts_ahead(file, now))


def contacts_ahead(file: SealedFile, now: dt.datetime) -> list[tuple[Entry[Hearing], Entry[Party]]]:
    """Return each upcoming hearing with each client to contact about it, the nearest first; none of a closed case."""
    if file.get_only(Case).record.closed_on is not None:
        return []
    ahead = [entry for entry in file.entries_of(Hearing) if is_upcoming(entry.record, now)]
    parties = {entry.id: entry for entry in file.entries_of(Party) if entry.record.role in CLIENTS}
    return [
        (hearing, parties[party_id])
        for hearing in sorted(ahead, key=lambda entry: (entry.record.starts_at, entry.id))
        for party_id in clients_of_hearing(hearing.record, parties)
    ]


def is_upcoming(hearing: Hearing, now: dt.datetime) -> bool:
    """Return True when the hearing is still ahead, so that its clients must be contacted."""
    return hearing.outcome is None and hearing.superseded_by is None and hearing.starts_at > now


def clients_of_hearing(hearing: Hearing, parties: dict[UUID, Entry[Party]]) -> list[UUID]:
    """Return the clients a hearing is about, the lead first; all clients of the case when the hearing names none."""
    named = [party_id for party_id in hearing.parties if party_id in parties] if hearing.parties else list(parties)
    return sorted(named, key=lambda party_id: (parties[party_id].record.role != "lead", party_id))


def contact_plan_for(file: SealedFile, hearing: Entry[Hearing], party: Entry[Party], now: dt.datetime) -> ContactPlan:
    """Return the contact plan of one client for one hearing."""
    record = hearing.record
    day = record.starts_on
    tried = _newest_first(
        attempt
        for attempt in file.entries_of(ContactAttempt)
        if attempt.record.party == party.id and attempt.record.hearing == hearing.id
        if attempt.record.starts_at == record.starts_at
    )
    calls = [a for a in tried if a.record.way in {CALL, IN_PERSON} and a.record.place == location_key(record)]
    reached = next((a for a in calls if a.record.result == REACHED and a.record.step == CALL), None)
    missed = [a.record for a in calls if a.record.result != REACHED]
    consent = reachability.effective_consent(file, party.id)
    texts = _reminder_texts(consent, tried, day) if consent is not None and not consent.record.is_withdrawn else ()
    return ContactPlan(
        party=party.id,
        hearing=hearing.id,
        starts_at=record.starts_at,
        zone=record.zone,
        call_on=None if reached else _next_call_on(day, missed),
        tries=len(missed),
        texts=texts,
        answers=reachability.answers_ahead(file, party, on=clock.local_date(now, record.zone)),
        reached=reached.id if reached else None,
        consent=consent.record if consent and not consent.record.is_withdrawn else None,
    )


def location_key(hearing: Hearing) -> str:
    """Return the court and the hearing format as one text. When either changes, the client must be contacted again."""
    return f"{hearing.court}\n{hearing.way}"


def call_step(hearing: Hearing, on: dt.date) -> str:
    """Return the planned step that a call on this day completes, or empty when the call is earlier than the plan."""
    due = hearing.starts_on - dt.timedelta(days=CALL_DAYS + EARLY_CALL_DAYS)
    return CALL if on >= due else ""


def _newest_first(attempts: Iterable[Entry[ContactAttempt]]) -> list[Entry[ContactAttempt]]:
    """Return the attempts sorted by time, the newest first."""
    return sorted(attempts, key=lambda entry: entry.record.at, reverse=True)


def _next_call_on(day: dt.date, missed: list[ContactAttempt]) -> dt.date:
    """Return the day from which to call: the planned day or the agreed next attempt, at the latest the hearing day."""
    due = day - dt.timedelta(days=CALL_DAYS)
    again = missed[0].next_try_on if missed else None
    return max(due, min(again, day)) if again else due


def _reminder_texts(
    consent: Entry[Consent], tried: list[Entry[ContactAttempt]], day: dt.date
) -> tuple[ReminderText, ...]:
    """Return the texts of the plan that can still be sent before the consent ends, and those already attempted."""
    last_day = consent.record.until or day
    texts = []
    for step, (first, last) in TEXT_DAYS.items():
        latest = _most_conclusive(a for a in tried if a.record.way == TEXT and a.record.step == step)
        begins, ends = day - dt.timedelta(days=first), min(day - dt.timedelta(days=last), last_day)
        if begins <= ends or latest is not None:
            texts.append(
                ReminderText(step, begins, ends, latest.record.result if latest else "", latest.id if latest else None)
            )
    return tuple(texts)


def _most_conclusive(tries: Iterable[Entry[ContactAttempt]]) -> Entry[ContactAttempt] | None:
    """Return the attempt that decides the state: one handed over, else one in doubt, else a refused one."""
    order = {HANDED_OVER: 0, SENDING: 1}
    return min(tries, key=lambda entry: order.get(entry.record.result, 2), default=None)


@dataclass(frozen=True)
class ClientReply:
    """The replies of one client.

    newest   the last one
    since    the first one after which the client was not called yet; None when they were
    call_on  the day agreed for the next try; None for now
    """

    newest: Entry[ContactAttempt]
    since: dt.datetime | None
    call_on: dt.date | None = None


def client_reply_of(file: SealedFile, party_id: UUID) -> ClientReply | None:
    """Return the replies of a client, or None for one who never replied."""
    mine = [entry for entry in file.entries_of(ContactAttempt) if entry.record.party == party_id]
    replies = [entry for entry in mine if (entry.record.way, entry.record.result) == (TEXT, REPLIED)]
    if not replies:
        return None
    calls = [entry.record for entry in mine if entry.record.way in {CALL, IN_PERSON}]
    called_at = max((call.at for call in calls if call.result in ANSWERED), default=None)
    newest = max(replies, key=lambda entry: entry.record.at)
    since = min(
        (entry.record.at for entry in replies if called_at is None or entry.record.at > called_at), default=None
    )
    if since is None:
        return ClientReply(newest, None)
    missed = max((call for call in calls if call.at > since), key=lambda call: call.at, default=None)
    return ClientReply(newest, since, missed.next_try_on if missed else None)


def numbers_of(file: SealedFile, party_id: UUID) -> tuple[str, ...]:
    """Return the numbers at which a client agreed to texts, also where they ended them."""
    return tuple(dict.fromkeys(entry.record.number for entry in reachability.consents_of(file, party_id)))
