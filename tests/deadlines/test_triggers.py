"""Our words for what happened start the clocks of the shared law's dependent events; worked from the law by hand."""

import pytest

from caseapp import rules
from caseapp.deadlines.services import triggers
from caseapp.ui.display.labels import DECISIONS

DENIED = {
    ("us.bia.appeal", "oral_decision"),
    ("us.ij.reconsider", "order_final"),
    ("us.ij.reopen", "order_final"),
    ("us.stay.automatic.appeal", "oral_decision"),
}
NOT_DETAINED = {"detained_now": "no"}


def _started(decision: str) -> list[rules.EventStart]:
    event = rules.catalogue().by_outcome.get(decision)
    return [item.start for item in rules.possible_starts(event, NOT_DETAINED)] if event else []


def _event_of(start: rules.EventStart, decision: str) -> str:
    return start.on or rules.catalogue().by_outcome[decision].event


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
        ("asylum_granted", {("us.uscis.i730", "asylum_granted"), ("us.uscis.i485.asylee", "asylum_granted")}),
        ("relief_granted", set()),
        ("voluntary_departure_before", {("us.vd.pre", "order")}),
        ("terminated", set()),
        ("other", set()),
    ],
)
def test_a_decision_starts_the_clocks_that_follow_from_it(decision: str, started: set[tuple[str, str]]) -> None:
    assert {(start.rule, _event_of(start, decision)) for start in _started(decision)} == started


def test_every_decision_a_person_can_choose_has_its_clocks() -> None:
    assert set(rules.catalogue().by_outcome) - {"absent"} == set(DECISIONS) - {"terminated", "other"}


def test_motions_counted_from_a_decision_that_may_be_appealed_say_so() -> None:
    said = {start.rule: start.caution for start in _started("denied")}
    assert said["us.bia.appeal"] == ""
    assert said["us.ij.reopen"].startswith("Counted from the decision itself")
    assert all("Only if asylum was granted." in start.caution for start in _started("granted"))


@pytest.mark.parametrize(
    ("court", "board", "started"),
    [
        ("yes", "no", ["us.eoir.address.court", "us.uscis.ar11"]),
        ("yes", "yes", ["us.eoir.address.court", "us.eoir.address.board", "us.uscis.ar11"]),
        ("no", "no", ["us.uscis.ar11"]),
    ],
)
def test_a_new_address_goes_to_the_board_only_on_appeal(court: str, board: str, started: list[str]) -> None:
    event = rules.catalogue().events["address_change"]
    possible = rules.possible_starts(event, {"pending_court": court, "pending_board": board})
    assert [item.start.rule for item in possible] == started


def test_a_word_that_the_packs_do_not_know_stops_the_program() -> None:
    with pytest.raises(LookupError):
        triggers._starts_for("no_such_event")
