"""Teams and walls: whoever was given the key is in, and nobody else."""

import pytest

from caseapp.accounts.directory import grants, groups
from caseapp.accounts.directory import members as directory
from caseapp.accounts.directory.chains import group_chains
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import roles
from caseapp.accounts.models import Grant
from caseapp.accounts.signin import sessions, sign_in
from caseapp.lib.errors import NotFound
from caseapp.vault.core import hybrid
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast, epochs

pytestmark = pytest.mark.django_db


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


def test_a_new_team_reaches_its_members_at_their_next_request(attorney: Staff) -> None:
    ben = cast.colleague_of(attorney)
    cast.colleague_of(attorney, name="Ines Duarte", email="ines@office.test")
    team = groups.create(
        attorney.keys, kind="team", name="Detained", members={attorney.member_id: "lead", ben: "member"}
    )
    assert team in attorney.keys.groups
    bens = cast.signed_in("ben@office.test").keys
    assert bens.group(team.group).key == team.key
    assert [p.name for p in groups.active_members_of(bens, team.group)] == ["Ana Ruiz", "Ben Okafor"]
    with pytest.raises(NoKey):
        cast.signed_in("ines@office.test").keys.group(team.group)
    with office_transaction(attorney.org_id):
        assert Grant.objects.count() == 0


def test_somebody_outside_knows_who_is_in_a_wall_but_not_its_name_or_key(attorney: Staff) -> None:
    cast.colleague_of(attorney)
    cast.colleague_of(attorney, name="Ines Duarte", email="ines@office.test")
    bens = cast.signed_in("ben@office.test").keys
    wall = groups.create(bens, kind="wall", name="Wall of 7KQ4D", members={bens.member_id: "lead"})
    with office_transaction(attorney.org_id):
        known = group_chains.read_states(attorney.keys, directory.read_directory(attorney.keys))[wall.group]
    assert (known.kind, known.epoch, known.members) == ("wall", 1, (bens.member_id,))
    assert known.public_key == hybrid.derive_public_key(wall.hpke_private)
    with pytest.raises(NoKey):
        groups.read_roster(attorney.keys, wall.group)


def test_whoever_joins_a_team_later_gets_every_epoch_that_is_held(attorney: Staff) -> None:
    ben = cast.colleague_of(attorney)
    team = groups.create(attorney.keys, kind="team", name="Detained", members={attorney.member_id: "lead"})
    groups.add_members(attorney.keys, team.group, {ben: "member"})
    assert cast.signed_in("ben@office.test").keys.group(team.group, 1).key == team.key
    assert {seat.member_id for seat in groups.read_roster(attorney.keys, team.group).members} == {
        attorney.member_id,
        ben,
    }


def test_nobody_outside_the_office_can_be_given_a_key(attorney: Staff) -> None:
    stranger = cast.found(name="Lena Hoffmann", email="lena@elsewhere.test")
    with pytest.raises(NotFound):
        groups.create(attorney.keys, kind="team", name="Detained", members={stranger.member_id: "member"})


def test_a_grant_that_nobody_of_the_directory_signed_is_not_merged_and_stays(attorney: Staff) -> None:
    ben = cast.colleague_of(attorney)
    forger, bens = cast.keys_of_a_new_group(), cast.signed_in("ben@office.test").keys
    person = directory.read_directory(attorney.keys).find_person(ben)
    false = type(attorney.keys)(attorney.org_id, attorney.member_id, forger.bundle_key, forger.keyring)
    grants.give_keys(false, person, forger.keyring.groups)
    with pytest.raises(OpenFailed, match="signer"):
        epochs.merge_waiting(bens)
    with office_transaction(attorney.org_id):
        assert Grant.objects.count() == 1


def test_a_grant_moved_to_another_member_or_row_does_not_open(attorney: Staff) -> None:
    ben = cast.colleague_of(attorney)
    ines = cast.colleague_of(attorney, name="Ines Duarte", email="ines@office.test")
    inesses = cast.signed_in("ines@office.test").keys
    grants.give_keys(attorney.keys, directory.read_directory(attorney.keys).find_person(ben), attorney.keys.teams)
    with office_transaction(attorney.org_id):
        Grant.objects.update(recipient=ines)
    with pytest.raises(OpenFailed):
        epochs.merge_waiting(inesses)


def test_another_role_reaches_its_member_at_the_next_request(attorney: Staff) -> None:
    ben = cast.colleague_of(attorney)
    token = sign_in.sign_in("ben@office.test", cast.WORDS).token
    roles.change_role(attorney, ben, role="supervisor", is_admin=True)
    bens = sessions.open(token)
    assert (bens.role, bens.is_admin) == ("supervisor", True)
    assert bens.keys.keyring.org_root_private == attorney.keys.keyring.org_root_private
    roles.change_role(attorney, ben, role="interpreter", is_admin=False)
    assert (sessions.open(token).role, sessions.open(token).is_admin) == ("interpreter", False)
