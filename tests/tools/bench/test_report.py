"""The report of all benches says when and where it was made, what was missed, and what could not be measured."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from caseapp.lib import clock
from caseapp.tools.bench import report

MET = {
    "name": "Today, 40 cases, 1 client",
    "unit": "ms",
    "better": "lower",
    "ours": 30.0,
    "peer": 32.0,
    "peer_name": "twin",
    "ratio": 0.94,
    "goal": 1.03,
    "met": True,
}
MISSED = MET | {"name": "list, 40 cases, 1 client", "ours": 1234.5, "ratio": 1.2, "met": False}
BARE = MET | {"name": "sign-in", "goal": None, "met": None, "better": "higher"}


def test_the_report_lists_what_was_missed_and_what_was_not_measured() -> None:
    head = report.describe_run(datetime(2026, 11, 30, 19, 0, tzinfo=UTC), 3.0, small=True)
    text = report.format_report(
        head,
        [{"bench": "pages", "figures": [MET, MISSED, BARE]}, {"bench": "keys", "failed": "no stack", "figures": []}],
    )
    assert "- date: 2026-11-30 19:00 UTC" in text
    assert "small (`--small`)" in text
    assert "Django" not in head
    assert "django 5." in head["packages"]
    missed = text.partition("## Goals that were missed")[2].partition("## pages")[0]
    assert missed.strip().splitlines() == [
        "- pages: list, 40 cases, 1 client: 1.20, goal at most 1.03",
        "- keys: not measured (no stack)",
    ]
    assert "| list, 40 cases, 1 client | 1,234 ms | 32 ms (twin) | 1.20 | ≤ 1.03: **missed** |" in text
    assert "| sign-in | 30 ms | 32 ms (twin) | 0.94 |  |" in text


@pytest.mark.parametrize(("failed", "code"), [(False, 0), (True, 1)])
def test_all_benches_run_and_both_files_have_the_same_figures(
    failed: bool, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_one(name: str, *, small: bool) -> dict[str, Any]:
        reason = {"failed": "broken"} if failed and name == "keys" else {}
        return {"bench": name, "figures": [MET]} | reason

    monkeypatch.setattr(report, "run_one", run_one)
    assert report.run_all(["pages", "keys"], small=False, folder=tmp_path) == code
    stored = json.loads((tmp_path / "performance.json").read_text())
    assert [result["bench"] for result in stored["benches"]] == ["keys", "pages"]
    assert stored["run"]["size"] == "full"
    assert (tmp_path / "performance.md").read_text() == report.format_report(stored["run"], stored["benches"])


def test_a_bench_that_ends_with_an_error_is_named_with_its_reason() -> None:
    result = report.run_one("no-such-bench", small=True)
    assert "no-such-bench" in result["failed"]
    assert result["figures"] == []


def test_one_bench_alone_leaves_the_figures_of_the_others_with_their_own_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "run_one", lambda name, small: {"bench": name, "figures": [MET]})
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 30, 19, 0, tzinfo=UTC))
    report.run_all(["pages", "keys"], small=False, folder=tmp_path)
    monkeypatch.setattr(report, "run_one", lambda name, small: {"bench": name, "figures": [MISSED]})
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    report.run_all(["keys"], small=False, folder=tmp_path)
    stored = json.loads((tmp_path / "performance.json").read_text())
    assert {result["bench"]: result["run"]["date"] for result in stored["benches"]} == {
        "pages": "2026-11-30 19:00 UTC",
        "keys": "2026-12-01 08:00 UTC",
    }
    assert [result["figures"] for result in stored["benches"]] == [[MISSED], [MET]]  # in the order of the benches
    text = (tmp_path / "performance.md").read_text()
    assert "Measured date: 2026-11-30 19:00 UTC" in text.partition("## pages")[2]
