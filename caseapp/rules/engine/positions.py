"""Selection of the readings of a rule for one question: positions in force, a variant, and cautions."""

import datetime as dt
from collections.abc import Mapping, Set
from typing import NamedTuple
from weakref import WeakKeyDictionary

from msgspec import Struct
from msgspec.structs import replace

from caseapp.rules.packs.rulebook import Rulebook
from caseapp.rules.terms import words
from caseapp.rules.terms.counting import day_of
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.inputs import Inputs
from caseapp.rules.terms.office import ORDER_PREFIX, StandingOrder
from caseapp.rules.terms.pack import Duty, Pack, Reading, Roll, Rule, Severity
from caseapp.rules.terms.refusals import Unanswerable
from caseapp.rules.terms.sentence import (
    AnyEventValue,
    CodeValue,
    EventValue,
    NameValue,
    PackTextValue,
    Sentence,
    Values,
    day,
)
from caseapp.rules.terms.words import Moment

LONGEST_RECURRENCE = 50  # years
RULE_ITSELF = "rule"  # position id of the rule itself when a standing order adds another position


class CountingPlan(Struct, frozen=True):
    """A rule combined with one of its readings. `id` is "" for the rule itself."""

    id: str
    role: str
    text: PackTextValue | Sentence
    citation: str
    on: tuple[str, ...]
    count: str | None
    opens: str | None
    franc: bool
    roll: Roll
    effective_from: dt.date | None = None
    effective_until: dt.date | None = None
    severity: Severity | None = None
    duty: Duty | None = None
    then: str | None = None
    cautions: tuple[str, ...] = ()


class Choice(NamedTuple):
    """The plans to compute. `chosen` gives due_on (None: the earliest position).

    set_aside  the positions that do not count for act_by, because the chosen one is accepted for this case
    """

    chosen: CountingPlan | None
    positions: tuple[CountingPlan, ...]
    cautions: tuple[CountingPlan, ...]  # only act_by
    argued: tuple[CountingPlan, ...]  # shown only
    warnings: tuple[Sentence, ...]
    set_aside: frozenset[str] = frozenset()


class _RulePlans(NamedTuple):
    """The plans of a rule's readings, and the choice where the rule has none and nothing else is asked for.

    by_id     the positions and variants
    variants  a warning for each variant, which is computed only when asked for
    """

    plans: tuple[CountingPlan, ...]
    alone: Choice
    by_id: Mapping[str, CountingPlan]
    positions: tuple[CountingPlan, ...]
    variants: tuple[Sentence, ...]


_PLANS: "WeakKeyDictionary[Rulebook, dict[tuple[str, int, bool], _RulePlans]]" = WeakKeyDictionary()


def start_of(rule: Rule, on: tuple[str, ...], inputs: Inputs) -> tuple[str, Moment]:
    """Return the trigger event and its moment, which is at the earliest the day that the rule counts from.

    Raises RuleError when none of the events is given.
    """
    name, moment = event_of(rule, on, inputs)
    first = rule.not_before
    return name, first if first is not None and day_of(moment) < first else moment


def event_of(rule: Rule, on: tuple[str, ...], inputs: Inputs) -> tuple[str, Moment]:
    """Return the trigger event and its own moment. Raises RuleError when none of the events is given."""
    if len(on) == 1 and on[0] in inputs.events:
        return on[0], inputs.events[on[0]]
    known = [(name, inputs.events[name]) for name in on if name in inputs.events]
    if not known:
        message = f"{rule.id} needs the date of {' or '.join(on)}"
        raise Unanswerable(message, Sentence("refused.needs_date", {"events": AnyEventValue(on)}))
    if len(known) == 1:
        return known[0]
    pick = max if rule.pick == "later" else min
    return pick(known, key=lambda item: sort_key(item[1]))


def require_not_ended(pack: Pack, rule: Rule, inputs: Inputs, reached: Moment | None) -> None:
    """Raise RuleError when an event ended the period before it reached its date."""
    for name in rule.ended_by:
        ended = inputs.events.get(name)
        if ended is not None and reached is not None and day_of(ended) < day_of(reached):
            values: Values = {"ended": day(ended), "reached": day(reached), "event": EventValue(name)}
            days = f"the period ended on {words.format_day(ended)}, before {words.format_day(reached)}"
            message = f"{rule.id} gives no date: {days} ({pack.events[name]})"
            raise Unanswerable(message, Sentence("refused.ended", values))


def sort_key(moment: Moment) -> dt.datetime:
    """Return a key to compare moments: a date is the whole day, so it ends after any hour of that day."""
    return moment if isinstance(moment, dt.datetime) else dt.datetime.combine(moment, dt.time.max)


def is_before(first: Moment, second: Moment) -> bool:
    """Return whether a moment is before another. A date ends after every hour of that day."""
    if type(first) is type(second):
        return first < second
    return sort_key(first) < sort_key(second)


def version_in_force(book: Rulebook, rule_id: str, inputs: Inputs) -> Rule:
    """Return the version whose effective dates include the trigger day. Raises RuleError when there is none."""
    versions = book.versions_of(rule_id)
    if len(versions) == 1 and not (versions[0].effective_from or versions[0].effective_until):
        return versions[0]
    for rule in reversed(versions):
        triggers = (*rule.on, "printed_date")
        if _is_in_force(rule.effective_from, rule.effective_until, day_of(start_of(rule, triggers, inputs)[1])):
            return rule
    raise Unanswerable(f"no version of {rule_id} was in force on that day", Sentence("refused.not_in_force"))


def choose_plans(book: Rulebook, rule: Rule, asked: str | None, inputs: Inputs) -> Choice:
    """Choose the plans to compute for one question. `asked` is the part of "id@position" after the "@".

    Raises RuleError for an unknown or unusable reading.
    """
    if rule.yearly and inputs.years is not None:
        rule, readings = _in_year(rule, book.readings_of(rule), inputs.years)
        known = _prepare_plans(rule, readings, inputs.by_mail)
    else:
        known = _plans_in(book, rule, inputs.by_mail)
    if not known.plans and asked is None and inputs.position is None and inputs.years is None and not inputs.orders:
        return known.alone
    known = _add_standing_orders(rule, known, inputs)
    plans, by_id, positions = known.plans, known.by_id, known.positions
    warnings: list[Sentence] = []
    if inputs.years is not None and inputs.years != rule.years and not rule.yearly:
        asked = _find_years_variant(rule, inputs.years, by_id)
    chosen = _find_asked_plan(rule, asked, by_id, inputs)
    if chosen is None and inputs.position is not None:
        chosen = _find_selected_plan(book, rule, by_id, inputs, warnings)
    cautions = tuple(plan for plan in plans if plan.role == "act_by" and _is_usable(rule, plan, inputs))
    argued = tuple(plan for plan in plans if plan.role == "argued" and _is_usable(rule, plan, inputs))
    if chosen is not None and chosen.role == "variant":
        return Choice(chosen, (chosen,), cautions, (), tuple(warnings))
    warnings += known.variants
    if not positions:
        return Choice(None, known.alone.positions, cautions, argued, tuple(warnings))
    usable = tuple(plan for plan in positions if _is_usable(rule, plan, inputs))
    if not usable:
        start_of(rule, tuple(dict.fromkeys(name for plan in positions for name in plan.on)), inputs)
        raise Unanswerable(f"no position of {rule.id} was in force on that day", Sentence("refused.not_in_force"))
    for plan in positions:
        if not any(name in inputs.events for name in plan.on):
            needs: Values = {"position": CodeValue(plan.id), "events": AnyEventValue(plan.on)}
            warnings.append(Sentence("warning.position_needs_date", needs))
    return Choice(chosen, usable, cautions, argued, tuple(warnings), _set_aside(chosen, usable, inputs))


def _plans_in(book: Rulebook, rule: Rule, by_mail: bool) -> _RulePlans:
    """Return the plans of a rule of this book; they are prepared once, for each question starts with them."""
    of_book = _PLANS.setdefault(book, {})
    key = (rule.id, rule.version, by_mail)
    if key not in of_book:
        of_book[key] = _prepare_plans(rule, book.readings_of(rule), by_mail)
    return of_book[key]


def _prepare_plans(rule: Rule, readings: tuple[Reading, ...], by_mail: bool) -> _RulePlans:
    plans = tuple(_plan_of_reading(rule, reading) for reading in readings if by_mail or not reading.by_mail)
    return _group_plans(rule, plans, Choice(None, (_plan_of_rule(rule),), (), (), ()))


def _add_standing_orders(rule: Rule, known: _RulePlans, inputs: Inputs) -> _RulePlans:
    orders = _standing_order_plans(rule, known.plans, inputs)
    return _group_plans(rule, (*known.plans, *orders), known.alone) if orders else known


def _group_plans(rule: Rule, plans: tuple[CountingPlan, ...], alone: Choice) -> _RulePlans:
    by_id = {plan.id: plan for plan in plans if plan.role in ("position", "variant")}
    positions = tuple(plan for plan in plans if plan.role == "position")
    return _RulePlans(plans, alone, by_id, positions, _variant_warnings(rule, plans))


def _set_aside(chosen: CountingPlan | None, usable: tuple[CountingPlan, ...], inputs: Inputs) -> frozenset[str]:
    """Return the positions that no longer bound act_by. A judge's standing order always does: it binds in its court."""
    if chosen is None or not inputs.is_position_accepted or chosen.id != inputs.position:
        return frozenset()
    return frozenset(plan.id for plan in usable if plan.id != chosen.id and not plan.id.startswith(ORDER_PREFIX))


def unused_event_warnings(pack: Pack, rule: Rule, inputs: Inputs, used: Set[str]) -> list[Sentence]:
    """Return warnings for events the rule does not use. Raises RuleError for an event that is not in the pack."""
    warnings = []
    for name in inputs.events:
        if name not in pack.events:
            raise RuleError(f"{rule.id} knows no event {name[:60]!r}; it counts from {' or '.join(rule.on)}")
        if name not in used and name != "printed_date":
            warnings.append(Sentence("warning.event_unused", {"event": EventValue(name)}))
    return warnings


def _standing_order_plans(rule: Rule, plans: tuple[CountingPlan, ...], inputs: Inputs) -> list[CountingPlan]:
    """Return the standing orders as additional positions, with the rule itself where it had no other position."""
    if not inputs.orders:
        return []
    orders = [
        replace(_plan_of_reading(rule, order.as_reading()), text=_describe_order(order)) for order in inputs.orders
    ]
    orders = [plan for plan in orders if _is_usable(rule, plan, inputs)]
    if not orders or any(plan.role == "position" for plan in plans):
        return orders
    if not rule.count:
        return []
    return [
        replace(_plan_of_rule(rule), id=RULE_ITSELF, role="position", text=Sentence("reading.rule_itself")),
        *orders,
    ]


def _describe_order(order: StandingOrder) -> Sentence:
    values: Values = {"court": NameValue(order.court), "what": PackTextValue(order.what)}
    if not order.judge:
        return Sentence("reading.order_of_court", values)
    return Sentence("reading.order_of_judge", {"judge": NameValue(order.judge), **values})


def _plan_of_rule(rule: Rule) -> CountingPlan:
    text = PackTextValue(rule.what)
    return CountingPlan("", "rule", text, rule.citation, rule.on, rule.count, rule.opens, rule.franc, rule.roll)


def _plan_of_reading(rule: Rule, reading: Reading) -> CountingPlan:
    return CountingPlan(
        reading.id,
        reading.role,
        PackTextValue(reading.text),
        reading.citation or rule.citation,
        reading.on or rule.on,
        reading.count or rule.count,
        reading.opens or rule.opens,
        rule.franc if reading.franc is None else reading.franc,
        reading.roll or rule.roll,
        reading.effective_from,
        reading.effective_until,
        reading.severity,
        reading.duty,
        reading.then,
        reading.cautions,
    )


def _variant_warnings(rule: Rule, plans: tuple[CountingPlan, ...]) -> tuple[Sentence, ...]:
    variants = [plan for plan in plans if plan.role == "variant"]
    return tuple(
        Sentence("warning.variant", {"text": plan.text, "rule": CodeValue(f"{rule.id}@{plan.id}")}) for plan in variants
    )


def _in_year(rule: Rule, readings: tuple[Reading, ...], years: int) -> tuple[Rule, tuple[Reading, ...]]:
    """Return a rule that recurs each year, with its readings, in the year asked for. Raises RuleError."""
    if not 1 <= years <= LONGEST_RECURRENCE:
        raise RuleError(f"{rule.id} takes 1 to {LONGEST_RECURRENCE} years")

    def shift(count: str | None) -> str | None:
        return count.replace("+1y", f"+{years}y", 1) if count else count

    moved = tuple(replace(item, count=shift(item.count), opens=shift(item.opens)) for item in readings)
    return replace(rule, count=shift(rule.count), opens=shift(rule.opens)), moved


def _find_years_variant(rule: Rule, years: int, by_id: Mapping[str, CountingPlan]) -> str:
    if not rule.years:
        raise RuleError(f"{rule.id} takes no years")
    if f"{years}y" not in by_id:
        raise RuleError(f"{rule.id} knows no path of {years} years")
    return f"{years}y"


def _find_asked_plan(
    rule: Rule, asked: str | None, by_id: Mapping[str, CountingPlan], inputs: Inputs
) -> CountingPlan | None:
    if asked is None:
        return None
    if asked not in by_id:
        known = ", ".join(by_id) or "none"
        raise RuleError(f"{rule.id} has no position {asked[:30]!r}; it has {known}")
    plan = by_id[asked]
    on = day_of(start_of(rule, plan.on, inputs)[1])
    if not _is_in_force(plan.effective_from, plan.effective_until, on):
        message = f"position {asked} of {rule.id} was not in force on {words.format_day(on)}"
        raise Unanswerable(message, Sentence("refused.not_in_force"))
    return plan


def _find_selected_plan(
    book: Rulebook, rule: Rule, by_id: Mapping[str, CountingPlan], inputs: Inputs, warnings: list[Sentence]
) -> CountingPlan | None:
    """Return the position an attorney selected for the office; None, with a warning, where it does not apply.

    Raises RuleError for an unknown position.
    """
    position = inputs.position or ""
    if position not in by_id and _is_of_another_version(book, rule, position):
        warnings.append(Sentence("warning.position_not_in_force", {"position": CodeValue(position)}))
        return None
    if position not in by_id and (position == RULE_ITSELF or position.startswith(ORDER_PREFIX)):
        warnings.append(Sentence("warning.position_elsewhere", {"position": CodeValue(position[:30])}))
        return None
    if position not in by_id:
        raise RuleError(f"{rule.id} has no position {position[:30]!r}; it has {', '.join(by_id) or 'none'}")
    if _is_usable(rule, by_id[position], inputs):
        return by_id[position]
    warnings.append(Sentence("warning.position_not_in_force", {"position": CodeValue(position)}))
    return None


def _is_of_another_version(book: Rulebook, rule: Rule, position: str) -> bool:
    """Return whether another version of the rule has this position: it was not, or is no more, in dispute then."""
    others = (
        reading for other in book.versions_of(rule.id) if other is not rule for reading in book.readings_of(other)
    )
    return any(reading.id == position and reading.role == "position" for reading in others)


def _is_usable(rule: Rule, plan: CountingPlan, inputs: Inputs) -> bool:
    """Return whether the plan's trigger is given and the plan is in force on the trigger day."""
    if not any(name in inputs.events for name in plan.on):
        return False
    if plan.effective_from is None and plan.effective_until is None:
        return True
    return _is_in_force(plan.effective_from, plan.effective_until, day_of(start_of(rule, plan.on, inputs)[1]))


def _is_in_force(first: dt.date | None, last: dt.date | None, on: dt.date) -> bool:
    return (first is None or first <= on) and (last is None or on <= last)
