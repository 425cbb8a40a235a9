"""The asylum clock: the number of days a pending asylum application counts towards work authorisation.

150 days: the first application for an employment authorisation may be filed (8 CFR 208.7(a)(1), 1208.7). 180 days: it
may be granted (INA 208(d)(2)). Delay that the applicant asked for or caused does not count (8 CFR 208.7(a)(2)).
The count equals that of the rules us.asylum.ead.file and us.asylum.ead.eligible; tests compare them.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from caseapp.rules.terms.calendars import ONE_DAY
from caseapp.rules.terms.counting import add_days, require_in_range
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.refusals import FIRST_YEAR, LAST_YEAR, Unanswerable, outside_years
from caseapp.rules.terms.sentence import Sentence

Counts = Literal["yes", "no", "unsettled"]
FILING_DAYS, GRANT_DAYS = 150, 180
SOURCES = ("8 CFR 208.7(a)(1), 1208.7 (150 days)", "INA 208(d)(2) (180 days)", "8 CFR 208.7(a)(2) (delay)")
PROPOSED = "The proposal of 23 February 2026 (365 days, pauses) was not in force on 1 October 2026: check again."
_DELAY = "8 CFR 208.7(a)(2), 1208.7(a)(2); to be confirmed by your supervising attorney"
_PRACTICE = "practice of the agencies; to be confirmed by your supervising attorney"


class ClockStopReason(Struct, frozen=True):
    """A known reason for a delay.

    `counts` says whether such a delay stops the clock; "unsettled" means that authorities differ.
    """

    text: str
    counts: Counts
    source: str


CLOCK_STOPS: dict[str, ClockStopReason] = {
    "postponement_asked": ClockStopReason("The applicant requested another date", "yes", _DELAY),
    "missed_interview": ClockStopReason("The applicant missed the interview or the hearing", "yes", _DELAY),
    "missed_biometrics": ClockStopReason("The applicant missed biometrics", "yes", _DELAY),
    "decision_not_collected": ClockStopReason("The applicant did not pick up the decision", "yes", _DELAY),
    "no_interpreter": ClockStopReason("The applicant brought no interpreter to the interview", "yes", _DELAY),
    "transfer_asked": ClockStopReason("The applicant requested another office or court", "yes", _DELAY),
    "late_evidence": ClockStopReason("Late evidence postponed the interview", "yes", _DELAY),
    "earlier_date_declined": ClockStopReason(
        "The applicant declined an earlier date that was offered", "unsettled", _PRACTICE
    ),
    "time_to_find_counsel": ClockStopReason("Time to find a lawyer at the first hearing", "unsettled", _PRACTICE),
    "denied_then_remanded": ClockStopReason("The case was denied and remanded on appeal", "unsettled", _PRACTICE),
    "closed_by_agreement": ClockStopReason("The case was administratively closed", "unsettled", _PRACTICE),
    "government_delay": ClockStopReason("The office or the court postponed the date", "no", _DELAY),
}


class ClockEntry(Struct, frozen=True):
    """A line of the asylum clock panel. `days` is the count at the end of that day."""

    on: dt.date
    what: Literal["filed", "stopped", "restarted", "day_150", "day_180", "today"]
    days: int
    why: str = ""
    counts: Counts = "yes"


class AsylumClock(Struct, frozen=True, kw_only=True):
    """The asylum clock of one application on one day.

    `day_150` and `day_180` are the days on which that many days have counted; None while a stop before them is open.
    Unsettled stops are counted as stops; `unsettled` says what follows if they do not count.
    """

    days_counted: int
    running: bool
    day_150: dt.date | None
    day_180: dt.date | None
    entries: tuple[ClockEntry, ...]
    unsettled: tuple[str, ...]
    sources: tuple[str, ...] = SOURCES


class _RecordedStop(NamedTuple):
    first: dt.date
    restart: dt.date | None
    why: str
    counts: Counts


class _DayCount:
    """The count of days from filing, without stopped days.

    A stop excludes its first day and every day before the restart.
    """

    def __init__(self, filed_on: dt.date, stops: Iterable[_RecordedStop]) -> None:
        self.begun: dt.date | None = filed_on
        self.pauses: list[tuple[dt.date, dt.date | None]] = []
        for first, restart in _join_stops(stops):
            if first <= filed_on and (restart is None or restart > filed_on):
                self.begun = restart  # stopped from the start, so the day it restarts is day 0
            elif first > filed_on:
                self.pauses.append((first, restart))

    def days_counted_by(self, on: dt.date) -> int:
        if self.begun is None or on <= self.begun:
            return 0
        stopped = 0
        for first, restart in self.pauses:
            end = min(restart or dt.date.max, on + ONE_DAY)
            stopped += max(0, (end - first).days)
        return (on - self.begun).days - stopped

    def day_reaching(self, number: int) -> dt.date | None:
        """Return the day on which `number` days have counted; None while an open stop prevents it."""
        if self.begun is None:
            return None
        day = add_days(self.begun, number)
        for first, restart in self.pauses:
            if first > day:
                break
            if restart is None:
                return None
            day = add_days(day, (restart - first).days)
        return require_in_range(day)

    def is_running(self, on: dt.date) -> bool:
        if self.begun is None or on < self.begun:
            return False
        return not any(first <= on and (restart is None or on < restart) for first, restart in self.pauses)


def asylum_clock(
    filed_on: dt.date, stops: Sequence[tuple[dt.date, dt.date | None, str]], today: dt.date
) -> AsylumClock:
    """Return the clock of one application as of today.

    filed_on  the day the complete application was received: day 0
    stops     (day the delay began, day the clock restarted or None while it is stopped, reason: a code of CLOCK_STOPS
              or free text, which counts as a stop)
    Raises    RuleError for dates out of range, a stop that ends before it begins, or `today` before the filing
    """
    _require_date(filed_on, "filed_on")
    _require_date(today, "today")
    if today < filed_on:
        raise RuleError("the application was filed after today")
    read = [_parse_stop(stop) for stop in stops]
    cautious = _DayCount(filed_on, [stop for stop in read if stop.counts != "no"])
    day_150, day_180 = cautious.day_reaching(FILING_DAYS), cautious.day_reaching(GRANT_DAYS)
    return AsylumClock(
        days_counted=cautious.days_counted_by(today),
        running=cautious.is_running(today),
        day_150=day_150,
        day_180=day_180,
        entries=_clock_entries(filed_on, read, cautious, {"day_150": day_150, "day_180": day_180}, today),
        unsettled=_unsettled_notes(filed_on, read, (day_150, day_180)),
    )


def _clock_entries(
    filed_on: dt.date, stops: list[_RecordedStop], count: _DayCount, reached: dict[str, dt.date | None], today: dt.date
) -> tuple[ClockEntry, ...]:
    """Return the events and the two milestone days by date; entries of one date are in the order of `ranks`."""
    lines = [
        ClockEntry(filed_on, "filed", count.days_counted_by(filed_on)),
        ClockEntry(today, "today", count.days_counted_by(today)),
    ]
    for stop in stops:
        why = CLOCK_STOPS[stop.why].text if stop.why in CLOCK_STOPS else stop.why
        lines.append(ClockEntry(stop.first, "stopped", count.days_counted_by(stop.first), why, stop.counts))
        if stop.restart is not None:
            lines.append(ClockEntry(stop.restart, "restarted", count.days_counted_by(stop.restart), why, stop.counts))
    if reached["day_150"] is not None:
        lines.append(ClockEntry(reached["day_150"], "day_150", FILING_DAYS))
    if reached["day_180"] is not None:
        lines.append(ClockEntry(reached["day_180"], "day_180", GRANT_DAYS))
    ranks = ("filed", "restarted", "stopped", "day_150", "day_180", "today")
    return tuple(sorted(lines, key=lambda line: (line.on, ranks.index(line.what))))


def _unsettled_notes(
    filed_on: dt.date, stops: list[_RecordedStop], counted: tuple[dt.date | None, dt.date | None]
) -> tuple[str, ...]:
    """Return notes on what is in doubt: the milestone days if unsettled stops do not count, and the proposed rule."""
    notes = []
    if any(stop.counts == "unsettled" for stop in stops):
        other = _DayCount(filed_on, [stop for stop in stops if stop.counts == "yes"])
        for number, cautious in zip((FILING_DAYS, GRANT_DAYS), counted, strict=True):
            earlier = other.day_reaching(number)
            if earlier is not None and earlier != cautious:
                notes.append(f"If the unsettled stops do not count, day {number} is {earlier.isoformat()}.")
    return (*notes, PROPOSED)


def _join_stops(stops: Iterable[_RecordedStop]) -> list[tuple[dt.date, dt.date | None]]:
    """Merge stops that touch or overlap, so that no day is excluded twice."""
    merged: list[tuple[dt.date, dt.date | None]] = []
    for stop in sorted(stops, key=lambda stop: stop.first):
        if merged and (merged[-1][1] is None or stop.first <= merged[-1][1]):
            last = merged[-1][1]
            longest = None if last is None or stop.restart is None else max(last, stop.restart)
            merged[-1] = (merged[-1][0], longest)
        else:
            merged.append((stop.first, stop.restart))
    return [(first, restart) for first, restart in merged if first != restart]


def _parse_stop(stop: object) -> _RecordedStop:
    if not isinstance(stop, tuple | list) or len(stop) != 3:
        raise RuleError("a clock stop is the day it began, the day it restarted or nothing, and why")
    first, restart, why = stop
    _require_date(first, "a clock stop")
    if restart is not None:
        _require_date(restart, "a clock stop")
        if restart < first:
            raise Unanswerable("a clock stop ends before it begins", Sentence("refused.stop_backwards"))
    if not isinstance(why, str):
        raise RuleError("a clock stop says why in words")
    return _RecordedStop(first, restart, why, CLOCK_STOPS[why].counts if why in CLOCK_STOPS else "yes")


def _require_date(on: object, name: str) -> None:
    if not isinstance(on, dt.date) or isinstance(on, dt.datetime):
        raise RuleError(f"{name} is not a date")
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise outside_years(f"{name} lies outside")
