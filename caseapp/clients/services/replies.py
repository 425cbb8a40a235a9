"""Replies to texts that are no STOP: each client's case says that they replied, so that a person calls them.

Nothing of what they wrote is known: the webhook keeps the number and the time alone. Each member records the replies in
their own cases, in the upkeep after they opened Today. Recording one twice changes nothing.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.directory.opt_out_inbox import ReceivedReply
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.casefile.contact import client_contact, reachability
from caseapp.casefile.contact.client_contact import ClientReply
from caseapp.casefile.transaction import case_transaction
from caseapp.clients.services import opt_outs
from caseapp.index import reader
from caseapp.index.errors import StaleEpoch
from caseapp.index.rows import minute_of
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.lib.text import phones
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import REPLIED, TEXT, ContactAttempt
from caseapp.records.party import Party
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office_transaction

log = logging.getLogger("caseapp.clients")


# Office and member -> the ids of the messages that were compared with the member's cases in this process.
_compared: dict[tuple[UUID, UUID], frozenset[UUID]] = {}


@dataclass(frozen=True)
class WaitingMessages:
    """Stored messages of clients that upkeep did not compare yet with a member's cases.

    total  their number; None when this process compared none yet, so that old messages are among the stored ones
    """

    total: int | None

    def __bool__(self) -> bool:
        return self.total is None or self.total > 0


def read_waiting(staff: Staff) -> WaitingMessages:
    """Return what waits for upkeep, in the caller's transaction. Opens neither a message nor a case."""
    stored = opt_out_inbox.list_message_ids(staff.org_id)
    compared = _compared.get((staff.org_id, staff.member_id))
    if compared is None and stored:
        return WaitingMessages(None)
    return WaitingMessages(len(stored - (compared or frozenset())))


def apply(staff: Staff) -> int:
    """Record in each case that a client of it replied. Return the number of replies recorded.

    Runs its own transactions, one for each case. Of several replies of a client the newest counts.
    """
    with office_transaction(staff.org_id):
        stored = opt_out_inbox.list_message_ids(staff.org_id)
    recorded = _record_replies(staff)
    _compared[staff.org_id, staff.member_id] = stored
    return recorded


def _record_replies(staff: Staff) -> int:
    with office_transaction(staff.org_id):
        texted = reader.open_readable_view(staff.keys, zone=staff.zone).texted_phones()
        if not texted:
            return 0
        waiting = opt_out_inbox.read_messages(staff.keys).replies
    recorded: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for case_id, number, minute in texted:
        recorded[case_id].append((number, minute))
    by_case = opt_outs.match_by_case([(case_id, number) for case_id, number, _ in texted], waiting)
    fresh = {
        case_id: replies
        for case_id, replies in by_case.items()
        if any(_is_newer(reply, recorded[case_id]) for reply in replies)
    }
    with office_transaction(staff.org_id):
        due = {case_id: replies for case_id, replies in fresh.items() if _has_reply_to_record(staff, case_id, replies)}
    return sum(_apply_to_case(staff, case_id, replies) for case_id, replies in due.items())


def _is_newer(reply: ReceivedReply, recorded: list[tuple[str, int]]) -> bool:
    """Return whether a reply came after the last one of its number that the list of cases knows."""
    return any(
        phones.is_same_number(number, reply.number) and minute_of(reply.at) > minute for number, minute in recorded
    )


def _has_reply_to_record(staff: Staff, case_id: UUID, replies: Sequence[ReceivedReply]) -> bool:
    try:
        return bool(_attempts_to_record(staff, case_access.open_case(staff.keys, case_id), replies))
    except (NotFound, OpenFailed, NoKey) as exc:
        log.warning("webhook.reply_waits %s", exc)
        return False


def _apply_to_case(staff: Staff, case_id: UUID, replies: Sequence[ReceivedReply]) -> int:
    try:
        with case_transaction(staff, case_id, what="client.reply") as draft:
            due = _attempts_to_record(staff, draft.file, replies)
            for attempt, earlier in due:
                if earlier is None:
                    draft.add(attempt)
                else:
                    draft.change(earlier.id, replace(earlier.record, at=attempt.at, contact=attempt.contact))
            return len(due)
    except (NotFound, OpenFailed, NoKey, StaleEpoch, Refused) as exc:
        log.warning("webhook.reply_waits %s", exc)
        return 0


def _attempts_to_record(
    staff: Staff, file: SealedFile, replies: Sequence[ReceivedReply]
) -> list[tuple[ContactAttempt, Entry[ContactAttempt] | None]]:
    """Return the newest reply of each client that is not recorded, and the entry of the same day that it replaces."""
    clients = [entry.id for entry in file.entries_of(Party) if entry.record.role in client_contact.CLIENTS]
    due = []
    for party_id in clients:
        earlier = client_contact.client_reply_of(file, party_id)
        attempts = [
            ContactAttempt(party=party_id, way=TEXT, result=REPLIED, at=reply.at, contact=consent.contact)
            for reply in replies
            if (consent := _consent_of(file, staff, party_id, reply)) is not None
            if earlier is None or minute_of(reply.at) > minute_of(earlier.newest.record.at)
        ]
        if attempts:
            newest = max(attempts, key=lambda attempt: attempt.at)
            due.append((newest, _entry_to_replace(earlier, newest, staff.zone)))
    return due


def _entry_to_replace(earlier: ClientReply | None, newest: ContactAttempt, zone: str) -> Entry[ContactAttempt] | None:
    """Return the earlier reply of the same day, unless the client was called since: a day has one entry."""
    if earlier is None or earlier.since is None:
        return None
    is_same_day = clock.local_date(earlier.newest.record.at, zone) == clock.local_date(newest.at, zone)
    return earlier.newest if is_same_day else None


def _consent_of(file: SealedFile, staff: Staff, party_id: UUID, reply: ReceivedReply) -> Consent | None:
    """Return the consent to texts, in force or ended, that was given at this number before the reply."""
    on = clock.local_date(reply.at, staff.zone)
    return next(
        (
            entry.record
            for entry in reachability.consents_of(file, party_id)
            if phones.is_same_number(entry.record.number, reply.number) and entry.record.was_asked_before(reply.at, on)
        ),
        None,
    )
