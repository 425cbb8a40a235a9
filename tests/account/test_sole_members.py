"""The only member of a group is lost, is removed, or returns with new keys: played through pages, to the end."""

from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from caseapp.accounts.directory import grants
from caseapp.accounts.directory import members as directory
from caseapp.accounts.keys import findings
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Group
from caseapp.accounts.signin import recovery_code, sign_in
from caseapp.cases.services import cases
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.tenancy import office_transaction
from tests.account.test_lost_access import RETURN, answered, chosen, link_mailed, made, opened
from tests.helpers import cast
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
CLIENT = "Zarmina Qaderdan"
ORPHANED = "Only the recovery sheets open it."


@pytest.fixture
def cora(attorney: Worker) -> Worker:
    cast.colleague_of(attorney.staff, name="Cora Diaz", email="cora@office.test", role="attorney")
    arrived = sign_in.sign_in("cora@office.test", cast.WORDS)
    code = recovery_code.propose_recovery_code(arrived.staff)
    recovery_code.confirm_recovery_code(arrived.staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = arrived.token
    return Worker(arrived.staff, client)


def _restricted_case(worker: Worker) -> str:
    """A case that is restricted to the one who opened it; answers its path."""
    path = reverse("cases:case", args=[cases.open_case(worker.staff, cases.NewCase(name=CLIENT))])
    assert worker.client.post(f"{path}access/", {"act": "wall"}).status_code == 303
    return path


def _return(email: str, sheets: list[str], folder: Path) -> tuple[Client, Staff]:
    """Lose everything and come back with two sheets, through the pages and the command."""
    link = link_mailed(email)
    client, words = chosen(link)
    _, code, proof = opened(client, link, words)
    answer, said = answered(client, link, sheets[:2], folder)
    office_words = said.partition("Words of the office: ")[2].partition("\n")[0]
    form = {"act": "finish", "answer": answer, "words": words, "office_words": office_words, "typed": code}
    done = client.post(RETURN, {"code": link, **form, "proof": proof})
    assert done.status_code == 303, done.content.decode()
    return client, sign_in.sign_in(email, words).staff


def _shows(client: Client, path: str, text: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 200 and text in answer.content.decode()


def _note(client: Client, path: str, text: str) -> None:
    done = client.post(f"{path}notes/new/", {"text": text})
    assert done.status_code == 303, done.content.decode()
    assert _shows(client, path, text)


def _remove(admin: Client, person: Worker, to: UUID) -> None:
    done = admin.post(f"/team/{person.staff.member_id}/remove/", {"name": person.staff.name, "to": str(to)})
    assert done.status_code == 303, done.content.decode()


def _epoch(keys: Keys, group_id: UUID) -> int:
    with office_transaction(keys.org_id):
        return Group.objects.get(org_id=keys.org_id, group_id=group_id).epoch


def _wall_of(staff: Staff) -> GroupKey:
    return next(key for key in staff.keys.groups if key.kind == "wall")


def _signed_in_again(worker: Worker) -> Staff:
    """The member as their next request sees them."""
    return cast.signed_in(f"{worker.staff.name.split()[0].lower()}@office.test")


def test_the_only_member_of_a_restricted_case_loses_everything_and_goes_on_with_it(
    attorney: Worker, cora: Worker, tmp_path: Path
) -> None:
    path = _restricted_case(cora)
    sheets = made(attorney, cora)
    _signed_in_again(cora)  # a sign-in adds her keys to the new set
    client, back = _return("cora@office.test", sheets, tmp_path)
    _note(client, path, "She called from the clinic.")
    assert attorney.client.get(path).status_code == 404, "returning opens the case to no other member"
    ben = member(attorney.staff, "caseworker")
    wall = _wall_of(back)
    assert client.post(f"{path}access/", {"act": "wall", "members": str(ben.staff.member_id)}).status_code == 303
    assert _shows(ben.client, path, "She called from the clinic.")
    assert _epoch(back.keys, wall.group) == wall.epoch


def test_the_only_member_of_a_restricted_case_is_removed_and_an_admin_returns_to_it_with_the_sheets(
    attorney: Worker, cora: Worker, tmp_path: Path
) -> None:
    path = _restricted_case(cora)
    sheets = made(attorney, cora)
    wall = _wall_of(_signed_in_again(cora))  # her sign-in adds her keys to the new set
    assert ORPHANED not in attorney.client.get("/team/").content.decode()
    _remove(attorney.client, cora, attorney.staff.member_id)
    assert cora.client.get(path).status_code == 302
    assert attorney.client.get(path).status_code == 404
    assert ORPHANED in attorney.client.get("/team/").content.decode(), "the admin is shown that no one has its key"

    client, back = _return("ana@office.test", sheets, tmp_path)
    assert _shows(client, path, CLIENT)
    _note(client, path, "The hearing stays on the calendar.")
    assert _epoch(back.keys, wall.group) > wall.epoch, "nothing is written under the key that the removed member has"
    assert ORPHANED not in client.get("/team/").content.decode()


def test_a_member_returns_with_new_keys_works_on_and_the_old_keys_give_nothing(
    attorney: Worker, cora: Worker, case_id: UUID, tmp_path: Path
) -> None:
    path = reverse("cases:case", args=[case_id])
    stolen = _signed_in_again(cora).keys
    sheets = made(attorney, cora)
    client, back = _return("cora@office.test", sheets, tmp_path)
    _note(client, path, "Cora is back.")
    assert _shows(attorney.client, path, "Cora is back.")
    ben = member(attorney.staff, "caseworker")
    _note(ben.client, path, "Ben helps.")

    team = stolen.teams[0]
    his = GroupKey(
        group=team.group, epoch=team.epoch + 1, key=primitives.new_key(), hpke_private=hybrid.new_key_pair().private
    )
    grants.give_keys(stolen, directory.read_directory(back.keys).find_person(attorney.staff.member_id), (his,))
    _note(attorney.client, path, "Ana goes on.")
    assert "Cora Diaz" in attorney.client.get("/team/").content.decode()
    assert _shows(client, path, "Ana goes on.")
    found = grants.collect(_signed_in_again(attorney).keys).refused
    assert [finding.code for finding in found] == [findings.GIVER]
    assert _epoch(back.keys, team.group) == team.epoch
