"""Cases of VAWA, T, U or asylum open restricted, or are restricted once their relief is one, until they are widened."""

from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, sharing
from caseapp.cases.services import cases
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case
from caseapp.vault.core.keyring import WALL
from caseapp.vault.errors import NoKey
from caseapp.vault.store import Entry
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

PROTECTED = ("vawa", "t", "u", "asylum")


@pytest.fixture
def colleague(attorney: Worker) -> UUID:
    return cast.colleague_of(attorney.staff)


def opens(case_id: UUID, email: str = "ben@office.test") -> bool:
    """Return whether a member can open the case."""
    staff = cast.signed_in(email)
    with office_transaction(staff.org_id):
        try:
            return case_access.open_case(staff.keys, case_id).id == case_id
        except NotFound:
            return False


def ana() -> Staff:
    """The attorney as she is known now: with the keys of groups that a page made."""
    return cast.signed_in("ana@office.test")


def case_now(case_id: UUID) -> Entry[Case]:
    """Return the record of a case."""
    staff = ana()
    with office_transaction(staff.org_id):
        return case_access.open_case(staff.keys, case_id).get_only(Case)


def new_case(worker: Worker, relief: list[str], name: str = "Olena Kovalenko") -> tuple[UUID, str]:
    """Open a case by its form. Return its id and the code of the sentence that follows."""
    status, path, did = redirect_of(worker.client.post(reverse("cases:new"), {"name": name, "relief": relief}))
    assert status == 303
    return UUID(path.strip("/").split("/")[-1]), did


def change(worker: Worker, case_id: UUID, relief: list[str], **sent: str) -> str:
    """Change the relief by the case's form. Return the code of the sentence that follows."""
    entry = case_now(case_id)
    fields = {"stage": "uscis", "relief": relief, "lead": str(entry.record.lead), "version": str(entry.version), **sent}
    return redirect_of(worker.client.post(reverse("cases:change", args=[case_id]), fields))[2]


@pytest.mark.parametrize("relief", PROTECTED)
def test_a_new_case_of_protected_relief_is_open_to_its_member_alone_until_widened(
    attorney: Worker, colleague: UUID, relief: str
) -> None:
    case_id, did = new_case(attorney, ["family", relief])
    assert did == "case-opened-restricted"
    assert not opens(case_id)
    assert attorney.client.get(reverse("cases:case", args=[case_id])).status_code == 200
    sharing.move_to_group(ana(), case_id, attorney.staff.keys.teams[0])
    assert opens(case_id)


def test_a_new_case_of_other_relief_is_open_to_the_team(attorney: Worker, colleague: UUID) -> None:
    case_id, did = new_case(attorney, ["family", "sij"])
    assert did == "case-opened"
    assert opens(case_id)


def test_a_members_new_restricted_cases_share_one_group_and_sharing_one_opens_no_other(
    attorney: Worker, colleague: UUID
) -> None:
    first, _ = new_case(attorney, ["asylum"])
    second, _ = new_case(attorney, ["u"], name="Samuel Tesfaye")
    staff = ana()
    assert len(staff.keys.groups_of_kind(WALL)) == 1
    sharing.share_with_member(staff, first, colleague, None)
    assert (opens(first), opens(second)) == (True, False)


def test_a_question_about_people_who_may_be_the_same_leaves_one_group_and_no_case(
    attorney: Worker, colleague: UUID
) -> None:
    new_case(attorney, ["asylum"])
    again = {"name": "Olena Kovalenko", "relief": ["asylum"]}
    assert attorney.client.post(reverse("cases:new"), again).status_code == 422
    assert len(ana().keys.groups_of_kind(WALL)) == 1


def test_without_its_group_a_protected_case_is_not_opened_in_the_team(attorney: Worker) -> None:
    new = cases.NewCase(name="Olena Kovalenko", relief=("asylum",))
    with pytest.raises(NoKey):
        cases.open_case(attorney.staff, new, is_protected=True)


@pytest.mark.parametrize("relief", PROTECTED)
def test_a_case_whose_relief_becomes_protected_is_restricted_to_its_lead_and_team(
    attorney: Worker, colleague: UUID, relief: str
) -> None:
    case_id, _ = new_case(attorney, ["family"])
    assert change(attorney, case_id, ["family", relief]) == "case-restricted"
    assert not opens(case_id)
    assert case_now(case_id).record.relief == ("family", relief)


def test_a_new_lead_is_inside_when_the_relief_becomes_protected(attorney: Worker, colleague: UUID) -> None:
    case_id, _ = new_case(attorney, ["family"])
    assert change(attorney, case_id, ["asylum"], lead=str(colleague)) == "case-restricted"
    assert opens(case_id)
    assert case_now(case_id).record.lead == colleague


def test_a_case_that_was_widened_stays_so_when_its_protected_relief_changes(attorney: Worker, colleague: UUID) -> None:
    case_id, _ = new_case(attorney, ["asylum"])
    sharing.move_to_group(ana(), case_id, attorney.staff.keys.teams[0])
    assert change(attorney, case_id, ["asylum", "u"]) == "case-changed"
    assert opens(case_id)


@pytest.mark.parametrize("wrong", [{"version": "99"}, {"stage": "no such stage"}, {"lead": ""}])
def test_a_change_that_is_not_saved_restricts_nothing(attorney: Worker, colleague: UUID, wrong: dict[str, str]) -> None:
    case_id, _ = new_case(attorney, ["family"])
    entry = case_now(case_id)
    sent = {"stage": "uscis", "relief": ["asylum"], "lead": str(entry.record.lead), "version": str(entry.version)}
    answer = attorney.client.post(reverse("cases:change", args=[case_id]), {**sent, **wrong})
    assert answer.status_code in {409, 422}
    assert opens(case_id)


def test_a_crash_of_the_change_leaves_the_case_narrower_and_never_wider(
    attorney: Worker, colleague: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, _ = new_case(attorney, ["family"])

    def crash(*_args: object, **_fields: object) -> None:
        raise OSError

    monkeypatch.setattr(cases, "change_case", crash)
    entry = case_now(case_id)
    sent = {"stage": "uscis", "relief": ["asylum"], "lead": str(entry.record.lead), "version": str(entry.version)}
    assert attorney.client.post(reverse("cases:change", args=[case_id]), sent).status_code == 500
    assert not opens(case_id)
    assert case_now(case_id).record.relief == ("family",)


def test_the_page_that_removes_a_member_says_what_they_alone_can_open(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    path = reverse("team:remove", args=[ben.staff.member_id])
    assert "for them alone" not in attorney.client.get(path).content.decode()
    new_case(ben, ["asylum"])
    assert "1 group of cases opens for them alone." in attorney.client.get(path).content.decode()
