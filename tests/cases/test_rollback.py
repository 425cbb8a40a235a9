"""Rows of one case put back by SQL: pages warn, nothing is saved over it, and a person decides."""

import datetime as dt
import logging
import re
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.accounts.keys.permissions import CASEWORKER, SUPERVISOR
from caseapp.accounts.signin import reauthentication
from caseapp.casefile import access_alerts, case_access
from caseapp.casefile.integrity import findings
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.cases.services import notes
from caseapp.deadlines.services import acts
from caseapp.index import cache
from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from caseapp.records.note import Note
from caseapp.reminders.planning import checks, outbox, plan
from caseapp.reminders.planning.plan import Series
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import seen_versions
from caseapp.vault.head import Access
from caseapp.vault.tenancy import office_transaction
from tests.helpers import process_state
from tests.helpers.putting_back import (
    Kept,
    keep_case,
    keep_head,
    keep_index,
    keep_of_office,
    keep_records,
    put_back,
    superuser,
)
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
BRIEF_DUE = dt.date(2026, 12, 3)
WARNING = "Rows of the database were put back"


@pytest.fixture(autouse=True)
def _own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_request_merge", lambda: None)
    process_state.forget_audit_chains()


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without memory, as a new machine: only what is in the database can tell."""
    monkeypatch.setattr(seen_versions, "newest_of_each", lambda _kind, _org, subjects: dict.fromkeys(subjects, 0))
    monkeypatch.setattr(seen_versions, "newest_seen", lambda *_: 0)


def page_of(worker: Worker, case_id: UUID) -> str:
    response = worker.client.get(reverse("cases:case", args=[case_id]))
    assert response.status_code == 200
    return str(response.content.decode())


def add_fatal_deadline(worker: Worker, case_id: UUID) -> UUID:
    return acts.set_by_hand(
        worker.staff, case_id, what="Brief to the BIA", due_on=BRIEF_DUE, severity="fatal", reason="order"
    )


def group_of(worker: Worker) -> UUID:
    return worker.staff.keys.teams[0].group


def send_note(worker: Worker, case_id: UUID, text: str = "Phoned.") -> int:
    sent = {"text": text, "told_by": "", "kind": "note"}
    return int(worker.client.post(reverse("cases:note_new", args=[case_id]), sent).status_code)


def decide(worker: Worker, case_id: UUID, act: str) -> int:
    sent = {"act": act, "reason": "The dump of Monday was put back."}
    return int(worker.client.post(reverse("cases:restore", args=[case_id]), sent).status_code)


def open_deadlines(worker: Worker, case_id: UUID) -> set[str]:
    return {e.record.what for e in worker.file(case_id).entries_of(Deadline) if e.record.state == "open"}


def put_back_before_the_deadline(worker: Worker, case_id: UUID, kept: tuple[Kept, ...]) -> None:
    add_fatal_deadline(worker, case_id)
    assert "Brief to the BIA" in page_of(worker, case_id)
    put_back(*kept)


@pytest.mark.parametrize("memory", ["this server remembers", "a new machine"])
def test_a_fatal_deadline_does_not_vanish_when_its_case_is_put_back(
    attorney: Worker, case_id: UUID, memory: str, request: pytest.FixtureRequest
) -> None:
    if memory == "a new machine":
        request.getfixturevalue("forgetful")
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    html = page_of(attorney, case_id)
    assert WARNING in html
    assert "Brief to the BIA" in html, "the list still has it, and the warning says so"


@pytest.mark.usefixtures("forgetful")
def test_nothing_is_saved_over_a_case_that_was_put_back(attorney: Worker, case_id: UUID) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    before = keep_case(case_id)
    assert send_note(attorney, case_id) == 422
    assert keep_case(case_id) == before


@pytest.mark.usefixtures("forgetful")
def test_the_reminders_of_a_lost_deadline_stay_planned(attorney: Worker, case_id: UUID) -> None:
    kept = keep_case(case_id)
    deadline_id = add_fatal_deadline(attorney, case_id)
    file = attorney.file(case_id)
    [series] = reminder_schedule.series_of(file.get(deadline_id, Deadline), file.get_only(Access).record.token_key)
    _merge()
    assert _missing_tokens(attorney, series) == set()
    put_back(*kept)
    page_of(attorney, case_id)
    attorney.client.get("/")
    assert send_note(attorney, case_id) == 422
    _merge()
    assert _missing_tokens(attorney, series) == set()


def _merge() -> None:
    with acting_as("clock"):
        for _ in range(2):  # the side that was active, and the other one
            outbox.merge()


def _missing_tokens(worker: Worker, series: Series) -> set[dt.date]:
    """The planned days whose row has lost the token of this series."""
    with office_transaction(worker.staff.org_id):
        stored = checks.tokens_at(worker.staff.org_id, {(series.member, day) for day in series.days})
    return {day for day in series.days if series.token_for(day) not in stored.get((series.member, day), frozenset())}


@pytest.mark.usefixtures("forgetful")
def test_admins_are_shown_the_finding_once_with_an_audit_entry_and_a_code_without_the_case(
    attorney: Worker, case_id: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    with caplog.at_level(logging.ERROR, "caseapp.casefile"):
        page_of(attorney, case_id)
        page_of(attorney, case_id)
    lines = [line.getMessage() for line in caplog.records if line.name == "caseapp.casefile"]
    assert lines == ["case.doubt kind=older"]
    today = attorney.client.get("/").content.decode()
    assert "A case is not in its newest known state" in today
    trail = attorney.client.get(reverse("trail:entries")).content.decode()
    assert trail.count("Found a case that is not in its newest known state") == 1


@pytest.mark.usefixtures("forgetful")
def test_the_head_put_back_alone_is_noticed_and_everything_newer_is_restored(attorney: Worker, case_id: UUID) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_head(case_id))
    assert WARNING in page_of(attorney, case_id)
    assert decide(attorney, case_id, "restore") == 303
    assert "Brief to the BIA" in open_deadlines(attorney, case_id)
    assert WARNING not in page_of(attorney, case_id)
    assert send_note(attorney, case_id) == 303


@pytest.mark.usefixtures("forgetful")
def test_records_put_back_alone_are_named_and_the_case_is_repaired_by_a_decision(
    attorney: Worker, case_id: UUID
) -> None:
    note_id = notes.add_note(attorney.staff, case_id, text="First words.")
    kept = next(kept for kept in keep_records(case_id))
    notes.change_note(attorney.staff, case_id, note_id, text="Second words.", version=1)
    old = [row for row in kept.rows if row["id"] == note_id]
    put_back(Kept("vault_record", "id", note_id, tuple(old)))
    assert "A part of this case does not open" in page_of(attorney, case_id)
    assert send_note(attorney, case_id) == 422
    assert decide(attorney, case_id, "accept") == 303
    assert [e.record.text for e in attorney.file(case_id).entries_of(Note)] == ["First words."]
    assert send_note(attorney, case_id) == 303


@pytest.mark.usefixtures("forgetful")
def test_the_lead_restores_the_dates_that_the_list_still_has(attorney: Worker, case_id: UUID) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    assert decide(attorney, case_id, "restore") == 303
    assert "Brief to the BIA" in open_deadlines(attorney, case_id)
    fatal = [e.record for e in attorney.file(case_id).entries_of(Deadline) if e.record.severity == "fatal"]
    [deadline] = [record for record in fatal if record.what == "Brief to the BIA"]
    assert deadline.due_on == BRIEF_DUE
    assert deadline.planned, "its reminders are planned anew"
    assert WARNING not in page_of(attorney, case_id)


@pytest.mark.usefixtures("forgetful")
def test_what_vault_past_still_holds_is_restored_with_its_working(attorney: Worker, case_id: UUID) -> None:
    kept = keep_records(case_id)
    note_id = notes.add_note(attorney.staff, case_id, text="One.")
    notes.change_note(attorney.staff, case_id, note_id, text="Two.", version=1)
    notes.change_note(attorney.staff, case_id, note_id, text="Three.", version=2)
    put_back(*kept)
    assert [e.record.text for e in attorney.file(case_id).entries_of(Note)] == []
    assert decide(attorney, case_id, "restore") == 303
    assert [e.record.text for e in attorney.file(case_id).entries_of(Note)] == ["Two."], "the newest that is left"


@pytest.mark.usefixtures("forgetful")
def test_accepting_the_older_state_is_audited_and_the_case_can_be_saved_again(attorney: Worker, case_id: UUID) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    page_of(attorney, case_id)
    assert decide(attorney, case_id, "accept") == 303
    assert "Brief to the BIA" not in open_deadlines(attorney, case_id)
    assert send_note(attorney, case_id) == 303
    trail = attorney.client.get(reverse("trail:entries")).content.decode()
    assert "Accepted the current state of a case" in trail
    assert "The dump of Monday was put back." in trail
    assert "A case is not in its newest known state" not in attorney.client.get("/").content.decode()


def test_the_list_put_back_alone_is_noticed_and_a_newer_case_is_not_saved_over(attorney: Worker, case_id: UUID) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_index(group_of(attorney)))
    cache.drop_all()
    html = page_of(attorney, case_id)
    assert WARNING in html
    assert "Brief to the BIA" in html
    assert send_note(attorney, case_id) == 422


@pytest.mark.usefixtures("forgetful")
def test_a_new_machine_notices_a_list_that_is_older_than_a_case(attorney: Worker, case_id: UUID) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_index(group_of(attorney)))
    cache.drop_all()
    assert WARNING in page_of(attorney, case_id)
    assert send_note(attorney, case_id) == 422
    assert decide(attorney, case_id, "accept") == 303
    assert send_note(attorney, case_id) == 303


def test_case_and_list_put_back_together_are_noticed(attorney: Worker, case_id: UUID) -> None:
    kept = (*keep_case(case_id), *keep_index(group_of(attorney)))
    put_back_before_the_deadline(attorney, case_id, kept)
    cache.drop_all()
    assert WARNING in page_of(attorney, case_id)
    assert send_note(attorney, case_id) == 422


def test_case_list_trail_and_members_put_back_together_are_noticed(attorney: Worker, case_id: UUID) -> None:
    org_id = attorney.staff.org_id
    office = keep_of_office(org_id, "accounts_member", "accounts_roster", "audit_entry", "audit_hour", "audit_case")
    kept = (*keep_case(case_id), *keep_index(group_of(attorney)), *office)
    put_back_before_the_deadline(attorney, case_id, kept)
    cache.drop_all()
    process_state.forget_audit_chains()
    assert WARNING in page_of(attorney, case_id)
    assert send_note(attorney, case_id) == 422


@pytest.mark.usefixtures("forgetful")
def test_a_case_whose_rows_were_deleted_is_not_simply_unknown_to_its_team(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    put_back(*(Kept(kept.table, kept.column, kept.value, ()) for kept in keep_case(case_id)))
    path = reverse("cases:case", args=[case_id])
    response = attorney.client.get(path)
    assert response.status_code == 503
    assert "your list still contains it" in response.content.decode()
    assert outsider.client.get(path).status_code == 404


def test_the_decision_hides_from_the_outsider_and_refuses_an_unknown_act(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    path = reverse("cases:restore", args=[case_id])
    assert outsider.client.get(path).status_code == 404
    assert outsider.client.post(path, {"act": "accept", "reason": "x"}).status_code == 404
    assert attorney.client.post(path, {"act": "x" * 5_000, "reason": "x"}).status_code == 404
    assert attorney.client.put(path).status_code == 405
    assert attorney.client.post(path, {"act": "accept", "reason": "x" * 501}).status_code == 422


@pytest.mark.usefixtures("forgetful")
def test_looking_at_the_decision_decides_nothing(attorney: Worker, case_id: UUID) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    before = keep_case(case_id)
    path = reverse("cases:restore", args=[case_id])
    assert attorney.client.get(path, {"act": "accept", "reason": "x"}).status_code == 200
    assert keep_case(case_id) == before


def test_an_ordinary_case_shows_no_warning_and_has_nothing_to_decide(attorney: Worker, case_id: UUID) -> None:
    assert WARNING not in page_of(attorney, case_id)
    assert decide(attorney, case_id, "accept") == 422


@pytest.fixture
def alerted(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The members whose pages alerted supervisors and admins; no mail is sent."""
    members: list[UUID] = []
    monkeypatch.setattr(access_alerts, "alert_after_commit", lambda staff: members.append(staff.member_id))
    return members


@pytest.mark.usefixtures("forgetful")
def test_supervisors_and_admins_get_the_urgent_message_once_for_a_case_put_back(
    attorney: Worker, case_id: UUID, alerted: list[UUID]
) -> None:
    page_of(attorney, case_id)
    assert alerted == []
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    page_of(attorney, case_id)
    page_of(attorney, case_id)
    assert alerted == [attorney.staff.member_id]


@pytest.mark.usefixtures("forgetful")
def test_a_case_that_no_member_opens_is_found_by_the_daily_check_of_the_team(
    attorney: Worker, case_id: UUID, alerted: list[UUID]
) -> None:
    kept = keep_case(case_id)
    add_fatal_deadline(attorney, case_id)
    put_back(*kept)
    html = attorney.client.get("/").content.decode()
    assert "Older state" in html, "the team's own list of what needs attention"
    assert "A case is not in its newest known state" in attorney.client.get("/").content.decode()
    assert alerted == [attorney.staff.member_id]


@pytest.mark.usefixtures("forgetful")
def test_a_case_without_a_file_is_a_finding_that_can_be_noted(
    attorney: Worker, case_id: UUID, alerted: list[UUID]
) -> None:
    put_back(*(Kept(kept.table, kept.column, kept.value, ()) for kept in keep_case(case_id)))
    attorney.client.get("/")
    html = attorney.client.get("/").content.decode()
    assert "A listed case has no file in the database any more." in html
    assert alerted == [attorney.staff.member_id]
    [address] = set(re.findall(r'action="(/trail/findings/[0-9a-f-]{36}/)"', html))
    assert attorney.client.post(address).status_code == 303
    assert "A listed case has no file in the database any more." not in attorney.client.get("/").content.decode()


@pytest.mark.usefixtures("forgetful")
def test_a_head_that_was_altered_is_a_finding(attorney: Worker, case_id: UUID, alerted: list[UUID]) -> None:
    with superuser() as thief:
        thief.execute("UPDATE vault_record SET sealed = set_byte(sealed, 40, 0) WHERE id = %s", [case_id])
        thief.execute("UPDATE vault_record SET sealed = set_byte(sealed, 41, 255) WHERE id = %s", [case_id])
    assert attorney.client.get(reverse("cases:case", args=[case_id])).status_code == 503
    attorney.client.get("/")
    assert "A listed case does not open" in attorney.client.get("/").content.decode()
    assert alerted == [attorney.staff.member_id]


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize(("role", "status"), [(CASEWORKER, 404), (SUPERVISOR, 303)])
def test_a_supervisor_decides_and_a_colleague_does_not(attorney: Worker, case_id: UUID, role: str, status: int) -> None:
    colleague = member(attorney.staff, role)
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    assert WARNING in page_of(colleague, case_id)
    assert decide(colleague, case_id, "restore") == status
    assert ("Brief to the BIA" in open_deadlines(attorney, case_id)) == (status == 303)


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("act", ["restore", "accept"])
def test_a_decision_needs_a_fresh_check_of_passphrase_and_factor(
    attorney: Worker, case_id: UUID, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    before = keep_case(case_id)
    monkeypatch.setattr(reauthentication, "is_fresh", lambda _: False)
    assert decide(attorney, case_id, act) == 403
    assert attorney.client.post(reverse("cases:uncompared")).status_code == 403
    assert attorney.client.post(reverse("team:directory")).status_code == 403
    assert keep_case(case_id) == before


@pytest.mark.usefixtures("forgetful")
def test_a_restored_case_is_audited_with_its_reason(attorney: Worker, case_id: UUID) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    assert decide(attorney, case_id, "restore") == 303
    trail = attorney.client.get(reverse("trail:entries")).content.decode()
    assert "Restored the newer state of a case" in trail
    assert "The dump of Monday was put back." in trail


@pytest.mark.usefixtures("forgetful")
def test_a_finding_goes_when_the_newer_rows_are_back_and_not_before(attorney: Worker, case_id: UUID) -> None:
    older = keep_case(case_id)
    add_fatal_deadline(attorney, case_id)
    newer = keep_case(case_id)
    put_back(*older)
    page_of(attorney, case_id)
    sentence = "A case is not in its newest known state"
    html = attorney.client.get("/").content.decode()
    assert sentence in html
    [address] = set(re.findall(r'action="(/trail/findings/[0-9a-f-]{36}/)"', html))
    assert attorney.client.post(address).status_code == 422
    assert sentence in attorney.client.get("/").content.decode()
    put_back(*newer)  # a backup was restored
    assert WARNING not in page_of(attorney, case_id)
    assert attorney.client.post(address).status_code == 303
    assert sentence not in attorney.client.get("/").content.decode()


@pytest.mark.usefixtures("forgetful")
def test_a_finding_has_the_day_of_the_office_and_not_of_greenwich(
    attorney: Worker, case_id: UUID, alerted: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 11, 25, 2, 0, tzinfo=dt.UTC))  # 9 PM on the 24th
    with office_transaction(attorney.staff.org_id):
        access_alerts.report_doubt(attorney.staff, case_access.open_case(attorney.staff.keys, case_id))
        [finding] = findings.read_findings(attorney.staff.keys)
    assert finding.content.on == dt.date(2026, 11, 24)
    assert alerted == [attorney.staff.member_id]


@pytest.mark.usefixtures("forgetful")
def test_a_note_that_no_list_has_is_restored_when_only_the_head_was_put_back(attorney: Worker, case_id: UUID) -> None:
    kept = keep_head(case_id)
    notes.add_note(attorney.staff, case_id, text="The sister called from Cúcuta.")
    put_back(*kept)
    assert [e.record.text for e in attorney.file(case_id).entries_of(Note)] == []
    assert decide(attorney, case_id, "restore") == 303
    assert [e.record.text for e in attorney.file(case_id).entries_of(Note)] == ["The sister called from Cúcuta."]


@pytest.mark.usefixtures("forgetful")
def test_a_colleague_sees_what_is_known_and_no_button(attorney: Worker, case_id: UUID) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    put_back_before_the_deadline(attorney, case_id, keep_case(case_id))
    html = colleague.client.get(reverse("cases:restore", args=[case_id])).content.decode()
    assert "decides which state is right" in html
    assert 'name="act"' not in html
    assert 'name="act"' in attorney.client.get(reverse("cases:restore", args=[case_id])).content.decode()
