"""Lines of Today about backups: a restore for everyone, the last backup and what is wrong with it for admins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.models import ReplayedEnd
from caseapp.lib import clock
from caseapp.reminders import heartbeat
from caseapp.ui.display import date_texts

RESTORE_SHOWN = timedelta(days=14)  # how long a restore is on the page
LATE = timedelta(days=7)  # a last backup that is older is a warning


@dataclass(frozen=True)
class BackupLine:
    """One sentence; `is_grave` for what an admin has to mend, `is_first` for one about the dates on the page."""

    sentence: str
    is_grave: bool
    is_first: bool = False


def backup_lines(staff: Staff, *, has_cases: bool) -> tuple[BackupLine, ...]:
    """Return the lines for this member, in the office's transaction. None for an office without cases."""
    if not has_cases:
        return ()
    seen = heartbeat.last_seen()
    lines = _restore_lines(staff, seen)
    return (*lines, *_admin_lines(staff, seen)) if staff.is_admin else lines


def _restore_lines(staff: Staff, seen: dict[str, datetime]) -> tuple[BackupLine, ...]:
    restored, backup = seen.get("restored"), seen.get("restored backup")
    if restored is None or backup is None or clock.now() - restored > RESTORE_SHOWN:
        return ()
    sentence = _(
        "This office was restored on %(restored)s from the backup of %(backup)s. What was saved between the two is "
        "missing: enter it again. Reminders of the days between are sent late, and overdue dates are listed below."
    )
    filled_in = _fill_in(staff, sentence, restored=restored, backup=backup)
    return (BackupLine(filled_in, is_grave=True, is_first=True), *(_ended_lines(staff) if staff.is_admin else ()))


def _ended_lines(staff: Staff) -> tuple[BackupLine, ...]:
    """Return how much ended after the backup and was ended again: it does not come back."""
    kinds = list(ReplayedEnd.objects.filter(org_id=staff.org_id).values_list("kind", flat=True))
    if not kinds:
        return ()
    sentence = _("Ended after that backup, and ended again: destroyed cases %(cases)d, removed members %(members)d.")
    counts = {"cases": kinds.count("cases"), "members": kinds.count("members")}
    return (BackupLine(sentence % counts, is_grave=False),)


def _admin_lines(staff: Staff, seen: dict[str, datetime]) -> tuple[BackupLine, ...]:
    made_at = seen.get("backup")
    if made_at is None:
        sentence = _(
            "No backup was made yet. If this machine is lost, every case is lost. Ask the person who runs the server."
        )
        return (BackupLine(sentence, is_grave=True),)
    if "backup failed" in seen or "backup short" in seen or clock.now() - made_at > LATE:
        sentence = _("Backups need attention: the last one is of %(backup)s. Ask the person who runs the server.")
        return (BackupLine(_fill_in(staff, sentence, backup=made_at), is_grave=True),)
    return (BackupLine(_fill_in(staff, _("Last backup: %(backup)s."), backup=made_at), is_grave=False),)


def _fill_in(staff: Staff, sentence: str, **moments: datetime) -> str:
    filled_in = sentence % {name: _moment(staff, at) for name, at in moments.items()}
    return filled_in.replace("..", ".")  # an hour may end with a period: "3:48 a. m."


def _moment(staff: Staff, at: datetime) -> str:
    local = clock.local_time(at, staff.zone)
    return f"{date_texts.list_date(local.date())}, {date_texts.clock_text(local.time())}"
