"""The upkeep job of Today: opening it marks the reminders that led to it as seen."""

from typing import Final

from caseapp.casefile.upkeep import registry
from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn
from caseapp.reminders.sending import delivery_log
from caseapp.vault.tenancy import office_transaction


def _mark_reminders_seen(turn: UpkeepTurn) -> bool:
    """Mark them in a transaction that touches no case; return True when a reminder led here."""
    with office_transaction(turn.staff.org_id):
        return delivery_log.mark_seen(turn.staff.org_id, turn.staff.member_id)


MARK_REMINDERS_SEEN: Final = UpkeepJob("marking what was seen", 10, _mark_reminders_seen, default=False)


def register_jobs() -> None:
    """Register the job. Called once, when Django has loaded all models."""
    registry.register(MARK_REMINDERS_SEEN)
