"""The end of a French period, as French lawyers write it: to the minute for hours, at midnight for full days."""

from datetime import datetime

from django.utils.translation import gettext as _

from caseapp.records.deadline import Deadline, Step
from caseapp.ui.display import date_texts

FRENCH_RULES = "fr."


def describe_expiry(deadline: Deadline) -> str:
    """Return `expires Wed 9 Dec 2026 at 17:10 (48 h)` or `... at midnight (délai franc)`; "" for other deadlines."""
    kept = deadline.working
    if kept is None or deadline.due_on is None or not kept.rule.startswith(FRENCH_RULES):
        return ""
    values = {"date": date_texts.list_date(deadline.due_on)}
    hours = next((_hours_of(step) for step in kept.steps if step.code == "count.hours"), 0)
    if deadline.due_minute and hours:
        at = date_texts.clock_text(datetime.fromisoformat(deadline.due_minute).time())
        # Translators: %(hours)s is the length of the period: "expires Wed 9 Dec 2026 at 17:10 (48 h)".
        return _("Expires %(date)s at %(time)s (%(hours)s h)") % {**values, "time": at, "hours": hours}
    if any(step.code == "franc.added" for step in kept.steps):
        return _("Expires %(date)s at midnight (délai franc)") % values
    return ""


def _hours_of(step: Step) -> int:
    """Return the number of hours in a stored step: its value is ["amount", 48, "h"]."""
    amount = step.values.get("amount", ())
    return int(amount[1]) if len(amount) == 3 and amount[2] == "h" else 0
