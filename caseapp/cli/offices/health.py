"""Lines of `caseapp doctor` about the offices of this server."""

from pathlib import Path

from caseapp.accounts.models import Door
from caseapp.cli.offices import removal
from caseapp.lib import setup_code
from caseapp.vault.models import RemovedOffice


def check_health(secrets: Path) -> tuple[bool, str]:
    """Return whether no removal waits to be finished, and the sentence with the number of offices by state."""
    if unfinished := RemovedOffice.objects.filter(certificate="").first():
        if not removal.has_begun(unfinished.org_id):
            return False, f"the database orders the removal of {unfinished.org_id}, and none began here: find out why"
        return False, f"a removal was interrupted: run `caseapp office remove {unfinished.org_id}` again"
    waiting = len(setup_code.waiting_offices(secrets))
    removed = RemovedOffice.objects.count()
    parts = [f"{Door.objects.values('org_id').distinct().count()} set up"]
    parts += [f"{waiting} waiting for set-up"] if waiting else []
    parts += [f"{removed} removed"] if removed else []
    return True, ", ".join(parts)
