"""`caseapp office remove`: an office is gone for good, with a certificate, and the office next to it is untouched."""

import argparse
import base64
import datetime as dt
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, ProgrammingError, connection, transaction
from psycopg import sql
from pytest_django.fixtures import Settings

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import destruction_journal
from caseapp.accounts.models import Door, Session
from caseapp.accounts.signin import office_codes, sign_in, unlock_bundle
from caseapp.audit import chain, checkpoints
from caseapp.casefile import case_access
from caseapp.casefile.file_storage import BlobWriter, blob_path
from caseapp.cases.services import cases, notes
from caseapp.cli.backup import replay
from caseapp.cli.offices import certificate, command, health, queries, removal
from caseapp.cli.stack.data_folder import CannotStart
from caseapp.documents import services
from caseapp.lib import clock, setup_code
from caseapp.lib.errors import Refused
from caseapp.records.document import Document
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import seen_versions, server_keys, shred_keys
from caseapp.vault.core import hybrid
from caseapp.vault.core.archive.journal import JournalEntry
from caseapp.vault.errors import OpenFailed
from caseapp.vault.models import RemovedOffice
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.putting_back import keep, put_back, superuser

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)  # Tuesday, 10:00 in New York
EMAIL = "ana@office.test"


@pytest.fixture(autouse=True)
def _storage(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BLOBS = tmp_path / "blobs"
    settings.SEEN_VERSIONS_FOLDER = tmp_path / "seen"
    settings.JOURNAL_FILE = tmp_path / "destructions.journal"
    monkeypatch.setattr(clock, "now", lambda: NOW)


class TwoOffices:
    """`stays` and `goes`, each at work with a case, a note and a document; both have a member with one address."""

    def __init__(self) -> None:
        self.stays, self.goes = cast.found(email=EMAIL), cast.found_further(email=EMAIL)
        self.case_of_stays, self.blob_of_stays = _work(self.stays, "Farid Karimi")
        self.case_of_goes, self.blob_of_goes = _work(self.goes, "Roza Aliyeva")
        cast.colleague_of(self.goes, name="Ben Okafor", email="ben@ridge.test")
        with acting_as("clock"):
            checkpoints.checkpoint_all()

    def remove(self) -> str:
        removal.order_removal(self.goes.org_id)
        return removal.remove_office(self.goes.org_id, lambda _line: None)


@pytest.fixture
def two() -> TwoOffices:
    return TwoOffices()


def _work(staff: Staff, name: str) -> tuple[UUID, UUID]:
    """Open a case and add a note and a document. Return case and blob."""
    case_id = cases.open_case(staff, cases.NewCase(name=name, last_arrival_on=dt.date(2026, 4, 9)))
    notes.add_note(staff, case_id, text=f"Phoned {name}.")
    writer = BlobWriter(staff.org_id)
    writer.write(b"A passport.")
    services.add_documents(staff, case_id, [("passport.txt", writer.finish())])
    with office_transaction(staff.org_id):
        documents = case_access.open_case(staff.keys, case_id).entries_of(Document)
    return case_id, documents[0].record.files[-1].blob


def rows_of(org_id: UUID) -> dict[str, str]:
    """A digest of the office's rows in each table that has some, as the superuser sees them."""
    found = {}
    with superuser() as session:
        for table in queries.tables_of_offices():
            asked = sql.SQL("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t WHERE org_id = %s")
            row = session.execute(asked.format(sql.Identifier(table)), [org_id]).fetchone()
            if row and row[0]:
                found[table] = str(row[0])
    return found


def test_everything_of_the_office_goes_and_the_other_office_keeps_every_byte(two: TwoOffices) -> None:
    before = rows_of(two.stays.org_id)
    assert {"vault_record", "vault_blob", "index_part", "accounts_member", "audit_entry"} <= set(before)
    assert set(rows_of(two.goes.org_id)) >= {*before, "accounts_office"}
    halves = {two.case_of_goes: "cases", two.goes.member_id: "members"}
    two.remove()
    assert rows_of(two.goes.org_id) == {}
    assert rows_of(two.stays.org_id) == before
    for owner, kind in halves.items():
        with pytest.raises(shred_keys.Shredded):
            shred_keys.read_half(kind, owner)  # type: ignore[arg-type]
    assert not blob_path(two.blob_of_goes).exists()
    assert blob_path(two.blob_of_stays).exists()
    assert seen_versions.newest_seen("file", two.goes.org_id, two.case_of_goes) == 0
    assert seen_versions.newest_seen("file", two.stays.org_id, two.case_of_stays) > 0
    assert sign_in.sign_in(EMAIL, cast.WORDS).staff.org_id == two.stays.org_id
    with office_transaction(two.stays.org_id):
        assert case_access.open_case(two.stays.keys, two.case_of_stays).entries


def test_a_copy_of_the_database_from_before_opens_for_no_member_with_the_right_passphrase(two: TwoOffices) -> None:
    code, half = office_codes.find_code(two.goes.org_id), shred_keys.read_half("members", two.goes.member_id)
    kept = [keep(table, "org_id", two.goes.org_id) for table in queries.tables_of_offices()]
    two.remove()
    put_back(*kept)
    RemovedOffice.objects.all().delete()
    with pytest.raises(Refused, match="no_match"):
        sign_in.sign_in(EMAIL, cast.OTHER_WORDS, office_code=code)
    row = unlock_bundle.find_member(two.goes.org_id, two.goes.member_id)
    assert row is not None, "the copy is back"
    with pytest.raises(OpenFailed):
        unlock_bundle.by_passphrase(row, cast.OTHER_WORDS)
    with office_transaction(two.goes.org_id), pytest.raises(OpenFailed):
        case_access.open_case(two.goes.keys, two.case_of_goes)  # the keys of before, without the half of the case
    path = shred_keys._half_path("members", two.goes.member_id)
    path.write_bytes(half)
    assert unlock_bundle.by_passphrase(row, cast.OTHER_WORDS), "control: it was the half alone"


def test_from_the_order_on_the_office_is_shown_to_no_transaction_and_takes_no_row(two: TwoOffices) -> None:
    token = sign_in.sign_in(EMAIL, cast.OTHER_WORDS, office_code=office_codes.find_code(two.goes.org_id)).token
    removal.order_removal(two.goes.org_id)
    with office_transaction(two.goes.org_id):
        assert queries.count_rows(two.goes.org_id, "vault_record") == 0
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        office_transaction(two.goes.org_id),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO vault_blob (org_id, id, state) VALUES (%s, %s, 'linked')",
            [two.goes.org_id, two.goes.member_id],
        )
    assert token
    assert not Session.objects.filter(org_id=two.goes.org_id).exists()
    assert not Door.objects.filter(org_id=two.goes.org_id).exists()
    with office_transaction(two.stays.org_id):
        assert queries.count_rows(two.stays.org_id, "vault_record") > 0


def test_a_transaction_that_was_open_at_the_order_is_waited_for(two: TwoOffices) -> None:
    late, blob = _open_transaction(two.goes.org_id), UUID(int=77)
    removal.order_removal(two.goes.org_id)
    lines: list[str] = []
    worker = threading.Thread(target=_remove_in_thread, args=(two.goes.org_id, lines))
    worker.start()
    worker.join(0.6)
    assert lines == ["Waiting for requests that began before."]
    late.execute("INSERT INTO vault_blob (org_id, id, state) VALUES (%s, %s, 'linked')", [two.goes.org_id, blob])
    late.commit()
    late.close()
    worker.join(30)
    assert not worker.is_alive()
    assert rows_of(two.goes.org_id) == {}


def _open_transaction(org_id: UUID) -> "psycopg.Connection[tuple[object, ...]]":
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    late = psycopg.connect(address.geturl())
    late.execute("SELECT set_config('caseapp.org', %s, true)", [str(org_id)])
    return late


def _remove_in_thread(org_id: UUID, lines: list[str]) -> None:
    try:
        removal.remove_office(org_id, lines.append)
    finally:
        connection.close()


STEPS = {  # function of `removal`, and at which of its calls it breaks off
    "_wait_for_open_transactions": 0,
    "_destroy_halves": 0,
    "_delete_blobs": 0,
    "_delete_batch": 7,
    "blob_path": 0,
}


@pytest.mark.parametrize("step", STEPS)
def test_a_removal_that_broke_off_goes_on_and_ends_in_the_same_state(
    two: TwoOffices, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_of(two.stays.org_id)
    removal.order_removal(two.goes.org_id)
    monkeypatch.setattr(removal, "BATCH", 2)
    with monkeypatch.context() as broken:
        broken.setattr(removal, step, _break_off_at(STEPS[step], getattr(removal, step)))
        with pytest.raises(ZeroDivisionError):
            removal.remove_office(two.goes.org_id, lambda _line: None)
    is_healthy, sentence = health.check_health(Path(django_settings.SECRETS))
    assert (is_healthy, str(two.goes.org_id) in sentence) == (False, True)
    note = removal.remove_office(two.goes.org_id, lambda _line: None)
    assert note == removal.remove_office(two.goes.org_id, lambda _line: None), "repeated, it says the same"
    assert rows_of(two.goes.org_id) == {}
    assert rows_of(two.stays.org_id) == before
    assert not blob_path(two.blob_of_goes).exists()
    assert health.check_health(Path(django_settings.SECRETS)) == (True, "1 set up, 1 removed")


def _break_off_at(number: int, real: Callable[..., object]) -> Callable[..., object]:
    calls = iter(range(1000))

    def called(*arguments: object) -> object:
        if next(calls) == number:
            raise ZeroDivisionError
        return real(*arguments)

    return called


def test_halves_go_before_the_first_row(two: TwoOffices, monkeypatch: pytest.MonkeyPatch) -> None:
    removal.order_removal(two.goes.org_id)

    def stop(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(queries, "delete_rows", stop)
    monkeypatch.setattr(removal, "blob_path", stop)
    with pytest.raises(ZeroDivisionError):
        removal.remove_office(two.goes.org_id, lambda _line: None)
    assert "vault_record" in rows_of(two.goes.org_id)
    for kind, owner in (("members", two.goes.member_id), ("cases", two.case_of_goes)):
        with pytest.raises(shred_keys.Shredded):
            shred_keys.read_half(kind, owner)  # type: ignore[arg-type]


def test_the_certificate_says_what_was_destroyed_and_one_altered_letter_shows(two: TwoOffices) -> None:
    notes_of_office = keep("audit_checkpoint", "org_id", two.goes.org_id).rows
    digest = chain.hash_note(notes_of_office[-1]["note"]).hex()
    size = blob_path(two.blob_of_goes).stat().st_size
    note = two.remove()
    public = hybrid.derive_verify_key(server_keys.audit_key())
    lines = certificate.read_certificate(note, public)
    assert lines[:7] == [
        f"office {two.goes.org_id}",
        "ordered 2026-11-24T15:00:00Z",
        f"last audit checkpoint 1 {digest}",
        "members 2",
        "case files 2",  # the case, and the office's own file
        "documents 1",
        f"document bytes {size}",
    ]
    assert lines[8:10] == ["finished 2026-11-24T15:00:00Z", "no backup has its key halves after 2026-12-08"]
    for name in ("Ridge", "Olena", "Roza", "Ben", EMAIL):
        assert name not in note
    for altered in (
        note.replace("members 2", "members 3"),
        note.replace("documents 1\n", ""),
        "",
        "x\n\n— caseapp x\n",
    ):
        with pytest.raises(OpenFailed):
            certificate.read_certificate(altered, public)
    with pytest.raises(OpenFailed):
        certificate.read_certificate(note, hybrid.derive_verify_key(hybrid.new_signing_key()))
    with pytest.raises(OpenFailed, match="not a certificate"):
        certificate.read_certificate(notes_of_office[-1]["note"], public)


def test_the_journal_names_the_office_before_anything_is_destroyed_and_a_restore_removes_it_again(
    two: TwoOffices, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal_file, org_id = Path(django_settings.JOURNAL_FILE), two.goes.org_id
    line = f" offices {org_id.hex} {org_id.hex} "
    kept = [keep(table, "org_id", org_id) for table in queries.tables_of_offices()]
    seen: list[bool] = []

    def look(*_: object) -> int:
        seen.append(line in journal_file.read_text())
        return 0

    monkeypatch.setattr(shred_keys, "destroy_each", look)
    two.remove()
    assert seen
    assert all(seen)
    monkeypatch.undo()
    put_back(*kept)
    RemovedOffice.objects.all().delete()
    before, entry = rows_of(two.stays.org_id), JournalEntry(1, NOW.date(), "offices", org_id, org_id)
    assert rows_of(org_id), "the backup brought it back"
    for offices in (1, 0):  # a restore that is interrupted begins again
        assert replay.replay_journal([entry], NOW).offices == offices
        assert rows_of(org_id) == {}
    after = rows_of(two.stays.org_id)
    assert after.pop("reminders_census", ""), "after a restore the reminders are counted anew"
    before.pop("reminders_census", "")
    assert after == before
    with pytest.raises(shred_keys.Shredded):
        shred_keys.read_half("members", two.goes.member_id)


def test_only_the_owner_orders_a_removal_and_only_then_do_audit_rows_go(two: TwoOffices) -> None:
    for role in ("web", "clock"):
        with acting_as(role), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            RemovedOffice.objects.create(org_id=two.goes.org_id, ordered_at=NOW, content="")
    with pytest.raises(ProgrammingError, match="append-only"):
        _delete_audit_row(two.goes.org_id)
    removal.order_removal(two.goes.org_id)
    with pytest.raises(ProgrammingError, match="append-only"):
        _delete_audit_row(two.stays.org_id)
    with transaction.atomic():
        queries.show_office(two.goes.org_id)
        assert queries.delete_rows(two.stays.org_id, "audit_entry", 1) == 0, "the other office is not even seen"
        assert queries.delete_rows(two.goes.org_id, "audit_entry", 1) == 1


def _delete_audit_row(org_id: UUID) -> None:
    with transaction.atomic():
        queries.show_office(org_id)
        queries.delete_rows(org_id, "audit_entry", 1)


def _arguments(org_id: UUID) -> argparse.Namespace:
    return argparse.Namespace(id=org_id)


def _type(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    left = iter(answers)

    def answer(_question: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", answer)


@pytest.mark.parametrize("typed", ["", "yes", "other", "EOF"])
def test_another_id_removes_nothing(two: TwoOffices, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows_of(two.goes.org_id)
    answers = {"other": [str(two.stays.org_id)], "EOF": []}
    _type(monkeypatch, *answers.get(typed, [typed]))
    with pytest.raises(CannotStart, match="Nothing was removed"):
        command.remove_office(_arguments(two.goes.org_id))
    assert rows_of(two.goes.org_id) == before
    assert not RemovedOffice.objects.exists()


def test_an_order_that_only_the_database_has_destroys_nothing_without_the_typed_id(
    two: TwoOffices, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who writes into the database has no key halves, and must not have the operator's command destroy them."""
    RemovedOffice.objects.create(org_id=two.goes.org_id, ordered_at=NOW, content="")
    is_healthy, sentence = health.check_health(Path(django_settings.SECRETS))
    assert (is_healthy, "none began here" in sentence) == (False, True)
    for answers in ([], ["yes"], [str(two.stays.org_id)]):
        _type(monkeypatch, *answers)
        with pytest.raises(CannotStart, match="Nothing was removed"):
            command.remove_office(_arguments(two.goes.org_id))
    assert "find out who wrote it" in capsys.readouterr().out
    assert shred_keys.read_half("members", two.goes.member_id)
    _type(monkeypatch, str(two.goes.org_id))
    assert command.remove_office(_arguments(two.goes.org_id)) == 0
    assert rows_of(two.goes.org_id) == {}


def test_a_certificate_is_verified_by_file_also_with_the_key_of_another_server(
    two: TwoOffices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = removal.write_certificate(tmp_path / "certificates", two.goes.org_id, two.remove())
    key = re.findall("^key (.*)$", kept.read_text(), re.MULTILINE)[0]
    for given in ("", key):
        assert command.verify_certificate(argparse.Namespace(certificate=kept, key=given)) == 0
        assert "The signature is right." in capsys.readouterr().out
    altered, other = tmp_path / "altered.txt", base64.b64encode(hybrid.derive_verify_key(hybrid.new_signing_key()))
    altered.write_text(kept.read_text().replace("members 2", "members 3"))
    for path, given, sentence in (
        (altered, "", "does not count"),
        (kept, other.decode(), "does not count"),
        (kept, "x", "not one"),
        (kept, "AAAA", "does not count"),
        (tmp_path / "none", "", "cannot be read"),
    ):
        with pytest.raises(CannotStart, match=sentence):
            command.verify_certificate(argparse.Namespace(certificate=path, key=given))


def test_a_disk_that_refuses_ends_in_one_sentence_and_nothing_is_destroyed(
    two: TwoOffices, monkeypatch: pytest.MonkeyPatch
) -> None:
    _type(monkeypatch, str(two.goes.org_id))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(destruction_journal, "record_destruction", refuse)
        with pytest.raises(CannotStart, match="it continues where it stopped"):
            command.remove_office(_arguments(two.goes.org_id))
    assert shred_keys.read_half("members", two.goes.member_id), "the journal is first"
    assert "vault_record" in rows_of(two.goes.org_id)


def test_a_database_that_does_not_answer_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    with pytest.raises(CannotStart, match="The database is unreachable") as refused:
        command.list_offices(argparse.Namespace(json=False))
    assert "10.0.0.7" not in str(refused.value)


def test_an_unknown_office_is_not_removed(two: TwoOffices) -> None:
    with pytest.raises(CannotStart, match="no office with this id"):
        command.remove_office(_arguments(UUID(int=5)))


def test_the_list_shows_ids_states_and_codes_and_no_name(two: TwoOffices, capsys: pytest.CaptureFixture[str]) -> None:
    folder, waiting = Path(django_settings.SECRETS), UUID(int=9)
    setup_code.create_office_code(folder, waiting)
    try:
        two.remove()
        command.list_offices(argparse.Namespace(json=False))
    finally:
        setup_code.destroy_office_code(folder, waiting)
    printed = capsys.readouterr().out
    assert set(printed.splitlines()) == {
        f"{two.stays.org_id}   at work",
        f"{two.goes.org_id}   removed",
        f"{waiting}   waits for set-up   office code {office_codes.compute_code(waiting)}",
    }


def test_an_office_that_only_waits_loses_its_link(two: TwoOffices, capsys: pytest.CaptureFixture[str]) -> None:
    folder, waiting = Path(django_settings.SECRETS), UUID(int=9)
    code = setup_code.create_office_code(folder, waiting)
    command.remove_office(_arguments(waiting))
    assert setup_code.find_office_of_code(folder, code) is None
    assert "no longer works" in capsys.readouterr().out
    assert not RemovedOffice.objects.exists()
