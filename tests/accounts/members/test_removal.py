"""Taking a member out: nothing opens for them afterwards, everything for the others, and a wall's key is not needed."""

from datetime import timedelta

import pytest
from django.db import transaction

from caseapp.accounts.directory import audit_trail, groups, members, rotation
from caseapp.accounts.errors import SessionGone
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import removal
from caseapp.accounts.models import Destruction, Door, Grant, Group, Member
from caseapp.accounts.signin import sessions, sign_in
from caseapp.audit import read
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault import shred_keys
from caseapp.vault.core.keyring import AUDITORS, WALL
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast, epochs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana() -> Staff:
    return cast.found(email="ana@office.test")


@pytest.fixture
def ben(ana: Staff) -> Staff:
    cast.colleague_of(ana)
    return cast.signed_in("ben@office.test")


def _cora(ana: Staff) -> Staff:
    cast.colleague_of(ana, name="Cora Diaz", email="cora@office.test", role="attorney")
    return cast.signed_in("cora@office.test")


def test_one_transaction_ends_everything_and_the_half_is_gone(ana: Staff, ben: Staff) -> None:
    assert shred_keys.read_half("members", ben.member_id)
    team = ana.keys.teams[0]
    token = sign_in.sign_in("ben@office.test", cast.WORDS).token
    half = sessions.begin_half(ben.org_id, ben.member_id, ben.keys.bundle_key, needs=("factor",), via="passphrase")
    removal.end_membership(ana, ben.member_id)
    for opener, cookie in ((sessions.open, token), (sessions.open_half, half)):
        with pytest.raises(SessionGone):
            opener(cookie)
    with office_transaction(ana.org_id):
        row = Member.objects.get(org_id=ana.org_id, id=ben.member_id)
        assert (row.is_active, bytes(row.bundle)) == (False, b"")
        assert not Door.objects.filter(member_id=ben.member_id).exists()
        assert not Destruction.objects.filter(subject=ben.member_id).exists()
        assert epochs.epochs_by_group(ana.org_id)[team.group] == (1, 2), "another key is due"
    with pytest.raises(OpenFailed):
        shred_keys.read_half("members", ben.member_id)
    with pytest.raises(NotFound):
        members.read_directory(ana.keys).find_person(ben.member_id)


def test_the_offices_own_key_and_the_auditors_are_new_at_once(ana: Staff, ben: Staff) -> None:
    was = ana.keys.office_group, ana.keys.groups_of_kind(AUDITORS)[0], members.read_directory(ana.keys).auditors_public
    removal.end_membership(ana, ben.member_id)
    assert ana.keys.office_group.epoch == was[0].epoch + 1
    with pytest.raises((OpenFailed, NotFound)):
        members.read_directory(ben.keys)
    assert members.read_directory(ana.keys).find_person(ana.member_id)
    # Ben was no auditor: that group keeps its key.
    assert ana.keys.groups_of_kind(AUDITORS)[0].epoch == was[1].epoch
    audit_trail.record_entry(ana.keys, "member.remove", target=ben.member_id)
    auditors = [group.hpke_private for group in ana.keys.held if group.kind == AUDITORS]
    with office_transaction(ana.org_id):
        newest, *_ = read.entries(ana.org_id, auditors, since=clock.now() - timedelta(minutes=1))
    assert newest.record is not None
    assert newest.record.target == ben.member_id


def test_a_colleague_makes_the_next_key_of_a_wall_the_admin_is_not_in(ana: Staff, ben: Staff) -> None:
    cora = _cora(ana)
    wall = groups.create(ben.keys, kind=WALL, name="Wall", members={ben.member_id: "lead", cora.member_id: "member"})
    epochs.merge_waiting(cora.keys)
    removal.end_membership(ana, ben.member_id)
    with office_transaction(ana.org_id):
        assert epochs.epochs_by_group(ana.org_id)[wall.group] == (1, 2)
    assert not epochs.is_due(ana.keys, wall.group), "not hers to do"
    epochs.merge_waiting(cora.keys)
    assert epochs.is_due(cora.keys, wall.group)
    new = rotation.rotate_group_key(cora.keys, wall.group)
    assert new.epoch == 2
    assert [person.member_id for person in groups.active_members_of(cora.keys, wall.group)] == [cora.member_id]
    assert rotation.rotate_group_key(cora.keys, wall.group) == new, "twice is as once"
    with pytest.raises((OpenFailed, NotFound)):
        groups.read_roster(ben.keys, wall.group)


def test_two_who_rotate_at_once_end_with_one_key(ana: Staff, ben: Staff) -> None:
    cora = _cora(ana)
    team = ana.keys.teams[0].group
    removal.end_membership(ana, ben.member_id)
    first = rotation.rotate_group_key(ana.keys, team)
    epochs.merge_waiting(cora.keys)
    assert rotation.rotate_group_key(cora.keys, team) == first
    assert not any(epochs.is_due(cora.keys, group.group) for group in cora.keys.held)


def test_nobody_removes_themselves_or_the_last_admin(ana: Staff, ben: Staff) -> None:
    with pytest.raises(Refused, match="self"):
        removal.end_membership(ana, ana.member_id)
    with pytest.raises(Refused, match="last_admin"):
        removal.end_membership(ben, ana.member_id)
    with pytest.raises(NotFound):
        removal.end_membership(ana, ana.keys.office_group.group)


def test_a_crash_before_the_half_is_destroyed_only_delays_it(
    ana: Staff, ben: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(shred_keys, "destroy", lambda *_: (_ for _ in ()).throw(OSError("disk")))
        removal.end_membership(ana, ben.member_id)
    assert shred_keys.read_half("members", ben.member_id)
    with office_transaction(ana.org_id):
        assert removal.destroy_due_halves() == 1
    with pytest.raises(OpenFailed):
        shred_keys.read_half("members", ben.member_id)
    with office_transaction(ana.org_id):
        assert removal.destroy_due_halves() == 0


def test_a_removal_that_fails_half_way_changes_nothing(ana: Staff, ben: Staff) -> None:
    with transaction.atomic():
        removal.end_membership(ana, ben.member_id)
        transaction.set_rollback(True)
    with office_transaction(ana.org_id):
        assert Member.objects.get(org_id=ana.org_id, id=ben.member_id).is_active
        assert not Grant.objects.filter(recipient=ben.member_id).exists()
        assert not Group.objects.filter(needs_epoch__gt=1).exists()
    assert shred_keys.read_half("members", ben.member_id)
    assert cast.signed_in("ben@office.test").member_id == ben.member_id
