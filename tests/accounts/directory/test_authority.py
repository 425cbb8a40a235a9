"""Authority, not only signatures: who signed counts, and what the directory says of them now.

`forger` plays the adversary: he writes into the database and holds one member's whole keyring.
"""

from collections.abc import Callable
from uuid import uuid4

import pytest
from msgspec.structs import replace

from caseapp.accounts.directory import grants, groups, rotation
from caseapp.accounts.directory import members as directory
from caseapp.accounts.directory.chains import chain, chain_rows, group_chains
from caseapp.accounts.directory.chains.chain import ChainState, Link, SignedLink, StoredChain
from caseapp.accounts.keys import findings
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.members import removal, roles
from caseapp.accounts.models import Grant, Group
from caseapp.casefile.upkeep import key_upkeep
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import OFFICE, SHARE, TEAM, GroupKey
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Staff:
    return cast.found()


@pytest.fixture
def ben(ana: Staff) -> Staff:
    """In Ana's team."""
    cast.colleague_of(ana)
    return cast.signed_in("ben@office.test")


@pytest.fixture
def vera(ana: Staff) -> Staff:
    """A volunteer in no team."""
    cast.volunteer_of(ana)
    return cast.signed_in("vera@office.test")


def _state(keys: Keys, group: GroupKey) -> ChainState:
    with office_transaction(keys.org_id):
        row = Group.objects.get(org_id=keys.org_id, group_id=group.group)
        return group_chains.open_row(keys, directory.read_directory(keys), row)


def _next_epoch(team: GroupKey, epoch: int | None = None) -> GroupKey:
    """A key the forger chose."""
    return replace(
        team, epoch=epoch or team.epoch + 1, key=primitives.new_key(), hpke_private=hybrid.new_key_pair().private
    )


def _append(forger: Keys, reader: Keys, team: GroupKey, change: Callable[[Link], Link]) -> None:
    """Write a link of the forger's into the team's row, sealed as the office's rows are."""
    with office_transaction(reader.org_id):
        row = Group.objects.get(org_id=reader.org_id, group_id=team.group)
        offices = [*forger.office_epochs, *reader.office_epochs]
        stored = chain_rows.open_stored(offices, row.org_id, row.group_id, row.version, bytes(row.sealed))
        assert isinstance(stored, StoredChain)
        last = stored.links[-1]
        link = change(Link(kind=team.kind, epoch=team.epoch, public=b"", previous=last.digest()))
        signed = chain.sign_link(link, org_id=row.org_id, group=row.group_id, member=forger.keyring.sign_private)
        _store(reader, row, (*stored.links, signed), stored.public)


def _store(reader: Keys, row: Group, links: tuple[SignedLink, ...], public: bytes) -> None:
    sealed = chain_rows.seal_chain(
        reader.office_group, row.org_id, row.group_id, row.version + 1, StoredChain(links=links, public=public)
    )
    Group.objects.filter(org_id=row.org_id, group_id=row.group_id).update(version=row.version + 1, sealed=sealed)


def _new_epoch_link(key: GroupKey) -> Callable[[Link], Link]:
    public = primitives.digest(hybrid.derive_public_key(key.hpke_private))
    return lambda link: replace(link, epoch=key.epoch, key=key.commitment(), public=public)


def _give(forger: Keys, to: Staff, *keys: GroupKey) -> None:
    grants.give_keys(forger, directory.read_directory(to.keys).find_person(to.member_id), keys)


def _refused(staff: Staff) -> set[str]:
    """The codes of what the member's next request refuses."""
    return {finding.code for finding in grants.collect(staff.keys).refused}


def test_a_removed_members_newer_epoch_is_refused_and_the_old_key_stays(ana: Staff, ben: Staff) -> None:
    team = ana.keys.teams[0]
    removal.end_membership(ana, ben.member_id)
    his = _next_epoch(team)
    _append(ben.keys, ana.keys, team, _new_epoch_link(his))
    _give(ben.keys, ana, his)
    assert _refused(ana) == {findings.GIVER}
    assert ana.keys.group(team.group) == team
    assert _state(ana.keys, team).problem == "signer"


def test_a_grant_that_a_member_signed_before_the_removal_and_nobody_had_collected_still_counts(
    ana: Staff, ben: Staff
) -> None:
    vera_id = cast.volunteer_of(ana)
    team = ana.keys.teams[0]
    groups.add_members(ben.keys, team.group, {vera_id: groups.MEMBER})
    removal.end_membership(ana, ben.member_id)
    assert cast.signed_in("vera@office.test").keys.group(team.group, 1).key == team.key


def test_the_same_grant_written_after_the_removal_does_not_count(ana: Staff, ben: Staff) -> None:
    vera_id = cast.volunteer_of(ana)
    team = ana.keys.teams[0]
    groups.seat_members(ana.keys, team.group, {vera_id: groups.MEMBER})
    vera = cast.signed_in("vera@office.test")
    person = directory.read_directory(ana.keys).find_person(vera_id)
    removal.end_membership(ana, ben.member_id)
    grants.give_keys(ben.keys, person, (team,))
    assert findings.GIVER in _refused(vera)
    assert not vera.keys.epochs_of(team.group)


def test_a_key_once_held_is_never_replaced_by_another_of_the_same_epoch(ana: Staff, ben: Staff) -> None:
    team = ana.keys.teams[0]
    _give(ben.keys, ana, _next_epoch(team, epoch=team.epoch))
    assert _refused(ana) == {findings.REPLACED}
    assert ana.keys.group(team.group) == team


def test_somebody_outside_a_team_gives_nobody_its_key(ana: Staff, ben: Staff, vera: Staff) -> None:
    team = ana.keys.teams[0]
    _give(vera.keys, ana, _next_epoch(team))
    assert _refused(ana) == {findings.NOT_NAMED}
    _append(vera.keys, ana.keys, team, _new_epoch_link(_next_epoch(team)))
    assert _state(ana.keys, team).problem == "member"


def test_a_link_that_names_its_own_signer_does_not_count(ana: Staff, vera: Staff) -> None:
    team = ana.keys.teams[0]
    state = _state(ana.keys, team)
    _append(
        vera.keys, ana.keys, team,
        lambda link: replace(link, joined=(vera.member_id,), key=state.keys[team.epoch], public=state.public),
    )  # fmt: skip
    after = _state(ana.keys, team)
    assert (vera.member_id in after.members, after.problem) == (False, "member")


def test_a_member_cannot_leave_colleagues_out_of_the_next_key(ana: Staff, ben: Staff) -> None:
    team = ana.keys.teams[0]
    his = _next_epoch(team)
    _append(ben.keys, ana.keys, team, lambda link: replace(_new_epoch_link(his)(link), left=(ana.member_id,)))
    state = _state(ana.keys, team)
    assert (state.epoch, state.problem, ana.member_id in state.members) == (team.epoch, "left out", True)


def test_whoever_made_a_key_counts_among_those_who_know_it(ana: Staff, ben: Staff) -> None:
    """Otherwise he could make one, leave himself out, and read on after his removal."""
    team = ana.keys.teams[0]
    his = _next_epoch(team)
    _append(ben.keys, ana.keys, team, _new_epoch_link(his))
    assert ben.member_id in _state(ana.keys, team).holders
    removal.end_membership(ana, ben.member_id)
    state = _state(ana.keys, team)
    assert ben.member_id in chain.departed_holders(state, directory.read_directory(ana.keys))


def test_a_chain_that_went_back_is_refused_by_whoever_saw_the_newer_one(ana: Staff, ben: Staff) -> None:
    team = ana.keys.teams[0]
    with office_transaction(ana.org_id):
        row = Group.objects.get(org_id=ana.org_id, group_id=team.group)
    vera_id = cast.volunteer_of(ana)
    groups.seat_members(ana.keys, team.group, {vera_id: groups.MEMBER})
    ana = cast.signed_in("ana@office.test")
    with office_transaction(ana.org_id):
        Group.objects.filter(group_id=team.group).update(version=row.version, sealed=row.sealed)
    with pytest.raises(OpenFailed, match="seen before"):
        _state(ana.keys, team)


def test_a_volunteer_makes_no_group_that_others_take_up(ana: Staff, vera: Staff) -> None:
    pair = hybrid.new_key_pair()
    hers = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), hpke_private=pair.private)
    with office_transaction(ana.org_id):
        group_chains.start(vera.keys, hers, public=pair.public, members=(vera.member_id, ana.member_id))
    _give(vera.keys, ana, hers)
    assert _refused(ana) == {findings.NOT_NAMED}


def test_a_share_under_the_id_of_a_team_is_refused(ana: Staff, ben: Staff) -> None:
    team = ana.keys.teams[0]
    _give(ben.keys, ana, GroupKey(group=team.group, epoch=99, key=primitives.new_key(), kind=SHARE))
    assert _refused(ana) == {findings.NOT_NAMED}


def test_another_office_group_is_refused(ana: Staff, ben: Staff) -> None:
    _give(ben.keys, ana, GroupKey(group=uuid4(), epoch=99, key=primitives.new_key(), kind=OFFICE))
    _give(ben.keys, ana, _next_epoch(ana.keys.office_group))
    assert _refused(ana) == {findings.NOT_NAMED}


def test_an_office_file_is_never_replaced_and_only_an_admin_names_one(ana: Staff, ben: Staff) -> None:
    before = ana.keys.office_file
    person = directory.read_directory(ana.keys).find_person(ana.member_id)
    for giver, office_file in ((ben.keys, before), (ben.keys, uuid4()), (ana.keys, uuid4())):
        grants.give_keys(giver, person, (), office_file=office_file)
    collected = grants.collect(ana.keys)
    assert [finding.code for finding in collected.refused] == [findings.OFFICE] * 3
    assert ana.keys.office_file == before


def test_one_forged_grant_keeps_no_other_from_arriving(ana: Staff, ben: Staff, vera: Staff) -> None:
    team = ana.keys.teams[0]
    groups.add_members(ana.keys, team.group, {vera.member_id: groups.MEMBER})
    _give(ben.keys, vera, GroupKey(group=uuid4(), epoch=7, key=primitives.new_key()))
    collected = grants.collect(vera.keys)
    assert [finding.code for finding in collected.refused] == [findings.NOT_NAMED]
    assert vera.keys.group(team.group).key == team.key
    with office_transaction(ana.org_id):
        assert Grant.objects.count() == 1, "what was refused stays"


def test_an_admin_who_stepped_down_gives_nobody_the_offices_key(ana: Staff, ben: Staff, vera: Staff) -> None:
    roles.change_role(ana, ben.member_id, role="attorney", is_admin=True)
    ben = cast.signed_in("ben@office.test")
    roles.change_role(ana, ben.member_id, role="attorney", is_admin=False)
    person = directory.read_directory(ana.keys).find_person(vera.member_id)
    grants.give_keys(ben.keys, person, (), office_file=ben.keys.office_file)
    assert _refused(vera) == {findings.OFFICE}


def test_a_new_member_takes_no_other_key_than_the_one_that_the_chain_names(ana: Staff, ben: Staff, vera: Staff) -> None:
    team = ana.keys.teams[0]
    groups.seat_members(ana.keys, team.group, {vera.member_id: groups.MEMBER})
    _give(ben.keys, vera, _next_epoch(team, epoch=team.epoch))
    assert _refused(vera) == {findings.NOT_NAMED}
    assert not vera.keys.epochs_of(team.group)


def test_a_key_is_not_taken_by_a_person_whom_the_chain_does_not_list(ana: Staff, ben: Staff, vera: Staff) -> None:
    team = ana.keys.teams[0]
    _give(ben.keys, vera, team)
    assert _refused(vera) == {findings.NOT_NAMED}
    assert not vera.keys.epochs_of(team.group)


def test_a_roster_that_a_removed_member_writes_does_not_count(ana: Staff, ben: Staff) -> None:
    team = ana.keys.teams[0]
    before = groups.read_roster(ana.keys, team.group)
    removal.end_membership(ana, ben.member_id)
    with office_transaction(ana.org_id):
        groups.write_roster(ben.keys, team, replace(before, name="Another name"))
    with pytest.raises(OpenFailed, match="no longer active"):
        groups.read_roster(ana.keys, team.group)


def test_a_next_key_is_due_though_the_columns_of_the_row_say_it_is_not(ana: Staff, ben: Staff) -> None:
    team = ana.keys.teams[0]
    removal.end_membership(ana, ben.member_id)
    with office_transaction(ana.org_id):
        Group.objects.filter(group_id=team.group).update(needs_epoch=team.epoch)
    assert key_upkeep.rotate_due_keys(ana)
    assert ana.keys.group(team.group).epoch == team.epoch + 1


def test_what_a_member_signed_with_the_keys_from_before_a_return_does_not_count(ana: Staff, ben: Staff) -> None:
    new = hybrid.new_signing_key()
    member_id, old = ben.member_id, ben.keys
    public = directory.read_directory(ana.keys).find_person(member_id).hpke_public
    directory.change_directory(
        ana.keys,
        lambda people: people.with_keys(member_id, hpke_public=public, sign_public=hybrid.derive_verify_key(new)),
    )
    _give(old, ana, _next_epoch(ana.keys.teams[0]))
    assert _refused(ana) == {findings.GIVER}


def test_a_member_who_makes_a_team_for_others_counts_among_those_who_know_its_key(ana: Staff, ben: Staff) -> None:
    team = groups.create(ben.keys, kind=TEAM, name="Detained unit", members={ana.member_id: groups.LEAD})
    assert grants.collect(ana.keys).refused == ()
    removal.end_membership(ana, ben.member_id)
    state = _state(ana.keys, team)
    assert state.members == (ana.member_id,)
    assert chain.departed_holders(state, directory.read_directory(ana.keys)) == {ben.member_id}
    assert rotation.rotate_group_key(ana.keys, team.group).epoch == 2
