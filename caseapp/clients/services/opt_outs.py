"""Opt-outs: STOP answers waiting for the office are applied to the cases that this member can open.

Each member applies them to their own cases, in the upkeep after they opened Today and before any text is sent. Applying
an answer twice changes nothing, and a consent that was given after the STOP answer remains valid.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.directory.opt_out_inbox import ReceivedOptOut, ReceivedReply
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.casefile.transaction import case_transaction
from caseapp.clients.services import contact
from caseapp.index import reader
from caseapp.index.errors import StaleEpoch
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.lib.text import phones
from caseapp.records.consent import STOPPED, Consent, is_asked_before
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office_transaction

log = logging.getLogger("caseapp.clients")
ReceivedT = TypeVar("ReceivedT", ReceivedOptOut, ReceivedReply)


class GivenConsent(Protocol):
    """A consent in force, of a case (`records.consent.Consent`) or of the index (`row_parts.contact.ConsentRow`)."""

    @property
    def number(self) -> str: ...
    @property
    def asked_on(self) -> date: ...
    @property
    def entered_at(self) -> datetime | None: ...


def apply(staff: Staff) -> int:
    """Withdraw each consent whose number answered STOP after the consent was given. Return the number withdrawn.

    Runs its own transactions, one for each case.
    """
    with office_transaction(staff.org_id):
        consented = reader.open_readable_view(staff.keys, zone=staff.zone).consented_phones()
        if not consented:
            return 0
        stops_by_case = match_by_case(consented, opt_out_inbox.read_opt_outs(staff.keys))
        due = [case_id for case_id, stops in stops_by_case.items() if _has_consent_to_end(staff, case_id, stops)]
    return sum(_apply_to_case(staff, case_id, stops_by_case[case_id]) for case_id in due)


def match_by_case(asked: Sequence[tuple[UUID, str]], waiting: Sequence[ReceivedT]) -> dict[UUID, list[ReceivedT]]:
    """Return for each case the messages from one of its numbers."""
    by_end = defaultdict(list)
    for case_id, number in asked:
        by_end[number[-phones.MIN_DIGITS :]].append((case_id, number))
    messages_by_case: dict[UUID, list[ReceivedT]] = defaultdict(list)
    for message in waiting:
        for case_id, number in by_end[message.number[-phones.MIN_DIGITS :]]:
            if phones.is_same_number(number, message.number):
                messages_by_case[case_id].append(message)
    return messages_by_case


def _has_consent_to_end(staff: Staff, case_id: UUID, stops: Sequence[ReceivedOptOut]) -> bool:
    try:
        return bool(_consents_to_end(staff, case_access.open_case(staff.keys, case_id), stops))
    except (NotFound, OpenFailed, NoKey) as exc:
        log.warning("webhook.stop_waits %s", exc)
        return False


def _consents_to_end(
    staff: Staff, file: SealedFile, stops: Sequence[ReceivedOptOut]
) -> list[tuple[Entry[Consent], ReceivedOptOut]]:
    active = [entry for entry in file.entries_of(Consent) if not entry.record.is_withdrawn]
    pairs = ((entry, matching_stop(entry.record, stops, zone=staff.zone)) for entry in active)
    return [(entry, stop) for entry, stop in pairs if stop is not None]


def matching_stop(consent: GivenConsent, stops: Sequence[ReceivedOptOut], *, zone: str) -> ReceivedOptOut | None:
    """Return the STOP answer that ends a consent, or None. `zone` is the member's."""
    for stop in stops:
        on = clock.local_date(stop.at, zone)
        is_later = is_asked_before(consent.asked_on, consent.entered_at, stop.at, on)
        if is_later and phones.is_same_number(consent.number, stop.number):
            return stop
    return None


def _apply_to_case(staff: Staff, case_id: UUID, stops: Sequence[ReceivedOptOut]) -> int:
    try:
        with case_transaction(staff, case_id, what="client.stop") as draft:
            due = _consents_to_end(staff, draft.file, stops)
            for entry, stop in due:
                contact.end_consent(draft, entry, STOPPED, at=stop.at, zone=staff.zone)
            return len(due)
    except (NotFound, OpenFailed, NoKey, StaleEpoch, Refused) as exc:
        # No text goes out in the meantime: `texting.start_sending` checks the waiting STOP answers as well.
        log.warning("webhook.stop_waits %s", exc)
        return 0
