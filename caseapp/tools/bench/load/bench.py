"""`caseapp bench load [--minutes N]`: 40 people at work over 5,000 cases, on two cores, for ten minutes.

The people are users of the load tool locust, with a second factor each and 4 to 12 seconds to think between two acts:
far busier than an office is. Stack, database and load tool share two cores of this machine. Every answer is checked: a
redirect, a sign-in page, a locked page or a list without rows is an error. Times are those of the whole answer, errors
included.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from caseapp.tools.bench.load.acts import REQUESTS, STEP, WEIGHTS, MemberAtWork
from caseapp.tools.bench.pages.bench import Figure, limit_figure
from caseapp.tools.bench.pages.browser import Browser, WrongAnswer
from caseapp.tools.bench.pages.servers import CannotMeasure, filled_stack
from caseapp.tools.bench.pages.visits import KnownOffice, Visitor

PEOPLE = 40
CASES = 5_000
MINUTES = 10.0
THINK = (4.0, 12.0)  # seconds
ARRIVALS = 1.0  # people who sign in each second at the beginning
CORES = 2
WARMERS = 4  # people who open each page before the measuring begins
GOAL = 300.0  # milliseconds: the 95th percentile
PATIENCE = 60  # seconds for what is under way at the end
FILE = Path(__file__).with_name("people.py")


class LoadAnswer(NamedTuple):
    """One answer: the name of its request, milliseconds, and what was wrong with it, if anything."""

    name: str
    milliseconds: float
    error: str


def run(minutes: int | None = None) -> list[Figure]:
    """Put an office to work and return its figures. Raises WrongAnswer when a page had errors alone."""
    _take_two_cores()
    with filled_stack(CASES, members=PEOPLE, has_factors=True) as (stack, office):
        port = int(stack.read_state()["ports"]["web"])
        warm_up(port, office)
        answers = put_to_work(port, office, 60 * (minutes or MINUTES))
        report = json.loads(stack.run_command("doctor", "--json").stdout)
    unhealthy = [check["name"] for check in report["checks"] if not check["ok"]]
    return [*make_figures(answers), count_figure("checks of doctor that fail afterwards", len(unhealthy))]


def _take_two_cores() -> None:
    """Keep this process, and all that it starts, on two cores."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])


def warm_up(port: int, office: KnownOffice) -> None:
    """Let each page be opened some times, as on a server that was not started a moment ago. Raises WrongAnswer."""
    for number in range(WARMERS):
        visitor = Visitor(Browser(port), office, number)
        warmer = MemberAtWork(visitor, office.members[number % len(office.members)], _refuse_error)
        for act in ("sign-in", *(act for act in WEIGHTS if act != "sign-in")):
            warmer.perform(act)
    time.sleep(STEP)  # so that no code of an authenticator is used up


def _refuse_error(name: str, _milliseconds: float, error: str) -> None:
    if error:
        raise WrongAnswer(f"{name}: {error}")


def put_to_work(port: int, office: KnownOffice, seconds: float) -> list[LoadAnswer]:
    """Let locust's users work in this office for so long, and return every answer."""
    with tempfile.TemporaryDirectory() as name:
        known, kept = Path(name) / "office.json", Path(name) / "answers.json"
        cases = [{"case": {key: each["case"][key] for key in ("id", "name")}} for each in office.cases]
        known.write_text(json.dumps({"port": port, "members": office.members, "cases": cases, "total": office.total}))
        command = [sys.executable, "-m", "locust", "-f", str(FILE), "--headless", "--only-summary"]
        command += ["--users", str(PEOPLE), "--spawn-rate", str(ARRIVALS), "--run-time", f"{round(seconds)}s"]
        command += ["--stop-timeout", str(PATIENCE), "--loglevel", "WARNING", "--exit-code-on-error", "0"]
        command += [
            "--office",
            str(known),
            "--answers",
            str(kept),
            "--think",
            *map(str, THINK),
            "--acts",
            json.dumps(WEIGHTS),
        ]
        done = subprocess.run(command, stdout=sys.stderr, check=False)
        if done.returncode or not kept.exists():
            raise CannotMeasure(f"locust ended with {done.returncode}")
        return [LoadAnswer(*each) for each in json.loads(kept.read_text())]


def make_figures(answers: Sequence[LoadAnswer]) -> list[Figure]:
    """Return the 95th percentile of each page and of all, and the number of errors.

    Raises WrongAnswer when there was no answer, or a page was never what was asked for: its time would be another's.
    """
    if not answers:
        raise WrongAnswer("there was no answer")
    errors = Counter(f"{answer.name}: {answer.error}" for answer in answers if answer.error)
    for error, number in errors.most_common(10):
        sys.stderr.write(f"{number} times {error}\n")
    figures = []
    for name in dict.fromkeys(name for _, name in REQUESTS):
        of_page = [answer for answer in answers if answer.name == name]
        if of_page and all(answer.error for answer in of_page):
            raise WrongAnswer(f"{len(of_page)} times {of_page[0].error}")
        if of_page:
            figures.append(_percentile_figure(name, of_page))
    return [*figures, _percentile_figure("all answers", answers), count_figure("errors", errors.total())]


def _percentile_figure(name: str, answers: Sequence[LoadAnswer]) -> Figure:
    spent = [answer.milliseconds for answer in answers]
    errors = sum(bool(answer.error) for answer in answers)
    middle, late = median(spent), quantiles(spent, n=20, method="inclusive")[-1] if len(spent) > 1 else spent[0]
    title = f"{name}: p95 of {len(spent):,} answers, p50 {middle:.0f} ms, {errors} errors"
    return limit_figure(title, "ms", late, GOAL, "goal") | {
        "answers": len(spent),
        "p50": round(middle, 1),
        "errors": errors,
    }


def count_figure(name: str, number: int) -> Figure:
    """Return a figure that is met when the number is none."""
    figure = limit_figure(name, "", float(number), 1.0, "goal none")
    return figure | {"goal": 0.0, "met": number == 0, "ratio": float(number)}


__all__ = ["LoadAnswer", "count_figure", "make_figures", "put_to_work", "run"]
