"""Computation of the dates of one counting plan with one calendar, from the trigger on, with each step recorded."""

import datetime as dt
from typing import NamedTuple

from caseapp.rules.engine.positions import CountingPlan, sort_key, start_of
from caseapp.rules.terms import counting, words
from caseapp.rules.terms.calendars import ONE_DAY, OfficeCalendar
from caseapp.rules.terms.counting import day_of
from caseapp.rules.terms.inputs import Inputs, Stop
from caseapp.rules.terms.pack import Pack, Rule
from caseapp.rules.terms.result import ComputationStep
from caseapp.rules.terms.words import Moment

MAIL_CITATION = "8 CFR 103.8(b)"
SHIFTED_CITATION = "5 USC 6103(b)(1); Executive Order 11582 s. 3; FRAP 26(a)(6)"
RECEIPT_CITATION = "8 CFR 1003.38(c); 8 CFR 103.2(a)(7); FRAP 25(a)(2)"


class PlanDates(NamedTuple):
    """The dates and steps of one counting plan: legal deadline, internal deadline (`act`) and first day.

    `later` is the last day by the other reading of a month that lacks the day number.
    """

    start: Moment
    due: Moment | None
    act: Moment | None
    opens: dt.date | None
    later: dt.date | None
    steps: tuple[ComputationStep, ...]
    cautions: tuple[ComputationStep, ...]


def compute_plan_dates(
    plan: CountingPlan, rule: Rule, pack: Pack, inputs: Inputs, calendar: OfficeCalendar
) -> PlanDates:
    """Return the dates of a plan with its steps. Raises RuleError for a missing event or dates out of range."""
    _, start = start_of(rule, plan.on, inputs)
    steps: list[ComputationStep] = []
    opens, later = None, None
    if plan.opens:
        opens, later = _compute_first_day(plan, rule, pack, inputs, calendar, steps)
        if not plan.count:
            return PlanDates(start, None, None, opens, later, tuple(steps), ())
    counted = counting.apply_terms(plan.count or "", start, inputs.events, calendar, inputs.zone)
    steps += [ComputationStep("Count", text, on) for text, on in counted.lines]
    if isinstance(counted.moment, dt.datetime):
        return _finish_hours(plan, counted.moment, start, opens, calendar, steps)
    last = counting.require_in_range(_add_stopped_days(counted.moment, start, rule, inputs, steps))
    plain = last
    last = _add_mail_days(last, rule, inputs, steps)
    if plan.franc:
        last = counting.add_days(last, 1)
        steps.append(
            ComputationStep(
                "Franc",
                f"Délai franc: the last day does not count either, one day more: {words.format_day(last)}",
                last,
                "CJA; computing of a délai franc",
            )
        )
    due = _extend_to_open_day(last, plan, calendar, steps)
    later = _extend_later_reading(counted.later, plan, calendar)
    plain, cautions = _earliest_business_day_reading(plain, plan, start, inputs, calendar)
    act = _compute_act_by(plain, due, plan, rule, pack, inputs, calendar, cautions)
    if last > day_of(start) > act:
        act = day_of(start)
        text = f"That lies before the clock even starts: act at once, by {words.format_day(act)}"
        cautions.append(ComputationStep("Caution", text, act))
    return PlanDates(start, due, act, opens, later, tuple(steps), tuple(cautions))


def _earliest_business_day_reading(
    plain: dt.date, plan: CountingPlan, start: Moment, inputs: Inputs, calendar: OfficeCalendar
) -> tuple[dt.date, list[ComputationStep]]:
    """Return the last day, counting shifted holidays as business days where that is earlier, and the caution for it.

    A shifted holiday is one observed on another day. The result is an open day.
    """
    if not counting.uses_unit(plan.count, "b"):
        return plain, []
    counted = counting.apply_terms(
        plan.count or "", start, inputs.events, calendar.without_shifted_holidays(), inputs.zone
    )
    fewest = calendar.last_open_day_until(day_of(counted.moment))
    if fewest >= plain:
        return plain, []
    text = (
        f"A holiday observed on another day was skipped, which not every text does: act by {words.format_day(fewest)}"
    )
    return fewest, [ComputationStep("Caution", text, fewest, SHIFTED_CITATION)]


def earlier_moment(first: Moment, second: Moment) -> Moment:
    """Return the earlier of two moments. A date ends after every hour of that day."""
    return first if sort_key(first) <= sort_key(second) else second


def _compute_first_day(
    plan: CountingPlan, rule: Rule, pack: Pack, inputs: Inputs, calendar: OfficeCalendar, steps: list[ComputationStep]
) -> tuple[dt.date, dt.date | None]:
    name, start = start_of(rule, (rule.opens_on,) if rule.opens_on else plan.on, inputs)
    counted = counting.apply_terms(plan.opens or "", day_of(start), inputs.events, calendar, inputs.zone)
    if rule.opens_on:
        steps.append(ComputationStep("Starts", f"{pack.events[name]}: {words.format_day(start)}", start))
    steps += [ComputationStep("Count", text, on) for text, on in counted.lines]
    opens = counting.require_in_range(_add_stopped_days(day_of(counted.moment), start, rule, inputs, steps))
    steps.append(
        ComputationStep("Opens", f"The first day is {words.format_day(opens)}; it is never moved for weekends", opens)
    )
    return opens, counted.later


def _add_stopped_days(
    last: dt.date, start: Moment, rule: Rule, inputs: Inputs, steps: list[ComputationStep]
) -> dt.date:
    """Add the days of each stop that begins before the (moved) end, counted from the trigger at the earliest."""
    for stop, restart in inputs.clock_stops if rule.stops else ():
        begun: Stop = (max(stop, day_of(start)), restart)
        days = (begun[1] - begun[0]).days
        if days <= 0 or begun[0] > last:
            continue
        last = counting.add_days(last, days)
        text = (
            f"The clock stops on {words.format_day(begun[0])} and restarts on {words.format_day(restart)}: "
            f"{words.format_amount(days, 'd')} added, to {words.format_day(last)}"
        )
        steps.append(ComputationStep("Stop", text, last))
    return last


def _add_mail_days(last: dt.date, rule: Rule, inputs: Inputs, steps: list[ComputationStep]) -> dt.date:
    if not inputs.by_mail:
        return last
    if not rule.mail_days:
        steps.append(ComputationStep("Mail", "Served by mail: this rule adds no days for it", None, rule.citation))
        return last
    last = counting.add_days(last, rule.mail_days)
    text = f"Served by mail: {words.format_amount(rule.mail_days, 'd')} more, to {words.format_day(last)}"
    steps.append(
        ComputationStep(
            "Mail",
            text,
            last,
            MAIL_CITATION if rule.mail_days == 3 and rule.id.startswith("us.uscis") else rule.citation,
        )
    )
    return last


def _extend_to_open_day(
    last: dt.date, plan: CountingPlan, calendar: OfficeCalendar, steps: list[ComputationStep]
) -> dt.date:
    """Extend a closed last day to the next open day (`fwd`, `hear`), or leave it, and record the steps."""
    why = calendar.closed_reason(last)
    if plan.roll not in ("fwd", "hear"):
        if why:
            steps.append(
                ComputationStep(
                    "Not moved", f"{words.format_day(last)} is closed ({why}); this rule does not move it", last
                )
            )
        return last
    while why:
        following = last + ONE_DAY
        steps.append(
            ComputationStep(
                "Moved",
                f"{words.format_day(last)} is closed ({why}): runs on to {words.format_day(following)}",
                following,
            )
        )
        last = following
        why = calendar.closed_reason(last)
    return last


def _extend_later_reading(later: dt.date | None, plan: CountingPlan, calendar: OfficeCalendar) -> dt.date | None:
    if later is None:
        return None
    last = later + ONE_DAY if plan.franc else later
    return calendar.first_open_day_from(last) if plan.roll == "fwd" else last


def _compute_act_by(
    plain: dt.date,
    due: dt.date,
    plan: CountingPlan,
    rule: Rule,
    pack: Pack,
    inputs: Inputs,
    calendar: OfficeCalendar,
    cautions: list[ComputationStep],
) -> dt.date:
    """Return the internal deadline and add its reasons to `cautions`.

    It relies on no mail days, franc day or shifted holiday (one observed on another day), is an open day when an office
    must receive the act, and is two business days earlier for a filing on paper.
    """
    act = plain
    if plan.roll == "fwd" and not pack.act_by_unrolled:
        act = calendar.first_open_day_from(plain)
        shifted = _first_shifted_holiday(plain, act, calendar)
        if shifted:
            act = calendar.last_open_day_until(shifted)
            reason = calendar.closed_reason(shifted)
            text = f"{words.format_day(shifted)} is closed only as {reason}, which not every text counts"
            cautions.append(
                ComputationStep("Caution", f"{text}: act by {words.format_day(act)}", act, SHIFTED_CITATION)
            )
    elif plan.roll in ("hear", "prev") or rule.receipt:
        act = calendar.last_open_day_until(plain)
        if act != plain:
            why = calendar.closed_reason(plain)
            text = f"{words.format_day(plain)} is closed ({why}): act by the open day before, {words.format_day(act)}"
            cautions.append(ComputationStep("Caution", text, act))
    if act == plain < due and not cautions:
        text = f"Neither added days nor a closed last day are relied on: act by {words.format_day(act)}"
        cautions.append(ComputationStep("Caution", text, act))
    elif act < due and not cautions:
        cautions.append(
            ComputationStep("Caution", f"Days added for mail are not relied on: act by {words.format_day(act)}", act)
        )
    if rule.receipt and not inputs.electronic:
        act = calendar.add_business_days(act, -2)
        text = f"Filed on paper, receipt counts, not posting: two business days earlier, {words.format_day(act)}"
        cautions.append(ComputationStep("Caution", text, act, RECEIPT_CITATION))
    return act


def _first_shifted_holiday(last: dt.date, moved: dt.date, calendar: OfficeCalendar) -> dt.date | None:
    while last < moved:
        if calendar.is_shifted_holiday(last):
            return last
        last += ONE_DAY
    return None


def _finish_hours(
    plan: CountingPlan,
    ends: dt.datetime,
    start: Moment,
    opens: dt.date | None,
    calendar: OfficeCalendar,
    steps: list[ComputationStep],
) -> PlanDates:
    """Return the dates of a count in hours.

    The end moves only where a reading says so: to the end of the next open day.
    """
    due: Moment = ends
    if plan.roll == "fwd" and not calendar.is_open(ends.date()):
        due = _extend_to_open_day(ends.date(), plan, calendar, steps)
    return PlanDates(start, due, ends, opens, None, tuple(steps), ())
