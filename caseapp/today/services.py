"""What opening Today writes of its own: the reminders that led to it count as seen."""

from typing import Final

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.upkeep import run as upkeep
from caseapp.reminders.sending import delivery_log
from caseapp.vault.tenancy import office_transaction

MARKING: Final = "marking what was seen"  # in the log


def mark_reminders_seen(staff: Staff) -> bool:
    """Mark them in a transaction that touches no case; return True when a reminder led here.

    The page is shown also when this fails, for example while the database is read-only.
    """
    member = staff.org_id, staff.member_id
    try:
        with office_transaction(staff.org_id):
            was_reminded = delivery_log.mark_seen(staff.org_id, staff.member_id)
    except Exception as exc:
        upkeep.log_failure("Today", MARKING, exc)
        upkeep.remember_outcome(member, MARKING, has_failed=True)
        return False
    upkeep.remember_outcome(member, MARKING, has_failed=False)
    return was_reminded
