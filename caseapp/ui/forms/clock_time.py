"""Clock times as users type them, and their instants at a court."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _

from caseapp.lib.text.digits import normalise_digits

EARLIEST_HOUR = 7  # o'clock: courts hold no hearings before, so a bare 1:30 needs AM or PM
HALVES = ("am", "pm")
_CLOCK = re.compile(r"([0-9]{1,2})(?: ?[:.h] ?([0-9]{2}))? *(?:([ap])\.? ?m\.?)?", re.IGNORECASE)


def parse_clock_time(text: str, half: str) -> time:
    """Return the time of day for `8:30`, `8:30 am` or `13:00`; `half` is am, pm or "" (24 hours).

    Raises ValidationError, also for an hour that could be morning or afternoon.
    """
    match = _CLOCK.fullmatch(normalise_digits(text))
    hour, minute = (int(match.group(1)), int(match.group(2) or 0)) if match else (99, 99)
    if match is None or hour > 23 or minute > 59:
        raise forms.ValidationError(_("Enter the time, for example 8:30."), code="time")
    half = f"{match.group(3)}m".lower() if match.group(3) else half
    if half in HALVES and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif 0 < hour < EARLIEST_HOUR:
        raise forms.ValidationError(
            _("Is %(time)s in the morning or in the afternoon? Choose AM or PM.") % {"time": text.strip()}, code="half"
        )
    return time(hour, minute)


def to_instant(on: date, at: time, zone: str) -> datetime:
    """Return the aware UTC instant of a wall clock in `zone` (IANA).

    Raises ValidationError for a time that the change of the clocks skips or repeats.
    """
    local = datetime.combine(on, at, ZoneInfo(zone))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        back = local.astimezone(UTC).astimezone(ZoneInfo(zone))
        if back.replace(tzinfo=None) != local.replace(tzinfo=None):
            raise forms.ValidationError(
                _("The clocks go forward that night: this time does not exist there. Ask the court."), code="skipped"
            )
        raise forms.ValidationError(
            _("The clocks go back that night: this time occurs twice there. Ask the court which one."), code="twice"
        )
    return local.astimezone(UTC)
