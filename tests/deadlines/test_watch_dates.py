"""Dates of the other side: shown as theirs, announced once, never overdue, closed when they act."""

import dataclasses
import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.cases.services import cases
from caseapp.deadlines.pages.deadline import deadline_page
from caseapp.deadlines.panels.case_deadlines import deadline_status
from caseapp.deadlines.services import acts, notices, recompute, rule_deadlines
from caseapp.deadlines.services.recompute import Bound
from caseapp.index import reader as index_reader
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline, is_checked
from caseapp.vault.store import Entry
from caseapp.vault.tenancy import office_transaction
from tests.deadlines import law
from tests.helpers.two_offices import Worker
from tests.index.factories import missed_deadlines

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
TODAY = dt.date(2026, 11, 24)  # a Tuesday
CHARGING, STAY = "us.detention.charging", "us.stay.automatic.appeal"
ALL = Bound(seconds=3600, cases=10_000)


def _entry(staff: Staff, case_id: UUID, rule: str) -> Entry[Deadline]:
    with office_transaction(staff.org_id):
        entries = case_access.open_case(staff.keys, case_id).entries_of(Deadline)
    return next(entry for entry in entries if entry.record.working and entry.record.working.rule == rule)


def _planned(entry: Entry[Deadline]) -> list[dt.date]:
    return sorted(day for planned in entry.record.planned for day in planned.days)


@pytest.fixture
def taken(attorney: Worker) -> UUID:
    """A case whose client was taken into custody on Sun 22 Nov 2026: ICE had until Tue 24 Nov to decide."""
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Mirela Popescu"))
    notices.record_notice(attorney.staff, case_id, what="detained", dated_on=dt.date(2026, 11, 22))
    return case_id


def test_their_date_is_announced_once_and_ours_of_the_same_event_is_not(attorney: Worker, taken: UUID) -> None:
    theirs, ours = _entry(attorney.staff, taken, CHARGING), _entry(attorney.staff, taken, "us.habeas")
    assert (theirs.record.duty, theirs.record.due_on) == ("watch", TODAY)
    assert _planned(theirs) == [TODAY]
    assert not any(planned.urgent_days for planned in theirs.record.planned)
    assert ours.record.duty == ""
    assert len(_planned(ours)) > 1


def test_their_date_is_never_overdue_and_is_shown_as_theirs(
    attorney: Worker, taken: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = attorney.client.get(reverse("deadlines:deadline", args=[_entry(attorney.staff, taken, CHARGING).id]))
    text = " ".join(page.content.decode().split())
    assert "Their time, not ours: it closes when the other side acts." in text
    assert "When it ends, we may: ask for release, and add it to the habeas petition." in text
    assert "The other side acted" in text
    assert "Record filing" not in text
    later = dt.datetime(2026, 12, 8, 15, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: later)
    status = deadline_status(_entry(attorney.staff, taken, CHARGING).record, later.date())
    assert (status.kind, status.word) == ("waiting", "Their time has ended")
    with office_transaction(attorney.staff.org_id):
        view = index_reader.open_view(attorney.staff.keys, zone=attorney.staff.zone)
        overdue = {deadline.what for deadline in missed_deadlines(view, later.date())}
    assert "ICE decides on charges and custody after an arrest without warrant" not in overdue
    assert overdue, "what is ours is overdue"


def test_their_date_takes_no_second_check_and_ours_does(attorney: Worker, taken: UUID) -> None:
    file, book, found = attorney.file(taken), rules.standard(), {}
    for rule in (CHARGING, "us.habeas"):
        entry = _entry(attorney.staff, taken, rule)
        by_another = dataclasses.replace(entry, record=replace(entry.record, entered_by=UUID(int=5)))
        found[rule] = deadline_page(file, by_another, {}, attorney.staff, book).can_check
    assert found == {CHARGING: False, "us.habeas": True}
    assert is_checked(_entry(attorney.staff, taken, CHARGING).record)
    assert not is_checked(_entry(attorney.staff, taken, "us.habeas").record)


def test_a_fatal_date_of_theirs_closes_without_proof_when_they_act(attorney: Worker, taken: UUID) -> None:
    wanted = rule_deadlines.RuleDeadline(rule=STAY, dates={"decision_mailed": dt.date(2026, 11, 20)})
    stay_id = rule_deadlines.add_rule_deadline(attorney.staff, taken, wanted)
    stay = _entry(attorney.staff, taken, STAY)
    assert (stay.record.severity, stay.record.duty) == ("fatal", "watch")
    acts.mark_done(attorney.staff, taken, stay_id, version=stay.version, note="")
    assert _entry(attorney.staff, taken, STAY).record.state == "done"
    ours = _entry(attorney.staff, taken, "us.habeas")
    with pytest.raises(Refused):
        acts.mark_done(attorney.staff, taken, ours.id, version=ours.version, note="")


def test_an_older_date_becomes_a_watch_date_with_the_law_and_its_escalation_ends(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        law.change(before, STAY, duty="ours", then=None)
        case_id = cases.open_case(attorney.staff, cases.NewCase(name="Tigran Sarkisyan"))
        wanted = rule_deadlines.RuleDeadline(rule=STAY, dates={"oral_decision": dt.date(2026, 11, 20)})
        rule_deadlines.add_rule_deadline(attorney.staff, case_id, wanted)
        stored = _entry(attorney.staff, case_id, STAY)
        assert (stored.record.duty, len(_planned(stored)) > 5) == ("", True)
        recompute.recompute_due_cases(attorney.staff, ALL)
    recompute.recompute_due_cases(attorney.staff, ALL)
    now = _entry(attorney.staff, case_id, STAY)
    # The shorter position ends on Mon 30 Nov 2026; the date itself did not move.
    assert (now.record.duty, now.record.act_by, now.record.proposal) == ("watch", stored.record.act_by, None)
    assert _planned(now) == [dt.date(2026, 11, 30)]


def test_a_correction_of_the_law_lists_was_and_would_be(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    jld = "fr.retention.jld"
    with monkeypatch.context() as before:
        law.change(before, jld, receipt=True)
        case_id = cases.open_case(attorney.staff, cases.NewCase(name="Ibrahima Sow"))
        wanted = rule_deadlines.RuleDeadline(rule=jld, dates={"retention_notified": dt.datetime(2026, 11, 19, 16, 40)})
        rule_deadlines.add_rule_deadline(attorney.staff, case_id, wanted)
        # Thu 19 Nov is the first of four days; a weekend before the judge was thought closed.
        assert _entry(attorney.staff, case_id, jld).record.act_by == dt.date(2026, 11, 20)
        recompute.recompute_due_cases(attorney.staff, ALL)
    recompute.recompute_due_cases(attorney.staff, ALL)
    record = _entry(attorney.staff, case_id, jld).record
    assert record.act_by == dt.date(2026, 11, 20)
    assert record.proposal is not None
    assert record.proposal.act_by == dt.date(2026, 11, 22)
    assert record.proposal.why
