"""A whole run fails when a test that docs/asvs.md names did not pass: skipped, expected to fail, failed, or not run.

A pytest plugin. Reports of all workers of pytest-xdist arrive at the controller, which alone compares. A partial run
(paths, `-k`, `-m`, ...) and one that was interrupted compare nothing.
"""

import re
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
PARTIAL_OPTIONS = (
    "keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise", "collectonly", "pyargs",
)  # fmt: skip
FINISHED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def read_rows(table: str) -> list[list[str]]:
    """Return the cells of the rows of docs/asvs.md."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]
    return cells[2:]


def read_named_tests(table: str) -> dict[str, str]:
    """Return the ids of the tests that the rows name, each with the requirements of its rows."""
    named: dict[str, list[str]] = defaultdict(list)
    for requirement, *cells in read_rows(table):
        for path, name in NAMED.findall(cells[-1]):
            named[f"tests/{path}::{name}"].append(requirement)
    return {test: "; ".join(requirements) for test, requirements in named.items()}


def is_whole_run(config: pytest.Config) -> bool:
    """Return whether the run has every test of the suite."""
    folders = {str(config.rootpath / folder) for folder in config.getini("testpaths")}
    given = {str((config.invocation_params.dir / argument).resolve()) for argument in config.args}
    return given == folders and not any(config.getoption(option, None) for option in PARTIAL_OPTIONS)


class AsvsOutcomes:
    """What became of each test that docs/asvs.md names, in this run."""

    def __init__(self, table: Path) -> None:
        """Read the table. `table`: docs/asvs.md."""
        self.named = read_named_tests(table.read_text(encoding="utf-8"))
        self.outcomes: dict[str, set[str]] = defaultdict(set)
        self.complaints: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of a named test; one with parameters counts as passed if each of its cases did."""
        test = report.nodeid.partition("[")[0]
        if test not in self.named:
            return
        if hasattr(report, "wasxfail"):
            self.outcomes[test].add("expected to fail")
        elif report.when == "call" or not report.passed:
            self.outcomes[test].add(report.outcome)

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None]:
        """Fail a whole run in which a named test did not pass. The terminal prints its summary after this."""
        was_stopped = session.shouldstop or session.shouldfail
        if is_whole_run(session.config) and exitstatus in FINISHED and not was_stopped:
            self.complaints = [
                f"{requirements}: {test} ({', '.join(sorted(self.outcomes[test])) or 'not run'})"
                for test, requirements in self.named.items()
                if self.outcomes[test] != {"passed"}
            ]
        if self.complaints:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name each row whose test did not pass."""
        if self.complaints:
            terminalreporter.section("docs/asvs.md names tests that did not pass")
            for complaint in self.complaints:
                terminalreporter.line(complaint)


def pytest_configure(config: pytest.Config) -> None:
    """Watch the run, in the controller alone."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(AsvsOutcomes(config.rootpath / "docs" / "asvs.md"), "asvs-outcomes")
