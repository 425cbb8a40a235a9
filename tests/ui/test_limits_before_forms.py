"""A limit or a missing permission is known before a form is shown: its page says so, and how to mend it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.keys.profile import Profile
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import enrolment, lockdown
from caseapp.accounts.signin import factors, recovery_code, sessions, sign_in
from caseapp.accounts.signin.factors import FactorRecord
from caseapp.casefile.transaction import case_transaction
from caseapp.records.case import Case
from caseapp.reminders import recipients
from caseapp.reminders.recipients import ReminderAddress
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


class Limit(NamedTuple):
    """What stands in the way: how it comes about, the page, a field of its form, and the sentence."""

    cause: Callable[[Staff, UUID], object]
    path: Callable[[UUID], str]
    field: str
    sentence: str


def _fill_factors(staff: Staff, count: int) -> None:
    for number in range(count):
        factors.add(staff.keys, FactorRecord(kind="app", name=f"Phone {number}", made_on=dt.date(2026, 11, 24)))


def _fill_addresses(staff: Staff, _case_id: UUID) -> None:
    others = tuple(ReminderAddress(kind="push", address=f"ntfys://{n}", shown=f"ntfys {n}") for n in range(3))
    with office_transaction(staff.org_id):
        recipients.change_settings(staff.org_id, staff.member_id, lambda before: replace(before, others=others))


def _lock_down(staff: Staff, _case_id: UUID) -> None:
    cast.colleague_of(staff)
    lockdown.begin(staff)


def _close(staff: Staff, case_id: UUID) -> None:
    with case_transaction(staff, case_id) as draft:
        entry = draft.file.get_only(Case)
        draft.change(entry.id, replace(entry.record, stage="closed"))


LOCKED = "The office is locked down: no keys are given until an admin lifts it."
FULL = "You have ten of them. Remove one that you no longer use first."
LIMITS = {
    "invite in a lock-down": Limit(_lock_down, lambda _: "/team/invite/", "email", LOCKED),
    "make a team in a lock-down": Limit(_lock_down, lambda _: reverse("team:team_new"), "members", LOCKED),
    "deal sheets in a lock-down": Limit(_lock_down, lambda _: reverse("team:recovery"), "scheme", LOCKED),
    "share in a lock-down": Limit(_lock_down, lambda c: reverse("cases:access", args=[c]), "member", LOCKED),
    "restrict in a lock-down": Limit(_lock_down, lambda c: reverse("cases:access", args=[c]), "members", LOCKED),
    "an eleventh app": Limit(lambda staff, _: _fill_factors(staff, 10), lambda _: reverse("account:app"), "code", FULL),
    "an eleventh passkey": Limit(
        lambda staff, _: _fill_factors(staff, 10), lambda _: reverse("account:passkey"), "proof", FULL
    ),
    "a fifth address": Limit(
        _fill_addresses,
        lambda _: reverse("account:reminders"),
        "add-address",
        "Four addresses are enough. Remove one first.",
    ),
    "a notice in a closed case": Limit(
        _close,
        lambda c: reverse("cases:notice_new", args=[c]),
        "what",
        "This case is closed. Reopen it, then record the notice or event.",
    ),
}


def _browser_of(worker: Worker, *, has_factor: bool) -> Client:
    """A browser with a fresh session: a lock-down ended the others. `has_factor`: whose factor was just checked."""
    if has_factor:
        token = sessions.record_reauthentication(worker.client.cookies[settings.SESSION_COOKIE].value, has_factor=True)
    else:
        token = sign_in.sign_in("ana@office.test", cast.WORDS).token
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = token
    return client


def _fields(page: str) -> set[str]:
    return set(re.findall(r'<(?:input|select|textarea)[^>]*\sname="([^"]+)"', page))


@pytest.mark.parametrize("name", LIMITS)
def test_what_could_not_be_saved_has_no_form(attorney: Worker, case_id: UUID, name: str) -> None:
    limit = LIMITS[name]
    path = limit.path(case_id)
    before = attorney.client.get(path).content.decode()
    if limit.cause is not _lock_down or limit.field == "email":
        assert limit.field in _fields(before)
    assert limit.sentence not in before
    limit.cause(attorney.staff, case_id)
    answer = _browser_of(attorney, has_factor="eleventh" in name).get(path)
    assert answer.status_code == 200
    assert limit.field not in _fields(answer.content.decode())
    assert limit.sentence in answer.content.decode()


def test_the_last_factor_of_an_admin_has_no_form_to_remove_it(attorney: Worker) -> None:
    _fill_factors(attorney.staff, 1)
    (held,) = factors.list_factors(attorney.staff.keys)
    client = _browser_of(attorney, has_factor=True)
    page = client.get(reverse("account:remove_factor", args=[held.id])).content.decode()
    assert "An admin keeps a second factor. Add another one first, then remove this." in page
    assert "Remove it" not in page


def test_in_an_office_of_one_no_form_asks_for_a_colleague(attorney: Worker, case_id: UUID) -> None:
    asked = {
        reverse("account:reminders"): ("away-stand_in", "no colleague can stand in for you yet."),
        reverse("cases:access", args=[case_id]): ("member", "Every member of the office can open this case already."),
    }
    for path, (field, sentence) in asked.items():
        page = attorney.client.get(path).content.decode()
        assert field not in _fields(page)
        assert sentence in page
    cast.volunteer_of(attorney.staff)  # in no team
    cast.colleague_of(attorney.staff)
    for path, (field, sentence) in asked.items():
        page = attorney.client.get(path).content.decode()
        assert field in _fields(page)
        assert sentence not in page


def test_a_member_of_no_team_reads_whom_to_ask_in_place_of_the_form_of_a_case(attorney: Worker) -> None:
    profile = Profile(name="Cora Bello", role="caseworker", language="en", office_name=attorney.staff.office_name)
    email = "cora@office.test"
    enrolment.add_member(attorney.staff.keys, member_profile=profile, email=email, passphrase=cast.WORDS)
    cora = sign_in.sign_in(email, cast.WORDS)
    code = recovery_code.propose_recovery_code(cora.staff)
    recovery_code.confirm_recovery_code(cora.staff, code, code)
    page = Client(headers={"cookie": f"{settings.SESSION_COOKIE}={cora.token}"}).get("/cases/new/").content.decode()
    assert "You are in no team yet. Ask an admin to add you to one." in page
    assert "Ana Ruiz" in page
    assert "name" not in _fields(page)
