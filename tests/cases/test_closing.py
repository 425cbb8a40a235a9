"""The end of a case: closed, held, and destroyed so that no backup brings it back (test T6 of the vault's design).

A backup here is every row of every table, put back by the database's superuser after the destruction. What it says is
tried with the right keys and the right passphrase of the people whom it belonged to.
"""

import datetime as dt
import os
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from pytest_django.fixtures import Settings

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import removal as accounts_removal
from caseapp.accounts.models import Destruction
from caseapp.accounts.signin import sign_in
from caseapp.audit import read
from caseapp.casefile import case_access, sharing
from caseapp.casefile.case_access import CaseMissing
from caseapp.casefile.file_storage import BlobWriter, blob_path
from caseapp.casefile.upkeep import housekeeping
from caseapp.cases.services import cases, closing, notes
from caseapp.deadlines.services import acts
from caseapp.documents import services
from caseapp.hearings.services import hearings
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import EditConflict, NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.note import Note
from caseapp.team.services import removal
from caseapp.tools.pytest_plugin import acting_as
from caseapp.tools.seal_scan.postgres import _libpq_environment, find_program
from caseapp.vault import shred_keys
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)  # Tuesday, 10:00 in New York
KEPT_UNTIL = dt.date(2026, 11, 30)
AFTER = dt.datetime(2026, 12, 1, 15, 0, tzinfo=dt.UTC)  # the day after


@pytest.fixture(autouse=True)
def moved(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Callable[[dt.datetime], None]:
    """Set the clock; storage of its own."""
    settings.BLOBS = tmp_path / "blobs"
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return lambda at: monkeypatch.setattr(clock, "now", lambda: at)


@pytest.fixture
def ana() -> Staff:
    return cast.found(email="ana@office.test")


def _file(staff: Staff, case_id: UUID) -> SealedFile:
    with office_transaction(staff.org_id):
        return case_access.open_case(staff.keys, case_id)


def _case(staff: Staff, case_id: UUID) -> Case:
    return _file(staff, case_id).get_only(Case).record


def _version(staff: Staff, case_id: UUID) -> int:
    return _file(staff, case_id).get_only(Case).version


def _close(staff: Staff, case_id: UUID) -> None:
    version = _version(staff, case_id)
    closing.close_case(staff, case_id, code="granted", retain_until=KEPT_UNTIL, version=version)


def _waive_all(staff: Staff, case_id: UUID) -> None:
    for entry in _file(staff, case_id).entries_of(Deadline):
        if entry.record.state == "open":
            acts.waive_deadline(staff, case_id, entry.id, reason="The case ends.", version=entry.version)


def _in_the_index(staff: Staff) -> set[UUID]:
    return {case_id for case_id, _ in reader.open_view(staff.keys, zone="UTC").all_rows()}


def test_a_case_closes_only_when_no_date_is_open(ana: Staff) -> None:
    case_id = cases.open_case(ana, cases.NewCase(name="Farid Karimi", last_arrival_on=dt.date(2026, 4, 9)))
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="master", starts_at=starts, zone="America/New_York", court="Court North")
    hearing_id = hearings.book_hearing(ana, case_id, hearing)
    left = closing.open_dates(_file(ana, case_id))
    assert (left.deadlines, left.hearings) == (2, 1)  # one year after the arrival, filings before the hearing
    with pytest.raises(Refused, match="open_dates") as refused:
        _close(ana, case_id)
    assert refused.value.sentence.startswith("Dates of this case are still open: 3.")
    hearings.record_outcome(ana, case_id, hearing_id, Outcome(what="not_held"), version=1)
    _waive_all(ana, case_id)
    _close(ana, case_id)
    case = _case(ana, case_id)
    assert (case.stage, case.close_code, case.closed_on, case.retain_until) == (
        "closed", "granted", dt.date(2026, 11, 24), KEPT_UNTIL
    )  # fmt: skip
    file = _file(ana, case_id)
    assert not any(entry.record.planned for entry in file.entries_of(Deadline))
    assert not any(entry.record.planned for entry in file.entries_of(Hearing))
    view = reader.open_view(ana.keys, zone="UTC")
    assert [row.closed for _, row in view.all_rows()] == [True]


def test_closing_asks_for_a_known_way_and_a_day_that_is_ahead_and_an_unchanged_case(ana: Staff) -> None:
    case_id = cases.open_case(ana, cases.NewCase(name="Farid Karimi"))
    for code, day, refused in (
        ("vanished", KEPT_UNTIL, "code"),
        ("granted", dt.date(2026, 11, 23), "retain_until"),
    ):
        with pytest.raises(Refused, match=refused):
            closing.close_case(ana, case_id, code=code, retain_until=day, version=1)
    with pytest.raises(EditConflict):
        closing.close_case(ana, case_id, code="granted", retain_until=KEPT_UNTIL, version=7)
    _close(ana, case_id)
    with pytest.raises(Refused, match="closed"):
        _close(ana, case_id)


def test_a_closed_case_opens_again(ana: Staff) -> None:
    case_id = cases.open_case(ana, cases.NewCase(name="Farid Karimi"))
    _close(ana, case_id)
    closing.reopen_case(ana, case_id, stage="advice", version=_version(ana, case_id))
    case = _case(ana, case_id)
    assert (case.stage, case.close_code, case.closed_on, case.retain_until) == ("advice", "", None, None)
    with pytest.raises(Refused, match="open"):
        closing.reopen_case(ana, case_id, stage="advice", version=_version(ana, case_id))


def test_nothing_is_destroyed_before_its_day_under_a_hold_or_by_a_slip(
    ana: Staff, moved: Callable[[dt.datetime], None]
) -> None:
    case_id = cases.open_case(ana, cases.NewCase(name="Farid Karimi"))
    ref = _case(ana, case_id).ref

    def refused(code: str, typed: str = ref, reason: str = "Kept as long as agreed.") -> None:
        with pytest.raises(Refused, match=f"^{code}$"):
            closing.shred_case(ana, case_id, typed_ref=typed, reason=reason)
        assert _case(ana, case_id).ref == ref

    refused("not_closed")
    _close(ana, case_id)
    refused("retention")
    moved(dt.datetime(2026, 11, 30, 15, 0, tzinfo=dt.UTC))
    refused("retention")  # the last day counts
    moved(AFTER)
    closing.set_hold(ana, case_id, reason="Litigation over the office's files")
    case = _case(ana, case_id)
    assert (case.held_by, case.held_on) == (ana.member_id, dt.date(2026, 12, 1))
    refused("hold")
    closing.lift_hold(ana, case_id)
    refused("typed_ref", typed="AAAAA")
    refused("reason", reason=" ")
    refused("reason", reason="x" * 501)
    acts.set_by_hand(ana, case_id, what="Brief", due_on=dt.date(2027, 1, 8), severity="serious", reason="order")
    refused("open_dates")
    _waive_all(ana, case_id)
    closing.shred_case(ana, case_id, typed_ref=f" {ref.lower()} ", reason="Kept as long as agreed.")
    with pytest.raises(NotFound):
        _file(ana, case_id)


def test_only_who_may_and_only_the_cases_own_team_destroys_it(ana: Staff, moved: Callable[[dt.datetime], None]) -> None:
    cast.colleague_of(ana, role="supervisor")
    cast.colleague_of(ana, name="Cora Diaz", email="cora@office.test", role="caseworker")
    ben, cora = cast.signed_in("ben@office.test"), cast.signed_in("cora@office.test")
    case_id = cases.open_case(ana, cases.NewCase(name="Farid Karimi"))
    sharing.restrict_to_members(ana, case_id, [])
    sharing.share_with_member(ana, case_id, ben.member_id, None)
    _close(ana, case_id)
    moved(AFTER)
    ref = _case(ana, case_id).ref
    with pytest.raises(NotFound):
        closing.shred_case(cora, case_id, typed_ref=ref, reason="mine")
    with pytest.raises(NotFound):
        closing.close_case(cora, case_id, code="granted", retain_until=KEPT_UNTIL, version=1)
    ben = cast.signed_in("ben@office.test")
    with pytest.raises(Refused, match="shared"):
        closing.shred_case(ben, case_id, typed_ref=ref, reason="mine")
    with acting_as("web"):
        closing.shred_case(ana, case_id, typed_ref=ref, reason="done")
    assert case_id not in _in_the_index(ana) | _in_the_index(ben)


def _full_case(ana: Staff) -> tuple[UUID, UUID]:
    """A closed case with a note, a past version and a paper; its id and the paper's blob."""
    case_id = cases.open_case(ana, cases.NewCase(name="Zarmina Qaderdan", last_arrival_on=dt.date(2026, 4, 9)))
    note_id = notes.add_note(ana, case_id, text="First.")
    notes.change_note(ana, case_id, note_id, text="Second.", version=1)
    writer = BlobWriter(ana.org_id)
    writer.write(b"a passport")
    sealed = writer.finish()
    services.add_documents(ana, case_id, [("passport.txt", sealed)])
    _waive_all(ana, case_id)
    _close(ana, case_id)
    return case_id, sealed.id


def _rows(table: str, column: str, value: UUID) -> int:
    with _admin() as session:
        query = sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
        found = session.execute(query, [value]).fetchone()
    assert found is not None
    return int(found[0])


def test_destroying_takes_rows_reminders_papers_index_and_half_and_leaves_a_certificate(
    ana: Staff, moved: Callable[[dt.datetime], None]
) -> None:
    case_id, blob = _full_case(ana)
    other = cases.open_case(ana, cases.NewCase(name="Olena Kovalenko"))
    records, ref = len(_file(ana, case_id).entries), _case(ana, case_id).ref
    moved(AFTER)
    with acting_as("web"):
        made = closing.shred_case(ana, case_id, typed_ref=ref, reason="Seven years are over.")
    assert {table: _rows(table, "case_id", case_id) for table in ("vault_case", "vault_record", "vault_past")} == {
        "vault_case": 0, "vault_record": 0, "vault_past": 0
    }  # fmt: skip
    assert _in_the_index(ana) == {other}
    with pytest.raises(shred_keys.Shredded):
        shred_keys.candidate_halves("cases", case_id)
    assert _rows("accounts_destruction", "subject", case_id) == 0
    told = closing.get_certificate(ana, made)
    assert (told.by, told.is_destroyed, told.record.ref, told.record.subject) == (ana.name, True, ref, case_id)
    assert (told.record.reason, told.record.records, told.record.papers) == ("Seven years are over.", records, 1)
    assert (told.record.on, told.record.retain_until) == (dt.date(2026, 12, 1), KEPT_UNTIL)
    assert blob_path(blob).exists()
    with acting_as("clock"):
        housekeeping.delete_expired()
    assert not blob_path(blob).exists()
    assert _rows("vault_blob", "id", blob) == 0
    outsider = cast.found(name="Otto", email="otto@elsewhere.test")
    assert closing.list_certificates(outsider) == ()


def test_a_crash_before_the_half_is_destroyed_only_delays_it(
    ana: Staff, moved: Callable[[dt.datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, _ = _full_case(ana)
    moved(AFTER)
    ref = _case(ana, case_id).ref
    with monkeypatch.context() as crashing:
        crashing.setattr(accounts_removal, "destroy_shred_half", lambda *_: None)  # the process died here
        made = closing.shred_case(ana, case_id, typed_ref=ref, reason="Kept as long as agreed.")
    assert not closing.get_certificate(ana, made).is_destroyed
    with office_transaction(ana.org_id):
        assert [row.folder for row in Destruction.objects.filter(subject=case_id)] == ["cases"]
    with acting_as("clock"):
        housekeeping.delete_expired()
    assert closing.get_certificate(ana, made).is_destroyed
    assert _rows("accounts_destruction", "subject", case_id) == 0


def test_auditors_read_who_closed_and_who_destroyed_it(ana: Staff, moved: Callable[[dt.datetime], None]) -> None:
    case_id = cases.open_case(ana, cases.NewCase(name="Farid Karimi"))
    _close(ana, case_id)
    moved(AFTER)
    made = closing.shred_case(ana, case_id, typed_ref=_case(ana, case_id).ref, reason="Kept as long as agreed.")
    with office_transaction(ana.org_id):
        privates = [group.hpke_private for group in ana.keys.groups_of_kind(AUDITORS)]
        told = [line.record for line in read.entries(ana.org_id, privates, since=NOW - dt.timedelta(days=1))]
    found = {one.what: one for one in told if one is not None}
    assert (found["case.shred"].member, found["case.shred"].case, found["case.shred"].target) == (
        ana.member_id, case_id, made
    )  # fmt: skip
    assert found["case.close"].case == case_id


def _address() -> str:
    """The test's database, as its superuser."""
    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["CASEAPP_TEST_ADMIN_URL"])._replace(path=f"/{name}").geturl()


def _admin() -> psycopg.Connection:
    return psycopg.connect(_address(), autocommit=True)


TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"


def _backup() -> dict[str, bytes]:
    """Every row of every table."""
    kept = {}
    with _admin() as session, session.cursor() as cursor:
        for (name,) in session.execute(TABLES).fetchall():
            with cursor.copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(name))) as out:
                kept[name] = b"".join(bytes(piece) for piece in out)
    return kept


def _restore(kept: dict[str, bytes]) -> None:
    with _admin() as session, session.cursor() as cursor:
        session.execute("SET session_replication_role = replica")
        for name in kept:
            session.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(name)))
        for name, rows in kept.items():
            with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(name))) as into:
                into.write(rows)


def _dump() -> bytes:
    command = [find_program("pg_dump"), "--format=plain", "--no-password"]
    return subprocess.run(command, env=_libpq_environment(_address()), check=True, capture_output=True).stdout


def _wal() -> list[bytes]:
    """The write-ahead log as it lies on the disk; listed again when a file was recycled while we read."""
    with _admin() as session:
        session.execute("SELECT pg_switch_wal()")
        found = session.execute("SHOW data_directory").fetchone()
    assert found is not None
    for _ in range(20):
        with suppress(FileNotFoundError):
            return [path.read_bytes() for path in (Path(found[0]) / "pg_wal").iterdir() if path.is_file()]
    raise AssertionError("the log was recycled each time it was read")


def _holds(content: bytes, secret: bytes) -> bool:
    """Raw or in hex; each half of it alone too, since a page of the log may begin in the middle."""
    middle = len(secret) // 2
    forms = [form for part in (secret[:middle], secret[middle:])
             for form in (part, part.hex().encode(), part.hex().upper().encode())]  # fmt: skip
    return any(form in content for form in forms)


def test_t6_a_destroyed_case_does_not_open_from_a_restored_backup(
    ana: Staff, moved: Callable[[dt.datetime], None]
) -> None:
    cast.colleague_of(ana)
    ben = cast.signed_in("ben@office.test")
    case_id, _ = _full_case(ana)
    kept = _backup()
    half = shred_keys.read_half("cases", case_id)
    wrapped = _wraps_of(case_id)
    moved(AFTER)
    closing.shred_case(ana, case_id, typed_ref=_case(ana, case_id).ref, reason="Kept as long as agreed.")
    _restore(kept)
    assert _rows("vault_record", "case_id", case_id) > 5, "the backup is back"
    for staff in (ana, ben):
        with pytest.raises(CaseMissing):  # the lists of the backup name it
            _file(staff, case_id)
    # What the files of the database and its dump hold: all of the case, sealed, and nothing of the half.
    dump = _dump()
    assert wrapped.hex().encode() in dump, "control: what is in the rows is found"
    assert not _holds(dump, half)
    logs = _wal()
    assert any(_holds(log, wrapped[-64:]) for log in logs), "control: what was written to rows is found"
    assert not any(_holds(log, half) for log in logs)
    # Control: it was the half alone that kept it shut.
    path = shred_keys._half_path("cases", case_id)
    path.write_bytes(half)
    assert [entry.record.text for entry in _file(ana, case_id).entries_of(Note)] == ["Second."]


def _wraps_of(case_id: UUID) -> bytes:
    with _admin() as session:
        found = session.execute("SELECT wraps FROM vault_case WHERE case_id = %s", [case_id]).fetchone()
    assert found is not None
    return bytes(found[0])


def test_t6_a_removed_member_does_not_sign_in_from_a_restored_backup(ana: Staff) -> None:
    member_id = cast.colleague_of(ana)
    cast.signed_in("ben@office.test")
    kept, half = _backup(), shred_keys.read_half("members", member_id)
    removal.remove_member(ana, member_id)
    _restore(kept)
    with pytest.raises(Refused, match="no_match"):
        sign_in.sign_in("ben@office.test", cast.WORDS)
    assert not _holds(_dump(), half)
    assert not any(_holds(content, half) for content in _wal())
    path = shred_keys._half_path("members", member_id)
    path.write_bytes(half)
    assert cast.signed_in("ben@office.test").member_id == member_id, "control: it was the half alone"
