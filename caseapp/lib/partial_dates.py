"""A date of which only the year, or the year and the month, may be known. Stored as "1987", "1987-05", "1987-05-09"."""

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PartialDate:
    """A day, a month or a year. A day needs its month."""

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def of_text(cls, text: str) -> "PartialDate":
        """Return the date in its stored form. Raises ValueError."""
        partial = cls(*map(int, text.split("-")))
        _ = partial.earliest, partial.latest  # both exist, or this raises
        return partial

    @classmethod
    def of_date(cls, on: date) -> "PartialDate":
        """Return a date that is known to the day."""
        return cls(on.year, on.month, on.day)

    @property
    def exact(self) -> date | None:
        """Return the day, or None where it is not known."""
        return self.earliest if self.day else None

    @property
    def earliest(self) -> date:
        """Return the first day it can be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """Return the last day it can be."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __str__(self) -> str:
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part)]
        return "-".join(parts)
