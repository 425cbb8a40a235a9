"""A clock time as people type it, and the instant it is at a court."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _

EARLY = 7  # o'clock: before that a court hears nobody, so 1:30 alone is asked about
HALVES = ("am", "pm")
_CLOCK = re.compile(r"^(\d{1,2})(?:[:.h]\s?(\d{2}))?\s*(?:([ap])\.?\s?m\.?)?$", re.IGNORECASE)


def clock_time(text: str, half: str) -> time:
    """The time of day that `8:30`, `8:30 am` or `13:00` means; `half` is am, pm or "" (24 hours).

    Raises ValidationError, also for an hour that could be morning or afternoon.
    """
    found = _CLOCK.match(text.strip())
    hour, minute = (int(found.group(1)), int(found.group(2) or 0)) if found else (99, 99)
    if found is None or hour > 23 or minute > 59:
        raise forms.ValidationError(_("Enter the time, for example 8:30."), code="time")
    half = f"{found.group(3)}m".lower() if found.group(3) else half
    if half in HALVES and hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif 0 < hour < EARLY:
        raise forms.ValidationError(
            _("Is %(time)s in the morning or in the afternoon? Choose AM or PM.") % {"time": text.strip()}, code="half"
        )
    return time(hour, minute)


def instant(on: date, at: time, zone: str) -> datetime:
    """Aware UTC of a wall clock in `zone`. Raises ValidationError for a time that is skipped or comes twice."""
    local = datetime.combine(on, at, ZoneInfo(zone))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        back = local.astimezone(UTC).astimezone(ZoneInfo(zone))
        if back.replace(tzinfo=None) != local.replace(tzinfo=None):
            raise forms.ValidationError(
                _("The clocks go forward that night: this time does not exist there. Ask the court."), code="skipped"
            )
        raise forms.ValidationError(
            _("The clocks go back that night: this time comes twice there. Ask the court which one."), code="twice"
        )
    return local.astimezone(UTC)
