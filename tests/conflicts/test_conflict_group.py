"""Exactly the conflict officers have the key of the conflict group, as long as they are officers."""

import pytest

from caseapp.accounts.directory import conflict_group, escrow, members
from caseapp.accounts.directory.chains import group_chains
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import lockdown
from caseapp.accounts.models import Grant
from caseapp.conflicts.services import officer
from caseapp.lib.errors import NotFound, Refused
from caseapp.team.services import removal, roles
from caseapp.vault.core.keyring import CONFLICT
from caseapp.vault.tenancy import office_transaction
from tests.conflicts.offices import filed_people, group_of, make_officer, open_case, stored_parts
from tests.helpers.cast import colleague_of, signed_in
from tests.helpers.sheets import dealt
from tests.helpers.two_offices import Worker


def _holders(staff: Staff) -> frozenset[object]:
    known = group_of(staff)
    assert known is not None
    with office_transaction(staff.org_id):
        people = members.read_directory(staff.keys)
        return frozenset(group_chains.read_states(staff.keys, people, [known.group])[known.group].holders)


def test_the_founder_of_an_office_is_its_first_conflict_officer(attorney: Worker) -> None:
    assert conflict_group.is_officer(attorney.staff.keys)
    assert _holders(attorney.staff) == {attorney.staff.member_id}


def test_a_member_who_is_given_the_role_has_the_key_at_the_next_sign_in(attorney: Worker) -> None:
    ben = colleague_of(attorney.staff)
    assert not signed_in("ben@office.test").keys.groups_of_kind(CONFLICT)
    roles.change_role(attorney.staff, ben, role="conflict_officer", is_admin=False)
    assert conflict_group.is_officer(signed_in("ben@office.test").keys)
    assert _holders(attorney.staff) == {attorney.staff.member_id, ben}


def test_a_new_officer_reads_what_was_filed_before_once_an_earlier_officer_was_here(attorney: Worker) -> None:
    case_id = open_case(attorney.staff, "Farid Karimi")
    ben = colleague_of(attorney.staff)
    make_officer(attorney.staff, ben)
    assert filed_people(signed_in("ben@office.test")) == {}
    from caseapp.casefile.upkeep import conflict_filing

    conflict_filing.tend_conflict_index(signed_in("ana@office.test"), 1.0)
    assert list(filed_people(signed_in("ben@office.test"))) == [case_id]


def test_taking_the_role_makes_a_new_key_that_the_former_officer_does_not_get(attorney: Worker) -> None:
    ben = colleague_of(attorney.staff)
    make_officer(attorney.staff, ben)
    theirs = signed_in("ben@office.test")
    make_officer(attorney.staff, ben, is_officer=False)
    open_case(attorney.staff, "Nadia Haddad")
    known = group_of(attorney.staff)
    assert known is not None
    assert known.epoch == 3
    assert _holders(attorney.staff) == {attorney.staff.member_id}
    again = signed_in("ben@office.test")
    assert not conflict_group.is_officer(again.keys)
    assert max(key.epoch for key in officer.officer_keys(again.keys)) == 2
    assert filed_people(theirs) == filed_people(again) == {}
    with pytest.raises(NotFound):
        officer.require_officer(again.keys)


def test_removing_an_officer_makes_a_new_key(attorney: Worker) -> None:
    ben = colleague_of(attorney.staff)
    make_officer(attorney.staff, ben)
    removal.remove_member(attorney.staff, ben)
    assert _holders(attorney.staff) == {attorney.staff.member_id}
    known = group_of(attorney.staff)
    assert known is not None
    assert known.epoch == 3


def test_without_an_officer_nothing_is_written_and_the_next_officer_starts_from_the_cases(attorney: Worker) -> None:
    from caseapp.casefile.upkeep import conflict_filing

    first = open_case(attorney.staff, "Farid Karimi")
    make_officer(attorney.staff, attorney.staff.member_id, is_officer=False)
    before = stored_parts(attorney.staff)
    second = open_case(attorney.staff, "Nadia Haddad")
    assert stored_parts(attorney.staff) == before
    ben = colleague_of(attorney.staff)
    make_officer(attorney.staff, ben)
    officer_staff = signed_in("ben@office.test")
    assert filed_people(officer_staff) == {}
    for _ in range(2):
        conflict_filing.tend_conflict_index(officer_staff, 5.0)
    assert set(filed_people(officer_staff)) == {first, second}
    known = group_of(attorney.staff)
    assert known is not None
    assert {epoch for _, epoch, _ in stored_parts(attorney.staff)} == {known.epoch}


def test_an_office_of_an_older_program_founds_the_group_when_an_officer_is_appointed(attorney: Worker) -> None:
    from msgspec.structs import replace

    me = attorney.staff.member_id
    members.change_directory(
        attorney.staff.keys,
        lambda d: replace(
            d, conflicts=None, people=tuple(replace(person, is_conflict_officer=False) for person in d.people)
        ),
    )
    assert not conflict_group.follow_officers(attorney.staff.keys)
    make_officer(attorney.staff, me)
    assert conflict_group.is_officer(attorney.staff.keys)


def test_the_recovery_sheets_cover_a_new_key_of_the_conflict_officers_at_once(attorney: Worker) -> None:
    dealt(attorney.staff)
    ben = colleague_of(attorney.staff)
    make_officer(attorney.staff, attorney.staff.member_id, is_officer=False)
    live, covered = escrow.count_covered_keys(attorney.staff.org_id)
    assert live == covered
    make_officer(attorney.staff, ben)
    assert escrow.count_covered_keys(attorney.staff.org_id) == (live + 1, covered + 1)


def test_no_officer_is_given_a_key_while_the_office_is_locked_down(attorney: Worker) -> None:
    ben = colleague_of(attorney.staff)
    lockdown.begin_all(attorney.staff.org_id)
    with office_transaction(attorney.staff.org_id):
        before = Grant.objects.count()
    with pytest.raises(Refused):
        make_officer(attorney.staff, ben)
    with office_transaction(attorney.staff.org_id):
        assert Grant.objects.count() == before
    known = group_of(attorney.staff)
    assert known is not None
    assert known.epoch == 1
