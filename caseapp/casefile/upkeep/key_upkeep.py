"""New keys after a member left a group: first the group's next key, then new keys for its cases.

The remaining members' own requests do it: `rotate_due_keys` at the start of each request, `renew_case_keys` a few
cases at a time. It can be interrupted at any point and repeated: a case keeps its old wraps until the transaction that
gives it new ones commits.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F, Q

from caseapp.accounts import queries
from caseapp.accounts.directory import audit_trail, members, rotation
from caseapp.accounts.directory.chains import chain, group_chains
from caseapp.accounts.directory.chains.authority import NotEntitled
from caseapp.accounts.directory.records import Directory
from caseapp.accounts.keys.findings import DAMAGED, KEY_MISSING, KEY_UNKNOWN, Finding, chain_code
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Group
from caseapp.casefile import access_alerts, transaction
from caseapp.index import reader
from caseapp.index import store as index
from caseapp.index.errors import IndexDamaged
from caseapp.lib.errors import NotFound, Refused, Unavailable
from caseapp.vault import store
from caseapp.vault.core.keyring import CASE_KINDS, CONFLICT, SHARE, GroupKey
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import join_office_transaction, office_transaction

BUDGET = 0.15  # seconds of a request spent on new case keys
_sweeps: dict[tuple[UUID, int], "_SweepState"] = {}  # progress by (group, epoch); after a restart it begins again
# Groups that were found to fit, by (member, group): their row, the office group's row, and the epoch held.
_Mark = tuple[queries.GroupVersion, queries.GroupVersion | None, int]
_fitting: dict[tuple[UUID, UUID], _Mark] = {}
_guard = threading.Lock()


@dataclass
class _SweepState:
    """The progress of this process in renewing one group's cases."""

    waiting: list[UUID]
    renewed: int = 0


@dataclass(frozen=True)
class RekeyProgress:
    """The cases renewed by one step, and how many are left as far as this process knows."""

    renewed: int
    left: int


def rotate_due_keys(staff: Staff) -> bool:
    """Rotate the keys that are due in the member's groups, and report what was refused. Return True when one was made.

    One small query when nothing changed since this process looked last. Runs outside a case's transaction, because it
    writes grants, which name members.
    """
    if staff.is_awaiting_approval:
        return False
    keys = staff.keys
    newest = {group.group: group for group in _newest_keys(keys) if group.kind != SHARE}
    check = _check_groups(keys, newest)
    rotated = False
    for group_id in check.due:
        rotated |= _rotate_group_key(keys, newest[group_id], check)
    access_alerts.report_refused(staff, (*staff.findings, *check.findings))
    return rotated


@dataclass
class _GroupCheck:
    """The member's groups that need another key, and what does not fit about the others."""

    due: list[UUID] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def _check_groups(keys: Keys, newest: Mapping[UUID, GroupKey]) -> _GroupCheck:
    check = _GroupCheck()
    with join_office_transaction(keys.org_id):
        rows = {row.group_id: row for row in queries.find_group_versions(keys.org_id, newest)}
        check.findings += [
            Finding(DAMAGED, f"group {group_id} has no row", group_id) for group_id in newest if group_id not in rows
        ]
        # A removal makes the office's next key, so its row tells that the directory has other people now.
        office = rows.get(keys.office_group.group)
        marks = {row.group_id: (row, office, newest[row.group_id].epoch) for row in rows.values()}
        changed = [row for row in rows.values() if _fitting.get((keys.member_id, row.group_id)) != marks[row.group_id]]
        if not changed:
            return check
        people = members.read_directory(keys)
        stored = {row.group_id: row for row in queries.find_groups(keys.org_id, [row.group_id for row in changed])}
        for row in changed:
            if row.group_id in stored and _fits(keys, people, stored[row.group_id], newest[row.group_id], check):
                _fitting[keys.member_id, row.group_id] = marks[row.group_id]
    return check


def _fits(keys: Keys, people: Directory, stored: queries.GroupRow, held: GroupKey, check: _GroupCheck) -> bool:
    """Return whether nothing is to be done about a group; otherwise note what is."""
    group_id = stored.group_id
    try:
        state = group_chains.open_row(keys, people, Group(org_id=keys.org_id, **stored._asdict()))
    except OpenFailed as exc:
        code = chain_code(exc.code if isinstance(exc, NotEntitled) else "damaged")
        check.findings.append(Finding(code, str(exc), group_id))
        return False
    if state.kind == CONFLICT and keys.member_id not in state.members:
        return True  # no conflict officer any more: no newer key is on its way
    if state.kind != CONFLICT and (stored.needs_epoch > state.epoch or chain.departed_holders(state, people)):
        check.due.append(group_id)  # of the conflict officers' key: `conflict_group.follow_officers`
    if state.problem:
        check.findings.append(Finding(chain_code(state.problem), f"links of group {group_id} do not count", group_id))
    if held.epoch < state.epoch and people.anchored:
        check.findings.append(Finding(KEY_MISSING, f"the newest key of group {group_id} did not arrive", group_id))
    if held.epoch > state.epoch or not state.fits(held):
        check.findings.append(Finding(KEY_UNKNOWN, f"the key held of group {group_id} is not the chain's", group_id))
    return group_id not in check.due and not any(finding.group == group_id for finding in check.findings)


def _rotate_group_key(keys: Keys, group: GroupKey, check: _GroupCheck) -> bool:
    """Rotate one group's key and return True when it has a newer one now."""
    try:
        with office_transaction(keys.org_id):
            new = rotation.rotate_group_key(keys, group.group)
            if group.kind in CASE_KINDS:
                index.change_epoch(keys, group.group)
            audit_trail.record_entry_in_transaction(keys, "group.rotate", target=group.group)
    except (Refused, Unavailable, NotFound):
        # Only holders of the root key make the office's own and the auditors' key, and a grant may not be merged yet.
        # Until the key exists, writes in the group are refused (`case_keys.refresh_access`).
        return False
    except OpenFailed as exc:
        check.findings.append(Finding(DAMAGED, str(exc), group.group))
        return False
    return new.epoch > group.epoch


def _newest_keys(keys: Keys) -> Iterable[GroupKey]:
    """Return the newest key of each group the member has keys for."""
    newest: dict[UUID, GroupKey] = {}
    for group in keys.held:
        newest.setdefault(group.group, group)
    return newest.values()


def renew_case_keys(staff: Staff, budget: float = BUDGET) -> RekeyProgress:
    """Renew the keys of cases that still have a group key of an older epoch, for at most `budget` seconds."""
    keys = staff.keys
    until = time.monotonic() + budget
    with office_transaction(keys.org_id):
        behind = set(
            Group.objects.filter(Q(org_id=keys.org_id), swept__lt=F("epoch")).values_list("group_id", flat=True)
        )
    renewed = left = 0
    for group in keys.groups:
        if group.group in behind:
            try:
                done = _renew_group_cases(staff, group, until)
            except IndexDamaged:
                continue  # its list is rebuilt first: cases may be missing from it
            renewed, left = renewed + done.renewed, left + done.left
    if renewed:
        audit_trail.record_entry(keys, "job", reason="new keys", count=renewed)
    return RekeyProgress(renewed, left)


def _renew_group_cases(staff: Staff, group: GroupKey, until: float) -> RekeyProgress:
    """Renew the keys of one group's cases until the time is used up; record when the whole group is done."""
    progress = _sweep_state(staff, group)
    before = progress.renewed
    while progress.waiting and time.monotonic() < until:
        case_id = progress.waiting.pop()
        try:
            progress.renewed += renew_if_behind(staff, case_id, group)
        except (NotFound, OpenFailed, Refused):
            continue  # deleted since, or damaged: the member who opens it is shown an error
    if not progress.waiting:
        with office_transaction(staff.org_id):
            rows = Group.objects.filter(org_id=staff.org_id, group_id=group.group, epoch=group.epoch)
            rows.update(swept=group.epoch)
        with _guard:
            _sweeps.pop((group.group, group.epoch), None)
    return RekeyProgress(progress.renewed - before, len(progress.waiting))


def _sweep_state(staff: Staff, group: GroupKey) -> _SweepState:
    """Return this process's progress in a group, listing the group's cases on the first call."""
    with _guard:
        held = _sweeps.get((group.group, group.epoch))
    if held is None:
        cases = reader.load_group(staff.keys, group.group)
        with cases.lock:
            waiting = [UUID(bytes=case_id) for case_id in cases.raw]
        with _guard:
            held = _sweeps.setdefault((group.group, group.epoch), _SweepState(waiting))
    return held


def renew_if_behind(staff: Staff, case_id: UUID, group: GroupKey) -> bool:
    """Renew the key of a case if a former member may know it. Return True when it was renewed."""
    with office_transaction(staff.org_id):
        file = store.open_file(staff.keys, case_id)
        if file.was_wrapped_for(group):
            return False
    with transaction.case_transaction(staff, case_id, what=""):
        return True  # saving the unchanged draft renews the key
