"""Pages of an import: from the upload of a file to cases and their undo, for those who may, and for no others."""

import datetime as dt
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from caseapp.accounts.signin import reauthentication, recovery_code, sessions
from caseapp.casefile.file_storage import BlobWriter
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import Unavailable
from caseapp.moving.reading.files.table import open_table
from caseapp.moving.reading.plans.mapping import suggest_mapping
from caseapp.moving.reading.presets.catalogue import guess_preset
from caseapp.moving.reading.settings import Answers
from caseapp.moving.services import imports
from caseapp.moving.services.importing import import_store, runner, sources
from caseapp.moving.services.importing.shapes import DONE, READY, UNDONE, ImportState
from caseapp.records.document import Document
from caseapp.vault import shred_keys
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import Worker
from tests.moving.importing_world import case_plan, checked_import

CASES = (
    "Matter/Case ID#,Client First Name,Client Last Name,A Number,Date of Birth,Case Title,Primary Advocate\n"
    '26-0000001,Amina,Diallo,000-000-101,05/25/1987,Asylum of Amina,"Ruiz, Ana"\n'
    "26-0000002,Olena,Kovalenko,000-000-102,12/31/1990,Family petition,\n"
    "26-0000003,,,,,No name,\n"
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of an import in the request, as a test sees one connection only."""
    monkeypatch.setattr(runner, "start", runner.work_until_rest)


def upload(worker: Worker, content: str = CASES, *, documents: tuple[str, ...] = ()) -> UUID:
    """Upload a file as a browser does, and say what its columns mean."""
    papers = [SimpleUploadedFile(name, b"%PDF-1.7 of " + name.encode()) for name in documents]
    sent = {"source": SimpleUploadedFile("cases.csv", content.encode()), "documents": papers}
    answer = worker.client.post("/moving/import/", sent)
    assert answer.status_code == 303, answer.content.decode()
    import_id = UUID(answer.headers["Location"].strip("/").split("/")[-1])
    state = import_store.open_import(worker.staff, import_id)
    with sources.open_source(worker.staff, state) as stream:
        headings = open_table(stream, state.settings).headings
    mapping = suggest_mapping(headings, guess_preset(headings))
    answers = Answers(date_order="mdy", zone="America/New_York")
    import_store.save_settings(worker.staff, import_id, mapping=mapping, answers=answers)
    return import_id


def act(worker: Worker, import_id: UUID, name: str) -> ImportState:
    """Press a button of the import's page, and return its state afterwards."""
    answer = worker.client.post(f"/moving/import/{import_id}/run/", {"act": name})
    assert answer.status_code == 303, answer.content.decode()
    return import_store.open_import(worker.staff, import_id)


def test_a_file_becomes_cases_and_goes_again(attorney: Worker) -> None:
    import_id = upload(attorney)
    state = act(attorney, import_id, "check")
    assert state.step == READY
    assert state.counts == {"check.new": 2, "check.rejected": 1}
    assert list(state.names) == ["Ruiz, Ana"]
    page = attorney.client.get(f"/moving/import/{import_id}/").content.decode()
    assert "Rows with an error" in page
    plan = {"group": str(state.group), "default": "skip", "name-0": str(attorney.staff.member_id)}
    assert attorney.client.post(f"/moving/import/{import_id}/plan/", plan).status_code == 303
    assert act(attorney, import_id, "save").step == DONE
    page = attorney.client.get(f"/moving/import/{import_id}/").content.decode()
    assert "Case opened" in page
    assert "Row 4" in page  # the one with an error
    with office_transaction(attorney.staff.org_id):
        rows = [row for _, row in reader.open_view(attorney.staff.keys).all_rows()]
    assert sorted(row.names[0][0] for row in rows) == ["Amina Diallo", "Olena Kovalenko"]
    assert {row.lead for row in rows} == {attorney.staff.member_id}
    assert attorney.client.post(f"/moving/import/{import_id}/undo/").status_code == 303
    assert import_store.open_import(attorney.staff, import_id).step == UNDONE
    with office_transaction(attorney.staff.org_id):
        assert not list(reader.open_view(attorney.staff.keys).all_rows())


def test_people_who_may_be_here_are_shown_with_reasons_and_skipped_unless_chosen(attorney: Worker) -> None:
    first = upload(attorney)
    act(attorney, first, "check")
    act(attorney, first, "save")
    other = upload(attorney, CASES.replace("26-0000001", "26-0000101").replace("Amina,Diallo", "Aminah,Dialo"))
    state = act(attorney, other, "check")
    assert state.counts["check.alike"] >= 1
    page = attorney.client.get(f"/moving/import/{other}/alike/").content.decode()
    assert "Row 2" in page
    assert "Aminah Dialo" in page
    assert "Reasons for:" in page
    assert act(attorney, other, "save").counts["skipped"] == 1
    third = upload(attorney, CASES.replace("26-0000001", "26-0000101").replace("Amina,Diallo", "Aminah,Dialo"))
    act(attorney, third, "check")
    assert attorney.client.post(f"/moving/import/{third}/alike/", {"row-2": "open"}).status_code == 303
    assert act(attorney, third, "save").counts["opened"] == 1


@pytest.mark.parametrize("number", ["9" * 5000, "0", "-1", "x", "\u00b2", "3"])
def test_any_page_number_of_the_people_who_may_be_here_is_answered(attorney: Worker, number: str) -> None:
    import_id = upload(attorney)
    attorney.client.post(f"/moving/import/{import_id}/run/", {"act": "check"})
    assert attorney.client.get(f"/moving/import/{import_id}/alike/", {"page": number}).status_code == 200


def test_documents_find_their_case_by_name_and_are_not_copied(attorney: Worker) -> None:
    first = upload(attorney)
    act(attorney, first, "check")
    act(attorney, first, "save")
    listed = (
        "document_filename,document_id,case_number\nbirth certificate.pdf,9,26-0000002\nmissing.pdf,10,26-0000002\n"
    )
    second = upload(attorney, listed, documents=("birth certificate.pdf", "unrelated.pdf"))
    act(attorney, second, "check")
    state = act(attorney, second, "save")
    assert state.counts == {"check.new": 2, "added": 1, "waiting": 1}
    assert [file.name for file in state.documents] == ["unrelated.pdf"]
    with office_transaction(attorney.staff.org_id):
        cases = [case_id for case_id, row in reader.open_view(attorney.staff.keys).all_rows() if row.documents]
    document = attorney.file(cases[0]).get_only(Document).record
    assert document.title == "birth certificate.pdf"
    more = {"documents": [SimpleUploadedFile("missing.pdf", b"%PDF-1.7 late")]}
    assert attorney.client.post(f"/moving/import/{second}/", more).status_code == 303
    assert act(attorney, second, "retry").counts["added"] == 2


def test_a_lock_pauses_an_import_and_a_later_session_goes_on(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = checked_import(attorney.staff, [case_plan(n) for n in range(6)], size=2)
    token = attorney.client.cookies[django_settings.SESSION_COOKIE].value
    imports.start_saving(attorney.staff, import_id)
    opened: Callable[..., object] = sessions.open
    steps_left = [2]

    def lock_after_two(*args: object, **kwargs: object) -> object:
        if not steps_left[0]:
            sessions.lock(token)
        steps_left[0] -= 1
        return opened(*args, **kwargs)

    monkeypatch.setattr(sessions, "open", lock_after_two)
    runner.work_until_rest(token, import_id)
    monkeypatch.setattr(sessions, "open", opened)
    assert import_store.open_import(attorney.staff, import_id).next == 2
    again = cast.signed_in("ana@office.test")
    later = sessions.start(again.org_id, again.member_id, again.keys.bundle_key)
    runner.work_until_rest(later, import_id)
    state = import_store.open_import(attorney.staff, import_id)
    assert (state.step, state.counts) == (DONE, {"opened": 6})


@pytest.mark.parametrize("path", ["", "plan/", "alike/", "run/", "undo/", "remove/"])
def test_an_import_of_another_member_or_office_is_not_there(attorney: Worker, outsider: Worker, path: str) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    for method in ("get", "post"):
        answer = getattr(outsider.client, method)(
            f"/moving/import/{import_id}/{path}", {"act": "save"} if method == "post" else {}
        )
        assert answer.status_code in {404, 405}
    assert import_store.open_import(attorney.staff, import_id).step == READY


@pytest.mark.parametrize("path", ["plan/", "run/", "remove/"])
def test_a_get_writes_nothing(attorney: Worker, path: str) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    assert attorney.client.get(f"/moving/import/{import_id}/{path}").status_code == 405


def test_only_a_supervisor_or_an_admin_imports(attorney: Worker) -> None:
    cast.colleague_of(attorney.staff, role="attorney")
    ben = cast.signed_in("ben@office.test")
    code = recovery_code.propose_recovery_code(ben)
    recovery_code.confirm_recovery_code(ben, code, code)
    client = Client(raise_request_exception=False)
    token = sessions.start(ben.org_id, ben.member_id, ben.keys.bundle_key)
    client.cookies[django_settings.SESSION_COOKIE] = token
    assert client.get("/moving/import/").status_code == 404


def test_the_recovery_sheets_are_asked_for_first(attorney: Worker, settings: Settings) -> None:
    settings.RECOVERY_GATE = True
    assert "recovery sheets" in attorney.client.get("/moving/import/").content.decode()
    sent = {"source": SimpleUploadedFile("cases.csv", CASES.encode())}
    assert attorney.client.post("/moving/import/", sent).status_code == 422
    assert not import_store.list_imports(attorney.staff)


def test_a_file_over_the_limit_is_refused_with_a_sentence(attorney: Worker, settings: Settings) -> None:
    settings.UPLOAD_LIMIT = 1000
    sent = {"source": SimpleUploadedFile("cases.csv", b"x" * 5000)}
    answer = attorney.client.post("/moving/import/", sent)
    assert answer.status_code == 422
    assert "the limit" in answer.content.decode()
    assert not import_store.list_imports(attorney.staff)


def test_a_full_disk_in_the_middle_pauses_with_a_sentence_and_the_rest_follows_later(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = checked_import(attorney.staff, [case_plan(n) for n in range(6)], size=2)
    imports.start_saving(attorney.staff, import_id)
    halves = Path(django_settings.SHRED_FOLDER) / "cases"
    make_half, calls = shred_keys.new, iter(range(100))

    def fail_at_the_fourth(kind: Literal["members", "cases"], owner: UUID) -> bytes:
        if next(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return make_half(kind, owner)

    monkeypatch.setattr(shred_keys, "new", fail_at_the_fourth)
    token = attorney.client.cookies[django_settings.SESSION_COOKIE].value
    before = {path.name for path in halves.iterdir()}
    runner.work_until_rest(token, import_id)
    state = import_store.open_import(attorney.staff, import_id)
    assert (state.next, state.paused, state.problem) == (1, True, runner.STORAGE)
    assert len({path.name for path in halves.iterdir()} - before) == 2  # of the part that is saved
    page = attorney.client.get(f"/moving/import/{import_id}/").content.decode()
    assert "The storage is full or did not answer" in page
    monkeypatch.setattr(shred_keys, "new", make_half)
    assert act(attorney, import_id, "continue").counts == {"opened": 6}


def test_an_upload_to_a_full_storage_is_refused_with_a_sentence(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: BlobWriter, piece: bytes) -> None:
        self.abandon()
        raise Unavailable("storage is full")

    monkeypatch.setattr(BlobWriter, "write", full)
    answer = attorney.client.post("/moving/import/", {"source": SimpleUploadedFile("cases.csv", CASES.encode())})
    assert answer.status_code == 422
    assert "The storage is full" in answer.content.decode()
    assert not import_store.list_imports(attorney.staff)


def test_an_act_that_does_not_fit_the_step_is_refused_and_changes_nothing(attorney: Worker) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    for name, status in (("retry", 422), ("nonsense", 404)):
        assert attorney.client.post(f"/moving/import/{import_id}/run/", {"act": name}).status_code == status
    assert attorney.client.post(f"/moving/import/{import_id}/undo/").status_code == 422
    assert import_store.open_import(attorney.staff, import_id).step == READY


def test_saving_and_undo_ask_for_the_passphrase_again(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    later = clock.now() + reauthentication.FRESH_FOR + dt.timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert attorney.client.post(f"/moving/import/{import_id}/run/", {"act": "save"}).status_code == 403
    assert import_store.open_import(attorney.staff, import_id).step == READY


def test_an_import_that_is_removed_from_the_list_leaves_its_cases(attorney: Worker) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    act(attorney, import_id, "save")
    assert attorney.client.post(f"/moving/import/{import_id}/remove/").status_code == 303
    assert attorney.client.get(f"/moving/import/{import_id}/").status_code == 404
    with office_transaction(attorney.staff.org_id):
        assert len(list(reader.open_view(attorney.staff.keys).all_rows())) == 1
