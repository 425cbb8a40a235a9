"""Supervising attorneys: an admin marks them in the signed directory, and the mark alone gives the right."""

import msgspec
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.directory import members, signed_lists
from caseapp.accounts.keys import profile
from caseapp.accounts.keys.permissions import ATTORNEY, CASEWORKER, REPRESENTATIVE
from caseapp.accounts.models import Member, Roster
from caseapp.accounts.signin import sessions
from caseapp.casefile import office_law
from caseapp.lib.errors import Refused
from caseapp.team.services import roles
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
RULE = "rule:us.asylum.one_year"
ASKED = "Record the supervising attorney of your office"


def token_of(worker: Worker) -> str:
    with office_transaction(worker.staff.org_id):
        book = office_law.law_of(worker.staff.keys).book
    return next(f"{item.what} {item.digest}" for item in book.list_confirmables() if item.what == RULE)


def confirm(worker: Worker) -> int:
    return worker.client.post(reverse("law:confirm"), {"text": token_of(worker)}).status_code


def is_confirmed(worker: Worker) -> bool:
    with office_transaction(worker.staff.org_id):
        return office_law.law_of(sessions.open(token(worker)).keys).book.is_confirmed(RULE)


def token(worker: Worker) -> str:
    return worker.client.cookies[settings.SESSION_COOKIE].value


def page_of(worker: Worker) -> str:
    return reverse("team:member", args=[worker.staff.member_id])


def marked(role: str, *, admin: bool = False) -> dict[str, str]:
    return {"act": "role", "role": role, "is_supervising": "on", **({"is_admin": "on"} if admin else {})}


def unmark_all(attorney: Worker) -> None:
    """The office as one of an older program: no member is marked."""
    roles.change_role(attorney.staff, attorney.staff.member_id, role=ATTORNEY, is_admin=True, is_supervising=False)


def test_an_admin_marks_a_colleague_who_can_then_confirm_rules(attorney: Worker) -> None:
    ben = member(attorney.staff, REPRESENTATIVE)
    assert confirm(ben) == 404
    assert not is_confirmed(attorney)
    assert attorney.client.post(page_of(ben), marked(REPRESENTATIVE)).status_code == 303
    assert "supervising accredited representative" in attorney.client.get("/team/").content.decode()
    assert confirm(ben) == 303
    assert is_confirmed(attorney)
    assert attorney.client.post(page_of(ben), {"act": "role", "role": REPRESENTATIVE}).status_code == 303
    assert ben.client.post(reverse("law:confirm"), {"take_back": RULE}).status_code == 404
    assert is_confirmed(attorney)


def test_an_admin_or_an_attorney_without_the_mark_confirms_nothing(attorney: Worker) -> None:
    ben = member(attorney.staff, ATTORNEY)
    roles.change_role(attorney.staff, ben.staff.member_id, role=ATTORNEY, is_admin=True)
    assert confirm(ben) == 404
    assert not is_confirmed(attorney)
    assert RULE not in ben.client.get("/law/").content.decode()  # nothing to tick


def test_a_member_who_is_no_admin_marks_nobody(attorney: Worker) -> None:
    ben = member(attorney.staff, ATTORNEY)
    assert ben.client.post(page_of(ben), marked(ATTORNEY)).status_code == 404
    with pytest.raises(Refused):
        roles.change_role(ben.staff, ben.staff.member_id, role=ATTORNEY, is_admin=False, is_supervising=True)
    assert confirm(ben) == 404


def test_only_attorneys_and_accredited_representatives_can_be_marked(attorney: Worker) -> None:
    ben = member(attorney.staff, ATTORNEY)
    answer = attorney.client.post(page_of(ben), marked(CASEWORKER))
    assert answer.status_code == 422
    assert "Only an attorney or an accredited representative" in answer.content.decode()
    assert attorney.client.post(page_of(ben), marked(ATTORNEY)).status_code == 303
    roles.change_role(attorney.staff, ben.staff.member_id, role=CASEWORKER, is_admin=False)
    roles.change_role(attorney.staff, ben.staff.member_id, role=ATTORNEY, is_admin=False)
    assert confirm(ben) == 404  # the mark ended with the role


def test_rows_in_the_database_make_no_supervising_attorney(attorney: Worker) -> None:
    """Ben writes into the database what he can seal: his profile, and a directory that marks him."""
    ben = member(attorney.staff, ATTORNEY)
    keys = ben.staff.keys
    own = profile.Profile(name="Ben Okafor", role=ATTORNEY, is_admin=True, zone=ben.staff.zone)
    with office_transaction(keys.org_id):
        Member.objects.filter(id=keys.member_id).update(
            profile=profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, own)
        )
    assert confirm(ben) == 404
    directory = members.read_directory(keys)
    people = tuple(replace(p, is_supervising=p.member_id == keys.member_id) for p in directory.people)
    forged = replace(directory, version=directory.version + 1, people=people)
    group = keys.office_group
    sealed = signed_lists.seal(
        group.roster_key(),
        members.LABEL,
        keys.org_id,
        group.group,
        forged.version,
        msgspec.msgpack.encode(forged),
        private=keys.keyring.sign_private,
        root=True,
    )
    with office_transaction(keys.org_id):
        Roster.objects.filter(org_id=keys.org_id, group_id=group.group).update(sealed=sealed, version=forged.version)
    with pytest.raises(OpenFailed):
        office_law.is_supervising(sessions.open(token(ben)))
    assert ben.client.post(reverse("law:confirm"), {"text": token_of(attorney)}).status_code >= 400
    assert not is_confirmed(attorney)


@pytest.mark.django_db(transaction=True)
def test_a_directory_that_was_put_back_gives_the_mark_to_nobody(attorney: Worker) -> None:
    ben = member(attorney.staff, ATTORNEY)
    roles.change_role(attorney.staff, ben.staff.member_id, role=ATTORNEY, is_admin=False, is_supervising=True)
    with office_transaction(attorney.staff.org_id):
        old = Roster.objects.get(group_id=attorney.staff.keys.office_group.group)
    assert office_law.is_supervising(sessions.open(token(ben)))
    roles.change_role(attorney.staff, ben.staff.member_id, role=ATTORNEY, is_admin=False, is_supervising=False)
    now = sessions.open(token(ben))
    assert not office_law.is_supervising(now)
    with office_transaction(attorney.staff.org_id):
        old.save()
    assert members.read_directory(now.keys, accepts_older=True).supervising_people[-1].member_id == now.member_id
    assert not office_law.is_supervising(now)


def test_an_office_without_a_mark_keeps_working_and_its_admin_is_asked(attorney: Worker) -> None:
    unmark_all(attorney)
    ben = member(attorney.staff, ATTORNEY)
    assert ASKED in attorney.client.get("/").content.decode()
    assert ASKED not in ben.client.get("/").content.decode()
    rules = ben.client.get("/law/").content.decode()
    assert "No supervising attorney is marked yet." in rules
    assert attorney.client.post(page_of(attorney), marked(ATTORNEY, admin=True)).status_code == 303
    assert ASKED not in attorney.client.get("/").content.decode()
    assert "Supervising attorneys, who confirm rules: Ana Ruiz." in ben.client.get("/law/").content.decode()


def test_new_keys_after_a_recovery_keep_the_mark_and_the_old_ones_lose_it(attorney: Worker) -> None:
    directory = members.read_directory(attorney.staff.keys)
    renewed = directory.with_keys(
        attorney.staff.member_id, hpke_public=b"new", sign_public=directory.people[0].sign_public
    )
    assert [(person.state, person.is_supervising) for person in renewed.people] == [
        ("replaced", False),
        ("active", True),
    ]
    assert [person.member_id for person in renewed.supervising_people] == [attorney.staff.member_id]


def test_a_stranger_to_the_office_finds_no_page_to_mark(attorney: Worker, outsider: Worker) -> None:
    assert outsider.client.post(page_of(attorney), marked(ATTORNEY)).status_code == 404
    assert Client().post(page_of(attorney), marked(ATTORNEY)).status_code == 401
