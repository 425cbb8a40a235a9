"""Dates and counts as text that a person can check against a wall calendar. Engine texts are English."""

import datetime as dt
from functools import lru_cache

Moment = dt.date | dt.datetime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = {"d": "calendar day", "b": "business day", "m": "month", "y": "year", "h": "hour"}


@lru_cache(maxsize=8192)  # workings repeat the same few hundred days
def format_day(moment: Moment) -> str:
    """Return a moment like "Thu 5 Nov 2026", with ", 18:30" when it has a time of day."""
    text = f"{DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    return f"{text}, {moment.hour:02}:{moment.minute:02}" if isinstance(moment, dt.datetime) else text


def weekday_name(on: dt.date) -> str:
    """Return the name of the weekday, for example "Saturday"."""
    return _FULL_DAY_NAMES[on.weekday()]


def format_amount(number: int, unit: str) -> str:
    """Return a number with its unit: "1 month", "30 calendar days"."""
    return f"{number} {_UNITS[unit]}{'' if number == 1 else 's'}"


def format_event(name: str) -> str:
    """Return an event name as words: "oral decision" for `oral_decision`."""
    return name.replace("_", " ")


def to_iso(moment: Moment | None) -> str | None:
    """Return an ISO date, or ISO to the minute for an instant: the format of the JSON contract. None stays None."""
    if isinstance(moment, dt.datetime):
        return moment.isoformat(timespec="minutes")
    return moment.isoformat() if moment else None
