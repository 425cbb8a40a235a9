"""Who answered STOP gets no more texts: what waits for the office is applied to the cases this member can open.

Each member does it for their own cases, when they open Today and before any text goes out. Doing it twice changes
nothing, and a consent that was given after the stop stands.
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
    """Take back each consent whose number answered STOP after it was given; answers how many. In transactions of its
    own, one a case.
    """
    with office(staff.org_id):
        asked = reader.view(staff.keys, zone=staff.zone).phones()
        if not asked:
            return 0
        found = _cases(asked, opt_out_inbox.waiting(staff.keys))
        due = [case_id for case_id, told in found.items() if _has_due(staff, case_id, told)]
    return sum(_in_case(staff, case_id, found[case_id]) for case_id in due)


def _cases(asked: Sequence[tuple[UUID, str]], waiting: Sequence[Stopped]) -> Found:
    by_end = defaultdict(list)
    for case_id, number in asked:
        by_end[number[-phones.LEAST :]].append((case_id, number))
    found: Found = defaultdict(list)
    for stop in waiting:
        for case_id, number in by_end[stop.number[-phones.LEAST :]]:
            if phones.is_same(number, stop.number):
                found[case_id].append(stop)
    return found


def _has_due(staff: Staff, case_id: UUID, told: Sequence[Stopped]) -> bool:
    try:
        return bool(_due(staff, case_access.open_case(staff.keys, case_id), told))
    except (NotFound, OpenFailed, NoKey) as exc:
        log.warning("stops of case %s wait: %s", case_id, type(exc).__name__)
        return False


def _due(staff: Staff, file: SealedFile, told: Sequence[Stopped]) -> list[tuple[Entry[Consent], Stopped]]:
    standing = [entry for entry in file.all(Consent) if not entry.record.is_withdrawn]
    pairs = ((entry, stop_of(staff, entry.record, told)) for entry in standing)
    return [(entry, stop) for entry, stop in pairs if stop is not None]


def stop_of(staff: Staff, consent: Consent, told: Sequence[Stopped]) -> Stopped | None:
    """The stop that ends a consent, if one does."""
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
        # No text goes out meanwhile: `texting.begin` looks at the stops itself.
        log.warning("stops of case %s wait: %s", case_id, type(exc).__name__)
        return 0
