"""At a sign-in: does every reminder that the cases hold really stand in the fire rows?

Only who holds the group's keys can tell: a fire row knows no case. Today looks at a few cases at a time until all were
looked at once that day, so that no page waits for it. What is missing is put back at once, by the same way every save
takes, and is an alarm (`watchdog`, `doctor`).
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile import case_access, reminder_schedule
from caseapp.casefile.transaction import changing
from caseapp.index import reader
from caseapp.index.errors import StaleEpoch
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.reminders.planning import checks, plan, reassignment
from caseapp.reminders.planning.plan import Series
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.head import Access
from caseapp.vault.registry import Record
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office

AT_ONCE = 15  # cases a call: some 20 ms
RENEW_AT_ONCE, RENEW_BUDGET = 100, 0.3  # rows of an older program written anew a call, and seconds for that
SETTLED = dt.timedelta(minutes=5)  # how long before the last merge a record was saved, for its plan to be in the rows
log = logging.getLogger("caseapp.casework")


@dataclass(frozen=True)
class Reconciled:
    """What one call did: cases looked at, reminders (member and day) put back, whether all were seen today.

    ending  of these cases, those with a date that passed, is not done and will soon be brought to nobody's mind
    """

    cases: int
    missing: int
    is_done: bool
    ending: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class _Pass:
    """How far a member's pass of a day came in this process: all cases up to `after`."""

    day: dt.date
    after: UUID | None = None
    is_done: bool = False


_passes: dict[tuple[UUID, UUID], _Pass] = {}
_guard = threading.Lock()


def reconcile(keys: Keys) -> Reconciled:
    """Look at the next few cases of this member's groups, in the caller's transaction of the office.

    Raises StaleEpoch, IndexDamaged
    """
    who = keys.org_id, keys.member_id
    today = clock.now().date()
    with _guard:
        at = _passes.get(who, _Pass(today))
        if at.day != today:
            at = _Pass(today)
    if at.is_done:
        return Reconciled(0, 0, is_done=True)
    merged_at = checks.all_merged_at()
    if merged_at is None:  # plans wait or do not open: their alarms are others (`watchdog.status`)
        return Reconciled(0, 0, is_done=False)
    ids = [case_id for case_id in reader.view(keys).case_ids() if at.after is None or case_id > at.after]
    cases = ids[:AT_ONCE]
    files = list(_open(keys, cases))
    missing = _put_back(keys, _wanted(files, before=merged_at - SETTLED))
    ending = tuple(
        file.id for file in files if any(reminder_schedule.is_ending(e.record, today) for e in file.all(Deadline))
    )
    is_done = len(ids) <= AT_ONCE
    # What was put back counts from the commit on: a look that was rolled back is done again.
    come = replace(at, after=cases[-1] if cases else None, is_done=is_done)
    transaction.on_commit(lambda: _remember(who, come), robust=True)
    return Reconciled(len(cases), missing, is_done, ending)


def _remember(who: tuple[UUID, UUID], come: _Pass) -> None:
    with _guard:
        _passes[who] = come
        for other in [key for key, one in _passes.items() if one.day < come.day - dt.timedelta(days=1)]:
            del _passes[other]


@dataclass(frozen=True)
class _Wanted:
    """A reminder that has to be there: one day of a series."""

    series: Series
    day: dt.date

    @property
    def token(self) -> bytes:
        """What stands in the row of that day."""
        return self.series.token(self.day)


def _open(keys: Keys, cases: Iterable[UUID]) -> Iterator[SealedFile]:
    for case_id in cases:
        try:
            yield case_access.open_case(keys, case_id)
        except (NotFound, OpenFailed, NoKey, Refused) as exc:
            log.warning("case %s is not looked at: %s", case_id, type(exc).__name__)


def _wanted(files: Iterable[SealedFile], *, before: dt.datetime) -> list[_Wanted]:
    yesterday = clock.now().date() - dt.timedelta(days=1)  # it is yesterday still in some member's zone
    found = []
    for file in files:
        dated: list[reminder_schedule.Dated] = [*file.all(Deadline), *file.all(Hearing)]
        shared = file.one(Access)  # a new key of the case brings new tokens for all that stands in it
        if not _is_settled(shared.record, before):
            continue
        for entry in dated:
            if _is_settled(entry.record, before):
                planned = reminder_schedule.series_of(entry, shared.record.token_key)
                found += [_Wanted(series, day) for series in planned for day in series.days if day > yesterday]
    return found


def renew_rows(staff: Staff, budget: float = RENEW_BUDGET) -> int:
    """Write rows that an older program left anew, the nearest hearing first, so that nobody is missing from "Tell
    clients"; each in a transaction of its own, for at most `budget` seconds. Answers how many.
    """
    until, renewed = time.monotonic() + budget, 0
    with office(staff.org_id):
        waiting = reader.view(staff.keys, zone=staff.zone).outdated(RENEW_AT_ONCE)
    for case_id in waiting:
        if time.monotonic() > until:
            break
        try:
            with changing(staff, case_id, what=""):
                renewed += 1
        except (NotFound, OpenFailed, NoKey, Refused, StaleEpoch) as exc:
            log.warning("the row of case %s stays as it is: %s", case_id, type(exc).__name__)
    if renewed:
        audit_trail.note(staff.keys, "job", reason="index rows", count=renewed)
    return renewed


def _is_settled(record: Record, before: dt.datetime) -> bool:
    saved_at = record.changed_at or record.entered_at
    return saved_at is None or saved_at < before


def _put_back(keys: Keys, wanted: list[_Wanted]) -> int:
    if not wanted:
        return 0
    carried = reassignment.of_members({(keys.org_id, one.series.member) for one in wanted})
    places = {(carrier, one.day) for one in wanted for carrier in carried[keys.org_id, one.series.member]}
    standing = checks.tokens_at(keys.org_id, places)
    missing = [
        one
        for one in wanted
        if any(one.token not in standing.get((carrier, one.day), frozenset())
               for carrier in carried[keys.org_id, one.series.member])
    ]  # fmt: skip
    if missing:
        log.error("%d reminders were missing and are put back", len(missing))
        adds = [
            Series(one.series.seed, one.series.member, (one.day,), one.series.urgent_days & {one.day})
            for one in missing
        ]
        plan.write(keys.org_id, adds, [])
        checks.note_missing(keys.org_id, len(missing))
    return len(missing)


def go_on(staff: Staff, cases: Iterable[UUID]) -> int:
    """Plan on the reminders that are ending in these cases, each in a transaction of its own; answers how many."""
    done = 0
    for case_id in cases:
        try:
            with changing(staff, case_id, what="") as draft:
                reminder_schedule.go_on(draft, clock.today(staff.zone))
            done += 1
        except (NotFound, OpenFailed, NoKey, Refused, StaleEpoch) as exc:
            log.warning("reminders of case %s do not go on: %s", case_id, type(exc).__name__)
    if done:
        audit_trail.note(staff.keys, "job", reason="reminders go on", count=done)
    return done
