"""`caseapp bench NAME`: measure ours and a peer or a physical limit in turn; print medians and their ratio."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib import import_module
from typing import Any

BENCHES = {
    "backup": "caseapp.tools.bench.backup",
    "case-page": "caseapp.tools.bench.case_page",
    "conflicts": "caseapp.tools.bench.conflict_checks.bench",
    "files": "caseapp.tools.bench.files",
    "import": "caseapp.tools.bench.moves.imports",
    "index": "caseapp.tools.bench.index",
    "keys": "caseapp.tools.bench.keys",
    "deadlines": "caseapp.tools.bench.deadlines",
    "reminders": "caseapp.tools.bench.reminders",
    "round-trip": "caseapp.tools.bench.moves.round_trip",
    "load": "caseapp.tools.bench.load.bench",
    "memory": "caseapp.tools.bench.memory",
    "search": "caseapp.tools.bench.search_names.bench",
    "pages": "caseapp.tools.bench.pages.bench",
    "slow-clients": "caseapp.tools.bench.slow_clients",
    "timing": "caseapp.tools.bench.timing",
}
OWN_SERVER = {"files", "import", "round-trip"}  # these start a server of their own, and need no running stack
OPTIONS = {
    "import": ("rows", "kills"),
    "load": ("minutes",),
    "round-trip": ("cases", "documents"),
    "search": ("held_out",),
    "timing": ("pairs",),
}
# What `--small` makes smaller: module, name, value.
SMALL: dict[str, tuple[tuple[str, str, Any], ...]] = {
    "backup": (("backup", "CASES", 500), ("backup", "FILES_MB", 32), ("backup", "ROUNDS", 1)),
    "case-page": (("case_page", "ROUNDS", 10),),
    "conflicts": (("conflict_checks.bench", "CASES", 2_000), ("conflict_checks.bench", "ROUNDS", 1)),
    "files": (("files", "MEGABYTES", 4), ("files", "ROUNDS", 1)),
    "import": (("moves.imports", "ROWS", 300), ("moves.imports", "KILLS", 4)),
    "index": (("index", "CASES", 1_000),),
    "keys": (("key_work", "CASES", 1_000), ("key_work", "ROUNDS", 10), ("keys", "CONCURRENT_SIGN_INS", 8)),
    "search": (
        ("search_names.bench", "SMALLER", 1_000),
        ("search_names.bench", "LARGER", 2_000),
        ("search_names.bench", "SEARCHES", 100),
    ),
    "load": (
        ("load.bench", "CASES", 40),
        ("load.bench", "PEOPLE", 4),
        ("load.bench", "MINUTES", 0.5),
        ("load.bench", "THINK", (0.2, 0.5)),
    ),
    "memory": (("memory", "SECONDS", 4.0),),
    "pages": (("pages.bench", "SIZES", (40,)), ("pages.bench", "RUNS", 1), ("pages.bench", "ROUNDS", 2)),
    "slow-clients": (
        ("slow_clients", "CONNECTIONS", 8),
        ("slow_clients", "SIGN_INS", 4),
        ("slow_clients", "SECONDS", 1),
        ("slow_clients", "SETTLE", 1),
    ),
    "round-trip": (("moves.round_trip", "CASES", 20), ("moves.round_trip", "DOCUMENTS", 5)),
    "deadlines": (
        ("deadlines", "ROUNDS", 1),
        ("deadlines", "OPEN", 400),
        ("deadlines", "CHUNK", 200),
        ("deadlines", "STARTS", tuple(date(2026, 4, 1) + timedelta(days=number) for number in range(20))),
    ),
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp bench NAME [sizes] [--only NAMES] [--small] [--json]`."""
    parser = subparsers.add_parser("bench", description="Measure Caseapp against a peer. Needs a running `make run`.")
    names = sorted(name for name, module in BENCHES.items() if _is_installed(module))
    parser.add_argument("name", choices=["all", *names], help="A bench; all: every one, written to docs/performance.md")
    parser.add_argument("--only", metavar="NAMES", default="", help="For all: these benches, separated by commas")
    parser.add_argument("--pairs", type=int, metavar="N", help="For timing: number of sign-in pairs (500)")
    parser.add_argument("--rows", type=int, metavar="N", help="For import: rows of the file (20000)")
    parser.add_argument("--kills", type=int, metavar="N", help="For import: how often its process is killed (20)")
    parser.add_argument("--cases", type=int, metavar="N", help="For round-trip: cases of the office (2000)")
    parser.add_argument("--documents", type=int, metavar="N", help="For round-trip: documents of the office (1000)")
    parser.add_argument("--minutes", type=int, metavar="N", help="For load: how long people work (10)")
    parser.add_argument("--held-out", action="store_true", help="For search: the names it was not made better on")
    parser.add_argument("--small", action="store_true", help="Less work: shows that the bench runs, measures little")
    parser.add_argument("--json", action="store_true", help="Print one JSON object")
    parser.set_defaults(run=run)


def _is_installed(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def run(args: argparse.Namespace) -> int:
    """Run a bench and print its figures. Return 0 even when a goal is not met: a bench does not judge."""
    if args.name == "all":
        from caseapp.tools.bench.report import run_all

        return run_all([name for name in args.only.split(",") if name] or list(BENCHES), small=args.small)
    if args.name not in OWN_SERVER:
        return _run_here(args)
    from caseapp.tools.bench.moves.own_server import temporary_server

    with temporary_server():
        return _run_here(args)


def _run_here(args: argparse.Namespace) -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseapp.config.settings")
    django.setup()
    import_module("caseapp.config.urls")  # loads every feature, and so every kind of record
    for module, constant, value in SMALL.get(args.name, ()) if args.small else ():
        setattr(import_module(f"{__name__}.{module}"), constant, value)
    figures = import_module(BENCHES[args.name]).run(**_chosen_options(args))
    if args.json:
        print(json.dumps({"bench": args.name, "machine": describe_machine(), "figures": figures}))
        return 0
    for figure in figures:
        print(
            f"{figure['name']:<40} ours {figure['ours']:>10.3f} {figure['unit']:<6} {figure['peer_name']}"
            f" {figure['peer']:>10.3f}  ratio {figure['ratio']:.2f}  {describe_goal(figure)}"
        )
    return 0


def _chosen_options(args: argparse.Namespace) -> dict[str, int]:
    """Return the options of `run` of the chosen bench."""
    options = {name: getattr(args, name) for name in OPTIONS.get(args.name, ())}
    return {name: value for name, value in options.items() if value}


def describe_goal(figure: Mapping[str, Any]) -> str:
    """Return the goal of a figure with whether it is met; a figure may have none."""
    if figure["goal"] is None:
        return "no goal"
    return f"goal {figure['goal']} {'met' if figure['met'] else 'not met'}"


def describe_machine() -> str:
    """Return processor, cores and Python version of this machine."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"


def make_figure(
    name: str, *, unit: str, ours: Sequence[float], peer: Sequence[float], peer_name: str, goal: float
) -> dict[str, object]:
    """Return a figure of medians where lower is better; `ratio` = ours/peer."""
    from statistics import median

    mine, other = median(ours), median(peer)
    ratio = mine / other
    return {
        "name": name,
        "unit": unit,
        "better": "lower",
        "ours": mine,
        "peer": other,
        "peer_name": peer_name,
        "ratio": ratio,
        "goal": goal,
        "met": ratio <= goal,
    }
