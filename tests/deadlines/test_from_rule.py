"""Adding a deadline from a rule to a case, on the page: the working first, then the dates that were shown."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp import rules
from caseapp.deadlines.services import recompute, rule_deadlines
from caseapp.deadlines.services.rule_deadlines import RuleDeadline
from caseapp.law import services as law_services
from caseapp.records.deadline import Deadline
from tests.helpers.two_offices import Worker, boxes

pytestmark = pytest.mark.usefixtures("frozen")

ALWAYS = {"zone": "America/New_York", "electronic": "on", "owner": "", "source": ""}


def _path(case_id: UUID) -> str:
    return reverse("deadlines:from_rule", args=[case_id])


def _asked(rule: str, **typed: str) -> dict[str, str]:
    return {**ALWAYS, "what": f"rule:{rule}", "shown_for": f"rule:{rule}", **typed}


def _of_rule(worker: Worker, case_id: UUID, rule: str) -> list[Deadline]:
    records = (entry.record for entry in worker.file(case_id).entries_of(Deadline))
    return [record for record in records if record.working and record.working.rule == rule]


def _post(worker: Worker, case_id: UUID, sent: dict[str, str], status: int) -> str:
    response = worker.client.post(_path(case_id), sent)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def test_the_dates_are_shown_with_the_working_and_saved_as_they_were_shown(attorney: Worker, case_id: UUID) -> None:
    # An N-400 denial of Fri 20 Nov 2026: 30 days are Sun 20 Dec, extended to Mon 21 Dec (8 CFR 336.2(a)).
    sent = _asked("us.uscis.n336", **boxes("on_decision_date", dt.date(2026, 11, 20)))
    html = _post(attorney, case_id, sent, 200)
    assert "8 CFR 336.2" in html
    assert "How this date was computed" in html
    assert not _of_rule(attorney, case_id, "us.uscis.n336")
    seen = html.partition('name="seen" value="')[2].partition('"')[0]
    team = attorney.staff.member_id
    saved = {**sent, "seen": seen, "owner": str(team), "source": "Denial of Nov 20, page 2"}
    assert attorney.client.post(_path(case_id), saved).status_code == 303
    [deadline] = _of_rule(attorney, case_id, "us.uscis.n336")
    assert (deadline.due_on, deadline.owner) == (dt.date(2026, 12, 21), team)
    assert deadline.reason == "Denial of Nov 20, page 2"
    assert deadline.planned != ()


def test_a_date_changed_after_the_preview_is_shown_again_before_it_is_saved(attorney: Worker, case_id: UUID) -> None:
    sent = _asked("us.uscis.n336", **boxes("on_decision_date", dt.date(2026, 11, 20)))
    html = _post(attorney, case_id, sent, 200)
    seen = html.partition('name="seen" value="')[2].partition('"')[0]
    changed = {**sent, **boxes("on_decision_date", dt.date(2026, 11, 23)), "seen": seen}
    assert "The dates changed since you saw them" in _post(attorney, case_id, changed, 200)
    assert not _of_rule(attorney, case_id, "us.uscis.n336")


def test_a_date_that_has_already_passed_says_so_before_and_after_saving(attorney: Worker, case_id: UUID) -> None:
    sent = _asked("us.uscis.n336", **boxes("on_decision_date", dt.date(2026, 10, 1)))
    html = _post(attorney, case_id, sent, 200)
    # 30 days after Thu 1 Oct 2026: Sat 31 Oct, extended to Mon 2 Nov, before Tue 24 Nov.
    assert "Overdue: the legal deadline was" in html
    seen = html.partition('name="seen" value="')[2].partition('"')[0]
    response = attorney.client.post(_path(case_id), {**sent, "seen": seen}, follow=True)
    assert "It is already overdue" in response.content.decode()


def test_it_follows_a_change_of_the_law_like_any_computed_date(attorney: Worker, case_id: UUID) -> None:
    wanted = RuleDeadline(rule="us.uscis.n336", dates={"decision_date": dt.date(2026, 11, 20)})
    rule_deadlines.add_rule_deadline(attorney.staff, case_id, wanted)
    storm = dt.date(2026, 12, 21)
    closure = rules.OfficeClosure(id="storm", first=storm, last=storm, why="Storm", source="-")
    law_services.add_closure(attorney.staff, closure)
    recompute.recompute_due_cases(attorney.staff, recompute.Bound(seconds=60))
    [deadline] = _of_rule(attorney, case_id, "us.uscis.n336")
    assert deadline.due_on == storm  # it moves only when a member accepts
    assert deadline.proposal is not None
    assert deadline.proposal.due_on == dt.date(2026, 12, 22)


@pytest.mark.parametrize("find", ["naturalisation denied", "n336", "N-336", "336.2(a)"])
def test_a_rule_is_found_by_words_form_number_and_citation(attorney: Worker, case_id: UUID, find: str) -> None:
    html = _post(attorney, case_id, {**ALWAYS, "find": find, "look": "yes", "what": ""}, 200)
    assert 'value="rule:us.uscis.n336"' in html
    assert "rule:us.bia.appeal" not in html


def test_an_office_in_the_united_states_is_offered_no_french_rule(attorney: Worker, case_id: UUID) -> None:
    html = attorney.client.get(_path(case_id)).content.decode()
    assert 'value="rule:us.bia.appeal"' in html
    assert "rule:fr." not in html
    assert "event:" not in html
    assert attorney.client.post(_path(case_id), _asked("fr.oqtf.recours")).status_code == 422


def test_a_rule_without_a_date_names_what_is_missing(attorney: Worker, case_id: UUID) -> None:
    assert "Enter a date to count from" in _post(attorney, case_id, _asked("us.uscis.n336"), 422)


def test_a_deadline_from_a_rule_hides_from_another_office(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    assert outsider.client.post(_path(case_id), _asked("us.uscis.n336")).status_code == 404


def test_reading_the_page_saves_nothing(attorney: Worker, case_id: UUID) -> None:
    before = attorney.file(case_id).head_version
    assert attorney.client.get(_path(case_id), {"save": "yes", "what": "rule:us.uscis.n336"}).status_code == 200
    assert attorney.file(case_id).head_version == before


def test_any_deadline_is_reassigned_to_a_member_of_the_team_only(attorney: Worker, case_id: UUID) -> None:
    entry = attorney.file(case_id).entries_of(Deadline)[0]
    path = reverse("deadlines:deadline", args=[entry.id])
    chosen = {"act": "assign", "version": str(entry.version), "owner": str(attorney.staff.member_id)}
    stranger = {**chosen, "owner": "00000000-0000-4000-8000-000000000001"}
    assert attorney.client.post(path, stranger).status_code == 422
    assert attorney.client.post(path, chosen).status_code == 303
    assert attorney.file(case_id).get(entry.id, Deadline).record.owner == attorney.staff.member_id


def test_a_deadline_by_hand_keeps_its_hour_and_owner(attorney: Worker, case_id: UUID) -> None:
    sent = {
        "what": "Brief in the state court",
        **boxes("due_on", dt.date(2026, 12, 9)),
        "at": "17:10",
        "owner": str(attorney.staff.member_id),
        "severity": "serious",
        "reason": "Order of Nov 20, page 1",
    }
    assert attorney.client.post(reverse("deadlines:new", args=[case_id]), sent).status_code == 303
    [added] = [e.record for e in attorney.file(case_id).entries_of(Deadline) if e.record.what.startswith("Brief")]
    assert (added.due_minute, added.owner) == ("2026-12-09T17:10", attorney.staff.member_id)
