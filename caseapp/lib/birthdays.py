"""Birthdays: the day on which a person reaches an age."""

from datetime import date


def birthday(born_on: date, age: int) -> date:
    """Return the day on which a person reaches an age.

    A birth on 29 February is counted to the last day of February where the year has no such day, as the rules count
    years: never later than the day itself.
    """
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 2, 28)
