"""The upkeep jobs of the case file: lists of cases, new case keys, old index rows, missing and ending reminders."""

from typing import Final

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.signin import preferences
from caseapp.casefile.upkeep import conflict_filing, index_rebuild, key_upkeep, registry, reminder_reconciliation
from caseapp.casefile.upkeep.key_upkeep import RekeyProgress
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from caseapp.casefile.upkeep.reminder_reconciliation import ReconcileResult
from caseapp.vault.tenancy import office_transaction


def _tend_lists(turn: UpkeepTurn) -> int:
    return index_rebuild.tend_lists(turn.staff, turn.seconds)


def _renew_case_keys(turn: UpkeepTurn) -> RekeyProgress:
    return key_upkeep.renew_case_keys(turn.staff, turn.seconds)


def _renew_rows(turn: UpkeepTurn) -> int:
    return reminder_reconciliation.renew_rows(turn.staff, turn.seconds)


def _tend_conflict_index(turn: UpkeepTurn) -> int:
    return conflict_filing.tend_conflict_index(turn.staff, turn.seconds)


def _reconcile_reminders(turn: UpkeepTurn) -> ReconcileResult:
    """Check the reminders of the next cases; the audit entry is in the same transaction."""
    with office_transaction(turn.staff.org_id):
        reconciled = reminder_reconciliation.reconcile(turn.staff.keys, turn.seconds)
        if reconciled.cases:
            audit_trail.record_entry_in_transaction(turn.staff.keys, "job", reason="reminders", count=reconciled.cases)
    return reconciled


def _extend_ending_reminders(turn: UpkeepTurn) -> int:
    reconciled = turn.earlier.result_of(RECONCILE_REMINDERS)
    return reminder_reconciliation.extend_ending_reminders(turn.staff, reconciled.ending)


def _follow_office_country(turn: UpkeepTurn) -> bool:
    return preferences.follow_office_country(turn.staff)


# First among those that read the lists.
TEND_LISTS: Final = UpkeepJob("tending lists", 15, _tend_lists, 0, has_more=bool)
FOLLOW_COUNTRY: Final = UpkeepJob("following the office's country", 16, _follow_office_country, default=False)
RENEW_CASE_KEYS: Final = UpkeepJob(
    "new keys", 20, _renew_case_keys, RekeyProgress(0, 0), has_more=lambda progress: progress.left > 0
)
RENEW_ROWS: Final = UpkeepJob("renewing rows", 40, _renew_rows, 0, has_more=bool)
TEND_CONFLICTS: Final = UpkeepJob("conflict index", 45, _tend_conflict_index, 0, has_more=bool)
RECONCILE_REMINDERS: Final = UpkeepJob(
    "looking for reminders",
    70,
    _reconcile_reminders,
    reminder_reconciliation.NOTHING,
    has_more=lambda result: result.has_more,
)
EXTEND_REMINDERS: Final = UpkeepJob("planning on", 80, _extend_ending_reminders, 0, follows=RECONCILE_REMINDERS)


def register_jobs() -> None:
    """Register the jobs. Called once, when Django has loaded all models."""
    registry.register(
        TEND_LISTS,
        FOLLOW_COUNTRY,
        RENEW_CASE_KEYS,
        RENEW_ROWS,
        TEND_CONFLICTS,
        RECONCILE_REMINDERS,
        EXTEND_REMINDERS,
    )
