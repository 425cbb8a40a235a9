"""A request opens the directory, each roster and the office's law once, always from their newest rows.

What it opened ends with the request: nothing is served from it after a lock, a sign-out or to another member.
"""

import gc
import weakref
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.directory import groups, members, signed_lists
from caseapp.accounts.directory.chains import chain_rows
from caseapp.accounts.keys import office_file
from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.accounts.keys.staff import Keys
from caseapp.casefile import office_law
from caseapp.vault import store
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker, booking
from tests.team.test_members import member

pytestmark = pytest.mark.usefixtures("frozen")
KINDS = {"directory", "law", "office"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, attorney: Worker) -> Counter[str]:
    """Count what is opened from now on: the directory, each roster and chain, the office's file and its law."""
    count: Counter[str] = Counter()
    office = attorney.staff.keys.office_file

    def counting(module: object, name: str, label: Callable[..., str]) -> None:
        original = getattr(module, name)

        def call(*args: object, **options: object) -> object:
            if label_of_call := label(*args):
                count[label_of_call] += 1
            return original(*args, **options)

        monkeypatch.setattr(module, name, call)

    counting(signed_lists, "open_by_root", lambda *_: "directory")
    counting(signed_lists, "open_signed", lambda _key, _label, _org, group, *_: f"roster {group}")
    counting(chain_rows, "judge_stored", lambda _reader, group, *_: f"chain {group}")
    counting(office_law, "build_law", lambda *_: "law")
    counting(store, "open_rows", lambda _keys, rows: "office" if rows.file_id == office else "")
    return count


def test_the_case_page_and_today_open_each_of_them_once(
    attorney: Worker, case_id: UUID, hearing_id: UUID, opened: Counter[str]
) -> None:
    for path in (reverse("cases:case", args=[case_id]), "/"):
        opened.clear()
        assert attorney.client.get(path).status_code == 200
        assert opened["directory"] == 1
        assert max(opened.values()) == 1, (path, opened)


def test_a_save_opens_each_of_them_once(attorney: Worker, case_id: UUID, opened: Counter[str]) -> None:
    response = attorney.client.post(reverse("hearings:book", args=[case_id]), booking(confirmed="yes"))
    assert response.status_code == 303, response.content.decode()
    assert {name: opened[name] for name in KINDS} == dict.fromkeys(KINDS, 1)
    assert max(opened.values()) == 1, opened


def test_what_changed_meanwhile_is_opened_anew(attorney: Worker, opened: Counter[str]) -> None:
    keys = attorney.staff.keys
    team = keys.teams[0].group
    with office_transaction(keys.org_id):
        assert office_law.law_of(keys) is office_law.law_of(keys)
        assert members.read_directory(keys) is members.read_directory(keys)
        assert groups.read_roster(keys, team) is groups.read_roster(keys, team)
        office_file.save_office(keys, replace(office_file.read_office(keys), client_gateway="sms://x"))
        assert office_law.law_of(keys).office.client_gateway == "sms://x"
        groups.change_roster(keys, team, lambda roster: replace(roster, name="Removal defense"))
        assert groups.read_roster(keys, team).name == "Removal defense"
        members.set_auditors(keys, b"new")
        assert members.read_directory(keys).auditors_public == b"new"
    assert opened["directory"] > 1


def test_the_next_request_and_another_member_open_them_themselves(
    attorney: Worker, case_id: UUID, opened: Counter[str]
) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    for worker in (attorney, colleague, attorney):
        opened.clear()
        assert worker.client.get(reverse("cases:case", args=[case_id])).status_code == 200
        assert opened["directory"] == 1, "not taken over from the request before"


def test_nothing_opened_outlives_the_request(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[weakref.ref[object]] = []
    original = Keys.open_once

    def noting(keys: Keys, name: object, stored: object, open_it: Callable[[], object]) -> object:
        result = original(keys, name, stored, open_it)
        kept.append(weakref.ref(keys))
        return result

    monkeypatch.setattr(Keys, "open_once", noting)
    assert attorney.client.get(reverse("cases:case", args=[case_id])).status_code == 200
    gc.collect()
    assert kept
    assert [ref for ref in kept if ref() is not None] == []


@pytest.mark.parametrize("path", ["/lock/", "/sign-out/"])
def test_after_a_lock_or_a_sign_out_nothing_is_served_and_nothing_opened(
    attorney: Worker, case_id: UUID, opened: Counter[str], path: str
) -> None:
    page = reverse("cases:case", args=[case_id])
    assert attorney.client.get(page).status_code == 200
    assert attorney.client.post(path).status_code == 303
    opened.clear()
    assert attorney.client.get(page).status_code != 200
    assert opened == {}


def test_keys_do_not_print_what_they_opened_and_wider_keys_begin_with_nothing(attorney: Worker) -> None:
    keys = attorney.staff.keys
    with office_transaction(keys.org_id):
        members.read_directory(keys)
    assert "Ana" not in repr(keys)
    assert keys.with_extra_groups(replace(keys.teams[0], epoch=9))._opened == {}
