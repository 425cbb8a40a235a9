"""The trail: who reads it, who does not, and that nothing in it can be altered, taken out or cut off unseen."""

import datetime as dt
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings as configured
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from caseapp.audit import chain, checkpoints, read, write
from caseapp.audit.models import AuditCheckpoint, AuditEntry
from caseapp.audit.write import AuditedCase
from caseapp.lib import clock
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import process_state
from tests.helpers.smtp import post_office

pytestmark = pytest.mark.django_db(transaction=True)
NOON = dt.datetime(2026, 12, 7, 12, 0, tzinfo=dt.UTC)
ANA, CASE = UUID(int=0x61), UUID(int=0x62)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    process_state.forget_audit_chains()
    yield
    process_state.forget_audit_chains()


@pytest.fixture
def org() -> UUID:
    return uuid4()


@pytest.fixture(scope="module")
def auditors() -> hybrid.KeyPair:
    return hybrid.new_key_pair()


def _write(org: UUID, auditors: hybrid.KeyPair, what: str = "case.open", **more: Any) -> None:
    with acting_as("web"), office_transaction(org):
        write.record(org, auditors.public, ANA, what, **more)


def _public() -> bytes:
    return hybrid.derive_verify_key(server_keys.audit_key())


def _faults(org: UUID, *notes: str) -> list[str]:
    with office_transaction(org):
        return [fault.what for fault in read.find_faults(org, _public(), notes)]


def _checkpoint() -> int:
    with acting_as("clock"):
        return checkpoints.checkpoint_all()


def _past_the_lock(org: UUID, statement: str, *values: bytes) -> None:
    """Somebody with the owner's rights who also took the trigger away."""
    with office_transaction(org), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER append_only")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER append_only")


def test_auditors_read_what_was_done_and_nobody_else_does(org: UUID, auditors: hybrid.KeyPair) -> None:
    _write(org, auditors, reason="asked by the client", target=CASE)
    with office_transaction(org):
        (line,) = read.entries(org, [auditors.private], since=NOON)
        (shut,) = read.entries(org, [hybrid.new_key_pair().private], since=NOON)
    assert line.record is not None
    assert (line.record.member, line.record.what, line.record.target) == (ANA, "case.open", CASE)
    assert line.record.at == NOON
    assert line.record.reason == "asked by the client"
    assert shut.record is None, "an entry that does not open is shown as such"


def test_another_office_sees_no_row(org: UUID, auditors: hybrid.KeyPair) -> None:
    _write(org, auditors)
    with acting_as("web"), office_transaction(uuid4()):
        assert read.entries(org, [auditors.private], since=NOON) == []


def test_the_people_of_a_case_read_who_opened_it_also_after_its_key_was_renewed(
    org: UUID, auditors: hybrid.KeyPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = primitives.new_key(), primitives.new_key()
    _write(org, auditors, about=AuditedCase(CASE, first))
    monkeypatch.setattr(clock, "now", lambda: NOON + dt.timedelta(days=40))
    _write(org, auditors, "case.change", about=AuditedCase(CASE, second))
    with office_transaction(org):
        told = read.entries_of_case(org, CASE, {1: first, 2: second})
        assert [entry.what for entry in told] == ["case.change", "case.open"]
        assert read.entries_of_case(org, CASE, {1: primitives.new_key()}) == []


def test_entries_of_all_lengths_have_one_size(org: UUID, auditors: hybrid.KeyPair) -> None:
    _write(org, auditors)
    _write(org, auditors, target=CASE, reason="a long reason " * 8, about=AuditedCase(CASE, primitives.new_key()))
    with office_transaction(org):
        assert len({len(bytes(sealed)) for sealed in AuditEntry.objects.values_list("sealed", flat=True)}) == 1


def test_what_is_rolled_back_leaves_no_gap(org: UUID, auditors: hybrid.KeyPair) -> None:
    _write(org, auditors)
    with office_transaction(org):
        write.record(org, auditors.public, ANA, "export")
        transaction.set_rollback(True)
    _write(org, auditors, "lock")
    with office_transaction(org):
        told = [line.record for line in read.entries(org, [auditors.private], since=NOON)]
    assert [entry.what for entry in told if entry] == ["lock", "case.open"]
    assert _faults(org) == []


def test_entries_of_one_transaction_follow_each_other_and_of_a_part_given_up_none_is_left(
    org: UUID, auditors: hybrid.KeyPair
) -> None:
    with office_transaction(org):
        write.record(org, auditors.public, ANA, "export")
        write.record(org, auditors.public, ANA, "search")
        with transaction.atomic():
            write.record(org, auditors.public, ANA, "lock")
            transaction.set_rollback(True)
    _write(org, auditors)
    with office_transaction(org):
        told = [line.record for line in read.entries(org, [auditors.private], since=NOON)]
    assert [entry.what for entry in told if entry] == ["case.open", "search", "export"]
    assert _faults(org) == []


def test_a_chain_whose_end_was_cut_off_does_not_close_over_the_cut(org: UUID, auditors: hybrid.KeyPair) -> None:
    for what in ("case.open", "export", "lock"):
        _write(org, auditors, what)
    _past_the_lock(org, "DELETE FROM audit_entry WHERE seq = 3")
    _write(org, auditors, "search")
    assert _faults(org) != [], "no checkpoint came between: the process itself remembers where its chain stood"


def test_after_a_committed_entry_the_next_one_is_one_statement(org: UUID, auditors: hybrid.KeyPair) -> None:
    _write(org, auditors)
    with office_transaction(org), CaptureQueriesContext(connection) as seen:
        write.record(org, auditors.public, ANA, "case.open", about=AuditedCase(CASE, primitives.new_key()))
    assert len(seen) == 1


def test_threads_write_chains_of_their_own(org: UUID, auditors: hybrid.KeyPair) -> None:
    def write_three() -> None:
        for _ in range(3):
            with office_transaction(org):
                write.record(org, auditors.public, ANA, "search")
        connection.close()

    threads = [threading.Thread(target=write_three) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office_transaction(org):
        rows = list(AuditEntry.objects.values_list("chain", "seq"))
    assert len(rows) == 12
    assert len({name for name, _ in rows}) == 4
    assert _faults(org) == []


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET minute = 1", "DELETE FROM audit_entry"])
def test_the_webs_role_changes_and_removes_nothing_and_the_owner_meets_a_trigger(
    org: UUID, auditors: hybrid.KeyPair, statement: str
) -> None:
    _write(org, auditors)
    denied, locked = "permission denied", "append-only"
    with (
        pytest.raises(ProgrammingError, match=denied),
        acting_as("web"),
        office_transaction(org),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    with pytest.raises(ProgrammingError, match=locked), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_row_altered_taken_out_or_cut_off_is_named(org: UUID, auditors: hybrid.KeyPair) -> None:
    for what in ("case.open", "search", "export", "lock"):
        _write(org, auditors, what)
    assert _checkpoint() == 1
    assert _faults(org) == []
    with office_transaction(org):
        kept = bytes(AuditEntry.objects.get(seq=4).sealed)
    _past_the_lock(org, "UPDATE audit_entry SET minute = minute - 60 WHERE seq = 2")
    assert "row 2 is not what it was" in _faults(org)
    _past_the_lock(org, "UPDATE audit_entry SET minute = minute + 60 WHERE seq = 2")
    assert _faults(org) == []
    _past_the_lock(org, "UPDATE audit_entry SET sealed = %s WHERE seq = 4", kept[:-1] + bytes([kept[-1] ^ 1]))
    assert any("is not what it was at 4" in fault for fault in _faults(org))
    _past_the_lock(org, "DELETE FROM audit_entry WHERE seq = 4")
    assert any("is not what it was at 4" in fault for fault in _faults(org)), "cut off at the end"
    _past_the_lock(org, "DELETE FROM audit_entry WHERE seq = 2")
    assert "row 2 is missing" in _faults(org)


def test_a_witness_tells_when_the_server_signs_another_history(
    org: UUID, auditors: hybrid.KeyPair, tmp_path: Path, settings: Any
) -> None:
    settings.AUDIT_WITNESS_FOLDER = str(tmp_path)
    _write(org, auditors)
    assert _checkpoint() == 1
    assert _checkpoint() == 0, "nothing new, nothing said"
    _write(org, auditors, "export")
    assert _checkpoint() == 1
    notes = checkpoints.split_notes((tmp_path / f"{org.hex}.notes").read_text())
    assert len(notes) == 2
    assert _faults(org, *notes) == []
    # A seizer with the server's own key writes the history again from the second checkpoint on.
    said = chain.read_note(notes[1], _public())
    other = chain.Checkpoint(said.org, 2, said.minute, said.previous_hash, ())
    with office_transaction(org), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_checkpoint DISABLE TRIGGER append_only")
        forged = chain.sign_checkpoint(other, server_keys.audit_key())
        AuditCheckpoint.objects.filter(org_id=org, number=2).update(note=forged)
        cursor.execute("ALTER TABLE audit_checkpoint ENABLE TRIGGER append_only")
    assert _faults(org) == [], "inside the database all looks right"
    assert _faults(org, *notes) == ["the witness was told something else"]


def test_a_witness_by_mail_gets_the_same_note_and_no_word_of_a_case(
    org: UUID, auditors: hybrid.KeyPair, settings: Any
) -> None:
    _write(org, auditors, reason="Bashirullah", about=AuditedCase(CASE, primitives.new_key()))
    with post_office() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.AUDIT_WITNESS_MAIL = "witness@other-office.test"
        assert _checkpoint() == 1
    (letter,) = box.letters
    note = letter.get_content().replace("\r\n", "\n").strip() + "\n"
    with office_transaction(org):
        assert note == AuditCheckpoint.objects.get(org_id=org).note
    assert b"Bashirullah" not in box.raw[0]
    assert CASE.hex.encode() not in box.raw[0]


def test_a_note_signed_by_another_key_is_no_checkpoint(org: UUID) -> None:
    made = chain.sign_checkpoint(chain.Checkpoint(org, 1, 5, chain.START, ()), hybrid.new_signing_key())
    with pytest.raises(OpenFailed):
        chain.read_note(made, _public())


def test_the_hours_key_is_forgotten_with_the_hour(
    org: UUID, auditors: hybrid.KeyPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(org, auditors)
    monkeypatch.setattr(clock, "now", lambda: NOON + dt.timedelta(hours=1))
    _write(org, auditors)
    with office_transaction(org):
        assert AuditEntry.objects.values_list("kid", flat=True).distinct().count() == 2
        assert len(read.entries(org, [auditors.private], since=NOON)) == 2


def test_the_witness_settings_are_off_by_default() -> None:
    assert configured.AUDIT_WITNESS_FOLDER == configured.AUDIT_WITNESS_MAIL == ""
