"""Every write: it does it, it refuses GET as a write, it hides from another office."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caseapp.cases.services import notes, tasks
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.vault.store import SealedFile
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import Worker, booking, boxes

pytestmark = pytest.mark.usefixtures("frozen")

ARRIVED = dt.date(2026, 5, 4)


@dataclass(frozen=True)
class Write:
    """A write as a browser sends it, and what the case says when it was done."""

    path: Callable[[SealedFile], str]
    sent: Callable[[SealedFile], Mapping[str, object]]
    done: Callable[[SealedFile], bool]


def _version(file: SealedFile, record_id: UUID) -> str:
    return str(file.entries[record_id].version)


def _of(kind: type[Note] | type[Task] | type[Party] | type[Case] | type[Hearing], file: SealedFile) -> UUID:
    return file.entries_of(kind)[0].id


def _one_year(file: SealedFile) -> UUID:
    return next(
        e.id for e in file.entries_of(Deadline) if e.record.working and e.record.working.rule == "us.asylum.one_year"
    )


def _on_deadline(act: str, state: Callable[[Deadline], bool], **told: str) -> Write:
    return Write(
        lambda file: reverse("deadlines:deadline", args=[_one_year(file)]),
        lambda file: {"act": act, "version": _version(file, _one_year(file)), **told},
        lambda file: state(file.get(_one_year(file), Deadline).record),
    )


WRITES = {
    "change a case": Write(
        lambda f: reverse("cases:change", args=[f.id]),
        lambda f: {"stage": "uscis", "relief": ["family"], "lead": str(f.get_only(Case).record.lead),
                   "version": _version(f, _of(Case, f))},
        lambda f: f.get_only(Case).record.stage == "uscis",
    ),
    "set a legal hold": Write(
        lambda f: reverse("cases:close", args=[f.id]),
        lambda f: {"act": "hold", "reason": "A court asked for the file."},
        lambda f: f.get_only(Case).record.hold_reason == "A court asked for the file.",
    ),
    "add a note": Write(
        lambda f: reverse("cases:note_new", args=[f.id]),
        lambda f: {"text": "Will bring the passport.", "told_by": "his brother"},
        lambda f: any(e.record.told_by == "his brother" for e in f.entries_of(Note)),
    ),
    "correct a note": Write(
        lambda f: reverse("cases:note", args=[f.id, _of(Note, f)]),
        lambda f: {"text": "Corrected.", "version": "1"},
        lambda f: f.entries_of(Note)[0].record.text == "Corrected.",
    ),
    "add a person": Write(
        lambda f: reverse("clients:person_new", args=[f.id]),
        lambda f: {"name": "Leila Karimi", "role": "spouse"},
        lambda f: any(e.record.role == "spouse" for e in f.entries_of(Party)),
    ),
    "change a person": Write(
        lambda f: reverse("clients:person", args=[f.id, _of(Party, f)]),
        lambda f: {"name": "Farid Karimi", "phone": "555-0100", "phone_safe": "no", "version": "1"},
        lambda f: f.entries_of(Party)[0].record.contacts[0].safe == "no",
    ),
    "give the last arrival": Write(
        lambda f: reverse("clients:person", args=[f.id, _of(Party, f)]),
        lambda f: {"act": "arrival", **boxes("last_arrival_on", ARRIVED), "version": "1"},
        lambda f: f.entries_of(Party)[0].record.last_arrival_on == ARRIVED,
    ),
    "add a task": Write(
        lambda f: reverse("cases:task_new", args=[f.id]),
        lambda f: {"text": "Call the school", "owner": str(f.get_only(Case).record.lead)},
        lambda f: any(e.record.text == "Call the school" for e in f.entries_of(Task)),
    ),
    "tell what arrived": Write(
        lambda f: reverse("cases:notice_new", args=[f.id]),
        lambda f: {
            "what": "rfe",
            **boxes("dated_on", dt.date(2026, 10, 2)),
            "no_printed_due_on": "on",
            "how": "mail",
        },
        lambda f: bool(f.entries_of(Notice)),
    ),
    "book a hearing": Write(
        lambda f: reverse("hearings:book", args=[f.id]),
        lambda f: booking(),
        lambda f: len(f.entries_of(Hearing)) == 2,
    ),
    "correct a hearing": Write(
        lambda f: reverse("hearings:edit", args=[_of(Hearing, f)]),
        lambda f: {**booking(judge="Judge Moreau"), "version": "1"},
        lambda f: f.entries_of(Hearing)[0].record.judge == "Judge Moreau",
    ),
    "record an outcome": Write(
        lambda f: reverse("hearings:outcome", args=[_of(Hearing, f)]),
        lambda f: {"what": "decided", "decision": "denied", "version": _version(f, _of(Hearing, f))},
        lambda f: any(e.record.working and e.record.working.rule == "us.bia.appeal" for e in f.entries_of(Deadline)),
    ),
    "set a deadline by hand": Write(
        lambda f: reverse("deadlines:new", args=[f.id]),
        lambda f: {"what": "Brief", **boxes("due_on", dt.date(2026, 12, 8)), "severity": "serious",
                   "reason": "order of 3 November"},
        lambda f: any(e.record.what == "Brief" for e in f.entries_of(Deadline)),
    ),
    "mark a deadline done": _on_deadline("done", lambda d: d.state == "done", note="Receipt of 3 December."),
    "waive a deadline": _on_deadline("waive", lambda d: d.state == "waived", reason="Arrived as a child; Ana decided."),
    "move a deadline": _on_deadline(
        "move", lambda d: d.moved_to == dt.date(2027, 3, 1), reason="before the trip",
        **boxes("to", dt.date(2027, 3, 1)),
    ),
    "add papers": Write(
        lambda f: reverse("documents:papers", args=[f.id]),
        lambda f: {"papers": [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")]},
        lambda f: len(f.entries_of(Document)) == 2,
    ),
}  # fmt: skip
SHOWN_BY_GET = [name for name in WRITES if name != "mark a deadline done"]


@pytest.fixture
def file(attorney: Worker, case_id: UUID, hearing_id: UUID) -> SealedFile:
    """The case with a hearing and a note."""
    notes.add_note(attorney.staff, case_id, text="First talk.")
    return attorney.file(case_id)


@pytest.mark.parametrize("name", WRITES)
def test_it_is_done_and_leads_on_with_a_303(attorney: Worker, file: SealedFile, name: str) -> None:
    write = WRITES[name]
    response = attorney.client.post(write.path(file), write.sent(file))
    assert response.status_code == 303, response.content.decode()
    assert write.done(attorney.file(file.id))
    assert attorney.client.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize("name", SHOWN_BY_GET)
def test_get_with_the_same_values_changes_nothing(attorney: Worker, file: SealedFile, name: str) -> None:
    write = WRITES[name]
    sent = {key: value for key, value in write.sent(file).items() if isinstance(value, str)}
    assert attorney.client.get(write.path(file), sent).status_code == 200
    assert attorney.client.put(write.path(file), sent).status_code == 405
    assert attorney.file(file.id).head_version == file.head_version


@pytest.mark.parametrize("name", WRITES)
def test_another_office_finds_nothing_there_and_changes_nothing(
    attorney: Worker, outsider: Worker, file: SealedFile, name: str
) -> None:
    write = WRITES[name]
    assert outsider.client.post(write.path(file), write.sent(file)).status_code == 404
    assert attorney.file(file.id).head_version == file.head_version


def test_a_new_case_opens_with_everything_that_was_told(attorney: Worker) -> None:
    sent = {
        "name": "Olena Kovalenko", "other_names": "Олена Коваленко\nKovalenko, Olena", "a_number": "A 000 456 789",
        **boxes("born_on", dt.date(1991, 2, 3)), "languages": "Ukrainian, Russian", "phone": "555-0101",
        "phone_safe": "yes", "careful": "Never by post.", **boxes("last_arrival_on", dt.date(2026, 3, 2)),
        "relief": ["asylum", "tps"], "stage": "advice", "story": "Told in her own words.",
    }  # fmt: skip
    response = attorney.client.post(reverse("cases:new"), sent)
    assert response.status_code == 303
    html = attorney.client.get(response.headers["Location"]).content.decode()
    for told in ("Olena Kovalenko", "Коваленко", "000-456-789", "Ukrainian, Russian", "555-0101", "Never by post.",
                 "Told in her own words.", "TPS"):  # fmt: skip
        assert told in html
    assert "Mon, Mar 1, 2027" in html  # one year after Mon 2 Mar 2026 is Tue 2 Mar 2027; our safe day is the one before


def test_a_new_case_is_not_opened_by_get(attorney: Worker) -> None:
    assert attorney.client.get(reverse("cases:new"), {"name": "Olena Kovalenko"}).status_code == 200
    assert b"You have no cases yet" in attorney.client.get("/").content
    assert attorney.client.put(reverse("cases:new")).status_code == 405


@pytest.mark.parametrize("path", ["/undo/", "/tasks/00000000-0000-4000-8000-000000000001/done/"])
def test_a_write_without_a_page_of_its_own_refuses_get(attorney: Worker, path: str) -> None:
    assert attorney.client.get(path).status_code == 405


def test_a_task_is_ticked_and_unticked(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    task_id = tasks.add_task(attorney.staff, case_id, text="Ask for the birth record")
    path = reverse("cases:task_done", args=[task_id])
    assert outsider.client.post(path).status_code == 404
    assert redirect_of(attorney.client.post(path, {"next": "/"})) == (303, "/", "task-done")
    assert attorney.file(case_id).get(task_id, Task).record.done_on == dt.date(2026, 11, 24)
    attorney.client.post(path, {"done": "no"})
    assert attorney.file(case_id).get(task_id, Task).record.done_on is None


def test_a_note_is_undone_by_its_office_only(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    note_id = notes.add_note(attorney.staff, case_id, text="To the wrong case.")
    sent = {"case": str(case_id), "record": str(note_id), "version": "1"}
    assert outsider.client.post("/undo/", sent).status_code == 404
    assert attorney.client.post("/undo/", sent).status_code == 303
    assert not attorney.file(case_id).entries_of(Note)


def test_undo_takes_no_hearing_out_because_its_deadlines_would_stay(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    sent = {"case": str(case_id), "record": str(hearing_id), "version": "1"}
    assert attorney.client.post("/undo/", sent).status_code == 404
    assert attorney.file(case_id).entries_of(Hearing)


def test_a_second_person_checks_a_date_and_not_the_one_who_entered_it(attorney: Worker, file: SealedFile) -> None:
    path = reverse("deadlines:deadline", args=[_one_year(file)])
    response = attorney.client.post(path, {"act": "check", "version": "1"})
    assert response.status_code == 422
    assert b"A second person checks a date" in response.content
    assert not attorney.file(file.id).get(_one_year(file), Deadline).record.checks


def test_a_deadline_done_is_opened_again(attorney: Worker, file: SealedFile) -> None:
    path = reverse("deadlines:deadline", args=[_one_year(file)])
    for act, state in (("done", "done"), ("reopen", "open")):
        version = _version(attorney.file(file.id), _one_year(file))
        sent = {"act": act, "version": version, "note": "Receipt of 3 December."}
        assert attorney.client.post(path, sent).status_code == 303
        assert attorney.file(file.id).get(_one_year(file), Deadline).record.state == state
