"""`caseapp bench deadlines` compares like with like and keeps to the contract; no test asserts a speed."""

import pytest

from caseapp import rules
from caseapp.tools.bench import deadlines


def test_both_sides_give_the_same_dates_for_every_rule_and_day() -> None:
    deadlines._check_same(deadlines._plain_calculator())


def test_a_peer_that_answers_another_question_is_not_measured() -> None:
    with pytest.raises(RuntimeError, match="the two sides differ"):
        deadlines._check_same(lambda _asked, start: start)


def test_the_figures_have_the_fields_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ROUNDS", 1), ("STARTS", deadlines.STARTS[:3]), ("CHUNK", 40), ("OPEN", 80)):
        monkeypatch.setattr(deadlines, name, value)
    monkeypatch.setattr("gc.collect", int)  # in a long run of tests each of the forty takes a second
    found = deadlines.run()
    assert len(found) == 4
    for figure in found:
        assert set(figure) == {"name", "unit", "better", "ours", "peer", "peer_name", "ratio", "goal", "met"}
        assert float(str(figure["ours"])) > 0


def test_a_comparison_that_finds_no_change_of_the_law_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "CHUNK", 40)
    workings = deadlines._sample_workings()[:40]
    deadlines._compare_workings(workings, deadlines._change_law())
    with pytest.raises(RuntimeError, match="0 of 40 dates moved"):
        deadlines._compare_workings(workings, rules.standard())
