"""Our own export on the import pages: checked, saved and undone as a job, with nothing that is overwritten."""

import datetime as dt
import io
import random
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from msgspec.structs import replace
from pytest_django.fixtures import Settings

from caseapp.accounts.signin import reauthentication
from caseapp.casefile import case_access
from caseapp.casefile.file_storage import BlobWriter, OpenDocument
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases, notes
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.moving.pages.closed_archives import close_archive
from caseapp.moving.pages.readable import readable_page_in
from caseapp.moving.services import imports
from caseapp.moving.services.exporting import age, office_archive, record_files
from caseapp.moving.services.importing import import_store, runner, steps
from caseapp.moving.services.importing.shapes import AT_WORK, DONE, READY, UNDONE, ImportState
from caseapp.moving.services.own_import import archive_steps, package
from caseapp.records.case import Case
from caseapp.records.document import Document
from caseapp.tools.bench.moves.office_digest import whole_digest
from caseapp.vault.core.keyring import WALL
from caseapp.vault.head import Access
from caseapp.vault.registry import Record
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import NAME, Worker
from tests.moving.importing_world import results_of
from tests.moving.opened_archive import files_of

pytestmark = pytest.mark.usefixtures("frozen")
START = "/moving/import/"
SCAN = b"\x00\xff scan of a passport" * 5_000


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of an import in the request, as a test sees one connection only."""
    monkeypatch.setattr(runner, "start", runner.work_until_rest)


@pytest.fixture
def office_cases(attorney: Worker, case_id: UUID, hearing_id: UUID) -> list[UUID]:
    """Three cases: with a hearing, its deadlines and a document; of another system; restricted relief."""
    scan = SimpleUploadedFile("passport.bin", SCAN)
    attorney.client.post(f"/cases/{case_id}/documents/", {"papers": scan, "title": "Passport"})
    other = cases.open_case(attorney.staff, cases.NewCase(name="Amina Diallo", citizenships=("GN",)))
    with case_transaction(attorney.staff, other) as draft:
        entry = draft.file.get_only(Case)
        draft.change(entry.id, replace(entry.record, external_ids={"legalserver": "21-0044"}))
    third = cases.open_case(attorney.staff, cases.NewCase(name="Nguyễn Thị Lan", relief=("u",)))
    return [case_id, other, third]


def archive_of(worker: Worker) -> bytes:
    export = office_archive.begin_office_export(worker.staff)
    return b"".join(office_archive.stream_office(export, readable_page_in("en", worker.staff)))


def upload(worker: Worker, content: bytes, name: str = "office.zip") -> UUID:
    answer = worker.client.post(START, {"source": SimpleUploadedFile(name, content)})
    assert answer.status_code == 303, answer.content.decode()
    return UUID(answer.headers["Location"].strip("/").split("/")[-1])


def act(worker: Worker, import_id: UUID, name: str) -> ImportState:
    answer = worker.client.post(f"{START}{import_id}/run/", {"act": name})
    assert answer.status_code == 303, answer.content.decode()
    return import_store.open_import(worker.staff, import_id)


def here(outsider: Worker) -> Worker:
    """The outsider with the keys of restricted groups that the import made."""
    return Worker(cast.signed_in("lena@elsewhere.test"), outsider.client)


def records_of(worker: Worker) -> dict[UUID, Record]:
    with office_transaction(worker.staff.org_id):
        ids = [case_id for case_id, _row in reader.open_view(worker.staff.keys, zone=worker.staff.zone).all_rows()]
        files = [case_access.open_case(worker.staff.keys, case_id) for case_id in ids]
    return {entry.id: entry.record for file in files for entry in record_files.exported_entries(file)}


def test_an_archive_is_checked_saved_with_its_ids_and_documents_and_goes_again(
    attorney: Worker, outsider: Worker, office_cases: list[UUID]
) -> None:
    before = whole_digest(outsider.staff)
    import_id = upload(outsider, archive_of(attorney))
    page = outsider.client.get(f"{START}{import_id}/").content.decode()
    assert "Check the archive" in page
    assert "Columns of the file" not in page
    state = act(outsider, import_id, "check")
    assert state.step == READY
    assert state.counts == {"check.new": 3, "check.documents": 1}
    page = outsider.client.get(f"{START}{import_id}/").content.decode()
    assert "Cases to save: 3" in page
    assert "Ana Ruiz" in page  # a member there, to be matched with one here
    plan = {"group": str(state.group), "name-0": str(outsider.staff.member_id)}
    assert outsider.client.post(f"{START}{import_id}/plan/", plan).status_code == 303
    state = act(outsider, import_id, "save")
    assert (state.step, state.counts["opened"]) == (DONE, 3)
    worker = here(outsider)
    old, new = records_of(attorney), records_of(worker)
    assert set(old) == set(new)
    assert any(record.external_ids == {"legalserver": "21-0044"} for record in new.values())
    document = next(record for record in new.values() if isinstance(record, Document))
    assert b"".join(OpenDocument(worker.staff.org_id, document.files[0]).stream_verified()) == SCAN
    homes = {}
    with office_transaction(worker.staff.org_id):
        for item in results_of(worker.staff, import_id):
            assert item.case_id is not None
            file = case_access.open_case(worker.staff.keys, item.case_id)
            homes[file.get_only(Case).record.relief] = file.get_only(Access).record.home_group_id
    assert worker.staff.keys.group(homes["u",]).kind == WALL
    assert len(set(homes.values())) == 2
    assert outsider.client.post(f"{START}{import_id}/undo/").status_code == 303
    assert import_store.open_import(worker.staff, import_id).step == UNDONE
    assert whole_digest(here(outsider).staff) == before


def test_a_case_that_is_here_already_is_left_alone_also_when_it_was_changed(
    attorney: Worker, outsider: Worker, office_cases: list[UUID]
) -> None:
    archive = archive_of(attorney)
    first = upload(outsider, archive)
    act(outsider, first, "check")
    act(outsider, first, "save")
    worker = here(outsider)
    case_id = results_of(worker.staff, first)[0].case_id
    assert case_id is not None
    notes.add_note(worker.staff, case_id, text="She called here.")
    before = whole_digest(worker.staff)
    second = upload(outsider, archive)
    assert act(outsider, second, "check").counts == {"check.here": 3, "check.documents": 1}
    assert "Cases that are here already: 3" in outsider.client.get(f"{START}{second}/").content.decode()
    state = act(outsider, second, "save")
    assert state.counts["present"] == 3
    assert "opened" not in state.counts
    assert whole_digest(worker.staff) == before
    outsider.client.post(f"{START}{first}/undo/")
    assert import_store.open_import(worker.staff, first).counts["kept"] == 1  # the one with the note


def test_the_file_of_one_case_is_taken_too(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    from caseapp.moving.services.exporting import client_file

    opened = client_file.open_client_file(attorney.staff, case_id)
    import_id = upload(outsider, b"".join(client_file.stream_client_file(opened, ())), "case.zip")
    act(outsider, import_id, "check")
    assert act(outsider, import_id, "save").counts["opened"] == 1


@pytest.mark.parametrize("closed_with", ["recipient", "phrase"])
def test_an_encrypted_archive_is_refused_with_what_to_do(
    attorney: Worker, outsider: Worker, case_id: UUID, closed_with: str
) -> None:
    export = office_archive.begin_office_export(attorney.staff)
    pieces = office_archive.stream_office(export, readable_page_in("en", attorney.staff))
    lock = {"recipient": age.lock_with_phrase("a b c d e f").recipient} if closed_with == "recipient" else {}
    lock = lock or {"phrase": age.new_phrase()}
    archive = close_archive(pieces, "office", clock.now(), **lock)
    sent = {"source": SimpleUploadedFile(archive.name, b"".join(archive.pieces))}
    answer = outsider.client.post(START, sent)
    assert answer.status_code == 422
    assert "Decrypt it with age on your computer" in answer.content.decode()
    assert not import_store.list_imports(outsider.staff)


def test_an_archive_over_the_limit_is_refused_with_the_command_that_takes_it(
    outsider: Worker, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 1000
    answer = outsider.client.post(START, {"source": SimpleUploadedFile("office.zip", b"PK\x03\x04" + bytes(5000))})
    assert answer.status_code == 422
    assert "caseapp move-in" in answer.content.decode()
    assert not import_store.list_imports(outsider.staff)


def test_an_archive_that_was_changed_stops_with_a_sentence_before_anything_is_saved(
    attorney: Worker, outsider: Worker, office_cases: list[UUID]
) -> None:
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, content in files_of(archive_of(attorney)).items():
            archive.writestr(name, content.replace(NAME.encode(), b"Farid Karami") if "records" in name else content)
    import_id = upload(outsider, changed.getvalue())
    state = act(outsider, import_id, "check")
    assert (state.problem, state.paused) == ("changed", True)
    assert "is not what was exported" in outsider.client.get(f"{START}{import_id}/").content.decode()
    assert records_of(outsider) == {}


def test_only_an_admin_imports_an_archive_and_no_page_of_columns_takes_it(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    archive = archive_of(attorney)
    cast.colleague_of(attorney.staff, role="supervisor")
    ben = cast.signed_in("ben@office.test")
    writer = BlobWriter(ben.org_id)
    writer.write(archive)
    with pytest.raises(Refused) as refused:
        imports.begin(ben, ("office.zip", writer.finish()), [])
    assert "Only an admin" in refused.value.sentence
    import_id = upload(outsider, archive)
    for name in ("mapping", "rows", "rejected"):
        assert outsider.client.get(f"{START}{import_id}/{name}/").status_code == 404
    assert attorney.client.get(f"{START}{import_id}/").status_code == 404


def test_saving_an_archive_asks_for_recovery_sheets_and_the_passphrase(
    attorney: Worker, outsider: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = upload(outsider, archive_of(attorney))
    act(outsider, import_id, "check")
    monkeypatch.setattr(imports, "is_recovery_missing", lambda _staff: True)
    assert outsider.client.post(f"{START}{import_id}/run/", {"act": "save"}).status_code == 422
    monkeypatch.setattr(imports, "is_recovery_missing", lambda _staff: False)
    later = clock.now() + reauthentication.FRESH_FOR + dt.timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert outsider.client.post(f"{START}{import_id}/run/", {"act": "save"}).status_code == 403
    assert import_store.open_import(outsider.staff, import_id).step == READY


def test_a_process_that_dies_after_any_step_leaves_whole_parts_and_the_next_one_goes_on(
    attorney: Worker, outsider: Worker, office_cases: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_steps, "CASES_AT_ONCE", 1)
    import_id = upload(outsider, archive_of(attorney))
    imports.start_check(outsider.staff, import_id)
    work_alone(outsider, import_id)
    imports.start_saving(outsider.staff, import_id)
    write_part = import_store.write_part

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_store, "write_part", fail)
    halves = sorted(path.name for path in (Path(django_settings.SHRED_FOLDER) / "cases").iterdir())
    with pytest.raises(KeyboardInterrupt):
        steps.advance(outsider.staff, import_id, steps.Work())
    assert sorted(path.name for path in (Path(django_settings.SHRED_FOLDER) / "cases").iterdir()) == halves
    monkeypatch.setattr(import_store, "write_part", write_part)
    state = work_alone(outsider, import_id)
    assert (state.step, state.counts["opened"]) == (DONE, 3)
    assert set(records_of(here(outsider))) == set(records_of(attorney))


def test_two_imports_of_one_archive_open_no_case_twice(
    attorney: Worker, outsider: Worker, office_cases: list[UUID]
) -> None:
    archive = archive_of(attorney)
    ids = [upload(outsider, archive), upload(outsider, archive)]
    for import_id in ids:
        imports.start_check(outsider.staff, import_id)
        work_alone(outsider, import_id)
        imports.start_saving(outsider.staff, import_id)
    for import_id in ids:
        work_alone(outsider, import_id)
    counts = [import_store.open_import(outsider.staff, import_id).counts for import_id in ids]
    assert [(count.get("opened", 0), count.get("present", 0)) for count in counts] == [(3, 0), (0, 3)]


def work_alone(worker: Worker, import_id: UUID) -> ImportState:
    """Do all steps, each in a process of its own that knows nothing of the others."""
    while (state := steps.advance(here(worker).staff, import_id, steps.Work())).step in AT_WORK and not state.paused:
        pass
    return state


def test_an_import_that_is_overtaken_by_another_one_opens_no_case_twice(
    attorney: Worker, outsider: Worker, office_cases: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_of(attorney)
    slow, fast = upload(outsider, archive), upload(outsider, archive)
    for import_id in (slow, fast):
        imports.start_check(outsider.staff, import_id)
        work_alone(outsider, import_id)
        imports.start_saving(outsider.staff, import_id)
    store_documents = archive_steps._ArchivePart.store_documents

    def be_overtaken(part: archive_steps._ArchivePart) -> None:
        store_documents(part)
        monkeypatch.setattr(archive_steps._ArchivePart, "store_documents", store_documents)
        work_alone(outsider, fast)

    monkeypatch.setattr(archive_steps._ArchivePart, "store_documents", be_overtaken)
    state = work_alone(outsider, slow)
    assert (state.step, state.counts["present"]) == (DONE, 3)
    assert set(records_of(here(outsider))) == set(records_of(attorney))


def test_restricted_cases_of_one_lead_and_another_team_are_open_to_their_own_team_alone(
    attorney: Worker, outsider: Worker
) -> None:
    ben = cast.colleague_of(attorney.staff)
    cast.colleague_of(outsider.staff, email="ben@elsewhere.test")
    own = cases.open_case(attorney.staff, cases.NewCase(name="Nguyễn Thị Lan", relief=("u",)))
    shared = cases.open_case(attorney.staff, cases.NewCase(name="Amina Diallo", relief=("u",)))
    with case_transaction(attorney.staff, shared) as draft:
        entry = draft.file.get_only(Case)
        draft.change(entry.id, replace(entry.record, team=(*entry.record.team, ben)))
    archive = archive_of(attorney)
    import_id = upload(outsider, archive)
    act(outsider, import_id, "check")
    assert act(outsider, import_id, "save").counts["opened"] == 2
    theirs = cast.signed_in("ben@elsewhere.test")
    with office_transaction(theirs.org_id):
        names = [row.names[0][0] for _id, row in reader.open_view(theirs.keys).all_rows()]
    assert names == ["Amina Diallo"]
    assert len({attorney.file(case).get_only(Case).id for case in (own, shared)} & set(records_of(here(outsider)))) == 2


def test_a_damaged_archive_is_refused_with_a_sentence_wherever_it_is_damaged(
    attorney: Worker, office_cases: list[UUID]
) -> None:
    """A byte of it is another one, or it is cut: no place gives anything but the archive itself or a refusal."""
    whole, chance = archive_of(attorney), random.Random(23)
    directory = whole.rindex(b"PK\x05\x06") - 400  # where Python reads versions, methods and flags of the files
    at = [chance.randrange(len(whole)) for _ in range(150)] + [
        chance.randrange(directory, len(whole)) for _ in range(250)
    ]
    damaged = [whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :] for place in at]
    damaged += [whole[:place] for place in at[:40]]
    outcomes = {_read_whole(content) for content in damaged}
    assert outcomes <= {"", "archive", "changed", "newer"}
    assert "archive" in outcomes


def _read_whole(content: bytes) -> str:
    """Read an archive as an import does. Return the code of its refusal."""
    try:
        if not package.is_package(io.BytesIO(content)):
            return "archive"
        opened = package.open_package(io.BytesIO(content))
        opened.check_sums()
        for case in opened.manifest.cases:
            opened.lines_of(case)
    except Refused as refused:
        return refused.code
    return ""
