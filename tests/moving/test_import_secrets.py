"""Nothing of an import can be read at rest: not in its rows, not in storage, not in a log, not with another's keys."""

import logging
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from msgspec.structs import replace

from caseapp.accounts.signin import sessions
from caseapp.index import reader
from caseapp.lib.errors import NotFound
from caseapp.moving.models import Import, ImportFile, ImportPart
from caseapp.moving.services import imports
from caseapp.moving.services.importing import import_store, runner, steps
from caseapp.records.note import Note
from caseapp.records.party import Name
from caseapp.team.services import removal
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import Worker
from tests.moving.importing_world import case_plan, checked_import, with_person, work_to_rest

FILE = "Matter/Case ID#,Client Name,Odd Heading\n26-7777777,Zeferina Quiroga-Obando,Needle of a cell\n"
NEEDLES = (
    "Zeferina", "Quiroga", "Obando", "7777777", "Odd Heading", "Needle of a cell", "moving-list", "Needle of a note",
    "legalserver", "000077777", "Needle of a member", "passport of Zeferina",
)  # fmt: skip


def stored_bytes() -> bytes:
    """Every value of every table, and every file in storage."""
    pieces: list[bytes] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}"')  # a table of the catalogue
            pieces += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for r in cursor for v in r]
    pieces += [path.read_bytes() for path in Path(django_settings.BLOBS).rglob("*") if path.is_file()]
    return b"\0".join(pieces)


def test_no_cell_heading_name_or_file_name_is_readable_during_after_and_undone(
    attorney: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sent = {
        "source": SimpleUploadedFile("moving-list.csv", FILE.encode()),
        "documents": [SimpleUploadedFile("passport of Zeferina.pdf", b"%PDF-1.7 Quiroga")],
    }
    assert attorney.client.post("/moving/import/", sent).status_code == 303
    plan = case_plan(77777, notes=(Note(text="Needle of a note"),))
    plan = with_person(plan, name=Name(full="Zeferina Quiroga-Obando"))
    import_id = checked_import(attorney.staff, [plan, case_plan(1), case_plan(2)], size=1)
    with office_transaction(attorney.staff.org_id):
        state = import_store.lock_import(attorney.staff, import_id)
        import_store.save_state(attorney.staff, import_id, replace(state, names={"Needle of a member": 1}))
    seen = [stored_bytes()]
    imports.start_saving(attorney.staff, import_id)
    steps.advance(attorney.staff, import_id, steps.Work())
    seen.append(stored_bytes())  # stopped in the middle
    work_to_rest(attorney.staff, import_id)
    seen.append(stored_bytes())
    imports.start_undo(attorney.staff, import_id)
    work_to_rest(attorney.staff, import_id)
    seen.append(stored_bytes())
    logs = caplog.text.encode()
    assert [needle for needle in NEEDLES for content in (*seen, logs) if needle.encode() in content] == []
    assert b"moving_import" not in logs


def test_only_the_member_who_imports_finds_and_opens_an_import(attorney: Worker) -> None:
    import_id = checked_import(attorney.staff, [case_plan(1)])
    cast.colleague_of(attorney.staff, role="supervisor")
    ben = cast.signed_in("ben@office.test")
    assert import_store.list_imports(ben) == []
    with pytest.raises(NotFound):
        import_store.open_import(ben, import_id)
    with office_transaction(ben.org_id), pytest.raises(OpenFailed):
        import_store.read_part(ben, import_id, 0)


def test_a_part_that_was_altered_or_put_in_the_place_of_another_does_not_open(attorney: Worker) -> None:
    staff = attorney.staff
    import_id = checked_import(staff, [case_plan(n) for n in range(4)], size=2)
    with office_transaction(staff.org_id):
        parts = ImportPart.objects.filter(org_id=staff.org_id, import_id=import_id)
        first = bytes(parts.get(number=0).sealed)
        parts.filter(number=1).update(sealed=first)
        with pytest.raises(OpenFailed):
            import_store.read_part(staff, import_id, 1)
        parts.filter(number=0).update(sealed=first[:-1] + bytes([first[-1] ^ 1]))
        with pytest.raises(OpenFailed):
            import_store.read_part(staff, import_id, 0)


def test_an_import_goes_with_its_day_and_takes_its_rows_and_files_along(attorney: Worker) -> None:
    staff = attorney.staff
    import_id = checked_import(staff, [case_plan(1)])
    state = import_store.open_import(staff, import_id)
    path = Path(django_settings.BLOBS) / state.source.blob.hex[:2] / state.source.blob.hex
    assert path.exists()
    with office_transaction(staff.org_id):
        last = Import.objects.get(org_id=staff.org_id, id=import_id).gone_on
        assert import_store.delete_expired(last - (last.resolution)) == 0
        assert import_store.delete_expired(last) == 1
        assert not ImportPart.objects.filter(org_id=staff.org_id).exists()
        assert not ImportFile.objects.filter(org_id=staff.org_id).exists()
    assert not path.exists()


def test_a_member_who_is_removed_leaves_an_import_that_goes_no_further(attorney: Worker) -> None:
    cast.colleague_of(attorney.staff, role="supervisor")
    ben = cast.signed_in("ben@office.test")
    import_id = checked_import(ben, [case_plan(n) for n in range(6)], size=2)
    imports.start_saving(ben, import_id)
    token = sessions.start(ben.org_id, ben.member_id, ben.keys.bundle_key)
    steps.advance(ben, import_id, steps.Work())
    removal.remove_member(attorney.staff, ben.member_id)
    runner.work_until_rest(token, import_id)
    with office_transaction(attorney.staff.org_id):
        assert Import.objects.filter(org_id=ben.org_id, id=import_id).exists()
        assert len(list(reader.open_view(attorney.staff.keys).all_rows())) == 2  # the first part, whole
