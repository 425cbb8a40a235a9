"""One client's whole file: complete, readable, checkable, and in no place but the download."""

import datetime as dt
import threading
from pathlib import Path
from uuid import UUID

import pikepdf
import pyrage
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.fixtures import Settings

from caseapp.accounts.members import lockdown
from caseapp.accounts.signin import preferences
from caseapp.casefile import file_storage
from caseapp.cases.services import notes, tasks
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.moving.services.exporting import client_file, record_files
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.vault.registry import KINDS, convert_record
from tests.helpers.two_offices import A_NUMBER, NAME, NOW, Worker
from tests.moving.opened_archive import body_of, files_of, lines_of, manifest_of, rows_of, sha256

pytestmark = pytest.mark.usefixtures("frozen")

PLAIN = {"closed_with": "plain"}
PASSPORT = bytes(range(256)) * 1_000
FORMULA = '=HYPERLINK("http://thief.test","Phone")'


@pytest.fixture
def full_case(attorney: Worker, case_id: UUID, hearing_id: UUID) -> UUID:
    """A case with a hearing, a note like a formula, a task, and two documents of one name."""
    notes.add_note(attorney.staff, case_id, text=FORMULA, told_by="his sister")
    tasks.add_task(attorney.staff, case_id, text="-1 day: ask for the birth record", due_on=dt.date(2026, 11, 26))
    path = reverse("documents:papers", args=[case_id])
    papers = [
        SimpleUploadedFile("pasaporte de María.bin", PASSPORT),
        SimpleUploadedFile("pasaporte de María.bin", b"2"),
    ]
    assert attorney.client.post(path, {"papers": papers}).status_code == 303
    return case_id


def _export(worker: Worker, case: UUID, sent: dict[str, str] = PLAIN) -> bytes:
    return body_of(worker.client.post(reverse("moving:export_case", args=[case]), sent))


def test_each_document_is_in_it_bit_for_bit_under_a_name_of_its_own(attorney: Worker, full_case: UUID) -> None:
    files = files_of(_export(attorney, full_case))
    documents = {name: content for name, content in files.items() if name.startswith("documents/")}
    assert set(documents) == {"documents/0001 pasaporte de María.bin", "documents/0002 pasaporte de María.bin"}
    assert sorted(documents.values(), key=len) == [b"2", PASSPORT]


def test_every_record_is_a_line_of_json_from_which_the_same_record_is_read(attorney: Worker, full_case: UUID) -> None:
    files = files_of(_export(attorney, full_case))
    lines = lines_of(files["data/records.jsonl"])
    numbers = {name: number for number, name in KINDS.items()}
    exported = {line["id"]: line for line in lines}
    entries = record_files.exported_entries(attorney.file(full_case))
    assert {str(entry.id) for entry in entries} == set(exported)
    assert {type(entry.record).__name__ for entry in entries} >= {"Case", "Party", "Hearing", "Deadline", "Note"}
    for entry in entries:
        line = exported[str(entry.id)]
        assert line["version"] == entry.version
        if not isinstance(entry.record, Document):
            assert convert_record(numbers[line["kind"]], line["schema"], line["record"]) == entry.record


def test_no_key_of_the_case_or_of_a_document_leaves_with_it(attorney: Worker, full_case: UUID) -> None:
    import base64

    archive = files_of(_export(attorney, full_case))
    file = attorney.file(full_case)
    keys = [file.key, *(version.key for entry in file.entries_of(Document) for version in entry.record.files)]
    for name, content in archive.items():
        for key in keys:
            assert key not in content, name
            assert base64.b64encode(key) not in content, name
            assert key.hex().encode() not in content, name


def test_the_manifest_has_the_sum_of_every_file_before_it(attorney: Worker, full_case: UUID) -> None:
    files = files_of(_export(attorney, full_case))
    manifest = manifest_of(files)
    assert {file["path"]: file["sha256"] for file in manifest["files"]} == {
        name: sha256(content) for name, content in files.items() if name not in {"manifest.json", "sha256sums.txt"}
    }
    assert (manifest["format"], manifest["kind"], manifest["not_whole"]) == ("caseapp-export/1", "case", [])
    assert manifest["cases"][0]["id"] == str(full_case)
    sums = dict(line.split("  ", 1)[::-1] for line in files["sha256sums.txt"].decode().splitlines())
    assert sums == {file["path"]: file["sha256"] for file in manifest["files"]}


def test_no_cell_is_run_as_a_formula_and_each_text_is_found_again(attorney: Worker, full_case: UUID) -> None:
    files = files_of(_export(attorney, full_case))
    note, task = files["data/csv/note.csv"], files["data/csv/task.csv"]
    assert b"\"'=HYPERLINK(" in note
    assert b",'-1 day: ask for" in task
    assert rows_of(note)[0]["text"] == FORMULA
    assert rows_of(task)[0]["text"] == "-1 day: ask for the birth record"
    assert rows_of(note)[0]["entered_by"] == "Ana Ruiz"


def test_the_readable_file_says_what_the_case_page_says(attorney: Worker, full_case: UUID) -> None:
    page = files_of(_export(attorney, full_case))["Whole file.html"].decode()
    for text in (NAME, A_NUMBER, "Individual hearing (merits)", "Court North", "Do not leave voicemail.", "his sister",
                 "documents/0002 pasaporte de María.bin", "Wednesday, February 17, 2027", "8:30 AM ET"):  # fmt: skip
        assert text in page, text
    assert "HYPERLINK(&quot;http" in page
    assert "<script" not in page


def test_the_file_is_in_the_language_of_the_reader(attorney: Worker, full_case: UUID) -> None:
    preferences.save(attorney.staff, language="es")
    files = files_of(_export(attorney, full_case))
    page = files["Expediente completo.html"].decode()
    assert '<html lang="es">' in page
    assert "Audiencia individual (de fondo)" in page
    assert "miércoles, 17 de febrero de 2027" in page
    assert "Léame primero.txt" in files


def test_the_pdf_has_every_page_of_the_readable_file_and_a_table_of_contents(attorney: Worker, full_case: UUID) -> None:
    import io

    content = files_of(_export(attorney, full_case))["Whole file.pdf"]
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
        headings = [str(item.title) for item in outline.root[0].children]
        assert str(pdf.Root.Lang) == "en"
        targets = {str(link.Dest) for page in pdf.pages for link in page.get("/Annots", [])}
    assert headings[0] == "Contents"
    assert {"People", "Hearings", "Deadlines", "Notes", "List of files"} <= set(headings)
    assert len(targets) == len(headings) - 1


def test_a_document_that_no_longer_opens_is_named_and_the_rest_is_there(attorney: Worker, full_case: UUID) -> None:
    first = attorney.file(full_case).entries_of(Document)[0].record.files[0]
    file_storage.blob_path(first.blob).write_bytes(b"")
    files = files_of(_export(attorney, full_case))
    manifest = manifest_of(files)
    assert [name for name in manifest["not_whole"] if name.startswith("documents/")] == manifest["not_whole"]
    assert len(manifest["not_whole"]) == 1
    assert "Whole file.html" in files


def test_what_was_replaced_in_the_last_30_days_is_in_a_file_of_its_own(attorney: Worker, full_case: UUID) -> None:
    from caseapp.records.note import Note

    note = attorney.file(full_case).entries_of(Note)[0]
    notes.change_note(attorney.staff, full_case, note.id, text="Better words.", version=1)
    files = files_of(_export(attorney, full_case))
    earlier = [line["record"] for line in lines_of(files["data/earlier-versions.jsonl"]) if line["kind"] == "note"]
    assert [record["text"] for record in earlier] == [FORMULA]
    assert FORMULA not in files["data/records.jsonl"].decode()


def test_it_is_encrypted_to_the_key_that_was_chosen(attorney: Worker, full_case: UUID) -> None:
    identity = pyrage.x25519.Identity.generate()
    sent = {"closed_with": "recipient", "recipient": f" {identity.to_public()} "}
    sealed = _export(attorney, full_case, sent)
    assert NAME.encode() not in sealed
    assert PASSPORT in files_of(pyrage.decrypt(sealed, [identity])).values()


def test_it_is_encrypted_with_the_six_words_of_the_page(attorney: Worker, full_case: UUID) -> None:
    import re

    shown = attorney.client.get(reverse("moving:export_case", args=[full_case])).content.decode()
    match = re.search(r'name="words" value="([a-z -]+)"', shown)
    assert match is not None
    phrase = match.group(1)
    assert all(f"<li>{word}</li>" in shown for word in phrase.split())
    outer = files_of(_export(attorney, full_case, {"closed_with": "phrase", "words": phrase}))
    (key,) = [content for name, content in outer.items() if name.endswith(".key.age")]
    (inner,) = [content for name, content in outer.items() if name.endswith(".zip.age")]
    identity = pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(key, phrase).decode().strip())
    assert PASSPORT in files_of(pyrage.decrypt(inner, [identity])).values()
    assert NAME.encode() not in b"".join(outer.values())


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose how the file is protected."),
        ({"closed_with": "recipient", "recipient": "age1wrong"}, "This is no public key of age."),
        ({"closed_with": "recipient", "recipient": "a" * 100_000}, "at most 200 characters"),
        ({"closed_with": "phrase", "words": "one two three"}, "The six words of this page are missing."),
        ({"closed_with": "phrase", "words": "w" * 100_000}, "Problem"),
        ({"closed_with": "no such way"}, "no such way is not one of the available choices"),
    ],
)
def test_a_form_with_a_mistake_downloads_nothing_and_says_which(
    attorney: Worker, full_case: UUID, sent: dict[str, str], sentence: str
) -> None:
    response = attorney.client.post(reverse("moving:export_case", args=[full_case]), sent)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_only_a_member_with_the_key_and_a_fresh_passphrase_downloads_it(
    attorney: Worker, outsider: Worker, full_case: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = reverse("moving:export_case", args=[full_case])
    assert outsider.client.get(path).status_code == outsider.client.post(path, PLAIN).status_code == 404
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=11))
    assert attorney.client.post(path, PLAIN).status_code == 403
    assert attorney.client.get(path).headers["Location"].startswith("/account/security/check/")


def test_nothing_is_downloaded_while_the_office_is_locked_down(attorney: Worker, full_case: UUID) -> None:
    lockdown._begin_in_office(attorney.staff.org_id)
    with pytest.raises(Refused) as refused:
        client_file.open_client_file(attorney.staff, full_case)
    assert refused.value.code == "locked_down"


def test_the_case_page_leads_to_it_and_the_audit_trail_records_it(attorney: Worker, full_case: UUID) -> None:
    path = reverse("moving:export_case", args=[full_case])
    assert path in attorney.client.get(reverse("cases:case", args=[full_case])).content.decode()
    _export(attorney, full_case)
    trail = attorney.client.get(reverse("trail:of_case", args=[full_case])).content.decode()
    assert "Exported" in trail
    assert "whole file of a client" in trail


def test_a_download_that_breaks_off_leaves_no_thread_and_no_file(
    attorney: Worker, full_case: UUID, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = {path for path in Path(settings.BLOBS).rglob("*") if path.is_file()}
    identity = pyrage.x25519.Identity.generate()
    sent = {"closed_with": "recipient", "recipient": str(identity.to_public())}
    response = attorney.client.post(reverse("moving:export_case", args=[full_case]), sent)
    next(iter(response))
    response.close()
    assert {path for path in Path(settings.BLOBS).rglob("*") if path.is_file()} == before
    assert list(temporary.iterdir()) == []
    assert [thread for thread in threading.enumerate() if "encrypt" in thread.name] == []


def test_a_hearing_is_described_by_the_schema_that_comes_with_it(attorney: Worker, full_case: UUID) -> None:
    import json

    schema = json.loads(files_of(_export(attorney, full_case))["data/schema.json"])
    assert set(schema["$defs"]["Hearing"]["properties"]) == set(Hearing.__struct_fields__)
    assert "key" not in schema["$defs"]["FileVersion"]["properties"]
    assert {line["properties"]["kind"]["const"] for line in schema["oneOf"]} >= {"case", "party", "hearing", "document"}
