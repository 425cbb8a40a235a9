"""The asylum clock panel of the case page."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.deadlines.services import asylum_clock
from caseapp.lib.errors import Refused
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.status import StatusLabel
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class ClockPanel:
    """The clock in four values; `day_150` and `day_180` are None while it is stopped before them."""

    href: str
    status: StatusLabel
    days: int
    day_150: date | None
    day_180: date | None


def clock_panel(file: SealedFile, today: date) -> ClockPanel | None:
    """Return the panel of an open case's clock; None without an I-589."""
    clock = find_clock(file, today)
    return build_panel(file, clock) if clock else None


def build_panel(file: SealedFile, clock: rules.AsylumClock) -> ClockPanel:
    """Return a computed clock as a panel."""
    status = StatusLabel("upcoming", _("Running")) if clock.running else StatusLabel("waived", _("Stopped"))
    href = quick_reverse("deadlines:asylum_clock", file.id)
    return ClockPanel(href, status, clock.days_counted, clock.day_150, clock.day_180)


def find_clock(file: SealedFile, today: date) -> rules.AsylumClock | None:
    """Return the clock of a case; None without an I-589 or with dates that no clock can have."""
    try:
        return asylum_clock.compute_clock(file, today)
    except Refused:
        # Impossible dates, from an import or an older version, must not keep the case page from opening.
        return None
