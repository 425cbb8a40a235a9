"""Who is to be told of which hearing, and how: derived from an open case, never stored.

For each hearing ahead and each client it concerns there is a call seven days before, due until somebody reached them,
and, where they agreed, a text seven days and one day before. Days are the court's own. What was told of another start
or place does not count: a client who knows the old date is told again.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from caseapp.records.case import Case
from caseapp.records.consent import STOPPED, Consent
from caseapp.records.contact_attempt import CALL, HANDED_OVER, IN_PERSON, REACHED, SENDING, TEXT, ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.vault.store import Entry, SealedFile

CLIENTS = ("lead", "rider")
CALL_DAYS = 7
EARLY = 3  # a call that reached them so many days before it was due counts: on a Friday for a Sunday
TEXT_WEEK, TEXT_DAY = "text_7", "text_1"
TEXT_DAYS = {TEXT_WEEK: (7, 2), TEXT_DAY: (1, 0)}  # first and last day before the hearing
EARLIEST, LATEST = dt.time(8), dt.time(20)  # on the clock of the hearing's zone
# Why no text may go, in the order in which it is said.
NO_CONSENT, WITHDRAWN, EXPIRED, CHANGED, NOT_SAFE, WRONG, DETAINED = (
    "no_consent", "withdrawn", "expired", "contact_changed", "not_safe", "wrong_number", "detained",
)  # fmt: skip
NO_GATEWAY, HOUR = "no_gateway", "hour"  # what depends on the office and the moment


@dataclass(frozen=True)
class Text:
    """One text. `state` is empty, or how its last try ended: sending, handed_over, refused."""

    step: str
    first: dt.date
    last: dt.date
    state: str = ""
    attempt: UUID | None = None

    def is_due(self, on: dt.date) -> bool:
        """Whether it is to go out on a day, and has not."""
        return self.first <= on <= self.last and self.state != HANDED_OVER


@dataclass(frozen=True)
class Telling:
    """What one client is to hear of one hearing.

    call_on  the day from which to call; None once somebody reached them
    blocked  why no text may go to them, or empty; `texts` then still says which would be due
    """

    party: UUID
    hearing: UUID
    starts_at: dt.datetime
    zone: str
    call_on: dt.date | None
    tries: int
    texts: tuple[Text, ...]
    blocked: str = ""
    reached: UUID | None = None

    @property
    def day(self) -> dt.date:
        """The hearing's day in the court's own calendar."""
        return day_of(self.starts_at, self.zone)

    def is_call_due(self, on: dt.date) -> bool:
        """Whether to call on a day."""
        return self.call_on is not None and self.call_on <= on

    def text_due(self, on: dt.date) -> Text | None:
        """The text that is to go out on a day."""
        return next((text for text in self.texts if text.is_due(on)), None)


def day_of(at: dt.datetime, zone: str) -> dt.date:
    """The calendar day of an instant in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def is_open_hour(now: dt.datetime, zone: str) -> bool:
    """Whether a message may reach somebody now: from 8:00 until 20:00 on the clock of the hearing's zone."""
    return EARLIEST <= now.astimezone(ZoneInfo(zone)).time() < LATEST


def tellings(file: SealedFile, now: dt.datetime) -> tuple[Telling, ...]:
    """Of every hearing ahead, the nearest first. None in a closed case."""
    if file.one(Case).record.closed_on is not None:
        return ()
    ahead = [entry for entry in file.all(Hearing) if is_ahead(entry.record, now)]
    parties = {entry.id: entry for entry in file.all(Party) if entry.record.role in CLIENTS}
    found = [
        telling(file, hearing, parties[party_id], now)
        for hearing in sorted(ahead, key=lambda entry: (entry.record.starts_at, entry.id))
        for party_id in concerned(hearing.record, parties)
    ]
    return tuple(found)


def is_ahead(hearing: Hearing, now: dt.datetime) -> bool:
    """Whether somebody still has to be told of it."""
    return hearing.outcome is None and hearing.superseded_by is None and hearing.starts_at > now


def concerned(hearing: Hearing, parties: dict[UUID, Entry[Party]]) -> list[UUID]:
    """The clients a hearing is about, the lead first; all of them where it names none."""
    named = [party_id for party_id in hearing.parties if party_id in parties] if hearing.parties else list(parties)
    return sorted(named, key=lambda party_id: (parties[party_id].record.role != "lead", party_id))


def telling(file: SealedFile, hearing: Entry[Hearing], party: Entry[Party], now: dt.datetime) -> Telling:
    """What one client is to hear of one hearing."""
    record = hearing.record
    day = day_of(record.starts_at, record.zone)
    tried = _newest_first(
        attempt
        for attempt in file.all(ContactAttempt)
        if attempt.record.party == party.id and attempt.record.hearing == hearing.id
        if attempt.record.starts_at == record.starts_at
    )
    calls = [a for a in tried if a.record.way in {CALL, IN_PERSON} and a.record.place == place_of(record)]
    reached = next((a for a in calls if a.record.result == REACHED and a.record.step == CALL), None)
    missed = [a.record for a in calls if a.record.result != REACHED]
    consent = consent_of(file, party.id)
    texts = _texts(consent, tried, day) if consent is not None and not consent.record.is_withdrawn else ()
    return Telling(
        party=party.id,
        hearing=hearing.id,
        starts_at=record.starts_at,
        zone=record.zone,
        call_on=None if reached else _call_on(day, missed),
        tries=len(missed),
        texts=texts,
        blocked=why_not(file, party, hearing, consent, on=day_of(now, record.zone)),
        reached=reached.id if reached else None,
    )


def place_of(hearing: Hearing) -> str:
    """Where they are told to be: another court or another way is another thing to know."""
    return f"{hearing.court}\n{hearing.way}"


def call_step(hearing: Hearing, on: dt.date) -> str:
    """What a call on a day answers: the planned one, or (long before) nothing of the plan."""
    due = day_of(hearing.starts_at, hearing.zone) - dt.timedelta(days=CALL_DAYS + EARLY)
    return CALL if on >= due else ""


def _newest_first(attempts: Iterable[Entry[ContactAttempt]]) -> list[Entry[ContactAttempt]]:
    return sorted(attempts, key=lambda entry: entry.record.at, reverse=True)


def _call_on(day: dt.date, missed: list[ContactAttempt]) -> dt.date:
    due = day - dt.timedelta(days=CALL_DAYS)
    again = missed[0].next_try_on if missed else None
    return max(due, min(again, day)) if again else due


def _texts(consent: Entry[Consent], tried: list[Entry[ContactAttempt]], day: dt.date) -> tuple[Text, ...]:
    last_day = consent.record.until or day
    found = []
    for step, (first, last) in TEXT_DAYS.items():
        mine = _telling_most(a for a in tried if a.record.way == TEXT and a.record.step == step)
        begins, ends = day - dt.timedelta(days=first), min(day - dt.timedelta(days=last), last_day)
        if begins <= ends or mine is not None:
            found.append(Text(step, begins, ends, mine.record.result if mine else "", mine.id if mine else None))
    return tuple(found)


def _telling_most(tries: Iterable[Entry[ContactAttempt]]) -> Entry[ContactAttempt] | None:
    """What counts of several tries, whatever the clock said: one that went, else one in doubt, else a refused one."""
    order = {HANDED_OVER: 0, SENDING: 1}
    return min(tries, key=lambda entry: order.get(entry.record.result, 2), default=None)


def consents_of(file: SealedFile, party_id: UUID) -> list[Entry[Consent]]:
    """What a person said about text reminders, the newest first."""
    found = [e for e in file.all(Consent) if e.record.party == party_id and e.record.way == TEXT]
    oldest = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(found, key=lambda e: (e.record.entered_at or oldest, e.id), reverse=True)


def consent_of(file: SealedFile, party_id: UUID) -> Entry[Consent] | None:
    """The consent that counts: the newest that stands, else the newest that was taken back; None: never asked."""
    found = consents_of(file, party_id)
    return next((entry for entry in found if not entry.record.is_withdrawn), found[0] if found else None)


def why_not(
    file: SealedFile, party: Entry[Party], hearing: Entry[Hearing], consent: Entry[Consent] | None, *, on: dt.date
) -> str:
    """What of the case itself forbids a text on a day; empty where nothing does."""
    if consent is None:
        return NO_CONSENT
    told = consent.record
    if told.is_withdrawn:
        return STOPPED if told.withdrawn_how == STOPPED else WITHDRAWN
    if told.until is not None and told.until < on:
        return EXPIRED
    here = [
        contact
        for contact in party.record.contacts
        if contact.text == told.contact and (contact.until_on is None or contact.until_on >= on)
    ]
    if not here:
        return CHANGED
    if any(contact.safe != "yes" for contact in here):
        return NOT_SAFE
    calls = _newest_first(
        a for a in file.all(ContactAttempt) if a.record.way == CALL and a.record.contact == told.contact
    )
    is_wrong = bool(calls) and calls[0].record.result == "wrong_number"
    if is_wrong and (told.entered_at is None or calls[0].record.at >= told.entered_at):
        return WRONG
    # Whoever holds a detained person has their telephone too.
    if party.record.detained_since is not None or hearing.record.detained:
        return DETAINED
    return ""
