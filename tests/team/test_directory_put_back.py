"""The list of people put back by SQL: noticed by every member and after every restart, and decided by an admin."""

from uuid import UUID

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.errors import DirectoryBehind
from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.lib.errors import Refused
from caseapp.reminders.planning import plan
from caseapp.vault.tenancy import office_transaction
from tests.cases.test_rollback import alerted, send_note
from tests.helpers import process_state
from tests.helpers.putting_back import Kept, keep, keep_case, keep_of_office, put_back
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
__all__ = ["alerted"]
SETTINGS = "The settings of the office are older than those saved last"
NOTICE = "The list of people of your office is older than one that was used before"


@pytest.fixture(autouse=True)
def _own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_request_merge", lambda: None)
    process_state.forget_audit_chains()


@pytest.fixture
def kept(attorney: Worker, case_id: UUID) -> tuple[Kept, ...]:
    """The directory before Ben came."""
    rows = keep("accounts_roster", "group_id", attorney.staff.keys.office_group.group)
    member(attorney.staff, CASEWORKER)
    with office_transaction(attorney.staff.org_id):
        members.read_directory(attorney.staff.keys)
    return (rows,)


def test_lists_and_cases_open_with_a_warning_and_nothing_is_saved(
    attorney: Worker, case_id: UUID, kept: tuple[Kept, ...]
) -> None:
    attorney.client.get(reverse("cases:case", args=[case_id]))
    put_back(*kept)
    for path in ("/", "/cases/", "/calendar/agenda/2026-11-24/", reverse("cases:case", args=[case_id])):
        response = attorney.client.get(path)
        assert response.status_code == 200, path
        assert NOTICE in response.content.decode(), path
    assert send_note(attorney, case_id) == 503
    assert attorney.client.post(reverse("team:invite"), {}).status_code != 303


@pytest.mark.parametrize("also", [(), ("accounts_member",)], ids=["alone", "with the members' keyrings"])
def test_an_older_directory_is_refused_after_a_restart(
    attorney: Worker, case_id: UUID, also: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = keep("accounts_roster", "group_id", attorney.staff.keys.office_group.group)
    rows = (directory, *keep_of_office(attorney.staff.org_id, *also))
    with office_transaction(attorney.staff.org_id):
        members.set_role(attorney.staff.keys, attorney.staff.member_id, role="attorney", is_admin=True)
    put_back(*rows)
    monkeypatch.setattr(audit_trail, "_public_keys", {})  # as a process that starts now
    with office_transaction(attorney.staff.org_id), pytest.raises(DirectoryBehind):
        members.read_directory(attorney.staff.keys)
    response = attorney.client.get(reverse("cases:case", args=[case_id]))
    assert response.status_code == 503, "its opening cannot be sealed to the auditors of today"
    assert "rows of the database were put back" in response.content.decode()
    assert NOTICE in attorney.client.get("/cases/").content.decode()


def test_an_admin_accepts_the_older_list_and_work_goes_on(
    attorney: Worker, case_id: UUID, kept: tuple[Kept, ...]
) -> None:
    put_back(*kept)
    path = reverse("team:directory")
    html = attorney.client.get(path).content.decode()
    assert "People in the older list" in html
    assert "Ben Okafor" not in html
    assert attorney.client.post(path).status_code == 303
    assert NOTICE not in attorney.client.get("/").content.decode()
    assert send_note(attorney, case_id) == 303
    assert "Accepted an older list of people" in attorney.client.get(reverse("trail:entries")).content.decode()
    assert attorney.client.post(path).status_code == 422, "there is nothing more to decide"


def test_the_decision_about_people_is_an_admins_and_a_look_decides_nothing(
    attorney: Worker, outsider: Worker, kept: tuple[Kept, ...]
) -> None:
    ben = member(attorney.staff, CASEWORKER, "chi@office.test")
    put_back(*kept)
    path = reverse("team:directory")
    assert ben.client.get(path).status_code == 404
    assert ben.client.post(path, {"x": "y" * 5_000}).status_code == 404
    assert attorney.client.get(path, {"act": "accept"}).status_code == 200
    assert attorney.client.put(path).status_code == 405
    assert NOTICE in attorney.client.get("/").content.decode()
    assert "There is nothing to decide" in outsider.client.get(path).content.decode()


def test_an_unchanged_directory_shows_no_warning(attorney: Worker, case_id: UUID, kept: tuple[Kept, ...]) -> None:
    assert NOTICE not in attorney.client.get("/").content.decode()
    assert send_note(attorney, case_id) == 303


def test_admins_get_the_urgent_message_about_an_older_list_once_with_an_audit_entry(
    attorney: Worker, case_id: UUID, kept: tuple[Kept, ...], alerted: list[UUID]
) -> None:
    process_state.forget_case_openings()
    attorney.client.get("/cases/")
    assert alerted == []
    put_back(*kept)
    attorney.client.get("/")
    attorney.client.get(reverse("cases:case", args=[case_id]))
    assert alerted == [attorney.staff.member_id]
    assert "an older list of people" in attorney.client.get(reverse("trail:entries")).content.decode()


def test_settings_of_the_office_put_back_are_not_saved_over_until_an_admin_accepts_them(
    attorney: Worker, case_id: UUID
) -> None:
    keys = attorney.staff.keys
    kept = keep_case(keys.office_file)
    with office_transaction(keys.org_id):
        office_file.save_office(keys, replace(office_file.read_office(keys), client_gateway="json://new.test/{to}"))
    assert SETTINGS not in attorney.client.get("/").content.decode()
    put_back(*kept)
    html = attorney.client.get("/").content.decode()
    assert SETTINGS in html
    path = reverse("team:directory")
    assert path in html
    with office_transaction(keys.org_id), pytest.raises(Refused) as refusal:
        office_file.save_office(keys, office_file.read_office(keys))
    assert "by an admin on Today" in refusal.value.sentence
    assert "Accept these settings" in attorney.client.get(path).content.decode()
    assert attorney.client.post(path, {"act": "file"}).status_code == 303
    with office_transaction(keys.org_id):
        office_file.save_office(keys, office_file.read_office(keys))
    assert SETTINGS not in attorney.client.get("/").content.decode()
    assert "settings of the office" in attorney.client.get(reverse("trail:entries")).content.decode()
    assert attorney.client.post(path, {"act": "file"}).status_code == 422, "there is nothing more to decide"
