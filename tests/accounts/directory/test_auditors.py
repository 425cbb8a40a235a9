"""Whoever becomes a supervisor or admin reads the trail; whoever stops being one reads nothing that comes after."""

import datetime as dt
from uuid import UUID

import pytest

from caseapp.accounts.directory import audit_trail, groups
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import roles
from caseapp.audit import read
from caseapp.lib import clock
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast, epochs

pytestmark = pytest.mark.django_db
BEN = "ben@office.test"


@pytest.fixture
def ana(db: None) -> Staff:
    return cast.found()


@pytest.fixture
def ben_id(ana: Staff) -> UUID:
    return cast.colleague_of(ana, email=BEN)


def read_by(staff: Staff) -> list[str]:
    """The codes that open with this member's keys; "?" for an entry that does not."""
    privates = [group.hpke_private for group in staff.keys.held if group.kind == AUDITORS]
    with office_transaction(staff.org_id):
        lines = read.entries(staff.org_id, privates, since=clock.now() - dt.timedelta(days=1))
    return [line.record.what if line.record else "?" for line in reversed(lines)]


def test_a_caseworker_holds_no_key_of_the_trail_and_a_new_supervisor_does(ana: Staff, ben_id: UUID) -> None:
    assert set(read_by(cast.signed_in(BEN))) == {"?"}
    roles.change_role(ana, ben_id, role="supervisor", is_admin=False)
    told = read_by(cast.signed_in(BEN))
    assert "?" not in told
    assert told[-3:] == ["grant", "member.role", "sign_in"]


def test_a_new_admin_reads_it_too(ana: Staff, ben_id: UUID) -> None:
    roles.change_role(ana, ben_id, role="caseworker", is_admin=True)
    assert "?" not in read_by(cast.signed_in(BEN))


def test_who_steps_back_reads_nothing_that_comes_after(ana: Staff, ben_id: UUID) -> None:
    roles.change_role(ana, ben_id, role="supervisor", is_admin=False)
    ben = cast.signed_in(BEN)
    assert "?" not in read_by(ben)
    (auditors,) = ana.keys.groups_of_kind(AUDITORS)
    roles.change_role(ana, ben_id, role="caseworker", is_admin=False)
    assert ana.keys.groups_of_kind(AUDITORS)[0].epoch == auditors.epoch + 1
    assert [seat.member_id for seat in groups.read_roster(ana.keys, auditors.group).members] == [ana.member_id]
    audit_trail.record_entry(ana.keys, "lock")
    assert read_by(ana)[-1] == "lock"
    assert read_by(cast.signed_in(BEN))[-2:] == ["?", "?"]  # the lock, and his own signing in


def test_an_admin_who_steps_back_leaves_the_next_key_to_another(ana: Staff, ben_id: UUID) -> None:
    roles.change_role(ana, ben_id, role="caseworker", is_admin=True)
    ben = cast.signed_in(BEN)
    (auditors,) = ben.keys.groups_of_kind(AUDITORS)
    roles.change_role(ana, ana.member_id, role="caseworker", is_admin=False)
    assert epochs.epochs_by_group(ana.org_id)[auditors.group] == (auditors.epoch, auditors.epoch + 1)
