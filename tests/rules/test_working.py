"""The working is words that a person can check with a wall calendar and the cited text."""

import ast
import datetime as dt
from pathlib import Path

import pytest

from caseapp import rules
from caseapp.rules.explain import differences, sentences
from caseapp.ui.display import labels

ENGINE = Path(rules.__file__).parent / "engine"


def lines(found: rules.Computation) -> list[tuple[str, str]]:
    return [(step.name, rules.render_english(step)) for step in found.steps]


def test_the_working_names_trigger_rule_count_each_moved_day_and_its_holiday() -> None:
    found = rules.compute("us.ij.reopen", {"order_final": dt.date(2026, 9, 26)})
    told = lines(found)
    assert told[0][0] == "Starts"
    assert told[0][1].endswith(": Sat 26 Sep 2026")
    assert told[1][1].startswith("us.ij.reopen v1: 90 calendar days after, the first day not counted.")
    assert found.steps[1].citation == "INA 240(c)(7)(C)(i); 8 CFR 1003.23(b)(1)"
    assert told[2:] == [
        ("Count", "Sun 27 Sep 2026 = day 1 ... Fri 25 Dec 2026 = day 90"),
        ("Moved", "Fri 25 Dec 2026 is a closed day (Christmas Day); extends to Sat 26 Dec 2026"),
        ("Moved", "Sat 26 Dec 2026 is a closed day (Saturday); extends to Sun 27 Dec 2026"),
        ("Moved", "Sun 27 Dec 2026 is a closed day (Sunday); extends to Mon 28 Dec 2026"),
        ("Result", "Last day Mon 28 Dec 2026, to the end of that day at the receiving office"),
    ]


def test_a_count_of_business_days_names_the_holiday_it_skips() -> None:
    found = rules.compute("us.vd.bond", {"order": dt.date(2026, 12, 22)})
    assert ("Count", "Not counted: Fri 25 Dec 2026, Christmas Day") in lines(found)


def test_mail_days_and_stops_are_lines_of_their_own() -> None:
    mailed = rules.compute("us.uscis.rfe", {"notice_date": dt.date(2026, 9, 17)}, rules.Options(by_mail=True))
    assert ("Mail", "Served by mail: 3 calendar days more, to Sun 13 Dec 2026") in lines(mailed)
    stopped = rules.compute(
        "us.asylum.ead.file",
        {"asylum_application_filed": dt.date(2026, 1, 10)},
        rules.Options(clock_stops=[(dt.date(2026, 3, 1), dt.date(2026, 3, 31))]),
    )
    text = (
        "The clock stops on Sun 1 Mar 2026 and restarts on Tue 31 Mar 2026: 30 calendar days added, to Thu 9 Jul 2026"
    )
    assert ("Stop", text) in lines(stopped)


def test_an_earlier_act_by_always_has_its_caution() -> None:
    found = rules.compute("us.ca.pfr", {"order_final": dt.date(2027, 11, 24)})
    cautions = [text for name, text in lines(found) if name == "Caution"]
    assert len(cautions) == 1
    assert "Christmas Day (observed)" in cautions[0]
    assert cautions[0].endswith("internal deadline Thu 23 Dec 2027")


def test_days_are_those_of_the_hearings_zone() -> None:
    # 02:30 UTC on 22 Dec is still the evening of 21 Dec in New York.
    hearing = dt.datetime(2026, 12, 22, 2, 30, tzinfo=dt.UTC)
    found = rules.compute("us.eoir.individual.filings", {"hearing": hearing}, rules.Options(zone="America/New_York"))
    assert found.due_on == dt.date(2026, 11, 23)


def test_an_unknown_hour_counts_from_midnight_and_says_so() -> None:
    found = rules.compute("fr.oqtf.retention", {"retention_notified": dt.date(2026, 12, 24)})
    assert found.due_on == dt.datetime(2026, 12, 26)
    assert any("No hour is known" in text for _, text in lines(found))


def test_a_stored_working_of_another_version_is_not_passed_off_as_the_same() -> None:
    stored = rules.computation_as_json(rules.compute("us.ca.pfr", {"order_final": dt.date(2026, 5, 20)}))
    with pytest.raises(rules.RuleError, match=r"was made with us-federal 2020\.01\.01 v1"):
        rules.replay({**stored, "version": "us-federal 2020.01.01 v1"})


def test_reminders_follow_the_weight_of_the_rule() -> None:
    day = {"address_change": dt.date(2026, 11, 20)}
    assert rules.compute("us.eoir.address.court", day).reminder_days == (60, 30, 14, 7, 3, 1, 0)
    assert rules.compute("us.uscis.ar11", day).reminder_days == (30, 14, 7, 3, 1)


def test_each_name_of_a_step_has_a_word_for_pages_and_a_place_in_differences() -> None:
    calls = (node for path in ENGINE.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "ComputationStep"
        and isinstance(call.args[0], ast.Constant)
    }
    assert names == set(sentences.STEP_NAMES) == set(labels.WORKING_STEPS) == {*differences._STEPS, "Result"}
