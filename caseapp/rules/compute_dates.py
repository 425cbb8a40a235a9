"""Computation of the dates of one counting plan with one calendar, from the trigger on, with each step recorded."""

import datetime as dt
from typing import NamedTuple

from caseapp.rules import counting, words
from caseapp.rules.calendars import ONE_DAY, Calendar
from caseapp.rules.counting import day_of
from caseapp.rules.inputs import Inputs, Stop
from caseapp.rules.pack import Pack, Rule
from caseapp.rules.positions import Plan, order, start_of
from caseapp.rules.result import Step
from caseapp.rules.words import Moment

MAIL = "8 CFR 103.8(b)"
SHIFTED = "5 USC 6103(b)(1); Executive Order 11582 s. 3; FRAP 26(a)(6)"
RECEIPT = "8 CFR 1003.38(c); 8 CFR 103.2(a)(7); FRAP 25(a)(2)"


class Run(NamedTuple):
    """The dates and steps of one counting plan: legal deadline, internal deadline (`act`) and first day.

    `later` is the last day by the other reading of a month that lacks the day number.
    """

    start: Moment
    due: Moment | None
    act: Moment | None
    opens: dt.date | None
    later: dt.date | None
    steps: tuple[Step, ...]
    cautions: tuple[Step, ...]


def run(plan: Plan, rule: Rule, pack: Pack, inputs: Inputs, calendar: Calendar) -> Run:
    """Return the dates of a plan with its steps. Raises RuleError for a missing event or dates out of range."""
    _, start = start_of(rule, plan.on, inputs)
    steps: list[Step] = []
    opens, later = None, None
    if plan.opens:
        opens, later = _opening(plan, rule, pack, inputs, calendar, steps)
        if not plan.count:
            return Run(start, None, None, opens, later, tuple(steps), ())
    counted = counting.run(plan.count or "", start, inputs.events, calendar, inputs.zone)
    steps += [Step("Count", text, on) for text, on in counted.lines]
    if isinstance(counted.moment, dt.datetime):
        return _hours(plan, counted.moment, start, opens, calendar, steps)
    last = counting.in_range(_stopped(counted.moment, start, rule, inputs, steps))
    plain = last
    last = _mail(last, rule, inputs, steps)
    if plan.franc:
        last = counting.shift(last, 1)
        steps.append(
            Step(
                "Franc",
                f"Délai franc: the last day does not count either, one day more: {words.day(last)}",
                last,
                "CJA; computing of a délai franc",
            )
        )
    due = _roll(last, plan, calendar, steps)
    later = _later(counted.later, plan, calendar)
    plain, cautions = _fewest_business_days(plain, plan, start, inputs, calendar)
    act = _safe_day(plain, due, plan, rule, pack, inputs, calendar, cautions)
    if last > day_of(start) > act:
        act = day_of(start)
        text = f"That lies before the clock even starts: act at once, by {words.day(act)}"
        cautions.append(Step("Caution", text, act))
    return Run(start, due, act, opens, later, tuple(steps), tuple(cautions))


def _fewest_business_days(
    plain: dt.date, plan: Plan, start: Moment, inputs: Inputs, calendar: Calendar
) -> tuple[dt.date, list[Step]]:
    """Return the last day, counting shifted holidays as business days where that is earlier, and the caution for it.

    A shifted holiday is one observed on another day. The result is an open day.
    """
    if not counting.uses(plan.count, "b"):
        return plain, []
    counted = counting.run(plan.count or "", start, inputs.events, calendar.without_shifted(), inputs.zone)
    fewest = calendar.open_until(day_of(counted.moment))
    if fewest >= plain:
        return plain, []
    text = f"A holiday observed on another day was skipped, which not every text does: act by {words.day(fewest)}"
    return fewest, [Step("Caution", text, fewest, SHIFTED)]


def earliest(first: Moment, second: Moment) -> Moment:
    """Return the earlier of two moments. A date ends after every hour of that day."""
    return first if order(first) <= order(second) else second


def _opening(
    plan: Plan, rule: Rule, pack: Pack, inputs: Inputs, calendar: Calendar, steps: list[Step]
) -> tuple[dt.date, dt.date | None]:
    name, start = start_of(rule, (rule.opens_on,) if rule.opens_on else plan.on, inputs)
    counted = counting.run(plan.opens or "", day_of(start), inputs.events, calendar, inputs.zone)
    if rule.opens_on:
        steps.append(Step("Starts", f"{pack.events[name]}: {words.day(start)}", start))
    steps += [Step("Count", text, on) for text, on in counted.lines]
    opens = counting.in_range(_stopped(day_of(counted.moment), start, rule, inputs, steps))
    steps.append(Step("Opens", f"The first day is {words.day(opens)}; it is never moved for weekends", opens))
    return opens, counted.later


def _stopped(last: dt.date, start: Moment, rule: Rule, inputs: Inputs, steps: list[Step]) -> dt.date:
    """Add the days of each stop that begins before the (moved) end, counted from the trigger at the earliest."""
    for stop, restart in inputs.clock_stops if rule.stops else ():
        begun: Stop = (max(stop, day_of(start)), restart)
        days = (begun[1] - begun[0]).days
        if days <= 0 or begun[0] > last:
            continue
        last = counting.shift(last, days)
        text = (
            f"The clock stops on {words.day(begun[0])} and restarts on {words.day(restart)}: "
            f"{words.amount(days, 'd')} added, to {words.day(last)}"
        )
        steps.append(Step("Stop", text, last))
    return last


def _mail(last: dt.date, rule: Rule, inputs: Inputs, steps: list[Step]) -> dt.date:
    if not inputs.by_mail:
        return last
    if not rule.mail_days:
        steps.append(Step("Mail", "Served by mail: this rule adds no days for it", None, rule.citation))
        return last
    last = counting.shift(last, rule.mail_days)
    text = f"Served by mail: {words.amount(rule.mail_days, 'd')} more, to {words.day(last)}"
    steps.append(
        Step("Mail", text, last, MAIL if rule.mail_days == 3 and rule.id.startswith("us.uscis") else rule.citation)
    )
    return last


def _roll(last: dt.date, plan: Plan, calendar: Calendar, steps: list[Step]) -> dt.date:
    """Extend a closed last day to the next open day (`fwd`, `hear`), or leave it, and record the steps."""
    why = calendar.why_closed(last)
    if plan.roll not in ("fwd", "hear"):
        if why:
            steps.append(Step("Not moved", f"{words.day(last)} is closed ({why}); this rule does not move it", last))
        return last
    while why:
        following = last + ONE_DAY
        steps.append(
            Step("Moved", f"{words.day(last)} is closed ({why}): runs on to {words.day(following)}", following)
        )
        last = following
        why = calendar.why_closed(last)
    return last


def _later(later: dt.date | None, plan: Plan, calendar: Calendar) -> dt.date | None:
    if later is None:
        return None
    last = later + ONE_DAY if plan.franc else later
    return calendar.open_from(last) if plan.roll == "fwd" else last


def _safe_day(
    plain: dt.date,
    due: dt.date,
    plan: Plan,
    rule: Rule,
    pack: Pack,
    inputs: Inputs,
    calendar: Calendar,
    cautions: list[Step],
) -> dt.date:
    """Return the internal deadline and add its reasons to `cautions`.

    It relies on no mail days, franc day or shifted holiday (one observed on another day), is an open day when an office
    must receive the act, and is two business days earlier for a filing on paper.
    """
    act = plain
    if plan.roll == "fwd" and not pack.act_by_unrolled:
        act = calendar.open_from(plain)
        shifted = _first_shifted(plain, act, calendar)
        if shifted:
            act = calendar.open_until(shifted)
            text = f"{words.day(shifted)} is closed only as {calendar.why_closed(shifted)}, which not every text counts"
            cautions.append(Step("Caution", f"{text}: act by {words.day(act)}", act, SHIFTED))
    elif plan.roll in ("hear", "prev") or rule.receipt:
        act = calendar.open_until(plain)
        if act != plain:
            why = calendar.why_closed(plain)
            text = f"{words.day(plain)} is closed ({why}): act by the open day before, {words.day(act)}"
            cautions.append(Step("Caution", text, act))
    if act == plain < due and not cautions:
        text = f"Neither added days nor a closed last day are relied on: act by {words.day(act)}"
        cautions.append(Step("Caution", text, act))
    elif act < due and not cautions:
        cautions.append(Step("Caution", f"Days added for mail are not relied on: act by {words.day(act)}", act))
    if rule.receipt and not inputs.electronic:
        act = calendar.business_days(act, -2)
        text = f"Filed on paper, receipt counts, not posting: two business days earlier, {words.day(act)}"
        cautions.append(Step("Caution", text, act, RECEIPT))
    return act


def _first_shifted(last: dt.date, moved: dt.date, calendar: Calendar) -> dt.date | None:
    while last < moved:
        if calendar.is_shifted(last):
            return last
        last += ONE_DAY
    return None


def _hours(
    plan: Plan, ends: dt.datetime, start: Moment, opens: dt.date | None, calendar: Calendar, steps: list[Step]
) -> Run:
    """Return the dates of a count in hours.

    The end moves only where a reading says so: to the end of the next open day.
    """
    due: Moment = ends
    if plan.roll == "fwd" and not calendar.is_open(ends.date()):
        due = _roll(ends.date(), plan, calendar, steps)
    return Run(start, due, ends, opens, None, tuple(steps), ())
