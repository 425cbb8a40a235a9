"""`caseapp bench all`: run every bench, each in a process of its own, and write what was measured to docs/.

`docs/performance.md` is for people, `docs/performance.json` has the same figures. A bench that failed or could not
run is named with its reason. With `--only` the figures of the other benches stay; each says when it was measured.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from caseapp.lib import clock
from caseapp.tools.bench import BENCHES

FOLDER = Path(__file__).parents[3] / "docs"
OWN_LINES = ("date", "size", "load before", "commit")  # of each bench, for others may be of another day
PACKAGES = ("django", "psycopg", "cryptography", "gunicorn", "msgspec")
Result = dict[str, Any]


def run_all(names: Sequence[str], *, small: bool, folder: Path = FOLDER) -> int:
    """Run these benches one after the other and write the report. Return 1 when one of them failed."""
    started, load = clock.now(), os.getloadavg()[0]
    head = describe_run(started, load, small=small)
    results = []
    for name in names:
        sys.stderr.write(f"bench {name}\n")
        results.append(run_one(name, small=small) | {"run": {key: head[key] for key in OWN_LINES}})
    failed = int(any("failed" in result for result in results))
    results += [result for result in _read_results(folder) if result["bench"] not in names]
    results.sort(key=lambda result: [*BENCHES, result["bench"]].index(result["bench"]))
    text = json.dumps({"run": head, "benches": results}, indent=1, ensure_ascii=False)
    (folder / "performance.json").write_text(text + "\n", encoding="utf-8")
    (folder / "performance.md").write_text(format_report(head, results), encoding="utf-8")
    return failed


def _read_results(folder: Path) -> list[Result]:
    """Return the results of an earlier run, each with its own date."""
    path = folder / "performance.json"
    if not path.exists():
        return []
    stored = json.loads(path.read_text(encoding="utf-8"))
    return [{"run": {key: stored["run"][key] for key in OWN_LINES}} | result for result in stored["benches"]]


def run_one(name: str, *, small: bool) -> Result:
    """Run one bench. Return its output, or the last line of its errors under "failed"."""
    command = [str(Path(sys.executable).with_name("caseapp")), "bench", name, "--json", *(["--small"] if small else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        result: Result = json.loads(done.stdout.splitlines()[-1])
        return result
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return {"bench": name, "failed": lines[-1][:300] if lines else f"exit {done.returncode}", "figures": []}


def describe_run(started: datetime, load: float, *, small: bool) -> dict[str, str]:
    """Return when, where and with which versions the benches ran."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "date": started.strftime("%Y-%m-%d %H:%M UTC"),
        "size": "small (`--small`): it shows that the benches run, and measures little" if small else "full",
        "machine": f"{processor_name()}, {os.cpu_count()} cores, {memory_gb():.0f} GB, {platform.system()}",
        "load before": f"{load:.1f} (processes that other work kept busy on this machine)",
        "Python": sys.version.split()[0],
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "commit": commit.stdout.strip(),
    }


def processor_name() -> str:
    """Return the processor's name from Linux, else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def memory_gb() -> float:
    """Return the memory of this machine in GB (10^9 bytes)."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def format_report(head: Mapping[str, str], results: Sequence[Result]) -> str:
    """Return the report as Markdown: the run, what was missed, and a table for each bench."""
    lines = ["# Performance", "", "Made by `caseapp bench all`; do not edit it. Goals are those of issue 24.", ""]
    lines += [f"- {name}: {value}" for name, value in head.items()]
    lines += ["", "That is of the last run; each table says when it was measured."]
    lines += ["", "A ratio is ours divided by the peer's figure of the same run. A figure without a goal has none.", ""]
    missed = [(result["bench"], figure) for result in results for figure in result["figures"] if figure["met"] is False]
    failed = [result for result in results if "failed" in result]
    lines += ["## Goals that were missed", ""]
    lines += [f"- {bench}: {figure['name']}: {_goal_text(figure)}" for bench, figure in missed]
    lines += [f"- {result['bench']}: not measured ({result['failed']})" for result in failed]
    lines += ["" if missed or failed else "None.\n"]
    for result in results:
        if result["figures"]:
            lines += _table_of(result)
    return "\n".join(lines).rstrip() + "\n"


def _table_of(result: Result) -> list[str]:
    measured = ", ".join(f"{name}: {value}" for name, value in result.get("run", {}).items())
    lines = [f"## {result['bench']}", "", *([f"Measured {measured}.", ""] if measured else [])]
    lines += ["| Figure | Ours | Peer | Ratio | Goal |", "|---|---|---|---|---|"]
    for figure in result["figures"]:
        peer = f"{_number(figure['peer'])} {figure['unit']} ({figure['peer_name']})"
        ours = f"{_number(figure['ours'])} {figure['unit']}"
        lines.append(f"| {figure['name']} | {ours} | {peer} | {figure['ratio']:.2f} | {_goal_of(figure)} |")
    return [*lines, ""]


def _goal_of(figure: Mapping[str, Any]) -> str:
    if figure["goal"] is None:
        return ""
    sign = "≤" if figure["better"] == "lower" else "≥"
    return f"{sign} {figure['goal']:g}: {'met' if figure['met'] else '**missed**'}"


def _goal_text(figure: Mapping[str, Any]) -> str:
    sign = "at most" if figure["better"] == "lower" else "at least"
    return f"{figure['ratio']:.2f}, goal {sign} {figure['goal']:g}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
