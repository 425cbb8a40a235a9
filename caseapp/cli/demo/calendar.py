"""Days of the demo office: hearings and notices are on days on which courts are open."""

from datetime import date, timedelta

from caseapp import rules


def is_open(day: date) -> bool:
    """Return whether a United States court is open on a day."""
    return day.weekday() < 5 and not rules.public_holiday("US", day)


def open_day(day: date, *, step: int = 1) -> date:
    """Return the first open day from `day` on; with step=-1 the last one until `day`."""
    while not is_open(day):
        day += timedelta(days=step)
    return day
