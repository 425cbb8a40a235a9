"""One hearing, deadline or task as lists across cases show it: finished values for the template."""

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
    """Passed, soon (7 days or fewer) or upcoming."""
    if on < today:
        return Status("passed", _("Passed"))
    if (on - today).days <= tags.SOON:
        return Status("soon", tags.days_between(today, on))
    return Status("upcoming", _("Upcoming"))
