"""Words for the steps of custody, for its own page and the activity of a case."""

from django.utils.translation import gettext as _

from caseapp.clients.services.custody import DATES, FACILITY
from caseapp.deadlines.services.custody_dates import RELEASED
from caseapp.records.custody import CustodyStep


def step_label(step: CustodyStep) -> str:
    """Return the kind of a step: a facility, dates that were changed, or the end of custody."""
    labels = {
        FACILITY: _("Facility or transfer"),
        DATES: _("Dates changed with custody"),
        RELEASED: _("No longer detained"),
    }
    text = labels.get(step.what, "")
    return _("%(step)s (undone)") % {"step": text} if step.undone_on else text
