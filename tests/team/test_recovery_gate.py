"""Recovery may wait for ten cases or fourteen days, for 25 cases at most; then no more cases open (decision 27)."""

import datetime as dt

import pytest
from msgspec.structs import replace
from pytest_django.fixtures import Settings

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Staff
from caseapp.cases.services import cases
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from tests.helpers import cast
from tests.helpers.sheets import collected, dealt, make_set
from tests.helpers.two_offices import NOW, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NEW_CASE = {"name": "Olena Kovalenko", "stage": "intake"}


@pytest.fixture(autouse=True)
def _gate(settings: Settings) -> None:
    settings.RECOVERY_GATE = True


def _open(staff: Staff, count: int) -> None:
    for number in range(count):
        cases.open_case(staff, cases.NewCase(name=f"Farid Karimi {'abcdefghijklmnopqrstuvwxyz'[number]}"))


def _after(monkeypatch: pytest.MonkeyPatch, **distance: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(**distance))


def _founded_long_ago(attorney: Worker) -> None:
    """Let the office be fourteen days old, for sessions that were begun today."""
    founded = NOW - dt.timedelta(days=14)
    members.change_directory(attorney.staff.keys, lambda people: replace(people, founded_at=founded))


def _is_refused(staff: Staff) -> bool:
    try:
        _open(staff, 1)
    except Refused as refusal:
        return refusal.code == "recovery"
    return False


def test_ten_cases_open_whenever_and_the_eleventh_not_after_fourteen_days(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open(attorney.staff, 9)
    _after(monkeypatch, days=15)
    assert not _is_refused(attorney.staff)
    assert _is_refused(attorney.staff)


def test_within_fourteen_days_more_than_ten_cases_open(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    _open(attorney.staff, 12)
    _after(monkeypatch, days=13, hours=23)
    assert not _is_refused(attorney.staff)
    _after(monkeypatch, days=14)
    assert _is_refused(attorney.staff)


def test_more_than_25_cases_never_open_without_it(attorney: Worker) -> None:
    _open(attorney.staff, 25)
    assert _is_refused(attorney.staff)
    dealt(attorney.staff)
    assert not _is_refused(attorney.staff)


def test_the_page_says_so_before_the_form_and_how_to_mend_it(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    _open(attorney.staff, 10)
    assert b'name="name"' in ben.client.get("/cases/new/").content
    _founded_long_ago(attorney)
    admins = attorney.client.get("/cases/new/").content.decode()
    bens = ben.client.get("/cases/new/").content.decode()
    for page in (admins, bens):
        assert "First the recovery sheets" in page
        assert 'name="name"' not in page
    assert 'href="/recovery/"' in admins
    assert "Ana Ruiz" in bens
    assert 'href="/recovery/"' not in bens
    sent = ben.client.post("/cases/new/", NEW_CASE)
    assert sent.status_code == 422, "a form that was open meanwhile"
    assert "Olena Kovalenko" in sent.content.decode()


def test_a_set_that_too_few_have_checked_is_not_enough(attorney: Worker) -> None:
    ben, vera = member(attorney.staff, "caseworker"), member(attorney.staff, "volunteer", "vera@office.test")
    _open(attorney.staff, 10)
    _founded_long_ago(attorney)
    make_set(attorney.staff, ben.staff, vera.staff)
    collected(attorney.staff)
    collected(ben.staff, checks=False)
    assert _is_refused(attorney.staff)
    assert 'href="/recovery/sheet/"' in ben.client.get("/cases/new/").content.decode()
    collected(vera.staff)
    assert not _is_refused(attorney.staff)


def test_a_case_of_a_colleague_counts_too(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    ben = member(attorney.staff, "caseworker").staff
    _open(attorney.staff, 6)
    _open(ben, 4)
    _after(monkeypatch, days=14)
    assert _is_refused(ben)
    dealt(attorney.staff, ben)
    assert not _is_refused(cast.signed_in("ben@office.test"))


def test_an_office_that_does_not_know_when_it_began_has_had_its_fourteen_days(attorney: Worker) -> None:
    _open(attorney.staff, 10)
    assert not _is_refused(attorney.staff)
    members.change_directory(attorney.staff.keys, lambda people: replace(people, founded_at=None))
    assert _is_refused(attorney.staff)
