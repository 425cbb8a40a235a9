"""A flipped byte in a list: pages go on, the list is rebuilt from its cases, and what was put back is seen."""

import re
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import translation
from msgspec.structs import replace

from caseapp.audit.records import AuditRecord
from caseapp.casefile.index_entries import index_row
from caseapp.casefile.upkeep import index_rebuild, reminder_reconciliation
from caseapp.cases.services import cases
from caseapp.index import cache, health, queries, reader, store
from caseapp.index.health import RebuildProgress
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.reminders.planning import plan
from caseapp.trail.labels import ACTION_LABELS
from caseapp.ui.display import list_notice
from caseapp.vault.tenancy import office_transaction
from tests.cases.test_rollback import (
    WARNING,
    add_fatal_deadline,
    decide,
    forgetful,
    group_of,
    open_deadlines,
    page_of,
    send_note,
)
from tests.helpers import process_state
from tests.helpers.putting_back import Kept, flip_byte, keep_case, keep_index, keep_of_office, put_back, superuser
from tests.helpers.two_offices import Worker

__all__ = ["forgetful"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
LISTS = ("/", "/cases/?show=team", "/calendar/agenda/2026-11-24/")
NOTICE = re.compile(r"The list is being rebuilt \(([\d,]+) of ([\d,]+)\)")
AGENDA = "/calendar/agenda/2026-11-24/"


@pytest.fixture(autouse=True)
def _own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_request_merge", lambda: None)
    process_state.forget_audit_chains()


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No upkeep: a list stays as it is."""
    monkeypatch.setattr(index_rebuild, "tend_lists", lambda *_: 0)


@pytest.fixture
def more(attorney: Worker, case_id: UUID) -> list[UUID]:
    """Twelve further cases of the team, each in a part of its own or merged with others."""
    return [cases.open_case(attorney.staff, cases.NewCase(name=f"Client Number{n}")) for n in range(12)]


def state_of(worker: Worker) -> str:
    with office_transaction(worker.staff.org_id):
        found = queries.health_of(worker.staff.org_id, [group_of(worker)]).get(group_of(worker))
    return found.state if found is not None else ""


def rebuild(worker: Worker) -> None:
    """Open Today until the list is whole."""
    for _ in range(20):
        worker.client.get("/")
        if state_of(worker) == health.WHOLE:
            return
    raise AssertionError("not rebuilt")


def refs(worker: Worker) -> set[str]:
    cache.drop_all()
    return {row.ref for _, row in reader.open_view(worker.staff.keys).all_rows()}


@pytest.mark.usefixtures("paused")
def test_a_flipped_byte_answers_no_page_with_an_error_and_shows_what_opens(
    attorney: Worker, case_id: UUID, more: list[UUID]
) -> None:
    shown = refs(attorney)
    flip_byte(group_of(attorney))
    cache.drop_all()
    for path in LISTS:
        response = attorney.client.get(path)
        assert response.status_code == 200, path
        assert NOTICE.search(response.content.decode()), path
    html = attorney.client.get("/cases/?show=team").content.decode()
    assert 0 < sum(ref in html for ref in shown) < len(shown)


def test_opening_today_rebuilds_the_list_with_an_audit_entry_and_a_finding(
    attorney: Worker, case_id: UUID, more: list[UUID]
) -> None:
    before = refs(attorney)
    flip_byte(group_of(attorney))
    cache.drop_all()
    rebuild(attorney)
    assert refs(attorney) == before
    assert not NOTICE.search(attorney.client.get("/").content.decode())
    trail = attorney.client.get(reverse("trail:entries")).content.decode()
    assert trail.count(str(ACTION_LABELS["index.rebuild"])) == 2, "begun and done"
    assert "The list of a team was damaged and was rebuilt" in attorney.client.get("/").content.decode()


def test_the_finding_about_a_rebuilt_list_goes_when_it_is_noted(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    flip_byte(group_of(attorney))
    cache.drop_all()
    rebuild(attorney)
    html = attorney.client.get("/").content.decode()
    found = re.search(r'action="(/trail/findings/[0-9a-f-]+/)"', html)
    assert found
    assert outsider.client.post(found[1]).status_code == 404
    assert attorney.client.get(found[1]).status_code == 405
    assert attorney.client.post(found[1]).status_code == 303
    assert "was damaged" not in attorney.client.get("/").content.decode()
    assert attorney.client.post(found[1]).status_code == 404


def test_the_rebuild_goes_on_where_it_stopped_and_says_how_far_it_is(
    attorney: Worker, case_id: UUID, more: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_rebuild, "BUDGET", 0.0)
    tend_lists = index_rebuild.tend_lists
    monkeypatch.setattr(index_rebuild, "tend_lists", lambda staff, _seconds: tend_lists(staff, 0.0))
    before = refs(attorney)
    flip_byte(group_of(attorney))
    cache.drop_all()
    seen = []
    for _ in range(40):
        notice = NOTICE.search(attorney.client.get("/").content.decode())
        if notice is None:
            break
        seen.append((int(notice[1]), int(notice[2])))
    assert seen[0][0] < seen[-1][0]
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {14}, "13 cases and the office's own file"
    assert refs(attorney) == before


def test_a_case_without_a_line_is_marked_until_its_lead_accepts_it(attorney: Worker, case_id: UUID) -> None:
    flip_byte(group_of(attorney))
    cache.drop_all()
    rebuild(attorney)
    html = page_of(attorney, case_id)
    assert "This case was not compared with a list" in html
    assert "1 case was not compared with a list" in attorney.client.get("/").content.decode()
    assert send_note(attorney, case_id) == 303, "it can be worked on"
    assert "was not compared" in page_of(attorney, case_id), "and stays marked"
    assert attorney.client.post(reverse("cases:uncompared")).status_code == 303
    assert "was not compared" not in page_of(attorney, case_id)
    assert "not compared with a list" not in attorney.client.get("/").content.decode()


def test_a_line_that_opens_keeps_version_and_digest(attorney: Worker, case_id: UUID, more: list[UUID]) -> None:
    with superuser() as thief:
        newest = thief.execute("SELECT max(hi) FROM index_part WHERE group_id = %s", [group_of(attorney)]).fetchall()
    before = dict(reader.open_view(attorney.staff.keys).all_rows())
    flip_byte(group_of(attorney), newest[0][0])
    cache.drop_all()
    rebuild(attorney)
    cache.drop_all()
    after = dict(reader.open_view(attorney.staff.keys).all_rows())
    assert {i: (row.head_version, row.head_digest) for i, row in after.items()} == {
        i: (row.head_version, row.head_digest) for i, row in before.items()
    }
    marked = {case for case, row in after.items() if row.not_compared}
    assert marked
    assert len(marked) < len(after), "a line that opened is not marked"


@pytest.mark.parametrize("memory", ["this server remembers", "a new machine"])
def test_a_flipped_byte_does_not_hide_the_rollback_of_a_fatal_deadline(
    attorney: Worker, case_id: UUID, memory: str, request: pytest.FixtureRequest
) -> None:
    if memory == "a new machine":
        request.getfixturevalue("forgetful")
    kept = keep_case(case_id)
    add_fatal_deadline(attorney, case_id)
    page_of(attorney, case_id)
    put_back(*kept)
    flip_byte(group_of(attorney))
    cache.drop_all()
    assert WARNING in page_of(attorney, case_id), "before the rebuild: the audit trail is the second witness"
    assert send_note(attorney, case_id) == 422
    rebuild(attorney)
    assert WARNING in page_of(attorney, case_id), "and after it"
    assert send_note(attorney, case_id) == 422
    assert "A case is not in its newest known state" in attorney.client.get("/").content.decode()


@pytest.mark.usefixtures("forgetful")
def test_without_the_audit_trail_the_flipped_byte_would_have_hidden_it(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep_case(case_id)
    add_fatal_deadline(attorney, case_id)
    put_back(*kept)
    with superuser() as thief:
        thief.execute("SET session_replication_role = replica")
        thief.execute("DELETE FROM audit_case WHERE org_id = %s", [attorney.staff.org_id])
    flip_byte(group_of(attorney))
    cache.drop_all()
    rebuild(attorney)
    assert "was not compared" in page_of(attorney, case_id), "even then it is marked"


def test_a_rebuilt_list_does_not_hide_a_case_that_only_this_server_saw_newer(attorney: Worker, case_id: UUID) -> None:
    """Case, list and trail are of one earlier state, and the rebuild writes the list anew from the case."""
    trail = keep_of_office(attorney.staff.org_id, "audit_entry", "audit_hour", "audit_case")
    kept = (*keep_case(case_id), *keep_index(group_of(attorney)), *trail)
    add_fatal_deadline(attorney, case_id)
    put_back(*kept)
    cache.drop_all()
    process_state.forget_audit_chains()
    rebuild(attorney)
    assert reader.open_view(attorney.staff.keys).is_whole, "the list is accepted"
    assert WARNING in page_of(attorney, case_id)
    assert send_note(attorney, case_id) == 422
    assert "A case is not in its newest known state" in attorney.client.get("/").content.decode()


def test_a_list_put_back_is_rebuilt_to_the_newer_cases(attorney: Worker, case_id: UUID, more: list[UUID]) -> None:
    kept = keep_index(group_of(attorney))
    late = cases.open_case(attorney.staff, cases.NewCase(name="Late Client"))
    add_fatal_deadline(attorney, case_id)
    before = refs(attorney)
    put_back(*kept)
    cache.drop_all()
    assert attorney.client.get("/cases/").status_code == 200
    rebuild(attorney)
    assert refs(attorney) == before
    assert "Brief to the BIA" in attorney.client.get(AGENDA).content.decode()
    assert page_of(attorney, late)
    assert send_note(attorney, case_id) == 303


@pytest.mark.usefixtures("forgetful")
def test_a_list_that_only_a_newer_case_shows_to_be_older_is_rebuilt_and_its_finding_goes(
    attorney: Worker, case_id: UUID, more: list[UUID]
) -> None:
    kept = keep_index(group_of(attorney))
    add_fatal_deadline(attorney, case_id)
    put_back(*kept)
    cache.drop_all()
    assert WARNING in page_of(attorney, case_id)
    assert state_of(attorney) == health.DAMAGED
    assert send_note(attorney, case_id) == 422
    rebuild(attorney)
    assert WARNING not in page_of(attorney, case_id)
    assert "Brief to the BIA" in attorney.client.get(AGENDA).content.decode()
    assert send_note(attorney, case_id) == 303
    assert "A case is newer than its list" not in attorney.client.get("/").content.decode()


def test_a_list_without_head_or_parts_is_rebuilt(attorney: Worker, case_id: UUID, more: list[UUID]) -> None:
    before = refs(attorney)
    put_back(*(Kept(kept.table, kept.column, kept.value, ()) for kept in keep_index(group_of(attorney))))
    cache.drop_all()
    assert attorney.client.get("/cases/").status_code == 200
    rebuild(attorney)
    assert refs(attorney) == before


def test_a_case_saved_during_the_rebuild_keeps_its_newest_line(
    attorney: Worker, case_id: UUID, more: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    flip_byte(group_of(attorney))
    cache.drop_all()
    tend_lists = index_rebuild.tend_lists
    monkeypatch.setattr(index_rebuild, "tend_lists", lambda staff, _seconds: tend_lists(staff, 0.0))
    for number in range(30):
        attorney.client.get("/")
        assert send_note(attorney, case_id, f"Note {number}") == 303
        if state_of(attorney) == health.WHOLE:
            break
    cache.drop_all()
    row = reader.open_view(attorney.staff.keys).find_row(case_id)
    assert row is not None
    assert row.head_version == attorney.file(case_id).head_version


def test_damage_that_a_warm_process_does_not_meet_is_found_by_the_daily_check(attorney: Worker, case_id: UUID) -> None:
    attorney.client.get("/")
    with superuser() as thief:  # yesterday's check
        thief.execute("UPDATE index_health SET checked_on = checked_on - 1 WHERE org_id = %s", [attorney.staff.org_id])
    flip_byte(group_of(attorney))
    attorney.client.get("/")
    assert state_of(attorney) == health.DAMAGED
    rebuild(attorney)


def test_a_listed_case_without_a_file_keeps_its_line_and_is_a_finding(
    attorney: Worker, case_id: UUID, more: list[UUID]
) -> None:
    before = refs(attorney)
    put_back(*(Kept(kept.table, kept.column, kept.value, ()) for kept in keep_case(case_id)))
    with office_transaction(attorney.staff.org_id):
        queries.set_health(attorney.staff.org_id, group_of(attorney), health.REQUESTED, clock.today("UTC"))
    rebuild(attorney)
    assert refs(attorney) == before
    assert "A listed case has no file in the database any more." in attorney.client.get("/").content.decode()


def test_a_requested_rebuild_writes_the_lines_of_an_older_program_anew(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminder_reconciliation, "renew_rows", lambda *_: 0)
    keys, group = attorney.staff.keys, group_of(attorney)
    with office_transaction(attorney.staff.org_id):
        row = reader.open_view(keys).find_row(case_id)
        assert row is not None
        store.save(keys, {group: [(case_id, replace(row, schema=2))]})
        queries.set_health(attorney.staff.org_id, group, health.REQUESTED, clock.today("UTC"))
    rebuild(attorney)
    written = reader.open_view(keys).find_row(case_id)
    assert written == row


def test_the_page_of_cases_not_compared_hides_and_accepts_nothing_by_a_look(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    flip_byte(group_of(attorney))
    cache.drop_all()
    rebuild(attorney)
    path = reverse("cases:uncompared")
    [ref] = refs(attorney)
    assert ref in attorney.client.get(path).content.decode()
    assert ref not in outsider.client.get(path).content.decode()
    assert outsider.client.post(path, {"x": "y" * 5_000}).status_code == 303
    assert "was not compared" in page_of(attorney, case_id), "another office accepts nothing here"
    assert attorney.client.put(path).status_code == 405


def test_a_restored_case_is_not_marked_any_more(attorney: Worker, case_id: UUID) -> None:
    flip_byte(group_of(attorney))
    cache.drop_all()
    rebuild(attorney)
    assert decide(attorney, case_id, "accept") == 303
    assert "was not compared" not in page_of(attorney, case_id)
    assert open_deadlines(attorney, case_id)


def test_an_audit_entry_names_the_head_of_its_case(attorney: Worker, case_id: UUID) -> None:
    from caseapp.audit import read

    file = attorney.file(case_id)
    with office_transaction(attorney.staff.org_id):
        newest: list[AuditRecord] = read.entries_of_case(attorney.staff.org_id, case_id, file.keys)
    assert (newest[0].head_version, newest[0].head_digest) == (file.head_version, file.head_digest)


def test_a_line_that_was_read_before_a_save_does_not_replace_the_line_of_the_save(
    attorney: Worker, case_id: UUID
) -> None:
    file = attorney.file(case_id)
    read = {case_id: (file.head_version, index_row.build_row(file))}
    assert send_note(attorney, case_id) == 303
    store.save_rebuilt(attorney.staff.keys, group_of(attorney), read)
    cache.drop_all()
    row = reader.open_view(attorney.staff.keys).find_row(case_id)
    assert row is not None
    assert row.head_version == file.head_version + 1


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The list is being rebuilt (340 of 1,200)"),
        ("es", "La lista se está reconstruyendo (340 de 1\u00a0200)"),
        ("fr", "La liste est en cours de reconstruction (340 sur 1\u00a0200)"),
    ],
)
def test_the_notice_says_how_far_the_rebuild_is(language: str, sentence: str) -> None:
    view = IndexView((), member_id=UUID(int=1), rebuild=RebuildProgress(340, 1200))
    with translation.override(language):
        assert list_notice.notice_of(view) == sentence
