"""Sets of sheets: who can be a holder, when a set counts, and when a new one is asked for."""

import datetime as dt
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from caseapp.accounts.directory import escrow, groups, members
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import removal, roles
from caseapp.accounts.models import Sheet
from caseapp.accounts.recovery import office, own_sheet
from caseapp.accounts.recovery.dealing import HolderChoice
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.core import hybrid, shares
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.sheets import collected, dealt, make_set, sheet_of, states_of

pytestmark = pytest.mark.django_db
Move = Callable[[dt.timedelta], None]


def test_the_rehearsal_is_the_sum_of_all_holders_checks(admin: Staff, ben: Staff, vera: Staff, move: Move) -> None:
    make_set(admin, ben, vera)
    for number, staff in enumerate((admin, ben, vera)):
        state = office.read_state(admin.keys)
        assert (state.checked, state.is_tested, state.needs_attention) == (number, False, True)
        collected(staff)
    state = office.read_state(admin.keys)
    assert (state.checked, state.is_tested, state.needs_attention) == (3, True, False)
    first = clock.now().replace(microsecond=0)
    assert state.next_test == first + dt.timedelta(days=90)


def test_each_sheet_is_checked_again_after_ninety_days(admin: Staff, ben: Staff, vera: Staff, move: Move) -> None:
    words = dealt(admin, ben, vera)
    move(dt.timedelta(days=89))
    assert (own_sheet.next_task(ben.keys), office.read_state(admin.keys).needs_attention) == ("", False)
    move(dt.timedelta(days=90, seconds=1))
    assert own_sheet.next_task(ben.keys) == "check again"
    assert states_of(admin) == ["due", "due", "due"]
    assert office.read_state(admin.keys).needs_attention
    for staff, typed in zip((admin, ben, vera), words, strict=True):
        own_sheet.check_sheet(staff, sheet_of(staff).id, typed)
    assert not office.read_state(admin.keys).needs_attention
    assert own_sheet.next_task(ben.keys) == ""


def test_a_new_set_has_to_be_checked_again(admin: Staff, ben: Staff, vera: Staff) -> None:
    dealt(admin, ben, vera)
    make_set(admin, ben, vera)
    assert [status.state for status in office.read_state(admin.keys).next_sheets] == ["waiting"] * 3
    assert own_sheet.next_task(ben.keys) == "collect"


def test_a_holder_who_never_collects_is_asked_and_the_admin_sees_it(
    admin: Staff, ben: Staff, vera: Staff, move: Move
) -> None:
    make_set(admin, ben, vera)
    collected(admin)
    collected(ben)
    move(dt.timedelta(days=60))
    assert own_sheet.next_task(vera.keys) == "collect"
    assert states_of(admin) == ["checked", "checked", "waiting"]
    assert office.read_state(admin.keys).needs_attention
    assert office.is_usable(admin.keys), "as many as open it have checked theirs"


def test_a_set_with_too_few_checks_is_not_usable(admin: Staff, ben: Staff, vera: Staff) -> None:
    make_set(admin, ben, vera)
    collected(admin)
    own_sheet.show_sheet(ben, sheet_of(ben).id)
    assert not office.is_usable(admin.keys)
    collected(vera)
    assert office.is_usable(admin.keys)


def test_a_holder_who_left_makes_the_set_incomplete(admin: Staff, ben: Staff, vera: Staff) -> None:
    dealt(admin, ben, vera)
    removal.end_membership(admin, vera.member_id)
    again = cast.signed_in("ana@office.test")
    state = office.read_state(again.keys)
    assert [(status.name, status.reason) for status in state.lost] == [("Vera Lind", "left")]
    assert (state.needs_attention, state.needs_new_set, office.is_usable(again.keys)) == (True, True, True)
    removal.end_membership(again, ben.member_id)
    assert not office.is_usable(cast.signed_in("ana@office.test").keys)


def test_a_holder_with_new_keys_who_had_not_collected_makes_the_set_incomplete(
    admin: Staff, ben: Staff, vera: Staff
) -> None:
    make_set(admin, ben, vera)
    collected(vera)
    for staff in (ben, vera):
        _give_new_keys(admin, staff)
    state = office.read_state(admin.keys)
    assert [(status.name, status.reason) for status in state.lost] == [("Ben Okafor", "new keys")]
    assert state.sheets[2].state == "checked", "what is on paper does not depend on keys"


def _give_new_keys(admin: Staff, staff: Staff) -> None:
    members.change_directory(
        admin.keys,
        lambda people: people.with_keys(
            staff.member_id,
            hpke_public=hybrid.new_key_pair().public,
            sign_public=hybrid.derive_verify_key(hybrid.new_signing_key()),
        ),
    )


def test_one_member_cannot_be_given_two_sheets(admin: Staff, ben: Staff, vera: Staff) -> None:
    twice = [HolderChoice(admin.member_id), HolderChoice(ben.member_id), HolderChoice(ben.member_id)]
    outside = [HolderChoice(admin.member_id), HolderChoice(ben.member_id), HolderChoice(vera.member_id, True, "Board")]
    for holders in (twice, outside, [HolderChoice(admin.member_id, is_outside=True)] * 3):
        with pytest.raises(Refused) as refusal:
            office.create_set(admin, 2, holders)
        assert refusal.value.code == "holders"
    assert office.read_state(admin.keys).current_set is None


def test_a_holder_is_an_active_member(admin: Staff, ben: Staff, vera: Staff, amara: Staff) -> None:
    removal.end_membership(admin, vera.member_id)
    again = cast.signed_in("ana@office.test")
    with pytest.raises(Refused) as refusal:
        office.create_set(again, 2, [HolderChoice(staff.member_id) for staff in (again, amara, vera)])
    assert refusal.value.code == "holders"


@pytest.mark.parametrize(
    ("active", "schemes"),
    [
        (1, {(2, 3), (3, 5)}),
        (2, {(2, 2)}),
        (3, {(2, 3)}),
        (4, {(2, 3)}),
        (5, {(2, 3), (3, 5)}),
    ],
)
def test_an_office_is_offered_the_sets_it_has_holders_for(active: int, schemes: set[tuple[int, int]]) -> None:
    assert set(office.offered_schemes(active)) == schemes


def test_in_an_office_of_two_each_has_one_sheet_and_both_are_needed(admin: Staff, ben: Staff) -> None:
    words = dealt(admin, ben)
    with pytest.raises(OpenFailed):
        shares.recover_secret(words[:1])
    pair = shares.derive_key_pair(shares.recover_secret(words))
    assert pair.public == members.read_directory(admin.keys).recovery_public


def test_an_office_that_grew_keeps_its_walls_out_of_reach_of_who_printed_every_sheet(admin: Staff) -> None:
    """And asks for a new set: the founder of an office of one has seen all sheets."""
    dealt(admin)
    assert not office.read_state(admin.keys).needs_new_set
    cast.colleague_of(admin)
    bens = cast.signed_in("ben@office.test")
    groups.create(bens.keys, kind="wall", name="Wall", members={bens.member_id: "lead"})
    cast.signed_in("ben@office.test")
    live, covered = escrow.count_covered_keys(admin.org_id)
    assert live - covered == 1
    state = office.read_state(admin.keys)
    assert (state.is_outgrown, state.needs_new_set, state.needs_attention) == (True, True, True)
    dealt(admin, bens)
    office.confirm_set(admin)
    cast.signed_in("ben@office.test")
    assert escrow.count_covered_keys(admin.org_id) == (live, live)


def test_a_set_that_follows_one_counts_once_enough_holders_checked_and_another_admin_confirmed(
    admin: Staff, ben: Staff, vera: Staff
) -> None:
    dealt(admin, ben, vera)
    old = members.read_directory(admin.keys).recovery_public
    roles.change_role(admin, ben.member_id, role="attorney", is_admin=True)
    other_admin = cast.signed_in("ben@office.test")
    make_set(admin, other_admin, vera)
    for staff, code in ((admin, "self"), (other_admin, "unchecked")):
        with pytest.raises(Refused) as refusal:
            office.confirm_set(staff)
        assert refusal.value.code == code
    collected(vera)
    collected(other_admin)
    with pytest.raises(Refused) as refusal:
        office.confirm_set(admin)
    assert refusal.value.code == "self"
    assert members.read_directory(admin.keys).recovery_public == old
    office.confirm_set(other_admin)
    assert members.read_directory(admin.keys).recovery_public != old
    assert states_of(admin) == ["waiting", "checked", "checked"]
    with office_transaction(admin.org_id):
        assert Sheet.objects.filter(org_id=admin.org_id).count() == 3, "the old set's rows are gone"


def test_a_discarded_set_leaves_nothing_behind(admin: Staff, ben: Staff, vera: Staff) -> None:
    dealt(admin, ben, vera)
    make_set(admin, ben, vera)
    waiting = sheet_of(ben)
    office.discard_set(admin)
    with office_transaction(admin.org_id):
        assert Sheet.objects.filter(org_id=admin.org_id).count() == 3
    with pytest.raises(NotFound):
        own_sheet.show_sheet(ben, waiting.id)
    assert office.read_state(admin.keys).is_tested


def test_a_set_of_an_older_program_goes_on_and_asks_for_a_new_one(admin: Staff, ben: Staff, vera: Staff) -> None:
    dealt(admin, ben, vera)

    def as_before(people: members.Directory) -> members.Directory:
        assert people.recovery is not None
        return replace(people, recovery=replace(people.recovery, sheets=(), tested_at=clock.now()))

    members.change_directory(admin.keys, as_before)
    state = office.read_state(admin.keys)
    assert (state.is_old_way, state.is_tested, office.is_usable(admin.keys)) == (True, True, True)
    assert (state.needs_new_set, state.needs_attention) == (True, True)
    assert own_sheet.read_own_sheets(ben.keys) == ()


def test_two_waiting_sets_never_are_there_at_once(admin: Staff, ben: Staff, vera: Staff) -> None:
    dealt(admin, ben, vera)
    make_set(admin, ben, vera)
    make_set(admin, ben, vera)
    with office_transaction(admin.org_id):
        assert Sheet.objects.filter(org_id=admin.org_id).count() == 6
