"""Dates and counts in words that a person can check against a wall calendar. Engine texts are English."""

import datetime as dt
from functools import lru_cache

Moment = dt.date | dt.datetime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = {"d": "calendar day", "b": "business day", "m": "month", "y": "year", "h": "hour"}


@lru_cache(maxsize=8192)  # a working names the same few hundred days over and over
def day(moment: Moment) -> str:
    """ "Thu 5 Nov 2026", with ", 18:30" when it has a time of day."""
    text = f"{DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    return f"{text}, {moment.hour:02}:{moment.minute:02}" if isinstance(moment, dt.datetime) else text


def weekday(on: dt.date) -> str:
    """ "Saturday"."""
    return _FULL[on.weekday()]


def amount(number: int, unit: str) -> str:
    """ "1 month", "30 calendar days"."""
    return f"{number} {_UNITS[unit]}{'' if number == 1 else 's'}"


def event(name: str) -> str:
    """ "oral decision" for `oral_decision`."""
    return name.replace("_", " ")


def iso(moment: Moment | None) -> str | None:
    """ISO date, or to the minute for an instant: the form of the JSON contract."""
    if isinstance(moment, dt.datetime):
        return moment.isoformat(timespec="minutes")
    return moment.isoformat() if moment else None
