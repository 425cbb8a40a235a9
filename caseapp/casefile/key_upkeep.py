"""After somebody left a group: its next key before anything else is written in it, then new keys for its cases.

Whoever remains does it, in their own requests: `catch_up` at the start of each, `step` a little at a time. All of it
can be cut off anywhere and be done again: a case has its old wraps until the
transaction that gives it new ones commits.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q

from caseapp.accounts.directory import audit_trail, rotation
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Group
from caseapp.casefile import case_keys, transaction
from caseapp.index import reader
from caseapp.index import store as index
from caseapp.lib.errors import NotFound, Refused, Unavailable
from caseapp.vault import store
from caseapp.vault.core.keyring import CASE_KINDS, GroupKey
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

BUDGET = 0.15  # seconds of a request spent on new keys of cases
_places: dict[tuple[UUID, int], "_Place"] = {}  # where this process is in a group's sweep; lost, it begins again
_guard = threading.Lock()


@dataclass
class _Place:
    waiting: list[UUID]
    renewed: int = 0


@dataclass(frozen=True)
class Progress:
    """What a step did, and what is left as far as this process knows."""

    renewed: int
    left: int


def catch_up(staff: Staff) -> bool:
    """Make the keys that are due in groups one is in. One small query when there is nothing to do.

    Not in a case's transaction: it gives grants, which name members. Answers whether a key was made.
    """
    keys = staff.keys
    with office(keys.org_id):
        behind = Group.objects.filter(org_id=keys.org_id, needs_epoch__gt=F("epoch"))
        due = set(behind.values_list("group_id", flat=True))
    made = False
    for group in _newest(keys):
        if group.group in due:
            made |= _next_key(keys, group)
    return made


def _next_key(keys: Keys, group: GroupKey) -> bool:
    try:
        with office(keys.org_id):
            new = rotation.rotate(keys, group.group)
            if group.kind in CASE_KINDS:
                index.change_epoch(keys, group.group)
            audit_trail.note_here(keys, "group.rotate", target=group.group)
    except (Refused, Unavailable, NotFound):
        # The office's own and the auditors' key are for who holds the root; a grant may be on its way; nobody writes
        # in the group meanwhile (`refuse_if_due`).
        return False
    return new.epoch > group.epoch


def _newest(keys: Keys) -> Iterable[GroupKey]:
    newest: dict[UUID, GroupKey] = {}
    for group in keys.held:
        newest.setdefault(group.group, group)
    return newest.values()


def step(staff: Staff, budget: float = BUDGET) -> Progress:
    """Give cases that still have a key of an older epoch a new one, for at most `budget` seconds."""
    keys = staff.keys
    until = time.monotonic() + budget
    with office(keys.org_id):
        behind = set(
            Group.objects.filter(Q(org_id=keys.org_id), swept__lt=F("epoch")).values_list("group_id", flat=True)
        )
    renewed = left = 0
    for group in keys.groups:
        if group.group in behind:
            done = _sweep(staff, group, until)
            renewed, left = renewed + done.renewed, left + done.left
    if renewed:
        audit_trail.note(keys, "job", reason="new keys", count=renewed)
    return Progress(renewed, left)


def _sweep(staff: Staff, group: GroupKey, until: float) -> Progress:
    place = _place(staff, group)
    before = place.renewed
    while place.waiting and time.monotonic() < until:
        case_id = place.waiting.pop()
        try:
            place.renewed += renew_if_behind(staff, case_id, group)
        except (NotFound, OpenFailed, Refused):
            continue  # gone meanwhile, or damaged: who opens it is told
    if not place.waiting:
        with office(staff.org_id):
            rows = Group.objects.filter(org_id=staff.org_id, group_id=group.group, epoch=group.epoch)
            rows.update(swept=group.epoch)
        with _guard:
            _places.pop((group.group, group.epoch), None)
    return Progress(place.renewed - before, len(place.waiting))


def _place(staff: Staff, group: GroupKey) -> _Place:
    with _guard:
        held = _places.get((group.group, group.epoch))
    if held is None:
        cases = reader.group(staff.keys, group.group)
        with cases.lock:
            waiting = [UUID(bytes=case_id) for case_id in cases.raw]
        with _guard:
            held = _places.setdefault((group.group, group.epoch), _Place(waiting))
    return held


def renew_if_behind(staff: Staff, case_id: UUID, group: GroupKey) -> bool:
    """Whether the case had a key that somebody who left may know; it has a new one now."""
    with office(staff.org_id):
        file = store.open_file(staff.keys, case_id)
        if case_keys.home_epoch(file) >= group.epoch:
            return False
    with transaction.changing(staff, case_id, what=""):
        return True  # what is written is written under a new key
