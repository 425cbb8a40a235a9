"""`caseapp deadlines`: the contract that scripts depend on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.asking import batch, run


def test_compute_prints_the_dates_the_steps_and_the_citation() -> None:
    code, out, err = run("compute", "--rule", "us.bia.appeal", "--on", "oral_decision=2026-11-16", "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert answer["due_on"] == answer["act_by"] == "2026-11-27"
    assert answer["rule"] == "us.bia.appeal"
    assert {"steps", "version", "citation", "warnings"} <= set(answer)
    assert {"name", "text", "on", "citation", "code", "values"} == set(answer["steps"][0])
    assert answer["steps"][-1] == {
        "name": "Result",
        "text": "Last day Fri 27 Nov 2026, to the end of that day at the receiving office",
        "on": "2026-11-27",
        "citation": "",
        "code": "result.last_day",
        "values": {"day": ["day", "2026-11-27"]},
    }


def test_a_rule_in_hours_answers_to_the_minute() -> None:
    _, out, _ = run("compute", "--rule", "fr.oqtf.retention", "--on", "retention_notified=2026-12-24T18:30", "--json")
    assert json.loads(out)["due_on"] == "2026-12-26T18:30"


def test_a_rule_that_only_opens_has_no_due_on() -> None:
    _, out, _ = run("compute", "--rule", "us.asylum.ead.file", "--on", "asylum_application_filed=2026-09-01", "--json")
    answer = json.loads(out)
    assert answer["opens_on"] == "2027-01-29"
    assert "due_on" not in answer


def test_options_reach_the_engine() -> None:
    _, out, _ = run(
        *("compute", "--rule", "us.bia.appeal", "--position", "30", "--on", "oral_decision=2026-02-02"),
        *("--paper", "--closed", "2026-03-04", "--office-zone", "America/Chicago", "--json"),
    )
    answer = json.loads(out)
    # Wed 4 Mar closed: Thu 5 Mar. Without the closure two business days before Wed 4 Mar: Mon 2 Mar.
    assert (answer["due_on"], answer["act_by"]) == ("2026-03-05", "2026-03-02")
    _, out, _ = run(
        *("compute", "--rule", "us.asylum.ead.file", "--on", "asylum_application_filed=2026-01-10"),
        *("--stop", "2026-03-01:2026-03-31", "--json"),
    )
    assert json.loads(out)["opens_on"] == "2026-07-09"
    _, out, _ = run(
        "compute", "--rule", "us.uscis.n400.early", "--on", "lpr_since=2024-02-29", "--years", "3", "--json"
    )
    assert json.loads(out)["opens_on"] == "2026-11-30"


@pytest.mark.parametrize(
    "words",
    [
        ("--rule", "us.ca.pfr", "--on", "order_final=2026-02-30"),
        ("--rule", "us.ca.pfr", "--on", "order_final"),
        ("--rule", "us.ca.pfr"),
        ("--rule", "us.no.such", "--on", "order_final=2026-02-03"),
        ("--rule", "us.bia.appeal", "--position", "7", "--on", "oral_decision=2026-02-03"),
        ("--rule", "us.asylum.ead.file", "--on", "asylum_application_filed=2026-02-03", "--stop", "2026-03-01"),
        ("--on", "order_final=2026-02-03"),
        ("--batch", "/nowhere/at/all.csv"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(words: tuple[str, ...]) -> None:
    code, out, err = run("compute", *words, "--json")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_a_bad_row_of_a_batch_has_an_error_and_the_others_go_on(tmp_path: Path) -> None:
    file = tmp_path / "batch.csv"
    file.write_text(
        "id,rule,inputs_json\n"
        'a,us.ca.pfr,"{""order_final"": ""2026-05-20""}"\n'
        'b,us.ca.pfr,"{""order_final"": ""2026-05-32""}"\n'
        "c,us.ca.pfr,{\n"
        'd,us.ca.nothing,"{""order_final"": ""2026-05-20""}"\n'
        "e\n"
        'f,us.ca.pfr,"[1]"\n'
    )
    code, out, _ = batch(file)
    answers = {answer["id"]: answer for answer in map(json.loads, out.splitlines())}
    assert code == 0
    assert answers["a"] == {"id": "a", "due_on": "2026-06-22", "act_by": "2026-06-22"}
    assert all(set(answers[name]) == {"id", "error"} for name in "bcdef")


def test_a_batch_without_its_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "batch.csv"
    file.write_text("id,rule\na,us.ca.pfr\n")
    assert batch(file) == (2, "", "the file lacks the column inputs_json\n")


def test_rules_lists_every_rule_with_its_state_and_date() -> None:
    _, out, _ = run("rules", "--json")
    listed = {rule["id"]: rule for rule in json.loads(out)}
    assert len(listed) == 170
    assert listed["us.bia.appeal"]["state"] == "flux"
    assert listed["us.bia.appeal"]["last_checked"] == "2026-11-24"
    assert [reading["id"] for reading in listed["us.eoir.bond.appeal"]["readings"]] == ["30", "10"]


def test_check_pack_finds_our_packs_in_order_and_a_broken_one_not(tmp_path: Path) -> None:
    code, out, _ = run("check-pack")
    assert code == 0
    assert "us-federal 2026.11.29: 115 rules" in out
    broken = tmp_path / "broken.toml"
    broken.write_text('id = "x"\n')
    code, _, err = run("check-pack", str(broken))
    assert code == 2
    assert "missing required field" in err


def test_the_rules_and_their_command_load_without_django() -> None:
    program = (
        "import sys, datetime, caseapp.rules, caseapp.cli.deadlines\n"
        "caseapp.rules.compute('us.ca.pfr', {'order_final': datetime.date(2026, 5, 20)})\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'django'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={})
    assert done.stdout == "[]\n"
