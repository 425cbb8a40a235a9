"""Export of the office by two persons, and its import into an empty office with equal records."""

import datetime as dt
import io
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from msgspec.structs import replace

from caseapp.casefile.transaction import case_transaction
from caseapp.casefile.upkeep.reminder_reconciliation import reconcile
from caseapp.cases.services import cases, notes, tasks
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.moving.pages.readable import readable_page_in
from caseapp.moving.services.exporting import approvals, office_archive, record_files
from caseapp.moving.services.own_import import cases as own_import
from caseapp.moving.services.own_import.package import open_package
from caseapp.records.case import Case
from caseapp.records.certificate import Activity
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.reminders.planning import outbox
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import store
from caseapp.vault.registry import Record
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import NAME, NOW, Worker
from tests.moving.opened_archive import body_of, files_of, manifest_of, rows_of, sha256
from tests.team.test_members import member

pytestmark = pytest.mark.usefixtures("frozen")

EXPORT = "/moving/export/"
SCAN = b"\x00\xff scan of a passport" * 20_000
WORDS = {"closed_with": "plain"}


def _admin(attorney: Worker) -> Worker:
    from caseapp.team.services import roles

    worker = member(attorney.staff, "supervisor")
    roles.change_role(attorney.staff, worker.staff.member_id, role="supervisor", is_admin=True)
    return Worker(cast.signed_in("ben@office.test"), worker.client)


def _ask(worker: Worker) -> UUID:
    assert worker.client.post(EXPORT, {"act": "ask", "reason": "We move to another server."}).status_code == 303
    request = approvals.current_request(worker.staff.keys)
    assert request is not None
    return request.id


def _download(worker: Worker, request_id: UUID) -> Any:
    return worker.client.post(reverse("moving:download_office", args=[request_id]), WORDS)


@pytest.fixture
def office_cases(attorney: Worker, case_id: UUID, hearing_id: UUID) -> list[UUID]:
    """Three cases: with a hearing, its deadlines and a document; of another system; restricted relief."""
    scan = SimpleUploadedFile("=passport.bin", SCAN)
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": scan, "title": "Passport"})
    notes.add_note(attorney.staff, case_id, text="=1+1", told_by="his sister")
    tasks.add_task(attorney.staff, case_id, text="Ask for the birth record", due_on=dt.date(2026, 12, 1))
    other = cases.open_case(attorney.staff, cases.NewCase(name="Amina Diallo", citizenships=("GN",)))
    with case_transaction(attorney.staff, other) as draft:
        entry = draft.file.get_only(Case)
        draft.change(entry.id, replace(entry.record, external_ids={"legalserver": "21-0044"}))
    third = cases.open_case(attorney.staff, cases.NewCase(name="Nguyễn Thị Lan", relief=("u",)))
    return [case_id, other, third]


def test_two_admins_export_the_office_and_all_members_read_of_it(attorney: Worker, office_cases: list[UUID]) -> None:
    second = _admin(attorney)
    volunteer = member(attorney.staff, "volunteer", email="vera@office.test")
    request_id = _ask(attorney)
    for worker in (attorney, second, volunteer):
        assert "asked on" in worker.client.get("/").content.decode()
        assert "We move to another server." in worker.client.get("/").content.decode()
    assert _download(attorney, request_id).status_code == 404, "not approved yet"
    own = attorney.client.post(EXPORT, {"act": "approve", "request": str(request_id)})
    assert own.status_code == 422
    assert second.client.post(EXPORT, {"act": "approve", "request": str(request_id)}).status_code == 303
    assert _download(second, request_id).status_code == 404, "only who asked"
    files = files_of(body_of(_download(attorney, request_id)))
    manifest = manifest_of(files)
    assert len(manifest["cases"]) == 3
    assert manifest["cases_not_opened"] == 0
    assert {file["path"]: file["sha256"] for file in manifest["files"]} == {
        name: sha256(content) for name, content in files.items() if name not in {"manifest.json", "sha256sums.txt"}
    }
    assert SCAN in files.values()
    people = rows_of(files["csv/party.csv"])
    assert len(people) == 3
    assert len({row["case"] for row in people}) == 3
    assert b"'=1+1" in files["csv/note.csv"]
    assert {line["name"] for line in msgspec.json.decode(files["members.json"])} >= {"Ana Ruiz"}
    assert b"client_gateway" not in files["office.json"]


def test_a_case_behind_a_wall_is_counted_and_not_named(attorney: Worker, office_cases: list[UUID]) -> None:
    second = _admin(attorney)
    attorney.client.post(reverse("cases:access", args=[office_cases[1]]), {"act": "wall"})
    request_id = _ask(second)
    attorney.client.post(EXPORT, {"act": "approve", "request": str(request_id)})
    archive = body_of(_download(second, request_id))
    manifest = manifest_of(files_of(archive))
    assert manifest["cases_not_opened"] == 1
    assert str(office_cases[1]) not in str(manifest)
    assert b"Diallo" not in b"".join(files_of(archive).values())


def test_an_approval_counts_while_it_is_that_of_another_admin(
    attorney: Worker, office_cases: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    from caseapp.team.services import roles

    second = _admin(attorney)
    request_id = _ask(attorney)
    # Written into the office's file, which every member can write, past the page: the member's own approval.
    with office_transaction(attorney.staff.org_id):
        draft = approvals._locked_draft(attorney.staff)
        record = draft.file.get(request_id, Activity).record
        draft.change(request_id, replace(record, approved_by=attorney.staff.member_id, approved_at=NOW))
        store.write_draft(draft)
    assert _download(attorney, request_id).status_code == 404
    with office_transaction(attorney.staff.org_id):
        draft = approvals._locked_draft(attorney.staff)
        draft.change(request_id, replace(record, is_alone=True, entered_at=NOW))
        store.write_draft(draft)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=24))
    with pytest.raises(NotFound):  # the office has two admins
        approvals.require_open(attorney.staff, request_id)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    approvals.end_request(attorney.staff, request_id)
    again = _ask(attorney)
    approvals.approve_export(second.staff, again)
    assert _download(attorney, again).status_code == 200
    roles.change_role(attorney.staff, second.staff.member_id, role="caseworker", is_admin=False)
    assert _download(attorney, again).status_code == 404


def test_an_approved_export_ends_after_a_day_and_a_request_after_a_week(
    attorney: Worker, office_cases: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    second = _admin(attorney)
    approvals.approve_export(second.staff, _ask(attorney))
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=23, minutes=59))
    assert getattr(approvals.current_request(attorney.staff.keys), "state", "") == "open"
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=24))
    assert approvals.current_request(attorney.staff.keys) is None
    request_id = approvals.ask_for_export(attorney.staff, reason="Again.")
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=8))
    with pytest.raises(NotFound):
        approvals.approve_export(second.staff, request_id)


def test_in_an_office_of_one_admin_it_opens_after_a_day(
    attorney: Worker, office_cases: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = _ask(attorney)
    with pytest.raises(NotFound):
        approvals.require_open(attorney.staff, request_id)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=23, minutes=59))
    with pytest.raises(NotFound):
        approvals.require_open(attorney.staff, request_id)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=24))
    assert approvals.require_open(attorney.staff, request_id).is_alone
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=48))
    with pytest.raises(NotFound):
        approvals.require_open(attorney.staff, request_id)


def test_a_refused_export_is_not_downloaded_and_another_can_be_asked_for(
    attorney: Worker, outsider: Worker, office_cases: list[UUID]
) -> None:
    second = _admin(attorney)
    request_id = _ask(attorney)
    with pytest.raises(Refused):
        approvals.ask_for_export(second.staff, reason="Mine.")
    assert outsider.client.post(EXPORT, {"act": "approve", "request": str(request_id)}).status_code == 404
    assert second.client.post(EXPORT, {"act": "end", "request": str(request_id)}).status_code == 303
    assert _download(attorney, request_id).status_code == 404
    assert attorney.client.post(EXPORT, {"act": "approve", "request": "no id"}).status_code == 404
    _ask(second)


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"act": "ask", "reason": ""}, 422), ({"act": "ask", "reason": "x" * 600}, 422), ({"act": "fly"}, 404)],
)
def test_a_request_with_a_mistake_asks_for_nothing(attorney: Worker, sent: dict[str, str], status: int) -> None:
    assert attorney.client.post(EXPORT, sent).status_code == status
    assert approvals.current_request(attorney.staff.keys) is None


def test_a_lock_in_another_tab_ends_a_download_under_way(attorney: Worker, office_cases: list[UUID]) -> None:
    from caseapp.accounts.errors import SessionGone
    from caseapp.accounts.signin import sessions

    token = attorney.client.cookies["__Host-session"].value if "__Host-session" in attorney.client.cookies else ""
    token = token or next(iter(attorney.client.cookies.values())).value
    staff = sessions.open(token)
    pieces = office_archive.stream_office(office_archive.begin_office_export(staff), readable_page_in("en", staff))
    sessions.lock(token)
    with pytest.raises(SessionGone):
        list(pieces)


def _archive(worker: Worker) -> bytes:
    export = office_archive.begin_office_export(worker.staff)
    return b"".join(office_archive.stream_office(export, readable_page_in("en", worker.staff)))


def _records(worker: Worker) -> dict[UUID, Record]:
    with office_transaction(worker.staff.org_id):
        ids = [case_id for case_id, _row in reader.open_view(worker.staff.keys, zone=worker.staff.zone).all_rows()]
    files = [worker.file(case_id) for case_id in ids]
    return {entry.id: entry.record for file in files for entry in record_files.exported_entries(file)}


def _comparable(record: Record, people: dict[str, str]) -> str:
    """A record without what each office has of its own: members, keys of files, plans of reminders."""
    text = msgspec.json.encode(record_files.record_fields(_without_plans(record), {})).decode()
    for there, here in people.items():
        text = text.replace(there, here)
    return text


def _without_plans(record: Record) -> Record:
    if isinstance(record, Deadline | Hearing):  # planning their reminders is a change by whoever imports
        return replace(record, planned=(), plan_version=0, changed_by=None, changed_at=None)
    return record


def test_an_export_imported_into_an_empty_office_gives_equal_records_and_documents(
    attorney: Worker, outsider: Worker, office_cases: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    package = open_package(io.BytesIO(_archive(attorney)))
    package.check_sums()
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=5))  # who entered it, and when, comes along
    result = own_import.import_package(outsider.staff, package)
    assert (result.imported, result.present, result.refused) == (3, 0, [])
    outsider = Worker(cast.signed_in("lena@elsewhere.test"), outsider.client)
    before, after = _records(attorney), _records(outsider)
    people = {str(attorney.staff.member_id): str(outsider.staff.member_id)}
    assert set(before) == set(after)
    assert {type(record) for record in after.values()} >= {Case, Party, Hearing, Deadline, Document}
    for record_id, record in before.items():
        assert _comparable(record, people) == _comparable(after[record_id], people), type(record)
    document = next(record for record in after.values() if isinstance(record, Document))
    from caseapp.casefile.file_storage import OpenDocument

    assert b"".join(OpenDocument(outsider.staff.org_id, document.files[0]).stream_verified()) == SCAN
    assert any(record.external_ids == {"legalserver": "21-0044"} for record in after.values())


def test_reminders_of_an_imported_case_are_planned_for_the_members_here(
    attorney: Worker, outsider: Worker, office_cases: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    own_import.import_package(outsider.staff, open_package(io.BytesIO(_archive(attorney))))
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=30))
    with acting_as("clock"):
        outbox.merge()
    with office_transaction(outsider.staff.org_id):
        found = reconcile(cast.signed_in("lena@elsewhere.test").keys)
    assert (found.cases, found.missing) == (3, 0), "each planned day is in the rows of the members here"
    here = {
        plan.member
        for record in _records(Worker(cast.signed_in("lena@elsewhere.test"), outsider.client)).values()
        if isinstance(record, Deadline | Hearing)
        for plan in record.planned
    }
    assert here == {outsider.staff.member_id}


def test_an_interrupted_import_goes_on_with_the_same_archive_and_doubles_nothing(
    attorney: Worker, outsider: Worker, office_cases: list[UUID]
) -> None:
    archive = _archive(attorney)

    def stop_after_one(done: int, _of: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        own_import.import_package(outsider.staff, open_package(io.BytesIO(archive)), stop_after_one)
    again = own_import.import_package(outsider.staff, open_package(io.BytesIO(archive)))
    assert (again.imported, again.present) == (2, 1)
    worker = Worker(cast.signed_in("lena@elsewhere.test"), outsider.client)
    assert set(_records(worker)) == set(_records(attorney))


def test_restricted_relief_opens_restricted_in_the_new_office(
    attorney: Worker, outsider: Worker, office_cases: list[UUID]
) -> None:
    own_import.import_package(outsider.staff, open_package(io.BytesIO(_archive(attorney))))
    worker = Worker(cast.signed_in("lena@elsewhere.test"), outsider.client)
    restricted = {record.relief for record in _records(worker).values() if isinstance(record, Case) and record.relief}
    assert restricted == {("u",)}
    assert "wall" in {group.kind for group in worker.staff.keys.groups}


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"not an archive", SCAN])
def test_what_is_no_export_of_ours_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        open_package(io.BytesIO(content))
    assert refused.value.code == "archive"


def test_an_archive_in_which_a_file_was_changed_is_refused_before_anything_is_imported(
    attorney: Worker, office_cases: list[UUID]
) -> None:
    import zipfile

    files = files_of(_archive(attorney))
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content.replace(NAME.encode(), b"Farid Karami") if "records" in name else content)
    with pytest.raises(Refused) as refused:
        open_package(changed).check_sums()
    assert refused.value.code == "changed"
