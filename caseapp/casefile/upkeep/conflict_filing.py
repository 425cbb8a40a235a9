"""The conflict officers' index kept complete: older cases filed a few at a time, parts merged, keys handed on.

Any member files the cases they can open. Only an officer merges, and only an admin makes the group's next key.
"""

import logging
import time
from typing import Final

from caseapp.accounts.directory import audit_trail, conflict_group, members
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.index import reader
from caseapp.index.conflicts import store
from caseapp.index.errors import IndexDamaged, StaleEpoch
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.core.keyring import CONFLICT
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.tenancy import office_transaction

AT_ONCE: Final = 100  # cases filed in one call at most
log = logging.getLogger("caseapp.casefile")


def tend_conflict_index(staff: Staff, seconds: float) -> int:
    """Hand the officers' key on, merge what is due, and file older cases for `seconds`. Return the cases filed."""
    keys = staff.keys
    conflict_group.follow_officers(keys)
    with office_transaction(staff.org_id):
        group = members.read_directory(keys).conflicts
        is_officer = conflict_group.is_officer(keys)
    if group is None or not group.public:
        return 0
    if is_officer:
        store.remove_before(staff.org_id, group.since)
        try:
            store.merge_parts(staff.org_id, [key for key in keys.held if key.kind == CONFLICT])
        except IndexDamaged as exc:
            log.error("conflicts.index_damaged %s", exc)
    return _file_older_cases(staff, group.since, seconds)


def _file_older_cases(staff: Staff, since: int, seconds: float) -> int:
    until, filed = time.monotonic() + seconds, 0
    with office_transaction(staff.org_id):
        view = reader.open_readable_view(staff.keys, zone=staff.zone)
        waiting = view.case_ids_to_file(since, AT_ONCE)
    for case_id in waiting:
        if time.monotonic() > until:
            break
        try:
            with case_transaction(staff, case_id, what=""):
                filed += 1
        except (NotFound, OpenFailed, NoKey, Refused, StaleEpoch) as exc:
            log.warning("conflicts.case_not_filed %s", exc)
    if filed:
        audit_trail.record_entry(staff.keys, "job", reason="conflict index", count=filed)
    return filed
