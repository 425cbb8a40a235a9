"""Computation of the dates of one counting plan with one calendar, from the trigger on, with each step recorded."""

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

from caseapp.rules.engine.positions import CountingPlan, is_before, start_of
from caseapp.rules.terms import counting
from caseapp.rules.terms.calendars import ONE_DAY, OfficeCalendar
from caseapp.rules.terms.counting import day_of
from caseapp.rules.terms.inputs import Inputs, Stop
from caseapp.rules.terms.pack import Pack, Rule
from caseapp.rules.terms.result import ComputationStep
from caseapp.rules.terms.sentence import AmountValue, CodeValue, NumberValue, PackTextValue, RuleNameValue, Values, day
from caseapp.rules.terms.words import Moment

Steps = list[ComputationStep] | None  # None: only the dates are asked for, and no working is built
NO_VALUES: Values = MappingProxyType({})
FRANC_CITATION = "CJA; computing of a délai franc"
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
    plan: CountingPlan, rule: Rule, pack: Pack, inputs: Inputs, calendar: OfficeCalendar, *, records: bool = True
) -> PlanDates:
    """Return the dates of a plan, with its steps if `records`.

    Raises RuleError for a missing event or dates out of range.
    """
    _, start = start_of(rule, plan.on, inputs)
    steps: Steps = [] if records else None
    opens, later = None, None
    if plan.opens:
        opens, later = _compute_first_day(plan, rule, pack, inputs, calendar, steps)
        if not plan.count:
            return PlanDates(start, None, None, opens, later, tuple(steps or ()), ())
    counted = counting.apply_terms(plan.count or "", start, inputs.events, calendar, inputs.zone, describes=records)
    if steps is not None:
        steps += _count_steps(counted)
    if isinstance(counted.moment, dt.datetime):
        return _finish_hours(plan, counted.moment, start, opens, calendar, steps)
    last = counted.moment
    if inputs.clock_stops:
        last = _add_stopped_days(last, start, rule, inputs, steps)
    last = plain = counting.require_in_range(last)
    last = _add_mail_days(last, rule, inputs, steps)
    if plan.franc:
        last = counting.add_days(last, 1)
        if steps is not None:
            steps.append(ComputationStep("Franc", "franc.added", {"day": day(last)}, last, FRANC_CITATION))
    due = _extend_to_open_day(last, plan, calendar, steps)
    later = None if counted.later is None else _extend_later_reading(counted.later, plan, calendar)
    cautions: Steps = [] if records else None
    if counting.uses_unit(plan.count, "b"):
        plain = _earliest_business_day_reading(plain, plan, start, inputs, calendar, cautions)
    extended = due if last == plain or plan.roll != "fwd" else calendar.first_open_day_from(plain)
    act = _compute_act_by(
        plain, None if pack.act_by_unrolled else extended, due, plan, rule, inputs, calendar, cautions
    )
    if last > day_of(start) > act:
        act = day_of(start)
        _add_caution(cautions, "caution.before_start", act)
    return PlanDates(start, due, act, opens, later, tuple(steps or ()), tuple(cautions or ()))


def _earliest_business_day_reading(
    plain: dt.date, plan: CountingPlan, start: Moment, inputs: Inputs, calendar: OfficeCalendar, cautions: Steps
) -> dt.date:
    """Return the last day, counting shifted holidays as business days where that is earlier; add the caution for it.

    A shifted holiday is one observed on another day. The result is an open day.
    """
    counted = counting.apply_terms(
        plan.count or "", start, inputs.events, calendar.without_shifted_holidays(), inputs.zone, describes=False
    )
    fewest = calendar.last_open_day_until(day_of(counted.moment))
    if fewest >= plain:
        return plain
    _add_caution(cautions, "caution.skipped_holiday", fewest, citation=SHIFTED_CITATION)
    return fewest


def starting_step(pack: Pack, event: str, start: Moment) -> ComputationStep:
    """Return the step that names the trigger event and its day."""
    values: Values = {"event": PackTextValue(pack.events[event]), "day": day(start)}
    return ComputationStep("Starts", "starts.event", values, start)


def rule_step(rule: Rule, code: str, values: Values = NO_VALUES) -> ComputationStep:
    """Return the step that names the rule with its version, and how it counts."""
    names: Values = {"rule": CodeValue(rule.id), "version": NumberValue(rule.version), "name": RuleNameValue(rule.what)}
    return ComputationStep("Rule", code, {**names, **values}, citation=rule.citation)


def _count_steps(counted: counting.CountResult) -> list[ComputationStep]:
    return [ComputationStep("Count", sentence.code, sentence.values, on) for sentence, on in counted.lines]


def _add_caution(cautions: Steps, code: str, act: dt.date, values: Values = NO_VALUES, citation: str = "") -> None:
    """Add the step that says why the internal deadline is `act`."""
    if cautions is not None:
        cautions.append(ComputationStep("Caution", code, {**values, "day": day(act)}, act, citation))


def earlier_moment(first: Moment, second: Moment) -> Moment:
    """Return the earlier of two moments. A date ends after every hour of that day."""
    if type(first) is type(second):
        return second if second < first else first
    return second if is_before(second, first) else first


def _compute_first_day(
    plan: CountingPlan, rule: Rule, pack: Pack, inputs: Inputs, calendar: OfficeCalendar, steps: Steps
) -> tuple[dt.date, dt.date | None]:
    name, start = start_of(rule, (rule.opens_on,) if rule.opens_on else plan.on, inputs)
    describes = steps is not None
    counted = counting.apply_terms(
        plan.opens or "", day_of(start), inputs.events, calendar, inputs.zone, describes=describes
    )
    if steps is not None:
        if rule.opens_on:
            steps.append(starting_step(pack, name, start))
        steps += _count_steps(counted)
    opens = counting.require_in_range(_add_stopped_days(day_of(counted.moment), start, rule, inputs, steps))
    if steps is not None:
        steps.append(ComputationStep("Opens", "opens.first_day", {"day": day(opens)}, opens))
    return opens, counted.later


def _add_stopped_days(last: dt.date, start: Moment, rule: Rule, inputs: Inputs, steps: Steps) -> dt.date:
    """Add the days of each stop that begins before the (moved) end, counted from the trigger at the earliest."""
    for stop, restart in inputs.clock_stops if rule.stops else ():
        begun: Stop = (max(stop, day_of(start)), restart)
        days = (begun[1] - begun[0]).days
        if days <= 0 or begun[0] > last:
            continue
        last = counting.add_days(last, days)
        if steps is None:
            continue
        values: Values = {
            "stop": day(begun[0]),
            "restart": day(restart),
            "amount": AmountValue(days, "d"),
            "day": day(last),
        }
        steps.append(ComputationStep("Stop", "stop.added", values, last))
    return last


def _add_mail_days(last: dt.date, rule: Rule, inputs: Inputs, steps: Steps) -> dt.date:
    if not inputs.by_mail:
        return last
    if not rule.mail_days:
        if steps is not None:
            steps.append(ComputationStep("Mail", "mail.none", citation=rule.citation))
        return last
    last = counting.add_days(last, rule.mail_days)
    if steps is None:
        return last
    values: Values = {"amount": AmountValue(rule.mail_days, "d"), "day": day(last)}
    citation = MAIL_CITATION if rule.mail_days == 3 and rule.id.startswith("us.uscis") else rule.citation
    steps.append(ComputationStep("Mail", "mail.added", values, last, citation))
    return last


def _extend_to_open_day(last: dt.date, plan: CountingPlan, calendar: OfficeCalendar, steps: Steps) -> dt.date:
    """Extend a closed last day to the next open day (`fwd`, `hear`), or leave it, and record the steps."""
    if steps is None:
        return calendar.first_open_day_from(last) if plan.roll in ("fwd", "hear") else last
    why = calendar.closed_reason(last)
    if plan.roll not in ("fwd", "hear"):
        if why:
            steps.append(ComputationStep("Not moved", "not_moved.closed", {"day": day(last), "why": why}, last))
        return last
    while why:
        following = last + ONE_DAY
        values: Values = {"day": day(last), "why": why, "next": day(following)}
        steps.append(ComputationStep("Moved", "moved.closed", values, following))
        last = following
        why = calendar.closed_reason(last)
    return last


def _extend_later_reading(later: dt.date, plan: CountingPlan, calendar: OfficeCalendar) -> dt.date:
    last = later + ONE_DAY if plan.franc else later
    return calendar.first_open_day_from(last) if plan.roll == "fwd" else last


def _compute_act_by(
    plain: dt.date,
    extended: dt.date | None,
    due: dt.date,
    plan: CountingPlan,
    rule: Rule,
    inputs: Inputs,
    calendar: OfficeCalendar,
    cautions: Steps,
) -> dt.date:
    """Return the internal deadline and add its reasons to `cautions`.

    extended  the open day to which `plain` is extended; None where an internal deadline is not extended
    It relies on no mail days, franc day or shifted holiday (one observed on another day), is an open day when an office
    must receive the act, and is two business days earlier for a filing on paper.
    """
    act = plain
    if plan.roll == "fwd" and extended is not None:
        act = extended
        shifted = _first_shifted_holiday(plain, act, calendar) if act != plain else None
        if shifted and (reason := calendar.closed_reason(shifted)):
            act = calendar.last_open_day_until(shifted)
            values: Values = {"closed": day(shifted), "why": reason}
            _add_caution(cautions, "caution.shifted_holiday", act, values, SHIFTED_CITATION)
    elif plan.roll in ("hear", "prev") or rule.receipt:
        act = open_day_before(plain, calendar, cautions)
    if act < due and not cautions:
        _add_caution(cautions, "caution.nothing_added" if act == plain else "caution.mail_days", act)
    if rule.receipt and not inputs.electronic:
        act = paper_filing_day(act, calendar, cautions)
    return act


def open_day_before(on: dt.date, calendar: OfficeCalendar, cautions: Steps) -> dt.date:
    """Return the last open day until `on`; where that is an earlier day, the reason is added to `cautions`."""
    act = calendar.last_open_day_until(on)
    if act < on and (why := calendar.closed_reason(on)):
        _add_caution(cautions, "caution.open_day_before", act, {"closed": day(on), "why": why})
    return act


def paper_filing_day(act: dt.date, calendar: OfficeCalendar, cautions: Steps) -> dt.date:
    """Return the internal deadline of a filing on paper, two business days earlier, and add the reason."""
    act = calendar.add_business_days(act, -2)
    _add_caution(cautions, "caution.on_paper", act, citation=RECEIPT_CITATION)
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
    steps: Steps,
) -> PlanDates:
    """Return the dates of a count in hours.

    The end moves only where a reading says so: to the end of the next open day.
    """
    due: Moment = ends
    if plan.roll == "fwd" and not calendar.is_open(ends.date()):
        due = _extend_to_open_day(ends.date(), plan, calendar, steps)
    return PlanDates(start, due, ends, opens, None, tuple(steps or ()), ())


def last_of(dates: PlanDates) -> Moment:
    """Return the last day of a plan, or its first where it only opens."""
    return dates.due or dates.opens or dt.date.max


def earliest_act_by_of(runs: Iterable[PlanDates | None], act: Moment) -> Moment:
    """Return the earliest internal deadline of the runs, with and without closures; `act` where they have none."""
    known = [run.act for run in runs if run is not None and run.act is not None]
    return reduce(earlier_moment, known) if known else act
