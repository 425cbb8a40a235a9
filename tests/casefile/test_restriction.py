"""Cases of VAWA, T, U or asylum: restricted to their team when they open, until a member widens them."""

import datetime as dt
from uuid import UUID

import pytest

from caseapp.accounts.directory import groups
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, restriction, sharing
from caseapp.casefile.transaction import new_case_transaction
from caseapp.cases.services import cases
from caseapp.cases.services.cases import NewCase
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case, is_restricted
from caseapp.vault.core.keyring import WALL
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC))


@pytest.fixture
def ana() -> Staff:
    return cast.found()


def opens(staff: Staff, case_id: UUID) -> bool:
    with office_transaction(staff.org_id):
        try:
            return case_access.open_case(staff.keys, case_id).id == case_id
        except NotFound:
            return False


@pytest.mark.parametrize("relief", ["vawa", "t", "u", "asylum"])
def test_relief_that_the_law_protects_is_restricted(relief: str) -> None:
    assert is_restricted(["family", relief])
    assert not is_restricted(["family", "tps", "sij"])
    assert not is_restricted([])


def test_a_case_is_restricted_to_its_team_and_widened_again(ana: Staff) -> None:
    cast.colleague_of(ana)
    case_id = cases.open_case(ana, NewCase(name="Leila Hosseini", relief=["asylum"]))
    ben = cast.signed_in("ben@office.test")
    assert opens(ben, case_id)
    restriction.restrict_to_team(ana, case_id)
    assert opens(ana, case_id)
    assert not opens(cast.signed_in("ben@office.test"), case_id)
    restriction.restrict_to_team(ana, case_id)  # it stays as it is: no second wall
    sharing.move_to_group(ana, case_id, ana.keys.teams[0])
    assert opens(cast.signed_in("ben@office.test"), case_id)


def test_a_colleague_who_works_on_the_case_stays_inside(ana: Staff) -> None:
    ben_id = cast.colleague_of(ana)
    case_id = cases.open_case(ana, NewCase(name="Leila Hosseini", relief=["u"]))
    restriction.restrict_to_team(ana, case_id, [ben_id])
    assert opens(cast.signed_in("ben@office.test"), case_id)


def test_many_cases_of_an_import_open_in_one_restricted_group(ana: Staff) -> None:
    cast.colleague_of(ana)
    group = restriction.make_restricted_group(ana, "Import", [])
    assert group.kind == WALL
    opened = []
    for ref in ("A2B3C", "A2B3D"):
        with new_case_transaction(ana, group) as draft:
            draft.add(Case(ref=ref, relief=("asylum",), lead=ana.member_id))
            opened.append(draft.file.id)
    assert all(opens(ana, case_id) for case_id in opened)
    ben = cast.signed_in("ben@office.test")
    assert not any(opens(ben, case_id) for case_id in opened)
    with office_transaction(ben.org_id):
        assert list(reader.open_view(ben.keys, zone=ben.zone).all_rows()) == []
        assert groups.read_roster(ana.keys, group.group).name == "Import"
