"""Texts to clients: sent only when a signed-in member presses Send, after every condition is checked again.

Three steps. The fact that the text is being sent is committed first; then the gateway is called, outside of any
transaction; then the result is written. If the process dies in between, the text may have gone out: the page says so
and a person decides. A second press finds the entry of the first one under the case's lock, so one text goes out.
"""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.contact import client_contact, reachability
from caseapp.casefile.transaction import case_transaction
from caseapp.clients.services import opt_outs
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.consent import STOPPED, Consent
from caseapp.records.contact_attempt import HANDED_OVER, REFUSED, SENDING, TEXT, ContactAttempt
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.reminders.sending import client_gateway, client_messages
from caseapp.reminders.sending.gateways import GatewayRefused
from caseapp.vault.store import Draft, Entry

SENDING_TIMEOUT = dt.timedelta(minutes=2)  # a text without a result for longer than this may have gone out
SENT, NOT_DUE = "sent", "not_due"
REFUSAL_SENTENCES = {
    reachability.NO_CONSENT: gettext_noop("They were not asked yet whether they want texts."),
    reachability.WITHDRAWN: gettext_noop("They want no messages."),
    STOPPED: gettext_noop("They answered STOP."),
    reachability.EXPIRED: gettext_noop("They agreed to texts only until a day that is over."),
    reachability.CONTACT_CHANGED: gettext_noop("Their number changed since they agreed. Ask them again."),
    reachability.NOT_SAFE: gettext_noop("Their number is not marked safe any more."),
    reachability.WRONG_NUMBER: gettext_noop("The last call to this number reached another person."),
    reachability.DETAINED: gettext_noop("They are detained: their telephone may be in other hands."),
    client_contact.NO_GATEWAY: gettext_noop("The office cannot send text messages yet."),
    client_contact.OUTSIDE_HOURS: gettext_noop("Texts go out from 8:00 to 20:00 where the hearing is."),
    SENDING: gettext_noop(
        "It may have been sent: the program stopped while sending it. Choose below whether it was sent."
    ),
    REFUSED: gettext_noop("The text company rejected it. They may have answered STOP, or the number is wrong."),
    SENT: gettext_noop("This text went out already."),
    NOT_DUE: gettext_noop("This text is not due, or the hearing changed. Open the case."),
}


@dataclass(frozen=True)
class OutgoingText:
    """Text that is being sent."""

    attempt: UUID
    address: str = field(repr=False)
    number: str = field(repr=False)
    text: str = field(repr=False)


def send(staff: Staff, case_id: UUID, party_id: UUID, hearing_id: UUID, step: str, *, again: bool = False) -> str:
    """Send one text now. Return HANDED_OVER or REFUSED. Do not call it inside a transaction.

    again   send even if the gateway refused this text before
    Raises  NotFound; Refused with a code of REFUSAL_SENTENCES
    """
    opt_outs.apply(staff)
    going = start_sending(staff, case_id, party_id, hearing_id, step, again=again)
    try:
        client_gateway.hand_over(going.address, going.number, going.text)
        result = HANDED_OVER
    except GatewayRefused:
        result = REFUSED
    _record_result(staff, case_id, going.attempt, result)
    return result


def start_sending(
    staff: Staff, case_id: UUID, party_id: UUID, hearing_id: UUID, step: str, *, again: bool = False
) -> OutgoingText:
    """Check every condition on the locked case, and record that this text is being sent. Raises as `send`."""
    with case_transaction(staff, case_id, what="client.text") as draft:
        hearing, party = draft.file.get(hearing_id, Hearing), draft.file.get(party_id, Party)
        address = office_file.read_office(staff.keys).client_gateway
        consent = _consent_to_send(draft, party, hearing, step, has_gateway=bool(address), again=again)
        stops = opt_out_inbox.read_opt_outs(staff.keys)
        # A STOP answer received since, or one that could not be applied.
        if opt_outs.matching_stop(consent, stops, zone=staff.zone):
            raise refusal_for(STOPPED)
        local = clock.local_time(hearing.record.starts_at, hearing.record.zone)
        attempt = ContactAttempt(
            party=party_id,
            way=TEXT,
            result=SENDING,
            at=draft.at,
            hearing=hearing_id,
            step=step,
            starts_at=hearing.record.starts_at,
            place=client_contact.location_key(hearing.record),
            contact=consent.contact,
        )
        text = client_messages.reminder_text(consent.detail, consent.language, local)
        return OutgoingText(draft.add(attempt), address, consent.number, text)


def _consent_to_send(
    draft: Draft, party: Entry[Party], hearing: Entry[Hearing], step: str, *, has_gateway: bool, again: bool
) -> Consent:
    tellings = client_contact.contact_plans_for(draft.file, draft.at)
    telling = next(
        (candidate for candidate in tellings if (candidate.party, candidate.hearing) == (party.id, hearing.id)), None
    )
    if telling is None or step not in client_contact.TEXT_DAYS:
        raise refusal_for(NOT_DUE)
    text = next((candidate for candidate in telling.texts if candidate.step == step), None)
    consent = reachability.effective_consent(draft.file, party.id)
    if why := telling.blocked or why_not_now(draft.at, telling.zone, has_gateway=has_gateway):
        raise refusal_for(why)
    if text is None or consent is None or not text.first <= clock.local_date(draft.at, telling.zone) <= text.last:
        raise refusal_for(NOT_DUE)
    if text.state == HANDED_OVER:
        raise refusal_for(SENT)
    if text.state == SENDING or (text.state == REFUSED and not again):
        raise refusal_for(text.state)
    return consent.record


def why_not_now(now: dt.datetime, zone: str, *, has_gateway: bool) -> str:
    """Return the code of what forbids a text in this office at this hour, or "" if nothing does."""
    if not has_gateway:
        return client_contact.NO_GATEWAY
    return "" if client_contact.is_within_contact_hours(now, zone) else client_contact.OUTSIDE_HOURS


def refusal_for(code: str) -> Refused:
    """Return the Refused error with the sentence that a page shows for a code of REFUSAL_SENTENCES."""
    return Refused(code, REFUSAL_SENTENCES[code])


def _record_result(staff: Staff, case_id: UUID, attempt_id: UUID, result: str) -> None:
    with case_transaction(staff, case_id, what="") as draft:
        attempt = draft.file.get(attempt_id, ContactAttempt)
        if attempt.record.result == SENDING:  # otherwise a person has decided in the meantime
            draft.change(attempt_id, replace(attempt.record, result=result))


def is_unsure(attempt: ContactAttempt, now: dt.datetime) -> bool:
    """Return True for a text that may have gone out, with no result known."""
    return attempt.way == TEXT and attempt.result == SENDING and now - attempt.at >= SENDING_TIMEOUT


def resolve_unsure_text(staff: Staff, case_id: UUID, attempt_id: UUID, *, went: bool) -> None:
    """Record the decision of a person about a text that may have gone out.

    Raises NotFound for an attempt that is not undecided, Refused while the text is still being sent.
    """
    with case_transaction(staff, case_id) as draft:
        attempt = draft.file.get(attempt_id, ContactAttempt)
        if attempt.record.way != TEXT or attempt.record.result != SENDING:
            raise NotFound(f"undecided attempt {attempt_id}")
        if not is_unsure(attempt.record, clock.now()):
            raise Refused("wait", "It is being sent now. Check again in two minutes.")
        draft.change(attempt_id, replace(attempt.record, result=HANDED_OVER if went else REFUSED))
