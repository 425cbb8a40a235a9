"""A daily check that every reminder planned in the cases exists in the fire rows.

Only a member with the group's keys can check it, because a fire row names no case. Upkeep checks some cases at a time
until all of the group were checked once that day; its members and processes share the pass (`passes`). A missing
reminder is restored at once through an ordinary plan write, and raises an alarm (`monitoring.status`, `doctor`).
"""

import datetime as dt
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile import case_access
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.casefile.transaction import case_transaction
from caseapp.casefile.upkeep import passes
from caseapp.index import reader
from caseapp.index.errors import StaleEpoch
from caseapp.index.view import IndexView
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
from caseapp.vault.tenancy import office_transaction

AT_ONCE, CHECK_BUDGET = 150, 0.2  # cases checked in one call at most, and seconds for that
RENEW_AT_ONCE, RENEW_BUDGET = 100, 0.3  # rows rewritten in one call at most, and seconds for that
SETTLED = dt.timedelta(minutes=5)  # a record saved longer before the last merge than this has its plan in the rows
log = logging.getLogger("caseapp.casefile")


@dataclass(frozen=True)
class ReconcileResult:
    """The result of one call: cases checked, reminders (member and day) restored, and True when all were checked today.

    ending   those of the cases with an overdue open date whose reminders will soon end
    is_busy  another process checks cases of a group now
    """

    cases: int
    missing: int
    is_done: bool
    ending: tuple[UUID, ...] = ()
    is_busy: bool = False

    @property
    def has_more(self) -> bool:
        """Return True when another call has something to do."""
        return not self.is_done and (self.cases > 0 or self.is_busy)


NOTHING: Final = ReconcileResult(0, 0, is_done=False)


def reconcile(keys: Keys, budget: float = CHECK_BUDGET) -> ReconcileResult:
    """Check the next cases of this member's groups, in the caller's transaction of the office.

    While a list is damaged nothing is checked. Raises StaleEpoch.
    """
    until, today = time.monotonic() + budget, clock.now().date()
    whole = passes.whole_groups(keys.org_id, keys.groups, passes.REMINDERS, today)
    waiting = sorted((group for group in keys.groups if group.group not in whole), key=lambda group: group.group)
    if not waiting:
        return ReconcileResult(0, 0, is_done=True)
    merged_at = checks.last_full_merge_at()
    if merged_at is None:  # unmerged or unreadable plans raise other alarms (`monitoring.status`)
        return NOTHING
    view = reader.open_readable_view(keys)
    if not view.is_whole:
        return NOTHING
    result = ReconcileResult(0, 0, is_done=True)
    for group in waiting:
        left = AT_ONCE - result.cases
        if not left or time.monotonic() > until:
            return replace(result, is_done=False)
        claimed = passes.claim_pass(keys.org_id, group, passes.REMINDERS, today)
        if claimed is None:
            result = replace(result, is_done=False, is_busy=True)
            continue
        ids = view.case_ids_of_group(group.group, claimed.reached, left + 1)
        files: list[SealedFile] = []
        checked = 0
        for case_id in ids[:left]:
            files += _open_cases(keys, [case_id], view)
            checked += 1
            if time.monotonic() > until:
                break
        is_whole = checked == len(ids)
        missing = _restore_missing(keys, _expected_reminders(files, before=merged_at - SETTLED))
        passes.store_progress(claimed, group, ids[checked - 1] if checked else claimed.reached, is_whole=is_whole)
        result = ReconcileResult(
            result.cases + checked,
            result.missing + missing,
            result.is_done and is_whole,
            (*result.ending, *_ending_cases(files, today)),
            result.is_busy,
        )
    return result


def _ending_cases(files: Iterable[SealedFile], today: dt.date) -> list[UUID]:
    """Return those of the cases with an overdue open date whose reminders will soon end."""
    return [
        file.id
        for file in files
        if any(reminder_schedule.is_plan_ending(e.record, today) for e in file.entries_of(Deadline))
    ]


@dataclass(frozen=True)
class _ExpectedReminder:
    """A reminder that must exist: one day of a series."""

    series: Series
    day: dt.date

    @property
    def token(self) -> bytes:
        """Return the token that the row of that day must contain."""
        return self.series.token_for(self.day)


def _open_cases(keys: Keys, cases: Iterable[UUID], view: IndexView) -> Iterator[SealedFile]:
    """Yield the cases that open in their newest known state; the others are logged and skipped.

    The plans of an older state may have been withdrawn since.
    """
    for case_id in cases:
        try:
            file = case_access.open_case(keys, case_id, view=view)
            if file.doubt:
                log.warning("case.skipped kind=%s", file.doubt)
            else:
                yield file
        except (NotFound, OpenFailed, NoKey, Refused) as exc:
            log.warning("case.not_checked %s", exc)


def _expected_reminders(files: Iterable[SealedFile], *, before: dt.datetime) -> list[_ExpectedReminder]:
    """Return the reminders that must exist for these cases, except for records saved after `before`."""
    yesterday = clock.now().date() - dt.timedelta(days=1)  # some member's zone may still be a day behind UTC
    expected = []
    for file in files:
        dated: list[reminder_schedule.Dated] = [*file.entries_of(Deadline), *file.entries_of(Hearing)]
        shared = file.get_only(Access)  # a new key of the case gives new tokens to all its plans
        if not _is_settled(shared.record, before):
            continue
        for entry in dated:
            if _is_settled(entry.record, before):
                planned = reminder_schedule.series_of(entry, shared.record.token_key)
                expected += [
                    _ExpectedReminder(series, day) for series in planned for day in series.days if day > yesterday
                ]
    return expected


def renew_rows(staff: Staff, budget: float = RENEW_BUDGET) -> int:
    """Rewrite index rows that an older program version wrote, the nearest hearing first. Return how many.

    Until then their clients may be missing from "Tell clients". Each case has a transaction of its own; the work takes
    at most `budget` seconds.
    """
    until, renewed = time.monotonic() + budget, 0
    with office_transaction(staff.org_id):
        waiting = reader.open_readable_view(staff.keys, zone=staff.zone).outdated_case_ids(RENEW_AT_ONCE)
    for case_id in waiting:
        if time.monotonic() > until:
            break
        try:
            with case_transaction(staff, case_id, what=""):
                renewed += 1
        except (NotFound, OpenFailed, NoKey, Refused, StaleEpoch) as exc:
            log.warning("index.row_not_renewed %s", exc)
    if renewed:
        audit_trail.record_entry(staff.keys, "job", reason="index rows", count=renewed)
    return renewed


def _is_settled(record: Record, before: dt.datetime) -> bool:
    """Return True when the record was saved early enough for its plan to be merged into the fire rows."""
    saved_at = record.changed_at or record.entered_at
    return saved_at is None or saved_at < before


def _restore_missing(keys: Keys, expected: list[_ExpectedReminder]) -> int:
    """Restore the expected reminders that are missing from the fire rows. Return how many.

    A reminder redirected to another member must exist in every carrier's row.
    """
    if not expected:
        return 0
    carried = reassignment.of_members({(keys.org_id, reminder.series.member) for reminder in expected})
    days = {
        (carrier, reminder.day) for reminder in expected for carrier in carried[keys.org_id, reminder.series.member]
    }
    standing = checks.tokens_at(keys.org_id, days)
    missing = [
        reminder
        for reminder in expected
        if any(
            reminder.token not in standing.get((carrier, reminder.day), frozenset())
            for carrier in carried[keys.org_id, reminder.series.member]
        )
    ]
    if missing:
        log.error("reminders.put_back count=%d", len(missing))
        adds = [
            Series(
                reminder.series.seed,
                reminder.series.member,
                (reminder.day,),
                reminder.series.urgent_days & {reminder.day},
            )
            for reminder in missing
        ]
        plan.write(keys.org_id, adds, [])
        checks.record_missing(keys.org_id, len(missing))
    return len(missing)


def extend_ending_reminders(staff: Staff, cases: Iterable[UUID]) -> int:
    """Extend the reminders that end soon in these cases, each in its own transaction. Return how many succeeded."""
    done = 0
    for case_id in cases:
        try:
            with case_transaction(staff, case_id, what="") as draft:
                reminder_schedule.extend_plans(draft, clock.today(staff.zone))
            done += 1
        except (NotFound, OpenFailed, NoKey, Refused, StaleEpoch) as exc:
            log.warning("reminders.not_continued %s", exc)
    if done:
        audit_trail.record_entry(staff.keys, "job", reason="reminders go on", count=done)
    return done
