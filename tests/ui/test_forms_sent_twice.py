"""A form that is sent twice (double click, "Back", a proxy, an answer that was lost) makes one thing and says so."""

import datetime as dt
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.urls import reverse

from caseapp.accounts.drafts import sent_forms
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Invitation, SentForm
from caseapp.casefile.upkeep import housekeeping
from caseapp.cases.services import cases, notes
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused, Unavailable
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.team.services import teams as teams_services
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.core import form_marks
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction
from tests.cases.test_writes import WRITES
from tests.helpers.cast import WORDS
from tests.helpers.flash import redirect_of
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import NOW, Worker, booking, boxes, signed_in
from tests.team.test_members import member

pytestmark = pytest.mark.usefixtures("frozen")
TEXT = "Phoned; the passport is with his brother in Herat."
TWICE = "already-saved"
Made = Callable[[Worker, UUID], int]


def of_kind(kind: type) -> Made:
    return lambda worker, case_id: len(worker.file(case_id).entries_of(kind))


def count_cases(worker: Worker, _case_id: UUID) -> int:
    with office_transaction(worker.staff.org_id):
        return sum(1 for _ in reader.open_view(worker.staff.keys).all_rows())


def count_invitations(worker: Worker, _case_id: UUID) -> int:
    with office_transaction(worker.staff.org_id):
        return Invitation.objects.filter(org_id=worker.staff.org_id).count()


def task(worker: Worker) -> Mapping[str, object]:
    return {"text": "Ask for the birth record", "owner": str(worker.staff.member_id)}


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("passport.txt", b"A paper.")


# What a form makes: the name of its page, what is sent, and how many there are.
MAKES: dict[str, tuple[str, Callable[[Worker], Mapping[str, object]], Made]] = {
    "a case": ("cases:new", lambda _worker: {"name": "Olena Kovalenko", "stage": "advice"}, count_cases),
    "a person": ("clients:person_new", lambda _worker: {"name": "Leila Karimi", "role": "spouse"}, of_kind(Party)),
    "a note": ("cases:note_new", lambda _worker: {"text": TEXT}, of_kind(Note)),
    "a deadline": (
        "deadlines:new",
        lambda _worker: {
            "what": "Brief", **boxes("due_on", dt.date(2026, 12, 8)), "severity": "serious", "reason": "an order",
        },
        of_kind(Deadline),
    ),
    "a hearing": ("hearings:book", lambda _worker: booking(), of_kind(Hearing)),
    "a task": ("cases:task_new", task, of_kind(Task)),
    "a document": ("documents:papers", lambda _worker: {"papers": [paper()]}, of_kind(Document)),
    "an invitation": (
        "team:invite",
        lambda _worker: {"email": "vera@office.test", "name": "Vera Lind", "role": "volunteer", "language": "en"},
        count_invitations,
    ),
}  # fmt: skip


def path_of(name: str, case_id: UUID) -> str:
    return reverse(name) if name in {"cases:new", "team:invite"} else reverse(name, args=[case_id])


def mark_on(worker: Worker, path: str) -> str:
    """The mark in the last form of a page."""
    (mark,) = PageForm.open(worker.client, path).controls["form_mark"].values
    return mark


def rows(worker: Worker) -> list[SentForm]:
    with office_transaction(worker.staff.org_id):
        return list(SentForm.objects.filter(org_id=worker.staff.org_id))


@pytest.fixture
def file(attorney: Worker, case_id: UUID, hearing_id: UUID) -> SealedFile:
    notes.add_note(attorney.staff, case_id, text="First talk.")
    return attorney.file(case_id)


@pytest.mark.parametrize("what", MAKES)
def test_the_same_form_twice_makes_one_thing_and_leads_to_it(attorney: Worker, case_id: UUID, what: str) -> None:
    name, sent, count = MAKES[what]
    path = path_of(name, case_id)
    mark, before = mark_on(attorney, path), count(attorney, case_id)
    first = attorney.client.post(path, {**sent(attorney), "form_mark": mark})
    assert first.status_code == 303, first.content.decode()
    made = count(attorney, case_id)
    assert made > before
    second = attorney.client.post(path, {**sent(attorney), "form_mark": mark})
    assert redirect_of(second) == (303, first.headers["Location"], TWICE)
    assert count(attorney, case_id) == made
    assert "nothing was saved twice" in attorney.client.get(second.headers["Location"]).content.decode()
    assert len(mail.outbox) == (1 if what == "an invitation" else 0)


@pytest.mark.parametrize("name", WRITES)
def test_any_write_of_a_case_sent_twice_changes_it_once(attorney: Worker, file: SealedFile, name: str) -> None:
    path, sent = WRITES[name].path(file), {**WRITES[name].sent(file), "form_mark": form_marks.new_mark()}
    first = attorney.client.post(path, sent)
    saved = attorney.file(file.id).head_version
    again = {**WRITES[name].sent(file), "form_mark": sent["form_mark"]}
    assert redirect_of(attorney.client.post(path, again)) == (303, first.headers["Location"], TWICE)
    assert attorney.file(file.id).head_version == saved


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_saves_and_the_other_is_sent_to_it() -> None:
    attorney = signed_in("Ana Ruiz", "ana@office.test")
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Farid Karimi"))

    def send(ready: Barrier, path: str, sent: Mapping[str, object]) -> str:
        try:
            ready.wait(10)
            answer = attorney.client.post(path, sent)
            return redirect_of(answer)[2] if answer.status_code == 303 else answer.content.decode()
        finally:
            connection.close()

    for what, (name, sent, count) in MAKES.items():
        path, before = path_of(name, case_id), count(attorney, case_id)
        mark, ready = mark_on(attorney, path), Barrier(3)
        with ThreadPoolExecutor(3) as pool:
            said = [pool.submit(send, ready, path, {**sent(attorney), "form_mark": mark}) for _ in range(3)]
            codes = sorted(one.result() for one in said)
        made = count(attorney, case_id)
        assert codes.count(TWICE) == 2, (what, codes)
        assert attorney.client.post(path, {**sent(attorney), "form_mark": mark}).status_code == 303
        assert count(attorney, case_id) == made > before, what


def test_a_crash_while_saving_leaves_neither_the_thing_nor_the_spent_mark(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = reverse("cases:note_new", args=[case_id])
    sent = {"text": TEXT, "form_mark": mark_on(attorney, path)}

    def crash(*_args: object) -> None:
        raise DatabaseError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(sent_forms, "store_answer", crash)
        assert attorney.client.post(path, sent).status_code == 500
    assert (of_kind(Note)(attorney, case_id), rows(attorney)) == (0, [])
    assert redirect_of(attorney.client.post(path, sent))[2] == "note-saved"
    assert (of_kind(Note)(attorney, case_id), len(rows(attorney))) == (1, 1)


def test_a_form_with_errors_keeps_its_mark_and_does_not_use_it_up(attorney: Worker, case_id: UUID) -> None:
    path = reverse("cases:task_new", args=[case_id])
    mark = mark_on(attorney, path)
    refused = attorney.client.post(path, {"text": "", "form_mark": mark})
    assert refused.status_code == 422
    assert PageForm(attorney.client, path, refused.content.decode()).controls["form_mark"].values == [mark]
    assert rows(attorney) == []
    sent = {**task(attorney), "form_mark": mark}
    assert redirect_of(attorney.client.post(path, sent))[2] == "task-added"
    assert redirect_of(attorney.client.post(path, sent))[2] == TWICE


def test_each_form_of_each_page_has_a_mark_of_its_own(attorney: Worker, file: SealedFile) -> None:
    marks: list[str] = []
    for _ in range(2):
        html = attorney.client.get(reverse("cases:case", args=[file.id])).content.decode()
        marks += [part.partition('"')[0] for part in html.split('name="form_mark" value="')[1:]]
    assert len(marks) >= 4
    assert len(set(marks)) == len(marks)


def test_a_text_changed_after_back_is_neither_lost_nor_saved_without_asking(attorney: Worker, case_id: UUID) -> None:
    path = reverse("cases:note_new", args=[case_id])
    mark = mark_on(attorney, path)
    first = attorney.client.post(path, {"text": TEXT, "form_mark": mark})
    answer = attorney.client.post(path, {"text": "A second talk.", "form_mark": mark})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "You sent this form before" in html
    assert "A second talk." in html
    assert f'href="{first.headers["Location"]}"' in html
    assert of_kind(Note)(attorney, case_id) == 1
    form = PageForm(attorney.client, path, html)
    assert form.controls["form_mark"].values != [mark]
    assert form.send().status == 303, "sent again on purpose, it is saved as well"
    assert of_kind(Note)(attorney, case_id) == 2


def test_an_edit_sent_again_with_another_text_meets_the_version_it_saw(attorney: Worker, file: SealedFile) -> None:
    path = WRITES["correct a note"].path(file)
    sent = {"text": "Corrected.", "version": "1", "form_mark": mark_on(attorney, path)}
    assert attorney.client.post(path, sent).status_code == 303
    conflict = attorney.client.post(path, {**sent, "text": "Corrected otherwise."})
    assert conflict.status_code == 409
    again = {**sent, "text": "Corrected otherwise.", "version": "2"}
    assert redirect_of(attorney.client.post(path, again))[2] == "note-saved"
    assert redirect_of(attorney.client.post(path, again))[2] == TWICE


def test_a_mark_counts_for_its_own_form_and_member_only(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    """A mark that a browser puts into another form, or that another member sends, stops nothing."""
    mark = mark_on(attorney, reverse("cases:note_new", args=[case_id]))
    for name in ("cases:note_new", "cases:task_new"):
        sent = {**task(attorney), "form_mark": mark}
        assert redirect_of(attorney.client.post(reverse(name, args=[case_id]), sent))[2] != TWICE
    people = ("Rosa Lima", "Chen Wei", "Rosa Lima")  # another person of one office: the same would be asked about
    for worker, name in zip((attorney, member(attorney.staff, "caseworker"), outsider), people, strict=True):
        answer = worker.client.post("/cases/new/", {"name": name, "stage": "advice", "form_mark": mark})
        assert redirect_of(answer)[2] == "case-opened"


def test_secrets_are_not_compared_and_a_step_that_saves_nothing_uses_no_mark_up(
    attorney: Worker, case_id: UUID
) -> None:
    path, mark = reverse("cases:task_new", args=[case_id]), form_marks.new_mark()
    said = [
        redirect_of(attorney.client.post(path, {**task(attorney), "passphrase": secret, "form_mark": mark}))[2]
        for secret in ("harbor", "candle")
    ]
    assert said == ["task-added", TWICE]
    assert len(rows(attorney)) == 1
    going_on = {"form_mark": mark}
    answers = [redirect_of(attorney.client.post(reverse("deadlines:check"), going_on))[2] for _ in range(2)]
    assert (answers, len(rows(attorney))) == (["", ""], 1)


@pytest.mark.parametrize("mark", ["", "x", "no mark at all", "A" * 5000, "é" * 22, "AAAA\x00"])
def test_a_form_without_a_proper_mark_is_answered_as_it_arrives(attorney: Worker, case_id: UUID, mark: str) -> None:
    path = reverse("cases:task_new", args=[case_id])
    sent = {**task(attorney), "form_mark": mark}
    assert [redirect_of(attorney.client.post(path, sent))[2] for _ in range(2)] == ["task-added"] * 2
    assert rows(attorney) == []


def test_a_form_sent_while_locked_is_saved_once_after_the_unlock(attorney: Worker, case_id: UUID) -> None:
    path = reverse("cases:note_new", args=[case_id])
    sent = {"text": TEXT, "form_mark": mark_on(attorney, path)}
    attorney.client.post("/lock/")
    locked = attorney.client.post(path, sent)
    assert locked.status_code == 401
    form = PageForm(attorney.client, path, locked.content.decode())
    assert form.controls["form_mark"].values == [sent["form_mark"]], "the page that keeps the text keeps the mark"
    attorney.client.post("/unlock/", {"passphrase": WORDS, "next": "/"})
    (draft,) = form.controls["draft_id"].values
    restored = attorney.client.post(f"/account/drafts/{draft}/").content.decode()
    assert PageForm(attorney.client, "/", restored).controls["form_mark"].values == [sent["form_mark"]]
    assert [form.send().status for _ in range(2)] == [303, 303]
    assert of_kind(Note)(attorney, case_id) == 1
    assert redirect_of(attorney.client.post(path, sent))[2] == TWICE, "also from the draft on another device"


def test_files_that_were_kept_are_not_kept_again_when_another_one_was_refused(attorney: Worker, case_id: UUID) -> None:
    path = reverse("documents:papers", args=[case_id])

    def sent_files() -> Mapping[str, object]:
        return {"papers": [paper(), SimpleUploadedFile("empty.pdf", b"")], "form_mark": mark}

    mark = mark_on(attorney, path)
    partly = attorney.client.post(path, sent_files())
    assert partly.status_code == 422
    assert PageForm(attorney.client, path, partly.content.decode()).controls["form_mark"].values != [mark]
    assert attorney.client.post(path, sent_files()).status_code == 422
    assert of_kind(Document)(attorney, case_id) == 1


def test_other_files_with_a_spent_mark_are_asked_about(attorney: Worker, case_id: UUID) -> None:
    path = reverse("documents:papers", args=[case_id])
    mark = mark_on(attorney, path)
    assert attorney.client.post(path, {"papers": [paper()], "form_mark": mark}).status_code == 303
    other = SimpleUploadedFile("birth record.txt", b"Another paper.")
    answer = attorney.client.post(path, {"papers": [other], "form_mark": mark})
    assert answer.status_code == 409
    assert 'type="file"' in answer.content.decode()
    assert of_kind(Document)(attorney, case_id) == 1


@pytest.mark.django_db(transaction=True)
def test_a_save_in_several_transactions_is_done_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    attorney = signed_in("Ana Ruiz", "ana@office.test")
    made: list[str] = []

    def create_team(_staff: Staff, *, name: str, members: object) -> UUID:
        made.append(name)
        return UUID(int=1)

    monkeypatch.setattr(teams_services, "create_team", create_team)
    sent = {"name": "Court team", "form_mark": mark_on(attorney, "/team/teams/new/")}
    assert redirect_of(attorney.client.post("/team/teams/new/", sent)) == (303, "/team/", "team-made")
    assert redirect_of(attorney.client.post("/team/teams/new/", sent)) == (303, "/team/", TWICE)
    assert made == ["Court team"]


@pytest.mark.django_db(transaction=True)
def test_a_save_in_several_transactions_that_broke_off_asks_and_a_refused_one_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attorney = signed_in("Ana Ruiz", "ana@office.test")
    sent = {"name": "Court team", "form_mark": mark_on(attorney, "/team/teams/new/")}

    def refuse(*_args: object, **_more: object) -> None:
        raise Refused("name", "This name is taken.")

    def find_nothing(*_args: object, **_more: object) -> None:
        raise NotFound("a member who has left")

    def break_off(*_args: object, **_more: object) -> None:
        raise Unavailable("the connection to the database was lost")

    monkeypatch.setattr(teams_services, "create_team", refuse)
    assert attorney.client.post("/team/teams/new/", sent).status_code == 422
    assert rows(attorney) == []
    monkeypatch.setattr(teams_services, "create_team", find_nothing)
    assert attorney.client.post("/team/teams/new/", sent).status_code == 404
    assert rows(attorney) == []
    monkeypatch.setattr(teams_services, "create_team", break_off)
    assert attorney.client.post("/team/teams/new/", sent).status_code == 503
    asked = attorney.client.post("/team/teams/new/", sent)
    assert asked.status_code == 409
    assert "saving it was interrupted" in asked.content.decode()
    monkeypatch.setattr(teams_services, "create_team", lambda *_args, **_more: UUID(int=1))
    assert PageForm(attorney.client, "/team/teams/new/", asked.content.decode()).send().status == 303


def test_a_row_names_no_member_case_page_or_time_and_has_one_size(attorney: Worker, case_id: UUID) -> None:
    for what in ("a note", "a task", "an invitation"):
        name, sent, _count = MAKES[what]
        path = path_of(name, case_id)
        attorney.client.post(path, {**sent(attorney), "form_mark": mark_on(attorney, path)})
    known = [
        attorney.staff.member_id.bytes,
        case_id.bytes,
        str(case_id).encode(),
        TEXT.encode(),
        b"/cases/",
        b"/team/",
    ]
    stored = [row.id.bytes + bytes(row.sealed) for row in rows(attorney)]
    assert len(stored) == 3
    assert not [one for one in known for row in stored if one in row or one.hex().encode() in row]
    assert {len(row) for row in stored} == {16 + 2 + 12 + 256 + 16}
    assert [field.name for field in SentForm._meta.concrete_fields] == ["org_id", "id", "sealed", "gone_on"]
    assert len({row[:8] for row in stored}) == 3


def test_what_was_sent_stands_in_no_table_in_clear(attorney: Worker, case_id: UUID) -> None:
    path = reverse("cases:note_new", args=[case_id])
    mark = mark_on(attorney, path)
    attorney.client.post(path, {"text": TEXT, "form_mark": mark})
    raw = form_marks.parse_mark(mark)
    assert raw is not None
    with office_transaction(attorney.staff.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                for needle in ("Herat", b"Herat".hex(), "notes/new", b"notes/new".hex(), mark, raw.hex()):
                    assert needle not in row, table


def test_an_answer_opens_in_its_own_row_and_for_its_own_member_only(attorney: Worker, outsider: Worker) -> None:
    org, row, keys = attorney.staff.org_id, UUID(int=1), attorney.staff.keys
    sealed = form_marks.seal_answer(keys.bundle_key, org, row, form_marks.FormAnswer(bytes(16), "/team/"))
    assert form_marks.open_answer(keys.bundle_key, org, row, sealed).path == "/team/"
    for key, office, place in (
        (outsider.staff.keys.bundle_key, org, row),
        (keys.bundle_key, outsider.staff.org_id, row),
        (keys.bundle_key, org, UUID(int=2)),
    ):
        with pytest.raises(OpenFailed):
            form_marks.open_answer(key, office, place, sealed)


def test_a_row_that_was_altered_asks_and_saves_nothing(attorney: Worker, case_id: UUID) -> None:
    path = reverse("cases:task_new", args=[case_id])
    sent = {**task(attorney), "form_mark": mark_on(attorney, path)}
    attorney.client.post(path, sent)
    with office_transaction(attorney.staff.org_id):
        SentForm.objects.update(sealed=bytes(286))
    assert attorney.client.post(path, sent).status_code == 409
    assert of_kind(Task)(attorney, case_id) == 1


def test_a_path_that_is_too_long_leads_to_today(attorney: Worker) -> None:
    org, row, key = attorney.staff.org_id, UUID(int=1), attorney.staff.keys.bundle_key
    for path, kept in (("/" + "x" * 235, "/" + "x" * 235), ("/" + "x" * 236, "/")):
        sealed = form_marks.seal_answer(key, org, row, form_marks.FormAnswer(bytes(16), path))
        assert (len(sealed), form_marks.open_answer(key, org, row, sealed).path) == (286, kept)


def test_a_row_goes_after_seven_days_by_the_clock_role(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = reverse("cases:task_new", args=[case_id])
    attorney.client.post(path, {**task(attorney), "form_mark": mark_on(attorney, path)})
    assert [row.gone_on for row in rows(attorney)] == [dt.date(2026, 12, 1)]
    for days, left in ((6, 1), (7, 0)):
        with office_transaction(attorney.staff.org_id), acting_as("clock"):
            monkeypatch.setattr(clock, "now", lambda days=days: NOW + dt.timedelta(days=days))
            housekeeping.delete_expired()
        assert len(rows(attorney)) == left


def test_another_office_sees_none_of_the_rows(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    path = reverse("cases:task_new", args=[case_id])
    attorney.client.post(path, {**task(attorney), "form_mark": mark_on(attorney, path)})
    with acting_as("web"), office_transaction(outsider.staff.org_id):
        assert SentForm.objects.count() == 0
    with acting_as("web"), office_transaction(attorney.staff.org_id):
        assert SentForm.objects.count() == 1
