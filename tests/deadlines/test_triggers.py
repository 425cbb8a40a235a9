"""Our words for what happened start the clocks of the shared law's dependent events; worked from the law by hand."""

import pytest

from caseapp import rules
from caseapp.deadlines.services import triggers
from caseapp.ui.display.labels import DECISIONS

DENIED = {("us.bia.appeal", "oral_decision"), ("us.ij.reconsider", "order_final"), ("us.ij.reopen", "order_final")}


@pytest.mark.parametrize(
    ("decision", "started"),
    [
        ("denied", DENIED),
        (
            "in_absentia",  # final at once (8 CFR 1241.1(e)), so the motions run from it too
            {
                ("us.ij.reopen.absentia.exceptional", "in_absentia_order"),
                ("us.ij.reopen.absentia.notice", "in_absentia_order"),
                ("us.ij.reopen", "order_final"),
                ("us.ij.reconsider", "order_final"),
            },
        ),
        (
            "voluntary_departure",
            {("us.vd.bond", "order"), ("us.vd.post", "order"), ("us.bia.appeal", "oral_decision")},
        ),
        ("bond_denied", {("us.eoir.bond.appeal", "oral_decision")}),
        ("bond_granted", {("us.eoir.bond.autostay", "oral_decision")}),
        ("granted", {("us.uscis.i730", "asylum_granted"), ("us.uscis.i485.asylee", "asylum_granted")}),
        ("terminated", set()),
        ("other", set()),
    ],
)
def test_a_decision_starts_the_clocks_that_follow_from_it(decision: str, started: set[tuple[str, str]]) -> None:
    assert {(start.rule, start.event) for start in triggers.DECIDED[decision]} == started


def test_every_decision_a_person_can_choose_has_its_clocks() -> None:
    assert set(triggers.DECIDED) == set(DECISIONS)


def _caution(start: triggers.DeadlineStart) -> str:
    return rules.render_english(start.caution) if start.caution else ""


def test_motions_counted_from_a_decision_that_may_be_appealed_say_so() -> None:
    said = {start.rule: _caution(start) for start in triggers.DECIDED["denied"]}
    assert said["us.bia.appeal"] == ""
    assert said["us.ij.reopen"].startswith("Counted from the decision itself")
    assert all("Only if asylum was granted." in _caution(start) for start in triggers.DECIDED["granted"])


def test_a_new_address_goes_to_the_board_only_on_appeal() -> None:
    assert [start.rule for start in triggers.ADDRESS["in_court"]] == ["us.eoir.address.court"]
    assert {start.rule for start in triggers.ADDRESS["on_appeal"]} == {
        "us.eoir.address.court",
        "us.eoir.address.board",
    }
    assert [start.rule for start in triggers.ADDRESS_ALWAYS] == ["us.uscis.ar11"]


def test_a_word_that_the_packs_do_not_know_stops_the_program() -> None:
    with pytest.raises(LookupError):
        triggers._starts_for("no_such_event")
