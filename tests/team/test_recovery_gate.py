"""A second case opens only once the office's recovery was test-opened."""

import pytest
from pytest_django.fixtures import Settings

from caseapp.accounts.recovery import office
from caseapp.cases.services import cases
from caseapp.lib.errors import Refused
from tests.helpers import cast
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _gate(settings: Settings) -> None:
    settings.RECOVERY_GATE = True


def test_the_first_case_opens_and_the_second_says_what_is_missing(attorney: Worker) -> None:
    first = attorney.client.post("/cases/new/", {"name": "Farid Karimi", "stage": "intake"})
    assert first.status_code == 303
    second = attorney.client.post("/cases/new/", {"name": "Olena Kovalenko", "stage": "intake"})
    page = second.content.decode()
    assert second.status_code == 422
    assert "set up the office&#x27;s recovery and test it" in page
    assert "Olena Kovalenko" in page


def test_a_set_that_nobody_tested_is_not_enough(attorney: Worker) -> None:
    cases.open_case(attorney.staff, cases.NewCase(name="Farid Karimi"))
    office.create_set(attorney.staff, 2, 3)
    with pytest.raises(Refused) as refusal:
        cases.open_case(attorney.staff, cases.NewCase(name="Olena Kovalenko"))
    assert refusal.value.code == "recovery"


def test_a_case_of_a_colleague_counts_too(attorney: Worker) -> None:
    cases.open_case(attorney.staff, cases.NewCase(name="Farid Karimi"))
    ben = member(attorney.staff, "caseworker").staff
    with pytest.raises(Refused):
        cases.open_case(ben, cases.NewCase(name="Olena Kovalenko"))
    office.create_tested_set(attorney.staff)
    cases.open_case(cast.signed_in("ben@office.test"), cases.NewCase(name="Olena Kovalenko"))


def test_after_a_test_opening_any_number_opens(attorney: Worker) -> None:
    office.create_tested_set(attorney.staff)
    for name in ("Farid Karimi", "Olena Kovalenko", "Samira Haddad"):
        assert attorney.client.post("/cases/new/", {"name": name, "stage": "intake"}).status_code == 303
