"""A whole run of a small suite fails when a test that its docs/asvs.md names did not pass, and says which row it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.asvs_outcomes import AsvsOutcomes

ROOT = Path(__file__).parents[2]
SUITE = """
import pytest

def test_plain() -> None:
    assert True

@pytest.mark.parametrize("number", [1, 2])
def test_each(number: int) -> None:
    assert number

@pytest.mark.parametrize("number", [1, 2])
def test_one_case_of_two(number: int) -> None:
    if number == 2:
        pytest.skip("no browser here")

@pytest.mark.skip(reason="later")
def test_marked() -> None:
    assert True

@pytest.mark.xfail(reason="a known fault")
def test_known_fault() -> None:
    assert False

@pytest.mark.xfail(reason="mended meanwhile")
def test_mended() -> None:
    assert True

@pytest.mark.slow
def test_slow() -> None:
    assert True
"""
GOOD = ("6.1.1", "met", "test_plain"), ("7.1.1*", "partly: a part", "test_each")
BAD = (
    ("6.2.1, 6.2.4", "met", "test_one_case_of_two", "passed, skipped"),
    ("6.3.2", "met", "test_marked", "skipped"),
    ("7.3.1", "partly: a part", "test_known_fault", "expected to fail"),
    ("7.3.2", "met", "test_mended", "expected to fail"),
    ("8.1.1", "met", "test_gone", "not run"),
)


def _lay_out(folder: Path, *, bad: bool, suite: str = SUITE) -> None:
    rows = [*GOOD, *(row[:3] for row in BAD if bad)]
    lines = [f"| {number} | a meaning | {state} | `small/test_small.py::{name}` |" for number, state, name in rows]
    table = ["# ASVS", "| Requirement | Meaning here | State | Shown by |", "|---|---|---|---|", *lines]
    (folder / "docs").mkdir()
    (folder / "docs" / "asvs.md").write_text("\n".join(table))
    (folder / "tests" / "small").mkdir(parents=True)
    (folder / "tests" / "small" / "test_small.py").write_text(suite)
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = tests\nmarkers = slow: takes long\n")


def _run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run pytest with the plugin in a folder; return its exit code and what it printed."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.helpers.asvs_outcomes", "-p", "no:django", "-p", "no:randomly",
         "-p", "no:cacheprovider", *arguments],
        cwd=folder, env=plain | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_whole_run_fails_and_names_row_and_test_of_each_that_did_not_pass(tmp_path: Path, workers: str) -> None:
    _lay_out(tmp_path, bad=True)
    code, text = _run(tmp_path, "-n", workers)
    assert code == 1
    named = text.split("docs/asvs.md names tests that did not pass")[1]
    for number, _, name, outcome in BAD:
        assert f"{number}: tests/small/test_small.py::{name} ({outcome})" in named
    assert "test_plain" not in named
    assert "test_each" not in named


def test_a_whole_run_passes_when_each_named_test_did_whatever_else_was_skipped(tmp_path: Path) -> None:
    _lay_out(tmp_path, bad=False)
    assert _run(tmp_path)[0] == 0
    assert _run(tmp_path, "tests")[0] == 0


def test_a_test_that_fails_while_it_is_set_up_did_not_pass(tmp_path: Path) -> None:
    broken = "\n@pytest.fixture(autouse=True)\ndef _broken() -> None:\n    raise OSError\n"
    _lay_out(tmp_path, bad=False, suite=SUITE + broken)
    code, text = _run(tmp_path, "tests/")
    assert code == 1
    assert "6.1.1: tests/small/test_small.py::test_plain (failed)" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("tests/small",),
        ("tests/small/test_small.py::test_plain",),
        ("-k", "plain"),
        ("-m", "not slow"),
        ("--ignore", "tests/other"),
    ],
)
def test_a_partial_run_compares_nothing(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    _lay_out(tmp_path, bad=True)
    assert _run(tmp_path, *arguments)[0] == 0


def test_a_run_that_stops_at_its_first_failure_names_that_one_alone(tmp_path: Path) -> None:
    _lay_out(tmp_path, bad=True, suite=SUITE + "\ndef test_wrong() -> None:\n    assert not 1\n")
    code, text = _run(tmp_path, "-x")
    assert code == 1
    assert "did not pass" not in text


def test_this_suite_is_watched_in_the_controller(request: pytest.FixtureRequest) -> None:
    watching = request.config.pluginmanager.has_plugin("asvs-outcomes")
    assert watching is not hasattr(request.config, "workerinput")
    assert len(AsvsOutcomes(ROOT / "docs" / "asvs.md").named) > 70
