"""The catalogue of events in the simulated year: what is typed at which day, and the dates that must follow from it.

The dates are those of the rule engine, as `caseapp deadlines compute` gives them; which rules an event starts is read
from the catalogue again. Nothing is read from what the application stored.
"""

import datetime as dt
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

from caseapp import rules
from caseapp.casefile.reminder_plans import reminder_ladder
from caseapp.rules import CatalogueEvent, EventStart
from tests.helpers import event_inputs
from tests.helpers.event_inputs import EventDays, Inputs, Typed
from tests.helpers.page_forms import PageForm
from tests.helpers.visitor import Visitor

DAY = dt.timedelta(days=1)
ZONES = {"us-federal": "America/New_York", "france": "Europe/Paris"}  # of the office of each pack
HEARING = re.compile(r'href="(/hearings/[0-9a-f-]{36}/)"')
COURT = "Court North"


class Dated(NamedTuple):
    """A date that reminders count back from, with what the ladder depends on. `severity` may be "hearing"."""

    due: dt.date
    severity: str
    duty: str = ""
    is_window: bool = False
    own_days: tuple[int, ...] = ()
    rule: str = ""

    @property
    def rungs(self) -> reminder_ladder.Rungs:
        """The rungs of the ladder for this date."""
        if self.severity == "hearing":
            return reminder_ladder.LADDER["hearing"]
        return reminder_ladder.rungs_for(
            self.severity, duty=self.duty, is_window=self.is_window, own_days=self.own_days
        )


@dataclass(frozen=True)
class Play:
    """One event as it is typed on one day, so that one of its rules starts."""

    event: CatalogueEvent
    start: EventStart
    days: EventDays
    pack: str
    today: dt.date

    @property
    def values(self) -> Typed:
        """The fields of the event's page, besides its date."""
        if self.event.booking:
            return {}
        if not self.event.outcome:
            return event_inputs.question_values(self.event, self.start, self.days)
        values: dict[str, str | dt.date] = {"what": "decided", "decision": self.event.outcome, "decided_on": self.on}
        if "departure" in self.event.outcome:
            values["leave_by"] = self.days.future
        if self.start.when.get("detained_now") == ("yes",):
            values["in_custody"] = "yes"
        return values

    @property
    def on(self) -> dt.date:
        """The day of the event; of a hearing a working day."""
        if not self.event.is_recorded_with_a_hearing:
            return event_inputs.day_of_event(self.event, self.start, self.days)
        on = self.days.future if self.event.booking else self.days.past
        return on - DAY * max(0, on.weekday() - 4)

    def deadlines(self) -> list[Dated]:
        """The deadlines that follow: of the rules of which only one can apply, the earliest."""
        groups: dict[str, list[Dated]] = {}
        for number, start in enumerate(self._started()):
            if (dated := self._computed(start)) is not None:
                groups.setdefault(start.one_of or str(number), []).append(dated)
        return [min(group, key=lambda dated: dated.due) for group in groups.values()]

    def _started(self) -> Iterator[EventStart]:
        if self.event.booking:
            yield from self.event.starts
            return
        answers = {name.removeprefix("q_"): value for name, value in self.values.items()}
        if self.event.outcome:
            answers = {"detained_now": self.values.get("in_custody", "no"), "waived": "reserved"}
        for start in self.event.starts:
            if all(answers.get(name, "") in ("", *allowed) for name, allowed in start.when.items()):
                yield start

    def _computed(self, start: EventStart) -> Dated | None:
        """The date of one rule; None while a date that it needs is not known."""
        inputs = event_inputs.engine_inputs(self.event, start, self.values, self.on)
        book = rules.standard()
        rule = book.versions_of(start.rule)[-1]
        has_day = event_inputs.has_period(rule.id) or "printed_date" in inputs.events
        if not has_day or not book.events_needed(rule) <= inputs.events.keys():
            return None
        return self._dated(inputs, rule)

    def _dated(self, inputs: Inputs, rule: rules.Rule) -> Dated:
        computed = rules.compute(inputs.rule, inputs.events, rules.Options(zone=ZONES[self.pack]))
        days = [_day(moment) for moment in (computed.act_by, computed.due_on) if moment is not None]
        if not days and rule.at_once:
            days = [self.today]  # urgent without a period: our own target is the day on which it is entered
        due = min(days, default=None) or _day(computed.opens_on)
        variant = inputs.rule.partition("@")[2]
        weight = rules.standard().weight_of(rule, variant)
        duty = "" if weight.duty == "ours" else weight.duty
        own = rule.reminders or ()
        if own == reminder_ladder.rungs_for(weight.severity, duty=duty)["owner"].days:
            own = ()
        return Dated(due, weight.severity, duty, not days, own, rule.id)


def _day(moment: Any) -> dt.date:
    assert moment is not None
    return moment.date() if isinstance(moment, dt.datetime) else moment


def plays_of(pack: str, chance: Random) -> deque[tuple[CatalogueEvent, EventStart]]:
    """Every event of a pack with each rule it starts, in the order of a year's accidents."""
    entries = event_inputs.entries_of(pack)
    chance.shuffle(entries)
    return deque(entries)


def aimed_play(event: CatalogueEvent, start: EventStart, pack: str, today: dt.date, ahead: int) -> Play:
    """The event with dates for which its rule comes due about `ahead` days after today, where that can be."""
    days = EventDays(
        past=today - DAY, future=today + 85 * DAY, before=today - 170 * DAY, first=today - 320 * DAY,
        born=today - 6000 * DAY,
    )  # fmt: skip
    play = Play(event, start, days, pack, today)
    dated = play._computed(start)
    assert dated is not None, f"{event.id} starts {start.question} without a date"
    wanted = (today + ahead * DAY - dated.due).days
    if play.on > today or {"printed_due_on", "leave_by"} & set(play.values):
        days = replace(days, future=days.future + wanted * DAY)
    else:
        days = days.moved(wanted if event.event == "birth_date" else min(wanted, 0))
    return Play(event, start, days, pack, today)


class _Pages:
    """A visitor's browser as `PageForm` uses it."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    def get(self, path: str) -> Any:
        return self._shown(self.visitor.get(path))

    def post(self, path: str, data: Any) -> Any:
        return self._shown(self.visitor.post(path, data))

    def _shown(self, answer: Any) -> Any:
        return SimpleNamespace(status_code=answer.status, content=answer.text.encode())


def type_event(visitor: Visitor, case: str, play: Play) -> None:
    """Record the event on its page, by the fields that the page shows. `case`: the case's address."""
    if play.event.is_recorded_with_a_hearing:
        _type_hearing(visitor, case, play)
        return
    form = PageForm.open(_Pages(visitor), f"{case}notices/new/")
    form.fill("what", play.event.id)
    form = form.next_form()
    form.fill_all({"dated_on": play.on, **play.values})
    if form.shows("how"):
        form.fill("how", "by_hand")
    form.send_and_leave()


def _type_hearing(visitor: Visitor, case: str, play: Play) -> None:
    form = PageForm.open(_Pages(visitor), f"{case}hearings/new/")
    kind = play.event.booking or "individual"
    on = play.on if play.event.booking else play.on - 7 * DAY  # decided a week after it was heard
    form.fill_all({"kind": kind, "on": on, "at": "8:30", "half": "am", "court": COURT, "zone": ZONES[play.pack]})
    form.send_and_leave()
    if play.event.outcome:
        href = HEARING.findall(visitor.get(case).text)[0]
        form = PageForm.open(_Pages(visitor), f"{href}outcome/")
        form.fill_all(play.values)
        form.send_and_leave()
