"""Dates and names of events as English text that a person can check against a wall calendar."""

import datetime as dt
from functools import lru_cache
from typing import overload

Moment = dt.date | dt.datetime

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=8192)  # workings repeat the same few hundred days
def format_day(moment: Moment) -> str:
    """Return a moment like "Thu 5 Nov 2026", with ", 18:30" when it has a time of day."""
    text = f"{DAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]} {moment.year}"
    return f"{text}, {moment.hour:02}:{moment.minute:02}" if isinstance(moment, dt.datetime) else text


def format_event(name: str) -> str:
    """Return an event name as words: "oral decision" for `oral_decision`."""
    return name.replace("_", " ")


@overload
def to_iso(moment: Moment) -> str: ...
@overload
def to_iso(moment: None) -> None: ...
@overload
def to_iso(moment: Moment | None) -> str | None: ...
def to_iso(moment: Moment | None) -> str | None:
    """Return an ISO date, or ISO to the minute for an instant: the format of the JSON contract. None stays None."""
    if isinstance(moment, dt.datetime):
        return moment.isoformat(timespec="minutes")
    return moment.isoformat() if moment else None
