"""Opt-outs: STOP answers waiting for the office are applied to the cases that this member can open.

Each member applies them to their own cases, when opening Today and before any text is sent. Applying an answer twice
changes nothing, and a consent that was given after the STOP answer remains valid.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.directory.opt_out_inbox import Stopped
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, client_contact
from caseapp.casefile.transaction import changing
from caseapp.clients.services import contact
from caseapp.index import reader
from caseapp.index.errors import StaleEpoch
from caseapp.lib import phones
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.consent import STOPPED, Consent
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office

log = logging.getLogger("caseapp.casework")
Found = dict[UUID, list[Stopped]]


def apply(staff: Staff) -> int:
    """Withdraw each consent whose number answered STOP after the consent was given. Return the number withdrawn.

    Runs its own transactions, one for each case.
    """
    with office(staff.org_id):
        consented = reader.view(staff.keys, zone=staff.zone).phones()
        if not consented:
            return 0
        stops_by_case = _cases(consented, opt_out_inbox.waiting(staff.keys))
        due = [case_id for case_id, stops in stops_by_case.items() if _has_due(staff, case_id, stops)]
    return sum(_in_case(staff, case_id, stops_by_case[case_id]) for case_id in due)


def _cases(asked: Sequence[tuple[UUID, str]], waiting: Sequence[Stopped]) -> Found:
    by_end = defaultdict(list)
    for case_id, number in asked:
        by_end[number[-phones.LEAST :]].append((case_id, number))
    stops_by_case: Found = defaultdict(list)
    for stop in waiting:
        for case_id, number in by_end[stop.number[-phones.LEAST :]]:
            if phones.is_same(number, stop.number):
                stops_by_case[case_id].append(stop)
    return stops_by_case


def _has_due(staff: Staff, case_id: UUID, told: Sequence[Stopped]) -> bool:
    try:
        return bool(_due(staff, case_access.open_case(staff.keys, case_id), told))
    except (NotFound, OpenFailed, NoKey) as exc:
        log.warning("stops of case %s wait: %s", case_id, type(exc).__name__)
        return False


def _due(staff: Staff, file: SealedFile, told: Sequence[Stopped]) -> list[tuple[Entry[Consent], Stopped]]:
    active = [entry for entry in file.all(Consent) if not entry.record.is_withdrawn]
    pairs = ((entry, stop_of(staff, entry.record, told)) for entry in active)
    return [(entry, stop) for entry, stop in pairs if stop is not None]


def stop_of(staff: Staff, consent: Consent, told: Sequence[Stopped]) -> Stopped | None:
    """Return the STOP answer that ends a consent, or None."""
    for stop in told:
        on = client_contact.day_of(stop.at, staff.zone)
        if phones.is_same(consent.number, stop.number) and consent.was_asked_before(stop.at, on):
            return stop
    return None


def _in_case(staff: Staff, case_id: UUID, told: Sequence[Stopped]) -> int:
    try:
        with changing(staff, case_id, what="client.stop") as draft:
            due = _due(staff, draft.file, told)
            for entry, stop in due:
                contact.end(draft, entry, STOPPED, at=stop.at, zone=staff.zone)
            return len(due)
    except (NotFound, OpenFailed, NoKey, StaleEpoch, Refused) as exc:
        # No text goes out in the meantime: `texting.start_sending` checks the waiting STOP answers as well.
        log.warning("stops of case %s wait: %s", case_id, type(exc).__name__)
        return 0
