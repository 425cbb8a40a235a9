"""`caseapp bench pages`: whole requests over HTTP, the product next to its plaintext twin, in turn.

At each size a stack of its own is filled with a fictional office, and the twin with the same cases. Each page is
requested by one client and by several at once; the figures are medians of the runs' medians. An answer that is not what
was asked for ends the bench.
"""

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import log
from statistics import median
from time import perf_counter
from typing import Any

from caseapp.tools.bench.pages.browser import Browser, WrongAnswer
from caseapp.tools.bench.pages.servers import filled_servers
from caseapp.tools.bench.pages.visits import VISITS, KnownOffice, Visitor

SIZES: tuple[int, ...] = (40, 5_000, 20_000)
RUNS = 5
ROUNDS = 8  # visits of a client in a run; sign-ins and saves are fewer
CLIENTS = 8
FEWER = {"save": 4, "book": 4, "sign-in": 2}
PEER = "plaintext Django twin, same server"
# Goals of issue 24; a page without a goal there has none here.
RATIO_GOALS = {"Today": 1.03, "list": 1.03, "agenda": 1.03, "case": 1.03, "search": 1.0, "save": 2.0}
GROWTH_GOAL = 1.5
GROWING = ("Today", "list", "agenda")
TODAYS_A_SECOND = 25.0
SIZE_GOALS = {"Today": 60.0, "list": 60.0, "agenda": 60.0, "case": 90.0}  # KB of HTML
SIDES = ("ours", "twin")
Figure = dict[str, Any]


@dataclass
class Measured:
    """The results at one size: milliseconds of one client, answers a second of several, and KB, by side and page."""

    cases: int
    alone: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    together: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    kilobytes: dict[tuple[str, str], float] = field(default_factory=dict)
    unhealthy: list[str] = field(default_factory=list)


def run() -> list[Figure]:
    """Measure every size and return the figures. Raises WrongAnswer."""
    sizes = [measure_size(cases) for cases in SIZES]
    figures = [figure for measured in sizes for figure in _figures_of(measured)]
    return figures + _growth_figures(sizes)


def measure_size(cases: int) -> Measured:
    """Fill both servers and measure every page."""
    measured = Measured(cases)
    with filled_servers(cases) as (stack, ports, office):
        clients = {side: _sign_in_clients(ports[side], office) for side in SIDES}
        for page in VISITS:  # warms connections, plans and templates; the first Today also does its upkeep
            for side in SIDES:
                VISITS[page](clients[side][0])
        for number in range(RUNS):
            for page in VISITS:
                for side in SIDES if number % 2 == 0 else SIDES[::-1]:
                    _measure_page(measured, side, page, clients[side])
            sys.stderr.write(f"{cases:,} cases: run {number + 1} of {RUNS}\n")
        report = json.loads(stack.run_command("doctor", "--json").stdout)
        measured.unhealthy = [check["name"] for check in report["checks"] if not check["ok"]]
    return measured


def _sign_in_clients(port: int, office: KnownOffice) -> list[Visitor]:
    clients = [Visitor(Browser(port), office, number) for number in range(CLIENTS)]
    for number, client in enumerate(clients):
        member = office.members[number % len(office.members)]
        client.browser.sign_in(member["email"], member["passphrase"])
    return clients


def _measure_page(measured: Measured, side: str, page: str, clients: Sequence[Visitor]) -> None:
    visit, rounds = VISITS[page], min(ROUNDS, FEWER.get(page, ROUNDS))
    answers = [visit(clients[0]) for _ in range(rounds)]
    measured.alone.setdefault((side, page), []).append(median(answer.milliseconds for answer in answers))
    measured.kilobytes[side, page] = max(len(answer.text.encode()) for answer in answers) / 1000
    began = perf_counter()
    with ThreadPoolExecutor(len(clients)) as pool:
        spent = list(pool.map(lambda client: [visit(client).milliseconds for _ in range(rounds)], clients))
    # Of acts that need a form first, only the act itself counts: answers a second while all clients wait for one.
    whole = (perf_counter() - began) * 1000 * len(clients)
    waited = sum(map(sum, spent))
    rate = len(clients) * rounds / ((waited if page in FEWER or page == "search" else whole) / len(clients) / 1000)
    measured.together.setdefault((side, page), []).append(rate)


def _figures_of(measured: Measured) -> list[Figure]:
    figures = []
    for page in VISITS:
        goal = RATIO_GOALS.get(page)
        at = f"{page}, {measured.cases:,} cases"
        alone = tuple(median(measured.alone[side, page]) for side in SIDES)
        together = tuple(median(measured.together[side, page]) for side in SIDES)
        figures.append(make_figure(f"{at}, 1 client", "ms", *alone, goal=goal))
        figures.append(make_figure(f"{at}, {CLIENTS} clients", "1/s", *together, better="higher"))
        if page in SIZE_GOALS:
            kilobytes = measured.kilobytes["ours", page]
            figures.append(limit_figure(f"{at}, HTML", "KB", kilobytes, SIZE_GOALS[page], "limit"))
            sizes = (kilobytes, measured.kilobytes["twin", page])
            figures.append(make_figure(f"{at}, HTML next to the twin's", "KB", *sizes))
    healthy = limit_figure(f"checks of doctor that fail, {measured.cases:,} cases", "checks", 0.0, 1.0, "goal none")
    healthy |= {"ours": float(len(measured.unhealthy)), "met": not measured.unhealthy, "goal": 0.0}
    healthy["ratio"] = healthy["ours"]
    return [*figures, healthy]


def _growth_figures(sizes: Sequence[Measured]) -> list[Figure]:
    """Return how the pages grow from the smallest to the largest office, with the exponent in the name."""
    small, large = sizes[0], sizes[-1]
    figures = []
    for page in VISITS if large.cases > small.cases else ():
        times = [median(measured.alone["ours", page]) for measured in (small, large)]
        exponent = log(times[1] / times[0]) / log(large.cases / small.cases)
        name = f"{page}, {large.cases:,} cases compared with {small.cases:,}, exponent {exponent:.2f}"
        goal = GROWTH_GOAL if page in GROWING else None
        figures.append(make_figure(name, "ms", times[1], times[0], peer=f"{small.cases:,} cases", goal=goal))
    rate = median(large.together["ours", "Today"])
    name = f"Todays a second, {large.cases:,} cases, {CLIENTS} clients"
    return [*figures, limit_figure(name, "1/s", rate, TODAYS_A_SECOND, "goal", better="higher")]


def make_figure(
    name: str,
    unit: str,
    ours: float,
    peer_value: float,
    *,
    peer: str = PEER,
    goal: float | None = None,
    better: str = "lower",
) -> Figure:
    """Return a figure; without a goal, `goal` and `met` are None."""
    ratio = ours / peer_value
    is_met = None if goal is None else (ratio <= goal if better == "lower" else ratio >= goal)
    return {
        "name": name,
        "unit": unit,
        "better": better,
        "ours": round(ours, 3),
        "peer": round(peer_value, 3),
        "peer_name": peer,
        "ratio": round(ratio, 3),
        "goal": goal,
        "met": is_met,
    }


def limit_figure(name: str, unit: str, ours: float, limit: float, peer: str, *, better: str = "lower") -> Figure:
    """Return a figure with a limit in place of a peer."""
    return make_figure(name, unit, ours, limit, peer=peer, goal=1.0, better=better)


__all__ = ["Figure", "Measured", "WrongAnswer", "limit_figure", "make_figure", "measure_size", "run"]
