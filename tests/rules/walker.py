"""Goes through a stored working line by line, as a person with a wall calendar would, without the engine or holidays.

What is closed it takes from the lines themselves; every addition and every weekday it checks for itself.
"""

import calendar
import datetime as dt
import re
from typing import Any

Moment = dt.date | dt.datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{1,2}) ([A-Z][a-z]{2}) (\d{4})(?:, (\d\d):(\d\d))?")
ONE_DAY = dt.timedelta(days=1)


def days_in(text: str) -> list[Moment]:
    """Every date a line names; each must fall on the weekday it says."""
    found: list[Moment] = []
    for weekday, day, month, year, hour, minute in _DAY.findall(text):
        on = dt.date(int(year), _MONTHS.index(month) + 1, int(day))
        assert _WEEKDAYS[on.weekday()] == weekday, text
        found.append(dt.datetime(on.year, on.month, on.day, int(hour), int(minute)) if hour else on)
    return found


def date_of(moment: Moment) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


class Walk:
    """The dates a working comes to when each of its lines is done by hand: `due`, `opens`, and every safe day named."""

    def __init__(self, working: dict[str, Any]) -> None:
        self.lines = [(step["name"], step["text"]) for step in working["steps"]]
        self.start: Moment | None = None
        self.at: Moment | None = None
        self.opens: Moment | None = None
        self.due: Moment | None = None
        self.safe: list[Moment] = []
        self.skipped: list[dt.date] = [
            date_of(days_in(text)[0]) for _, text in self.lines if text.startswith("Not counted: ")
        ]
        for name, text in self.lines:
            getattr(self, "_" + name.lower().replace(" ", "_"))(text)

    def _now(self) -> dt.date:
        assert self.at is not None
        return date_of(self.at)

    def _starts(self, text: str) -> None:
        if text.startswith("The period runs from"):  # the event was before the day from which the rule counts
            self.start = self.at = max(days_in(text)[0], self.at or days_in(text)[0], key=date_of)
            return
        self.at = days_in(text.partition(": ")[2])[0]
        if self.start is None:
            self.start = self.at

    def _rule(self, text: str) -> None:
        assert re.search(r" v\d+: ", text)

    def _position(self, text: str) -> None:
        self.safe.append(days_in(text)[-1])

    def _count(self, text: str) -> None:
        if text.startswith(("Not counted", "The clock changes")):
            return
        if text.startswith("No hour is known"):
            self.at = dt.datetime.combine(self._now(), dt.time())
            return
        end = days_in(text)[-1]
        if " hours after " in text:
            assert self.at == days_in(text)[0]
            # Over a change of the clock the end may lie an hour earlier, never later.
            assert end <= self.at + dt.timedelta(hours=int(text.split()[0]))
            assert end >= self.at + dt.timedelta(hours=int(text.split()[0]) - 1)
        else:
            assert end == self._counted(text), text
        self.at = end

    def _counted(self, text: str) -> dt.date:
        """The line's own count, done from where the working stands."""
        if text.startswith("The day itself"):
            return self._now()
        if text.startswith("On 30 September of that year"):
            return dt.date(self._now().year, 9, 30)
        if "business days only" in text:
            return self._business(int(text.split()[1]), date_of(days_in(text)[-1]))
        if told := re.match(r"(Plus|Less) (\d+) calendar days?\b", text):
            return self._now() + ONE_DAY * (int(told[2]) if told[1] == "Plus" else -int(told[2]))
        if told := re.match(r"(?:(Plus|Less) )?(\d+) (month|year)s? ?(after|before)?", text):
            back = told[1] == "Less" or told[4] == "before"
            months = int(told[2]) * (12 if told[3] == "year" else 1)
            return self._months(-months if back else months)
        number = re.search(r"= day (\d+)(, counting back)?$", text)
        assert number, text
        return self._now() + ONE_DAY * (-int(number[1]) if number[2] else int(number[1]))

    def _business(self, number: int, end: dt.date) -> dt.date:
        on, step = self._now(), ONE_DAY if end > self._now() else -ONE_DAY
        while number:
            on += step
            number -= on.weekday() < 5 and on not in self.skipped
        return on

    def _months(self, months: int) -> dt.date:
        now = self._now()
        year, month = divmod(now.year * 12 + now.month - 1 + months, 12)
        return dt.date(year, month + 1, min(now.day, calendar.monthrange(year, month + 1)[1]))

    def _stop(self, text: str) -> None:
        stop, restart, end = (date_of(day) for day in days_in(text))
        self.at = self._now() + (restart - stop)
        assert (self.at, f"{(restart - stop).days} calendar day" in text) == (end, True)

    def _mail(self, text: str) -> None:
        if told := re.search(r"(\d+) calendar days more", text):
            self.at = self._now() + ONE_DAY * int(told[1])
            assert self.at == days_in(text)[-1]

    def _franc(self, text: str) -> None:
        self.at = self._now() + ONE_DAY
        assert self.at == days_in(text)[-1]

    def _opens(self, text: str) -> None:
        assert days_in(text)[0] == self._now()
        self.opens, self.at = self._now(), self.start

    def _moved(self, text: str) -> None:
        closed, following = days_in(text)
        assert date_of(closed) == self._now()
        assert date_of(following) == date_of(closed) + ONE_DAY
        assert closed.weekday() < 5 or "Saturday" in text or "Sunday" in text
        self.at = following

    def _not_moved(self, text: str) -> None:
        assert days_in(text)[0] == self._now()

    def _closure(self, text: str) -> None:
        self.safe.append(days_in(text)[-1])

    def _caution(self, text: str) -> None:
        self.safe.append(days_in(text)[-1])

    def _paper(self, text: str) -> None:
        self.at = days_in(text)[0]
        self.safe.append(self.at)

    def _result(self, text: str) -> None:
        if text.startswith("Last day"):
            self.due = self.at
            self.safe.append(days_in(text)[0])
            assert days_in(text)[0] == self.due, text
        else:
            self.opens = days_in(text)[0]
