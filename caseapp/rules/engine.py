"""The computation of one question against one rulebook, with its working.

Facts and sources: docs/rules.md. A date is never moved later automatically: act_by is the earliest date of the readings
that count for it, due_on follows the position an attorney selected, else the earliest.
"""

import datetime as dt
from collections.abc import Iterable

from msgspec.structs import replace

from caseapp.rules import counting, words
from caseapp.rules.calendars import Calendar
from caseapp.rules.compute_dates import RECEIPT, Run, earliest, run
from caseapp.rules.counting import day_of
from caseapp.rules.errors import RuleError
from caseapp.rules.inputs import PRINTED, Inputs
from caseapp.rules.pack import Pack, Rule
from caseapp.rules.positions import Choice, Plan, choose, mentioned, order, start_of, version_in_force
from caseapp.rules.result import Computed, Other, Step
from caseapp.rules.rulebook import Rulebook
from caseapp.rules.words import Moment


def answer(book: Rulebook, question: str, inputs: Inputs) -> Computed:
    """Compute the dates for a question: a rule's id or "id@position". Raises RuleError when it has no answer."""
    rule_id, _, asked = question.partition("@")
    rule = version_in_force(book, rule_id, inputs)
    pack = book.pack_of(rule_id)
    warnings = mentioned(pack, rule, inputs, book.events_used(rule))
    if inputs.clock_stops and not rule.stops:
        raise RuleError(f"{rule.id} has no clock that stops")
    choice = choose(book, rule, asked or None if "@" in question else None, inputs)
    plan = choice.positions[0]
    if not (plan.count or plan.opens):
        return _manual(book, rule, pack, inputs, choice, warnings)
    return _Answer(book, rule, pack, inputs, choice, warnings).computed()


class _Answer:
    """Collects the steps, warnings and arguable dates of one computation; used once."""

    def __init__(
        self, book: Rulebook, rule: Rule, pack: Pack, inputs: Inputs, choice: Choice, warnings: list[str]
    ) -> None:
        self.book, self.rule, self.pack, self.inputs, self.choice = book, rule, pack, inputs, choice
        self.warnings = warnings
        self.plain = Calendar(pack.calendar)
        self.closed = Calendar(pack.calendar, inputs.closures) if inputs.closures else None
        self.steps: list[Step] = []
        self.others: list[Other] = []

    def computed(self) -> Computed:
        runs = [(plan, *self._both(plan)) for plan in self.choice.positions]
        plan, dates, without = self._chosen(runs)
        self._tell_start(plan)
        self._tell_positions(runs, plan)
        self.steps += dates.steps
        due = dates.due
        if due is None:
            self._tell_opening(dates)
            return _computed(self, plan, None, None, dates.opens)
        act = self._act_by(runs, dates, without, due)
        self._argue(plan, dates)
        due, act = self._printed(due, act)
        act = earliest(act, due)
        if dates.opens and order(act) < order(dates.opens):
            self.warnings.append("The window is very short: the safe day lies before the first day.")
        self._tell_result(due, act, dates.opens)
        return _computed(self, plan, due, act, dates.opens)

    def _both(self, plan: Plan) -> tuple[Run, Run | None]:
        """Return the dates with the office's closures, and those without them where they differ (else None)."""
        plain = run(plan, self.rule, self.pack, self.inputs, self.plain)
        if self.closed is None:
            return plain, None
        closed = run(plan, self.rule, self.pack, self.inputs, self.closed)
        same = (closed.due, closed.act, closed.opens) == (plain.due, plain.act, plain.opens)
        return (plain, None) if same else (closed, plain)

    def _chosen(self, runs: list[tuple[Plan, Run, Run | None]]) -> tuple[Plan, Run, Run | None]:
        if self.choice.chosen is not None:
            for plan, dates, without in runs:
                if plan.id == self.choice.chosen.id:
                    return plan, dates, without
        return min(runs, key=lambda item: order(item[1].due or item[1].opens or dt.date.max))

    def _act_by(self, runs: list[tuple[Plan, Run, Run | None]], found: Run, without: Run | None, due: Moment) -> Moment:
        act = earliest(found.act or due, due)
        self.steps += found.cautions
        if without is not None and without.act is not None and without.due is not None:
            safe = f", our safe day {words.day(without.act)}" if without.act != without.due else ""
            text = (
                f"Without the closure the last day would be {words.day(without.due)}{safe}: act_by relies on no closure"
            )
            self.steps.append(Step("Closure", text, day_of(without.due)))
            self.others.append(Other("without_closure", without.due, "", "without the closure added by the office"))
            act = earliest(act, without.act)
        for plan, *both in runs:
            other = _safest(both, act)
            if order(other) < order(act):
                act = other
                self.steps.append(
                    Step("Caution", f"Position {plan.id} ends earlier: act by {words.day(act)}", act, plan.citation)
                )
        for plan in self.choice.cautions:
            bound = _safest(self._both(plan), act)
            if order(bound) < order(act):
                act = bound
                self.steps.append(
                    Step("Caution", f"{_sentence(plan.text)}: act by {words.day(act)}", act, plan.citation)
                )
        return act

    def _argue(self, chosen: Plan, found: Run) -> None:
        for plan in self.choice.argued:
            reading = plan if plan.count or plan.opens else replace(plan, count=chosen.count, franc=chosen.franc)
            argued = self._both(reading)[0]
            last = argued.due or argued.opens
            if last is not None and last != (found.due or found.opens):
                self.others.append(Other(plan.id, last, plan.citation, plan.text))
        if found.later is not None and found.later != (found.due or found.opens):
            text = "the month has no such day: the period may be read to end one day later"
            self.others.append(Other("no_such_day", found.later, self.rule.citation, text))

    def _printed(self, due: Moment, act: Moment) -> tuple[Moment, Moment]:
        """Apply a date printed on the notice: it prevails when it is earlier; a later one is only shown."""
        printed = self.inputs.events.get(PRINTED)
        if printed is None:
            if self.rule.paper_controls:
                self.warnings.append(
                    "The date printed on the paper prevails when it is earlier: enter it if there is one."
                )
            return due, act
        if order(printed) >= order(due):
            if printed != due:
                self.others.append(Other("printed", printed, self.rule.citation, "the date printed on the paper"))
            return due, act
        self.steps.append(
            Step("Paper", f"The paper itself says {words.day(printed)}, which is earlier and prevails", printed)
        )
        return printed, earliest(act, self.paper_day(printed))

    def paper_day(self, printed: Moment) -> Moment:
        """Return the internal deadline for a printed date: an open day, two business days earlier for paper filings."""
        if not self.rule.receipt or isinstance(printed, dt.datetime):
            return printed
        calendar = self.closed or self.plain
        act = calendar.open_until(printed)
        if act != printed:
            why = calendar.why_closed(printed)
            text = f"{words.day(printed)} is closed ({why}): act by the open day before, {words.day(act)}"
            self.steps.append(Step("Caution", text, act))
        if not self.inputs.electronic:
            act = calendar.business_days(act, -2)
            text = f"Filed on paper, receipt counts, not posting: two business days earlier, {words.day(act)}"
            self.steps.append(Step("Caution", text, act, RECEIPT))
        return act

    def _tell_start(self, plan: Plan) -> None:
        name, start = start_of(self.rule, plan.on, self.inputs)
        known = [
            f"{words.event(other)} {words.day(self.inputs.events[other])}"
            for other in plan.on
            if other in self.inputs.events
        ]
        several = f", the {self.rule.pick} of {' and '.join(known)}" if len(known) > 1 else ""
        self.steps.append(Step("Starts", f"{self.pack.events[name]}: {words.day(start)}{several}", start))
        counts = [counting.in_words(count) for count in (plan.opens, plan.count) if count]
        text = f"{self.rule.id} v{self.rule.version}: {'; then '.join(counts)}, the first day not counted"
        if plan.opens and plan.count:
            text = f"{self.rule.id} v{self.rule.version}: opens {counts[0]}, closes {counts[1]}"
        if counting.uses(plan.count, "h"):
            text = f"{self.rule.id} v{self.rule.version}: {counts[-1]}, from the minute"
        self.steps.append(Step("Rule", f"{text}. {self.rule.what}", None, self.rule.citation))

    def _tell_positions(self, runs: list[tuple[Plan, Run, Run | None]], chosen: Plan) -> None:
        for plan, dates, _ in runs:
            last = dates.due or dates.opens
            if not plan.id or last is None:
                continue
            used = "used here" if plan.id == chosen.id else "could also be argued"
            text = f"{plan.role.capitalize()} {plan.id}, {used}: {plan.text}: {words.day(last)}"
            self.steps.append(Step("Position", text, last, plan.citation))
            if plan.id != chosen.id:
                self.others.append(Other(plan.id, last, plan.citation, plan.text))

    def _tell_opening(self, found: Run) -> None:
        if found.opens is None:
            return
        self._argue(self.choice.positions[0], found)
        if PRINTED in self.inputs.events:
            self.warnings.append("This rule only opens: a printed date is not used.")
        self.warnings.append("Before the first day the act is refused or too early.")
        self.steps.append(Step("Result", f"Opens {words.day(found.opens)}; no last day", found.opens))

    def _tell_result(self, due: Moment, act: Moment, opens: dt.date | None) -> None:
        if opens:
            self.warnings.append(f"An act before {words.day(opens)} is rejected.")
            if order(due) < order(opens):
                self.warnings.append("The window closes before it opens: no day fits both.")
        text = f"Last day {words.day(due)}"
        if not isinstance(due, dt.datetime):
            text += ", to the end of that day at the receiving office"
        if act != due:
            text += f"; act by {words.day(act)}"
        self.steps.append(Step("Result", text, due))


def _manual(book: Rulebook, rule: Rule, pack: Pack, inputs: Inputs, choice: Choice, warnings: list[str]) -> Computed:
    """Compute a rule without a period of its own from `printed_date`, the date printed on the notice.

    A rule that says "at once" also has an answer without a printed date: it opens on its trigger day. Raises RuleError
    when another rule has no printed date.
    """
    builder = _Answer(book, rule, pack, inputs, choice, [*warnings, *choice.warnings])
    plan = choice.positions[0]
    printed = inputs.events.get(PRINTED)
    if printed is None:
        if not rule.at_once:
            raise RuleError(f"{rule.id} has no period of its own: give the date on the paper as printed_date")
        name, start = start_of(rule, rule.on, inputs)
        opens = day_of(start)
        builder.steps += [
            Step("Starts", f"{pack.events[name]}: {words.day(start)}", start),
            Step("Rule", f"{rule.id} v{rule.version}: no fixed period, act at once. {rule.what}", None, rule.citation),
            Step("Result", f"Open since {words.day(opens)}; file at once", opens),
        ]
        builder.warnings.append("No fixed period: file at once.")
        return _computed(builder, plan, None, None, opens)
    builder.steps += [
        Step("Starts", f"The date the paper gives: {words.day(printed)}", printed),
        Step("Rule", f"{rule.id} v{rule.version}: the paper's own date, never moved. {rule.what}", None, rule.citation),
    ]
    act = builder.paper_day(printed)
    calendar = builder.closed or builder.plain
    if rule.receipt and rule.roll == "fwd" and not isinstance(printed, dt.datetime) and not calendar.is_open(printed):
        text = "a closed last day runs on to the next open day"
        builder.others.append(Other("roll", calendar.open_from(printed), rule.citation, text))
    builder._tell_result(printed, act, None)
    return _computed(builder, plan, printed, act, None)


def _computed(found: _Answer, plan: Plan, due: Moment | None, act: Moment | None, opens: dt.date | None) -> Computed:
    rule, pack = found.rule, found.pack
    others = sorted(found.others, key=lambda other: order(other.due_on))
    inputs = _met(found.inputs, (due, act, opens, *(other.due_on for other in others)))
    return Computed(
        rule=rule.id,
        version=f"{pack.id} {pack.version} v{rule.version}",
        what=rule.what,
        citation=rule.citation,
        severity=rule.severity,
        state=rule.state,
        chk=rule.chk,
        last_checked=found.book.last_checked(rule),
        position=plan.id or None,
        due_on=due,
        act_by=act,
        opens_on=opens,
        steps=tuple(found.steps),
        warnings=tuple(dict.fromkeys((*found.warnings, *found.choice.warnings, *rule.cautions))),
        others=tuple(others),
        reminder_days=pack.reminders[rule.severity] if rule.reminders is None else rule.reminders,
        inputs=inputs,
        to_check=found.book.unconfirmed(rule, inputs),
    )


def _met(inputs: Inputs, dates: Iterable[Moment | None]) -> Inputs:
    """Return the inputs without closures outside the span of the computed dates.

    A closure outside that span changed nothing, and a stored working need not contain the office's whole list.
    """
    if not inputs.closures:
        return inputs
    days = [day_of(moment) for moment in (*dates, *inputs.events.values()) if moment is not None]
    first, last = min(days), max(days)
    return replace(inputs, closures=tuple(item for item in inputs.closures if first <= item.on <= last))


def _safest(runs: Iterable[Run | None], act: Moment) -> Moment:
    """Return the earliest internal deadline of the runs, with and without closures; `act` where they have none."""
    return min((run.act for run in runs if run is not None and run.act is not None), key=order, default=act)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
