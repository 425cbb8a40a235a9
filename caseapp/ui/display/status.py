"""Status of a date: overdue, soon or upcoming."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from caseapp.ui.display import tags


@dataclass(frozen=True)
class StatusLabel:
    """Shape and word of `components/status.html`."""

    kind: str
    word: str


def watch_status(today: date, on: date) -> StatusLabel:
    """Return the status of a date of the other side: theirs, or ended. It is never overdue."""
    return StatusLabel("waiting", _("Their time") if on >= today else _("Their time has ended"))


def day_status(today: date, on: date) -> StatusLabel:
    """Return passed (before today), soon (within 7 days) or upcoming."""
    if on < today:
        return StatusLabel("passed", _("Passed"))
    if (on - today).days <= tags.SOON_DAYS:
        return StatusLabel("soon", tags.days_between(today, on))
    return StatusLabel("upcoming", _("Upcoming"))
