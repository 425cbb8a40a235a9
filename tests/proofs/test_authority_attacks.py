"""Who writes into the database and has one member's whole keyring opens nothing new and locks no member out unseen.

`authority_attacks.py` plays the attacks once on a real stack. Its results on an older commit: docs/security-proofs.md.
"""

import pytest

from caseapp.tools.pytest_plugin import CASEAPP
from tests.proofs import authority_attacks
from tests.proofs.authority_attacks import ATTACKS, BEN, PUT_BACK, ROWS, SHARES, VERA, Outcome, Stage

pytestmark = pytest.mark.stack
GIVER, NOT_NAMED = "a key from someone who may not give it", "a key that the group's record does not name"
REPLACED, OFFICE = "another key in place of one already held", "another office file or office root"
CHANGED, WENT_BACK = "a change of a group by someone who may not change it", "an older record of a group"
PUT_ASIDE = "Found a case that is not in its newest known state"
SHOWN = {
    "volunteer, newer epoch": CHANGED,
    "volunteer, grant alone": NOT_NAMED,
    "volunteer, same epoch": REPLACED,
    "volunteer, share as team": NOT_NAMED,
    "volunteer, office file": OFFICE,
    "volunteer, names herself": CHANGED,
    "removed, grant alone": GIVER,
    "removed, same epoch": GIVER,
    "removed, share in a case": PUT_ASIDE,
    "removed, share he signed": PUT_ASIDE,
    "removed, office file": GIVER,
    "removed, newer epoch": WENT_BACK,
    "removed, dated before": WENT_BACK,
}


@pytest.fixture(scope="module")
def stage() -> Stage:
    return authority_attacks.play(CASEAPP, ATTACKS, with_sheets=True)


@pytest.fixture(scope="module")
def outcomes(stage: Stage) -> dict[str, Outcome]:
    return {outcome.attack: outcome for outcome in stage.outcomes}


def test_every_attack_was_played_and_the_adversary_reads_what_is_his(
    stage: Stage, outcomes: dict[str, Outcome]
) -> None:
    assert set(outcomes) == {*ATTACKS, *(f"{attack}{PUT_BACK}" for attack in ROWS)}
    assert stage.controls == {VERA: [], BEN: ["index_part", "vault_record"]}


def test_the_adversary_opens_nothing_that_was_saved_after_an_attack(outcomes: dict[str, Outcome]) -> None:
    assert {outcome.attack: outcome.opened for outcome in outcomes.values() if outcome.opened} == {}


def test_members_go_on_with_the_key_they_have(outcomes: dict[str, Outcome]) -> None:
    untouched = [outcome for outcome in outcomes.values() if outcome.attack not in (*ROWS, *SHARES)]
    assert {outcome.attack: outcome.failing for outcome in untouched if outcome.failing} == {}


@pytest.mark.parametrize("attack", ROWS)
def test_where_a_groups_row_was_overwritten_its_cases_are_read_and_other_pages_work(
    outcomes: dict[str, Outcome], attack: str
) -> None:
    """Denial is what he can do: nothing is saved in that group, and that is shown."""
    assert [line.partition(" ")[0] for line in outcomes[attack].failing] == ["POST", "new"]


@pytest.mark.parametrize("attack", SHARES)
def test_a_case_whose_access_list_he_wrote_is_read_and_not_saved_over(
    outcomes: dict[str, Outcome], attack: str
) -> None:
    [refused] = outcomes[attack].failing
    assert refused.startswith("POST")
    assert refused.endswith("/notes/new/: 422")


@pytest.mark.parametrize("attack", SHOWN)
def test_an_admin_is_shown_what_did_not_fit(outcomes: dict[str, Outcome], attack: str) -> None:
    assert [line for line in outcomes[attack].findings if SHOWN[attack] in line]


def test_the_doctor_says_that_keys_were_refused(stage: Stage) -> None:
    assert stage.doctor.startswith("NOT  keys")
    assert "some were refused" in stage.doctor


def test_an_admin_who_made_a_recovery_set_has_one_sheet_of_it_and_no_key_of_a_case_closed_to_her(stage: Stage) -> None:
    assert stage.sheets is not None
    assert stage.sheets.harm == ()
    assert (stage.sheets.of_first_set, stage.sheets.of_own_set, stage.sheets.of_colleague) == (3, 1, 1)
    assert stage.sheets.keys_before > 0
