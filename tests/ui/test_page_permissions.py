"""Every role on every page, made from the table of acts and from the program's own addresses."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from caseapp.accounts.keys.permissions import ACTIONS, CASEWORKER, ROLES
from caseapp.accounts.members import invitations
from caseapp.cases.services import notes, tasks
from caseapp.clients.services import contact
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.ui.requests.page_permissions import PAGE_ACTIONS, PUBLIC_PAGES
from tests.helpers.two_offices import Worker, further_office
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
# Ids of whoever asks, or of nothing that is stored: there is no object here that could be another's.
NO_OBJECT = {"view_id", "factor_id", "device_id", "token", "first", "rule_id", "stop_id", "step"}
OURS = {"case_id", "note_id", "party_id", "task_id", "hearing_id", "deadline_id", "document_id", "attempt_id"}


def _patterns(found: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """(view name, names of what stands in the address) of every address."""
    for one in found:
        if isinstance(one, URLResolver):
            space = f"{prefix}{one.namespace}:" if one.namespace else prefix
            yield from _patterns(one.url_patterns, space)
        else:
            yield f"{prefix}{one.name}", tuple(one.pattern.converters) or tuple(one.pattern.regex.groupindex)


ADDRESSES = dict(_patterns(get_resolver().url_patterns))


def test_every_address_says_which_act_it_is() -> None:
    assert set(ADDRESSES) - PUBLIC_PAGES - set(PAGE_ACTIONS) == set(), (
        "give each a row in caseapp/ui/requests/page_permissions.py"
    )
    assert set(PAGE_ACTIONS.values()) <= set(ACTIONS)
    assert not PUBLIC_PAGES & set(PAGE_ACTIONS)


def objects_of(attorney: Worker, case_id: UUID, hearing_id: UUID) -> dict[str, object]:
    """One of everything, by the name it has in addresses."""
    notes.add_note(attorney.staff, case_id, text="Phoned.")
    tasks.add_task(attorney.staff, case_id, text="Ask for the birth record")
    paper = SimpleUploadedFile("passport.txt", b"A paper.", content_type="text/plain")
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": paper})
    attorney.client.post(
        "/team/invite/", {"email": "x@office.test", "name": "X", "role": "volunteer", "language": "en"}
    )
    client = attorney.file(case_id).entries_of(Party)[0].id
    contact.record_call(attorney.staff, case_id, client, contact.CallResult(result="no_answer"), hearing_id=hearing_id)
    file = attorney.file(case_id)
    return {
        "case_id": case_id,
        "hearing_id": hearing_id,
        "note_id": file.entries_of(Note)[0].id,
        "task_id": file.entries_of(Task)[0].id,
        "attempt_id": file.entries_of(ContactAttempt)[0].id,
        "party_id": file.entries_of(Party)[0].id,
        "deadline_id": file.entries_of(Deadline)[0].id,
        "document_id": file.entries_of(Document)[0].id,
        "member_id": attorney.staff.member_id,
        "group_id": attorney.staff.keys.teams[0].group,
        "invitation_id": invitations.list_open_invitations(attorney.staff)[0].id,
        "first": dt.date(2026, 11, 24).isoformat(),
    }


def pages_of(objects: dict[str, object]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(name, path, what stands in it) of every page whose objects we have."""
    for name in sorted(PAGE_ACTIONS):
        wanted = ADDRESSES.get(name, ("not there",))
        if all(part in objects or part in NO_OBJECT for part in wanted):
            told = {part: objects.get(part, uuid4()) for part in wanted}
            yield name, reverse(name, kwargs=told), wanted


def path_of_page(name: str, objects: dict[str, object]) -> str:
    """The path of a page, with ids of nothing where we have none."""
    return reverse(name, kwargs={part: objects.get(part, uuid4()) for part in ADDRESSES[name]})


def _status(worker: Worker, path: str) -> tuple[str, int]:
    """GET, or POST where a page takes nothing else."""
    status = worker.client.get(path).status_code
    return ("GET", status) if status != 405 else ("POST", worker.client.post(path).status_code)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_the_pages_of_its_acts_and_no_other(
    attorney: Worker, case_id: UUID, hearing_id: UUID, role: str
) -> None:
    objects = objects_of(attorney, case_id, hearing_id)
    worker = member(attorney.staff, role)
    wrong = {}
    for name, path, wanted in pages_of(objects):
        method, status = _status(worker, path)
        act = ACTIONS[PAGE_ACTIONS[name]]
        if role not in act.roles or act.supervising:  # the colleague is not marked as supervising
            if status != 404:
                wrong[name] = (method, status, "not for this role")
        elif method == "GET" and status not in {200, 302, 303} and not set(wanted) & NO_OBJECT:
            wrong[name] = (method, status, "for this role")
    assert wrong == {}


def test_without_the_key_no_role_and_no_admin_reaches_anything_of_a_case(
    attorney: Worker, outsider: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    objects = objects_of(attorney, case_id, hearing_id)
    attorney.client.post(reverse("cases:access", args=[case_id]), {"act": "wall"})
    inside = member(attorney.staff, CASEWORKER)  # the same office and team, outside the wall
    for worker in (outsider, inside):
        found = {
            name: _status(worker, path)
            for name, path, wanted in pages_of(objects)
            if set(wanted) & OURS and "stop_id" not in wanted
        }
        assert {name for name, (_, status) in found.items() if status != 404} == set()
        assert len(found) >= 20, "no page is left out by accident"


OF_OFFICE = {"member_id", "group_id", "invitation_id"}  # what an office has besides its cases


def test_every_address_of_an_office_is_not_found_by_an_admin_of_another_office(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    """The other admin has every role's pages in their own office, and the same e-mail address."""
    objects = objects_of(attorney, case_id, hearing_id)
    other = further_office(email="ana@office.test")
    answers = {
        name: _status(other, path)
        for name, path, wanted in pages_of(objects)
        if set(wanted) & (OURS | OF_OFFICE) and "stop_id" not in wanted
    }
    assert {name: answer for name, answer in answers.items() if answer[1] != 404} == {}
    posted = {
        name: other.client.post(path, {"act": "x", "version": "1"}).status_code
        for name, path, wanted in pages_of(objects)
        if set(wanted) & (OURS | OF_OFFICE) and "stop_id" not in wanted
    }
    assert {name: status for name, status in posted.items() if status not in {404, 405}} == {}
    walked = {part for _, _, wanted in pages_of(objects) for part in wanted}
    assert walked >= OURS | OF_OFFICE, "each kind of id is tried"
