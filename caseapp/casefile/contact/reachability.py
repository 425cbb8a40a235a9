"""Reachability of a client by call or text: the one answer that every page gives.

It is derived from an open case and never stored there. The index has the answers ahead (`ReachAnswer.first`), because
the end of a consent or of a number can pass without a change of the case.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from caseapp.records.consent import STOPPED, Consent
from caseapp.records.contact_attempt import CALL, TEXT, ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact, Party
from caseapp.vault.store import Entry, SealedFile

PHONE = "phone"
WRONG = "wrong_number"  # result of a call
# Reasons why no text may be sent, in the order in which they are checked.
NO_CONSENT, WITHDRAWN, EXPIRED, CONTACT_CHANGED, NOT_SAFE, WRONG_NUMBER, DETAINED = (
    "no_consent",
    "withdrawn",
    "expired",
    "contact_changed",
    "not_safe",
    WRONG,
    "detained",
)
# Further reasons why no number may be called: there is none, no member asked if it is safe, it is not used any more.
NO_NUMBER, NOT_ASKED, NUMBER_OVER = "no_number", "not_asked", "number_over"


@dataclass(frozen=True)
class ReachAnswer:
    """The answer from a day on; None: from the beginning.

    no_call, no_text  the reason against a call or a text; empty if nothing in the case forbids it
    number            the number to call, as it was typed; empty where none may be called
    """

    no_call: str
    no_text: str
    number: str
    first: dt.date | None = None


def answer_for(file: SealedFile, party: Entry[Party], *, on: dt.date) -> ReachAnswer:
    """Return if a client may be called and texted on a day."""
    problems = {
        contact.text: number_problem(file, party, contact, on=on)
        for contact in party.record.contacts
        if contact.way == PHONE
    }
    number = next((text for text, problem in problems.items() if not problem), "")
    no_call = "" if number else _reason_against_calls(set(problems.values()) - {NUMBER_OVER})
    return ReachAnswer(no_call, _reason_against_texts(file, party, on), number)


def answers_ahead(file: SealedFile, party: Entry[Party], *, on: dt.date) -> tuple[ReachAnswer, ...]:
    """Return the answer of a day, and each answer that follows by time alone, in order."""
    answers = [answer_for(file, party, on=on)]
    for day in sorted(set(_days_of_change(file, party, on))):
        following = answer_for(file, party, on=day)
        if (following.no_call, following.no_text, following.number) != _content_of(answers[-1]):
            answers.append(ReachAnswer(following.no_call, following.no_text, following.number, first=day))
    return tuple(answers)


def number_problem(file: SealedFile, party: Entry[Party], contact: Contact, *, on: dt.date) -> str:
    """Return why a phone number of a person may not be used on a day; empty when it may.

    A number that was written down twice is as safe as its less safe entry.
    """
    alike = [other for other in party.record.contacts if other.way == PHONE and other.text == contact.text]
    current = [other for other in alike if other.until_on is None or other.until_on >= on]
    if not current:
        return NUMBER_OVER
    if any(other.safe == "no" for other in current):
        return NOT_SAFE
    if any(other.safe != "yes" for other in current):
        return NOT_ASKED
    if _was_wrong_number(file, party.id, contact.text):
        return WRONG_NUMBER
    return DETAINED if is_held(file, party) else ""


def is_held(file: SealedFile, party: Entry[Party]) -> bool:
    """Return whether a person is detained, as they or a hearing of theirs without an outcome say.

    The authority that detains a person also has their telephone.
    """
    if party.record.detained_since is not None:
        return True
    hearings = (entry.record for entry in file.entries_of(Hearing))
    return any(
        hearing.detained
        for hearing in hearings
        if hearing.outcome is None and hearing.superseded_by is None
        if not hearing.parties or party.id in hearing.parties
    )


def consents_of(file: SealedFile, party_id: UUID) -> list[Entry[Consent]]:
    """Return a person's consents to text reminders, the newest first."""
    consents = [e for e in file.entries_of(Consent) if e.record.party == party_id and e.record.way == TEXT]
    oldest = dt.datetime.min.replace(tzinfo=dt.UTC)
    return sorted(consents, key=lambda e: (e.record.entered_at or oldest, e.id), reverse=True)


def effective_consent(file: SealedFile, party_id: UUID) -> Entry[Consent] | None:
    """Return the newest consent in force, else the newest withdrawn one; None when the person was never asked."""
    consents = consents_of(file, party_id)
    return next((entry for entry in consents if not entry.record.is_withdrawn), consents[0] if consents else None)


def _reason_against_texts(file: SealedFile, party: Entry[Party], on: dt.date) -> str:
    consent = effective_consent(file, party.id)
    if consent is None:
        return NO_CONSENT
    agreement = consent.record
    if agreement.is_withdrawn:
        return STOPPED if agreement.withdrawn_how == STOPPED else WITHDRAWN
    if agreement.until is not None and agreement.until < on:
        return EXPIRED
    numbers = (contact for contact in party.record.contacts if contact.way == PHONE)
    contact = next((contact for contact in numbers if contact.text == agreement.contact), None)
    if contact is None:
        return CONTACT_CHANGED
    problem = number_problem(file, party, contact, on=on)
    return {NUMBER_OVER: CONTACT_CHANGED, NOT_ASKED: NOT_SAFE}.get(problem, problem)


def _reason_against_calls(problems: set[str]) -> str:
    order = (DETAINED, WRONG_NUMBER, NOT_ASKED, NOT_SAFE)
    return next((problem for problem in order if problem in problems), NO_NUMBER)


def _was_wrong_number(file: SealedFile, party_id: UUID, number: str) -> bool:
    """Return whether the last call to a number reached another person, and no consent was given for it since."""
    calls = [e.record for e in file.entries_of(ContactAttempt) if e.record.way == CALL and e.record.contact == number]
    last = max(calls, key=lambda call: call.at, default=None)
    if last is None or last.result != WRONG:
        return False
    agreed = (entry.record.entered_at for entry in consents_of(file, party_id) if entry.record.contact == number)
    return not any(at is not None and at > last.at for at in agreed)


def _days_of_change(file: SealedFile, party: Entry[Party], on: dt.date) -> Iterator[dt.date]:
    """Yield the days after `on` on which a consent or a number is over."""
    ends: Iterable[dt.date | None] = (
        *(entry.record.until for entry in consents_of(file, party.id)),
        *(contact.until_on for contact in party.record.contacts),
    )
    yield from (end + dt.timedelta(days=1) for end in ends if end is not None and end >= on)


def _content_of(answer: ReachAnswer) -> tuple[str, str, str]:
    return answer.no_call, answer.no_text, answer.number
