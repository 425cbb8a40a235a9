"""What an import must not do: save half a part, overwrite, save without the checks, match a document twice."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from pytest_django.fixtures import Settings

from caseapp.accounts.signin import reauthentication
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.moving.reading.plans.row_plan import DocumentReference
from caseapp.moving.services import imports
from caseapp.moving.services.importing import import_store, runner, steps
from caseapp.moving.services.importing.documents import WaitingFiles
from caseapp.moving.services.importing.shapes import (
    ATTACH,
    READY,
    RUNNING,
    SKIP,
    AlikeCase,
    CheckedRow,
    PlannedPart,
)
from caseapp.records.case import Case
from caseapp.records.document import FileVersion
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.tools.bench.moves.office_digest import whole_digest
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker
from tests.moving.importing_world import case_of, case_plan, checked_import, results_of, run_import, work_to_rest


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of an import in the request, as a test sees one connection only."""
    monkeypatch.setattr(runner, "start", runner.work_until_rest)


def test_a_part_whose_state_was_not_saved_is_not_saved_either(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = attorney.staff
    import_id = checked_import(staff, [case_plan(n) for n in range(4)], size=2)
    imports.start_saving(staff, import_id)
    before, save_state = whole_digest(staff), import_store.save_state

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_store, "save_state", die)
    with pytest.raises(KeyboardInterrupt):
        steps.advance(staff, import_id, steps.Work())
    monkeypatch.setattr(import_store, "save_state", save_state)
    assert whole_digest(staff) == before
    with office_transaction(staff.org_id):
        assert isinstance(import_store.read_part(staff, import_id, 0), PlannedPart)
    assert import_store.open_import(staff, import_id).next == 0
    assert work_to_rest(staff, import_id).counts == {"opened": 4}


def test_an_undone_part_whose_state_was_not_saved_is_still_in_place(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = attorney.staff
    import_id, _state = run_import(staff, [case_plan(n) for n in range(4)])
    imports.start_undo(staff, import_id)
    before, save_state = whole_digest(staff), import_store.save_state

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_store, "save_state", die)
    with pytest.raises(KeyboardInterrupt):
        steps.advance(staff, import_id, steps.Work())
    monkeypatch.setattr(import_store, "save_state", save_state)
    assert whole_digest(staff) == before


def test_saving_itself_asks_for_the_recovery_sheets(attorney: Worker, settings: Settings) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    settings.RECOVERY_GATE = True
    with pytest.raises(Refused) as refused:
        imports.start_saving(attorney.staff, import_id)
    assert refused.value.code == "recovery"
    assert import_store.open_import(attorney.staff, import_id).step == READY


@pytest.mark.parametrize("act", ["save", "continue", "retry", "undo"])
def test_each_act_that_changes_cases_asks_for_the_passphrase_again(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    if act in {"continue", "undo"}:
        imports.start_saving(attorney.staff, import_id)
        imports.pause(attorney.staff, import_id, is_paused=True)
    before = import_store.open_import(attorney.staff, import_id)
    later = clock.now() + reauthentication.FRESH_FOR + dt.timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    path, sent = ("undo", {}) if act == "undo" else ("run", {"act": act})
    assert attorney.client.post(f"/moving/import/{import_id}/{path}/", sent).status_code == 403
    assert import_store.open_import(attorney.staff, import_id) == before


def _alike_row(attorney: Worker, number: int) -> CheckedRow:
    """A row whose person is in the office under another id and with other facts."""
    import_id, _state = run_import(attorney.staff, [case_plan(0, with_dates=False)])
    alike = AlikeCase(case_of(results_of(attorney.staff, import_id)[0]), "R", "Amina Diallo", "likely")
    return CheckedRow(plan=case_plan(number), alike=(alike,))


def test_a_row_whose_person_may_be_here_is_skipped_and_changes_nothing(attorney: Worker) -> None:
    row = _alike_row(attorney, 2)
    before = whole_digest(attorney.staff)
    import_id = checked_import(attorney.staff, [row])
    assert import_store.open_import(attorney.staff, import_id).default == SKIP
    imports.start_saving(attorney.staff, import_id)
    assert work_to_rest(attorney.staff, import_id).counts == {"skipped": 1}
    assert whole_digest(attorney.staff) == before


def test_a_row_that_is_added_to_a_case_brings_its_dates_and_overwrites_no_fact(attorney: Worker) -> None:
    staff = attorney.staff
    row = _alike_row(attorney, 2)
    before = whole_digest(staff)
    case, person = [attorney.file(row.alike[0].case_id).get_only(kind).record for kind in (Case, Party)]
    import_id = checked_import(staff, [row])
    imports.decide_rows(staff, import_id, {row.plan.row: ATTACH})
    imports.start_saving(staff, import_id)
    assert work_to_rest(staff, import_id).counts == {"attached": 1}
    file = attorney.file(row.alike[0].case_id)
    now = file.get_only(Case).record
    assert isinstance(case, Case)
    assert (now.title, now.ref, now.lead, now.relief) == (case.title, case.ref, case.lead, case.relief)
    assert now.external_ids == case.external_ids, "the number that it had stays"
    assert file.get_only(Party).record == person
    assert file.get_only(Note).record.text == "Old note 2"
    assert results_of(staff, import_id)[0].differences
    imports.start_undo(staff, import_id)
    work_to_rest(staff, import_id)
    assert whole_digest(staff) == before


def _files(*names: str) -> tuple[FileVersion, ...]:
    make: Callable[..., FileVersion] = FileVersion
    rest = {"version": 1, "key": b"", "size": 1, "padded": 1, "chunks": 1, "sha256": b"", "media_type": ""}
    return tuple(make(blob=uuid4(), name=name, added_at=clock.now(), added_by=UUID(int=1), **rest) for name in names)


@pytest.mark.parametrize(
    ("name", "number", "found"),
    [
        ("Birth.PDF", "", "birth.pdf"),
        (" birth.pdf ", "77", "birth.pdf"),
        ("", "77", "scan 77.pdf"),
        ("other.pdf", "77", "scan 77.pdf"),
        ("birth", "", None),
        ("other.pdf", "", None),
        ("", "", None),
    ],
)
def test_a_document_is_matched_by_its_name_and_else_by_its_id(
    attorney: Worker, name: str, number: str, found: str | None
) -> None:
    waiting = WaitingFiles(attorney.staff, _files("scan 77.pdf", "birth.pdf"))
    file = waiting.find_file(DocumentReference(name=name, id=number))
    assert (file.name if file else None) == found


def test_a_file_is_not_given_to_two_rows(attorney: Worker) -> None:
    waiting = WaitingFiles(attorney.staff, _files("a.pdf", "a.pdf"))
    reference = DocumentReference(name="a.pdf")
    for file in waiting.files:
        assert waiting.find_file(reference) == file
        waiting.used.append(file.blob)
    assert waiting.find_file(reference) is None


def test_a_page_of_people_who_may_be_here_reads_the_parts_of_its_rows_alone(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = (AlikeCase(uuid4(), "R", "Amina Diallo", "likely"),)
    rows = [CheckedRow(plan=case_plan(n), alike=alike if n % 2 else ()) for n in range(120)]
    import_id = checked_import(attorney.staff, rows, size=10)
    read, read_part = [], import_store.read_part

    def note(staff: object, number: UUID, part: int) -> object:
        read.append(part)
        return read_part(attorney.staff, number, part)

    monkeypatch.setattr(import_store, "read_part", note)
    pages = [attorney.client.get(f"/moving/import/{import_id}/alike/?page={n}").content.decode() for n in (1, 2, 3)]
    assert [page.count('name="row-') > 0 for page in pages] == [True] * 3
    shown = [n + 1 for n in range(120) for page in pages if f'name="row-{n + 1}"' in page]
    assert shown == [n + 1 for n in range(1, 120, 2)], "each of the 60 rows is on one page"
    assert read == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_a_running_import_refuses_a_second_start(attorney: Worker) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    imports.start_saving(attorney.staff, import_id)
    with pytest.raises(Refused):
        imports.start_saving(attorney.staff, import_id)
    state = import_store.open_import(attorney.staff, import_id)
    assert (state.step, replace(state, number=0).next) == (RUNNING, 0)
    with office_transaction(attorney.staff.org_id):
        assert not list(reader.open_view(attorney.staff.keys).all_rows())
