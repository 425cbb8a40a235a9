"""Every worked example goes through the command line's batch contract.

`vectors.csv`, `vectors_more.csv` and `vectors_additions.csv` came with the facts and were computed by a separate short
program.
`hand_worked.csv` was worked by hand from the source named in each row, day by day; nothing in it came from the engine.
"""

import csv
import json
from pathlib import Path

import pytest

from caseapp import rules
from caseapp.rules.explain.serialise import question_from_batch
from tests.rules.asking import batch

VECTORS = Path(__file__).parent / "vectors"
FILES = ("vectors.csv", "vectors_more.csv", "vectors_additions.csv", "hand_worked.csv")
ROWS = [
    pytest.param(name, row, id=f"{row['id']} {row['rule']}")
    for name in FILES
    for row in csv.DictReader((VECTORS / name).open(encoding="utf-8"))
]


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, str]]:
    found = {}
    for name in FILES:
        code, out, _ = batch(VECTORS / name)
        assert code == 0
        found.update({answer["id"]: answer for answer in map(json.loads, out.splitlines())})
    return found


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_a_worked_example_comes_out_as_worked(
    name: str, row: dict[str, str], answers: dict[str, dict[str, str]]
) -> None:
    answer = answers[row["id"]]
    assert "error" not in answer, answer
    assert answer.get("due_on", answer.get("opens_on")) == row["expected_due_on"], row["reason"]
    for fixed in filter(None, row["also"].split(";")):
        key, _, value = fixed.partition("=")
        assert answer[key] == value, row["reason"]


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_the_working_of_an_example_has_the_dates_that_are_computed_without_it(name: str, row: dict[str, str]) -> None:
    question = question_from_batch(json.loads(row["inputs_json"]))
    computed = rules.compute(row["rule"], *question)
    assert rules.compute_dates(row["rule"], *question).as_text() == computed.dates_as_text()
    assert computed.steps[-1].name == "Result"


def test_there_are_at_least_150_hand_worked_examples_each_with_a_source() -> None:
    rows = list(csv.DictReader((VECTORS / "hand_worked.csv").open(encoding="utf-8")))
    assert len(rows) >= 150
    assert all(row["source"] and row["reason"] for row in rows)


def test_every_rule_has_a_worked_example() -> None:
    worked = {
        row["rule"].partition("@")[0]
        for name in FILES
        for row in csv.DictReader((VECTORS / name).open(encoding="utf-8"))
    }
    assert {rule.id for rule in rules.list_rules()} == worked
