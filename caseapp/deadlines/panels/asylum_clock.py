"""The asylum clock of a case: the panel on its page, and the page with its entries and stops."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.deadlines.services import asylum_clock
from caseapp.lib.errors import Refused
from caseapp.ui.display.status import Status
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class ClockPanel:
    """The clock in four values; `day_150` and `day_180` are None while it stands still before them."""

    href: str
    status: Status
    days: int
    day_150: date | None
    day_180: date | None


def clock_panel(file: SealedFile, today: date) -> ClockPanel | None:
    """The clock of an open case; None without an I-589."""
    found = _found(file, today)
    return _panel(file, found) if found else None


def _panel(file: SealedFile, found: rules.AsylumClock) -> ClockPanel:
    status = Status("upcoming", _("Running")) if found.running else Status("waived", _("Stopped"))
    href = reverse("deadlines:asylum_clock", args=[file.id])
    return ClockPanel(href, status, found.days_counted, found.day_150, found.day_180)


def _found(file: SealedFile, today: date) -> rules.AsylumClock | None:
    try:
        return asylum_clock.clock_of(file, today)
    except Refused:
        # Dates that no clock can have, from an import or an older version: the page says so, the case still opens.
        return None
