"""`caseapp bench deadlines`: our dates with their working, against the same dates by plain `dateutil` and `holidays`.

The peer computes only the date: no position, no internal deadline, no citation, no steps. "The date" is ours without
its working, but with internal deadline and positions; "with its working" also writes the JSON that a deadline keeps.
Needs no running office. `python-dateutil` is a dependency of Celery; the rules do not use it.
"""

import datetime as dt
import gc
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from caseapp import rules
from caseapp.tools.bench import make_figure

ROUNDS = 7
DATES = 400  # trigger days, from 1 Jan 2026 on
OPEN = 100_000  # open deadlines of a national network
CHUNK = 20_000
BUDGET = 10.0  # seconds in which 100,000 open deadlines should be computed again
CHANGED_RULE = "us.ij.reopen"
CHANGED_SHARE = 40  # a pack has many rules, and a change touches few of them
FIRST = dt.date(2026, 1, 1)
ONE_DAY = dt.timedelta(days=1)


class ComparedRule(NamedTuple):
    """A rule and its plain twin: the distance from the trigger in days, months or years, and the rolling."""

    rule: str
    event: str
    days: int = 0
    months: int = 0
    years: int = 0
    rolls: bool = True


COMPARED_RULES = (
    ComparedRule("us.ca.pfr", "order_final", days=30),
    ComparedRule("us.ij.reopen", "order_final", days=90),
    ComparedRule("us.bia.appeal", "oral_decision", days=10),
    ComparedRule("us.eoir.individual.filings", "hearing", days=-30),
    ComparedRule("us.uscis.rfe", "notice_date", days=84),
    ComparedRule("us.asylum.one_year", "last_arrival", years=1),
    ComparedRule("us.ftca.suit", "denial_mailed", months=6),
    ComparedRule("us.asylum.ead.file", "asylum_application_filed", days=150, rolls=False),
)
# Before 9 March 2026 another position gives the date of the BIA appeal.
STARTS = tuple(FIRST + ONE_DAY * number for number in range(90, 90 + DATES))


def run() -> list[dict[str, object]]:
    """Measure both sides in turn, after checking that they give the same dates. Return the figures."""
    plain = _plain_calculator()
    _check_same(plain)
    ours, peer = _measure_rounds(lambda: _compute_all(_compute_date), lambda: _compute_all(plain))
    stored, peer_again = _measure_rounds(lambda: _compute_all(_compute_json), lambda: _compute_all(plain))
    number = len(COMPARED_RULES) * len(STARTS)
    workings, changed_law = _sample_workings(), _change_law()
    again, peer_open = _measure_rounds(
        lambda: _compare_workings(workings, changed_law), lambda: _compute_plain_dates(plain, CHUNK), rounds=5
    )
    times = OPEN // CHUNK
    return [
        rate_figure("dates a second", number, ours, peer, goal=0.33),
        rate_figure("dates a second with the working as JSON", number, stored, peer_again, goal=0.03),
        make_figure(
            f"was, would be, why of {OPEN:,} open deadlines at a change of the law; 1 in {CHANGED_SHARE} moves",
            unit="s",
            ours=[spent * times for spent in again],
            peer=[BUDGET],
            peer_name=f"budget {BUDGET:.0f} s",
            goal=1.0,
        ),
        make_figure(
            f"the same {OPEN:,} next to their dates alone",
            unit="s",
            ours=[spent * times for spent in again],
            peer=[spent * times for spent in peer_open],
            peer_name="dateutil + holidays, the date alone",
            goal=50.0,
        ),
    ]


def _plain_calculator() -> Callable[[ComparedRule, dt.date], dt.date]:
    """Return a function that computes a date as a script without a rule engine would."""
    import holidays
    from dateutil.relativedelta import relativedelta

    closed = holidays.country_holidays("US", years=range(2025, 2031))

    def compute(asked: ComparedRule, start: dt.date) -> dt.date:
        last: dt.date = start + relativedelta(days=asked.days, months=asked.months, years=asked.years)
        while asked.rolls and (last.weekday() >= 5 or last in closed):
            last += ONE_DAY
        return last

    return compute


def _check_same(plain: Callable[[ComparedRule, dt.date], dt.date]) -> None:
    """Raise RuntimeError when the two sides give different dates."""
    for asked in COMPARED_RULES:
        for start in STARTS:
            if _compute_date(asked, start) != plain(asked, start):
                raise RuntimeError(f"{asked.rule} from {start}: the two sides differ")


def _compute_date(asked: ComparedRule, start: dt.date) -> dt.date | None:
    computed = rules.compute_dates(asked.rule, {asked.event: start})
    return computed.due_on or computed.opens_on


def _compute_json(asked: ComparedRule, start: dt.date) -> bytes:
    return msgspec.json.encode(rules.computation_as_json(rules.compute(asked.rule, {asked.event: start})))


def _compute_all(compute: Callable[[ComparedRule, dt.date], object]) -> None:
    for asked in COMPARED_RULES:
        for start in STARTS:
            compute(asked, start)


def _sample_workings() -> list[dict[str, Any]]:
    """Return 2,000 workings as records keep them, with different rules and triggers.

    One in `CHANGED_SHARE` is of the rule that changes.
    """
    stay = [asked for asked in COMPARED_RULES if asked.rule != CHANGED_RULE]
    moves = next(asked for asked in COMPARED_RULES if asked.rule == CHANGED_RULE)
    workings = []
    for number in range(2_000):
        asked = moves if number % CHANGED_SHARE == 0 else stay[number % len(stay)]
        start = STARTS[number % len(STARTS)]
        workings.append(rules.computation_as_json(rules.compute(asked.rule, {asked.event: start})))
    return workings


def _change_law() -> rules.Rulebook:
    """Return our packs as they would be after a change of one rule: all have a new version, and its dates move."""
    packs = []
    for pack in rules.standard().packs:
        changed = tuple(
            replace(rule, version=rule.version + 1, count="+60d") if rule.id == CHANGED_RULE else rule
            for rule in pack.rules
        )
        packs.append(replace(pack, rules=changed, version="2099.01.01"))
    return rules.Rulebook(packs)


def _compare_workings(workings: Sequence[dict[str, Any]], law: rules.Rulebook) -> None:
    """Do what a change of the law does with each open deadline. Raises RuntimeError when another share moves."""
    moved = 0
    for number in range(CHUNK):
        comparison = rules.compare(workings[number % len(workings)], book=law)
        if comparison.changed:
            moved += bool(comparison.why) and comparison.would_be is not None
    if moved != CHUNK // CHANGED_SHARE:
        raise RuntimeError(f"{moved} of {CHUNK} dates moved")


def _compute_plain_dates(plain: Callable[[ComparedRule, dt.date], dt.date], number: int) -> None:
    for index in range(number):
        plain(COMPARED_RULES[index % len(COMPARED_RULES)], STARTS[index % len(STARTS)])


def _measure_rounds(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Return the seconds of each side, measured in turn after one turn that does not count.

    Measured in processor time: one thread that never waits takes the same wall time on an idle machine, and on a busy
    one other processes do not count.
    """
    spent: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for index, side in enumerate((ours, peer)):
            gc.collect()
            begun = time.process_time()
            side()
            if number:
                spent[index].append(time.process_time() - begun)
    return spent


def rate_figure(
    name: str,
    number: int,
    ours: list[float],
    peer: list[float],
    *,
    goal: float | None,
    unit: str = "1/s",
    peer_name: str = "dateutil + holidays, the date alone",
) -> dict[str, object]:
    """Return a figure where higher is better; `goal` is the lowest ratio that is good enough."""
    mine, other = number / median(ours), number / median(peer)
    return {
        "name": name,
        "unit": unit,
        "better": "higher",
        "ours": mine,
        "peer": other,
        "peer_name": peer_name,
        "ratio": mine / other,
        "goal": goal,
        "met": None if goal is None else mine / other >= goal,
    }
