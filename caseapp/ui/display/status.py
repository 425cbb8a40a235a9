"""Status of a date: overdue, soon or upcoming."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from caseapp.ui.display import tags


@dataclass(frozen=True)
class Status:
    """Shape and word of `components/status.html`."""

    kind: str
    word: str


def day_status(today: date, on: date) -> Status:
    """Return passed (before today), soon (within 7 days) or upcoming."""
    if on < today:
        return Status("passed", _("Passed"))
    if (on - today).days <= tags.SOON:
        return Status("soon", tags.days_between(today, on))
    return Status("upcoming", _("Upcoming"))
