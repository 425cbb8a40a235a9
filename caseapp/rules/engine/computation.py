"""The computation of one question against one rulebook, with its working.

Facts and sources: docs/rules.md. A date is never moved later automatically: act_by is the earliest date of the readings
that count for it, due_on follows the position an attorney selected, else the earliest.
"""

import datetime as dt
from functools import reduce

from msgspec.structs import replace

from caseapp.rules.engine.compute_dates import (
    PlanDates,
    compute_plan_dates,
    earlier_moment,
    earliest_act_by_of,
    last_of,
    open_day_before,
    paper_filing_day,
    rule_step,
    starting_step,
)
from caseapp.rules.engine.positions import (
    Choice,
    CountingPlan,
    choose_plans,
    event_of,
    is_before,
    require_not_ended,
    sort_key,
    start_of,
    unused_event_warnings,
    version_in_force,
)
from caseapp.rules.packs.rulebook import Rulebook
from caseapp.rules.terms import counting
from caseapp.rules.terms.calendars import ONE_DAY, OfficeCalendar, plain_calendar
from caseapp.rules.terms.counting import day_of
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.inputs import PRINTED, Inputs, drop_distant_closures
from caseapp.rules.terms.pack import Pack, Rule, reminder_days_of
from caseapp.rules.terms.refusals import Unanswerable
from caseapp.rules.terms.result import AlternativeDate, Computation, ComputationStep, ComputedDates
from caseapp.rules.terms.sentence import (
    CodeValue,
    CountValue,
    Sentence,
    Values,
    as_sentence,
    begin_sentence,
    dated_events,
    day,
    drop_repeated,
    pack_sentence,
    watch_sentence,
)
from caseapp.rules.terms.words import Moment

AGES = frozenset({"birth_date"})  # a birth before the texts is no event under them


def answer_question(book: Rulebook, question: str, inputs: Inputs) -> Computation:
    """Compute the dates for a question with the working: a rule's id or "id@position".

    Raises RuleError when it has no answer.
    """
    builder = _choose_builder(book, question, inputs, records=True)
    dates = builder.dates()
    return _build_computation(builder, builder.plan, *dates)


def answer_with_dates(book: Rulebook, question: str, inputs: Inputs) -> ComputedDates:
    """Compute the dates for a question, as `answer_question` does, and build no working.

    Raises RuleError when it has no answer.
    """
    return ComputedDates(*_choose_builder(book, question, inputs, records=False).dates())


def _choose_builder(book: Rulebook, question: str, inputs: Inputs, *, records: bool) -> "_ComputationBuilder":
    rule_id, _, asked = question.partition("@")
    rule = version_in_force(book, rule_id, inputs)
    pack = book.pack_of(rule_id)
    warnings = unused_event_warnings(pack, rule, inputs, book.events_used(rule))
    if inputs.clock_stops and not rule.stops:
        raise RuleError(f"{rule.id} has no clock that stops")
    choice = choose_plans(book, rule, asked or None, inputs)
    builder = _ComputationBuilder(book, rule, pack, inputs, choice, warnings)
    builder.records = records
    return builder


class _ComputationBuilder:
    """Collects the steps, warnings and arguable dates of one computation; used once.

    records  False: only the dates are asked for; what does not change them is left out
    plan     the plan that gives the legal deadline, once the dates are computed
    """

    def __init__(
        self, book: Rulebook, rule: Rule, pack: Pack, inputs: Inputs, choice: Choice, warnings: list[Sentence]
    ) -> None:
        self.book, self.rule, self.pack, self.inputs, self.choice = book, rule, pack, inputs, choice
        self.warnings = warnings
        self.plain = plain_calendar(pack.calendar)
        self.closed = OfficeCalendar(pack.calendar, inputs.closures) if inputs.closures else None
        self.steps: list[ComputationStep] = []
        self.others: list[AlternativeDate] = []
        self.records = True
        self.plan = choice.positions[0]

    def dates(self) -> tuple[Moment | None, Moment | None, dt.date | None]:
        """Compute legal deadline, internal deadline and first day. Raises RuleError."""
        if not (self.plan.count or self.plan.opens):
            return _answer_manual_rule(self)
        runs = [(plan, *self._with_and_without_closures(plan)) for plan in self.choice.positions]
        plan, dates, without = self._choose_dates(runs)
        self.plan, due = plan, dates.due
        if self.records:
            self._add_start_steps(plan)
            self._add_position_steps(runs, plan)
            self.steps += dates.steps
            self._warn_of_early_event(plan, due or dates.opens)
        if due is None:
            require_not_ended(self.pack, self.rule, self.inputs, dates.opens)
            opening = self._act_by_before_opening()
            self._add_opening_step(dates, opening)
            return None, opening, dates.opens
        require_not_ended(self.pack, self.rule, self.inputs, due)
        act = self._earliest_act_by(runs, dates, without, due)
        self._add_arguable_dates(plan, dates)
        due, act = self._apply_printed_date(due, act)
        act = earlier_moment(act, due)
        if self.rule.closing:
            act = self._act_before_closing(act, due)
        if self.records:
            if dates.opens and sort_key(act) < sort_key(dates.opens):
                self.warnings.append(Sentence("warning.short_window"))
            self._add_result_step(due, act, dates.opens)
        return due, act, dates.opens

    def _with_and_without_closures(self, plan: CountingPlan) -> tuple[PlanDates, PlanDates | None]:
        """Return the dates with the office's closures, and those without them where they differ (else None)."""
        rule, pack, inputs, records = self.rule, self.pack, self.inputs, self.records
        plain = compute_plan_dates(plan, rule, pack, inputs, self.plain, records=records)
        if self.closed is None:
            return plain, None
        closed = compute_plan_dates(plan, rule, pack, inputs, self.closed, records=records)
        same = (closed.due, closed.act, closed.opens) == (plain.due, plain.act, plain.opens)
        return (plain, None) if same else (closed, plain)

    def _choose_dates(
        self, runs: list[tuple[CountingPlan, PlanDates, PlanDates | None]]
    ) -> tuple[CountingPlan, PlanDates, PlanDates | None]:
        if len(runs) == 1:
            return runs[0]
        if self.choice.chosen is not None:
            for plan, dates, without in runs:
                if plan.id == self.choice.chosen.id:
                    return plan, dates, without
        return reduce(lambda best, run: run if is_before(last_of(run[1]), last_of(best[1])) else best, runs)

    def _earliest_act_by(
        self,
        runs: list[tuple[CountingPlan, PlanDates, PlanDates | None]],
        chosen_dates: PlanDates,
        without: PlanDates | None,
        due: Moment,
    ) -> Moment:
        act = earlier_moment(chosen_dates.act or due, due)
        self.steps += chosen_dates.cautions
        if without is not None and without.act is not None and without.due is not None:
            self._add_closure_step(without.due, without.act)
            act = earlier_moment(act, without.act)
        if len(runs) == 1 and without is None and not self.choice.cautions:
            return act  # that of the only run
        for plan, *both in (run for run in runs if run[0].id not in self.choice.set_aside):
            other = earliest_act_by_of(both, act)
            if is_before(other, act):
                act = other
                if not self.records:
                    continue
                values: Values = {"position": CodeValue(plan.id), "day": day(act)}
                self.steps.append(ComputationStep("Caution", "caution.position", values, act, plan.citation))
        for plan in self.choice.cautions:
            bound = earliest_act_by_of(self._with_and_without_closures(plan), act)
            if is_before(bound, act):
                act = bound
                if not self.records:
                    continue
                values = {"text": begin_sentence(plan.text), "day": day(act)}
                self.steps.append(ComputationStep("Caution", "caution.reading", values, act, plan.citation))
        return act

    def _add_closure_step(self, due: Moment, act: Moment) -> None:
        """Add the dates without the closures that the office added, which the internal deadline relies on."""
        values: Values = {"day": day(due)}
        if act == due:
            step = ComputationStep("Closure", "closure.without", values, day_of(due))
        else:
            step = ComputationStep("Closure", "closure.without_safe", {**values, "safe": day(act)}, day_of(due))
        self.steps.append(step)
        self.others.append(AlternativeDate("without_closure", due, "", Sentence("other.without_closure")))

    def _add_arguable_dates(self, chosen: CountingPlan, chosen_dates: PlanDates) -> None:
        for plan in self.choice.argued:
            reading = plan if plan.count or plan.opens else replace(plan, count=chosen.count, franc=chosen.franc)
            argued = self._with_and_without_closures(reading)[0]
            last = argued.due or argued.opens
            if last is not None and last != (chosen_dates.due or chosen_dates.opens):
                self.others.append(AlternativeDate(plan.id, last, plan.citation, as_sentence(plan.text)))
        if chosen_dates.later is not None and chosen_dates.later != (chosen_dates.due or chosen_dates.opens):
            later = Sentence("other.no_such_day")
            self.others.append(AlternativeDate("no_such_day", chosen_dates.later, self.rule.citation, later))

    def _apply_printed_date(self, due: Moment, act: Moment) -> tuple[Moment, Moment]:
        """Apply a date printed on the notice: it prevails when it is earlier; a later one is only shown."""
        printed = self.inputs.events.get(PRINTED)
        if printed is None:
            if self.rule.paper_controls:
                self.warnings.append(Sentence("warning.enter_printed"))
            return due, act
        if sort_key(printed) >= sort_key(due):
            if printed != due:
                reason = Sentence("other.printed")
                self.others.append(AlternativeDate("printed", printed, self.rule.citation, reason))
            return due, act
        self.steps.append(ComputationStep("Paper", "paper.earlier", {"day": day(printed)}, printed))
        return printed, earlier_moment(act, self.act_by_for_printed_date(printed))

    def _act_before_closing(self, act: Moment, due: Moment) -> Moment:
        """Return the internal deadline of a rule whose last day is too late: the last open day before that day."""
        calendar = self.closed or self.plain
        before = calendar.last_open_day_until(day_of(due) - ONE_DAY)
        if not self.inputs.electronic:
            before = calendar.add_business_days(before, -2)
        if sort_key(before) >= sort_key(act):
            return act
        values: Values = {"day": day(before)}
        self.steps.append(ComputationStep("Caution", "caution.before_closing", values, before, self.rule.citation))
        return before

    def act_by_for_printed_date(self, printed: Moment) -> Moment:
        """Return the internal deadline for a printed date: an open day, two business days earlier for paper filings."""
        if not (self.rule.receipt or self.rule.roll == "prev") or isinstance(printed, dt.datetime):
            return printed
        calendar = self.closed or self.plain
        act = open_day_before(printed, calendar, self.steps)
        return act if self.inputs.electronic or not self.rule.receipt else paper_filing_day(act, calendar, self.steps)

    def _add_start_steps(self, plan: CountingPlan) -> None:
        name, start = event_of(self.rule, plan.on, self.inputs)
        first = starting_step(self.pack, name, start)
        known = [(other, self.inputs.events[other]) for other in plan.on if other in self.inputs.events]
        if len(known) > 1:
            code = "starts.later_of" if self.rule.pick == "later" else "starts.earlier_of"
            first = replace(first, code=code, values={**first.values, "dates": dated_events(known)})
        self.steps.append(first)
        if self.rule.not_before is not None and day_of(start) < self.rule.not_before:
            values: Values = {"day": day(self.rule.not_before)}
            self.steps.append(ComputationStep("Starts", "starts.not_before", values, self.rule.not_before))
        if counting.uses_unit(plan.count, "h"):
            self.steps.append(rule_step(self.rule, "rule.hours", {"count": CountValue(plan.count or "")}))
        elif plan.opens and plan.count:
            values = {"opens": CountValue(plan.opens), "closes": CountValue(plan.count)}
            self.steps.append(rule_step(self.rule, "rule.window", values))
        else:
            count = CountValue(plan.count or plan.opens or "")
            self.steps.append(rule_step(self.rule, "rule.counts", {"count": count}))

    def _warn_of_early_event(self, plan: CountingPlan, last: Moment | None) -> None:
        """Add a warning for an event before the day the period runs from, or before the texts that were read."""
        _, start = event_of(self.rule, plan.on, self.inputs)
        first, read_from = self.rule.not_before, self.book.effective_from(self.rule)
        if first is not None and last is not None and day_of(start) < first:
            self.warnings.append(Sentence("warning.counted_from", {"day": day(first), "last": day(last)}))
        elif first is None and day_of(start) < read_from and not AGES.intersection(self.rule.on):
            self.warnings.append(Sentence("warning.before_texts", {"day": day(read_from)}))

    def _add_position_steps(
        self, runs: list[tuple[CountingPlan, PlanDates, PlanDates | None]], chosen: CountingPlan
    ) -> None:
        for plan, dates, _ in runs:
            last = dates.due or dates.opens
            if not plan.id or last is None:
                continue
            code = "position.set_aside" if plan.id in self.choice.set_aside else "position.argued"
            if plan.id == chosen.id:
                code = "position.variant_used" if plan.role == "variant" else "position.used"
            values: Values = {"position": CodeValue(plan.id), "text": plan.text, "day": day(last)}
            self.steps.append(ComputationStep("Position", code, values, last, plan.citation))
            if plan.id != chosen.id:
                self.others.append(AlternativeDate(plan.id, last, plan.citation, as_sentence(plan.text)))

    def _act_by_before_opening(self) -> Moment | None:
        """Return the internal deadline of a rule that only opens, where a caution counts one; else None."""
        act: Moment | None = None
        for plan in self.choice.cautions:
            if not plan.count:
                continue
            bound = earliest_act_by_of(self._with_and_without_closures(replace(plan, opens=None)), dt.date.max)
            if act is None or sort_key(bound) < sort_key(act):
                act = bound
                values: Values = {"text": begin_sentence(plan.text), "day": day(act)}
                self.steps.append(ComputationStep("Caution", "caution.reading", values, act, plan.citation))
        return act

    def _add_opening_step(self, chosen_dates: PlanDates, act: Moment | None) -> None:
        if chosen_dates.opens is None:
            return
        self._add_arguable_dates(self.choice.positions[0], chosen_dates)
        if PRINTED in self.inputs.events:
            self.warnings.append(Sentence("warning.printed_unused"))
        self.warnings.append(Sentence("warning.before_first_day"))
        opens = chosen_dates.opens
        if act is None:
            self.steps.append(ComputationStep("Result", "result.opens", {"day": day(opens)}, opens))
        else:
            values: Values = {"day": day(opens), "act_by": day(act)}
            self.steps.append(ComputationStep("Result", "result.opens_act_by", values, opens))

    def _add_result_step(self, due: Moment, act: Moment, opens: dt.date | None) -> None:
        if opens:
            self.warnings.append(Sentence("warning.rejected_before", {"day": day(opens)}))
            if sort_key(due) < sort_key(opens):
                self.warnings.append(Sentence("warning.closed_window"))
        code = "result.last_minute" if isinstance(due, dt.datetime) else "result.last_day"
        if act == due:
            self.steps.append(ComputationStep("Result", code, {"day": day(due)}, due))
        else:
            values: Values = {"day": day(due), "act_by": day(act)}
            self.steps.append(ComputationStep("Result", f"{code}_act_by", values, due))


def _answer_manual_rule(builder: _ComputationBuilder) -> tuple[Moment | None, Moment | None, dt.date | None]:
    """Compute the dates of a rule without a period of its own from `printed_date`, the date printed on the notice.

    A rule that says "at once" also has an answer without a printed date: it opens on its trigger day. Raises RuleError
    when another rule has no printed date.
    """
    rule, pack, inputs = builder.rule, builder.pack, builder.inputs
    builder.warnings += builder.choice.warnings
    printed = inputs.events.get(PRINTED)
    if printed is None:
        if not rule.at_once:
            message = f"{rule.id} has no period of its own: give the date on the paper as printed_date"
            raise Unanswerable(message, Sentence("refused.printed_only"))
        name, start = start_of(rule, rule.on, inputs)
        opens = day_of(start)
        builder.steps += [
            starting_step(pack, name, start),
            rule_step(rule, "rule.at_once"),
            ComputationStep("Result", "result.open_since", {"day": day(opens)}, opens),
        ]
        builder.warnings.append(Sentence("warning.at_once"))
        return None, None, opens
    builder.steps += [
        ComputationStep("Starts", "starts.printed", {"day": day(printed)}, printed),
        rule_step(rule, "rule.printed"),
    ]
    act = builder.act_by_for_printed_date(printed)
    calendar = builder.closed or builder.plain
    if rule.receipt and rule.roll == "fwd" and not isinstance(printed, dt.datetime) and not calendar.is_open(printed):
        following, reason = calendar.first_open_day_from(printed), Sentence("other.next_open_day")
        builder.others.append(AlternativeDate("roll", following, rule.citation, reason))
    builder._add_result_step(printed, act, None)
    return printed, act, None


def _build_computation(
    builder: _ComputationBuilder, plan: CountingPlan, due: Moment | None, act: Moment | None, opens: dt.date | None
) -> Computation:
    rule, pack = builder.rule, builder.pack
    others = sorted(builder.others, key=lambda other: sort_key(other.due_on))
    cautions: tuple[Sentence, ...] = tuple(map(pack_sentence, (*rule.cautions, *plan.cautions)))
    severity, duty = plan.severity or rule.severity, plan.duty or rule.duty
    if duty == "watch":
        cautions = (watch_sentence(plan.then or rule.then or ""), *cautions)
    inputs = drop_distant_closures(builder.inputs, (due, act, opens, *(other.due_on for other in others)))
    return Computation(
        rule=rule.id,
        version=f"{pack.id} {pack.version} v{rule.version}",
        what=rule.what,
        citation=rule.citation,
        severity=severity,
        state=rule.state,
        chk=rule.chk,
        last_checked=builder.book.last_checked(rule),
        position=plan.id or None,
        due_on=due,
        act_by=act,
        opens_on=opens,
        steps=tuple(builder.steps),
        warnings=drop_repeated((*builder.warnings, *builder.choice.warnings, *cautions)),
        others=tuple(others),
        duty=duty,
        reminder_days=reminder_days_of(rule, pack.reminders, severity, duty),
        inputs=inputs,
        to_check=builder.book.find_unconfirmed(rule, inputs),
    )
