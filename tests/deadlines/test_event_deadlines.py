"""Never later than the shortest reading: an answer that is not known gives the earliest date, and names its question.

Expected dates are worked by hand from the periods of shared/law.
"""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp.casefile import office_law
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases
from caseapp.deadlines.services import notices, recompute
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.vault.tenancy import office_transaction
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import Worker, boxes, signed_in

pytestmark = pytest.mark.usefixtures("frozen")

FRIDAY = dt.date(2026, 11, 20)


def _record(worker: Worker, case_id: UUID, what: str, **values: str | dt.date) -> None:
    """Record an event through the page: choose it, answer what is given, save."""
    form = PageForm.open(worker.client, reverse("cases:notice_new", args=[case_id]))
    form.fill("what", what)
    form = form.next_form()
    form.fill_all({"dated_on": FRIDAY, **values})
    form.send_and_leave()


def _open_deadlines(worker: Worker, case_id: UUID) -> dict[str, Deadline]:
    records = (entry.record for entry in worker.file(case_id).entries_of(Deadline))
    return {record.working.rule: record for record in records if record.working and record.state == "open"}


def _without_arrival(worker: Worker) -> UUID:
    return cases.open_case(worker.staff, cases.NewCase(name="Roza Aliyeva"))


def _warnings(deadline: Deadline) -> str:
    return " ".join(deadline.working.warnings) if deadline.working else ""


def test_a_noid_whose_sender_is_not_known_gets_the_sixteen_days_and_asks_who_sent_it(attorney: Worker) -> None:
    case_id = _without_arrival(attorney)
    _record(attorney, case_id, "noid", no_printed_due_on="on")
    [(rule, deadline)] = _open_deadlines(attorney, case_id).items()
    # 16 days after Fri 20 Nov: Sun 6 Dec, extended to Mon 7 Dec; 30 days would be Sun 20 Dec.
    assert (rule, deadline.due_on) == ("us.asylum.noid", dt.date(2026, 12, 7))
    assert "Not answered yet: Who issued it?" in _warnings(deadline)


def test_a_printed_due_date_is_asked_first_and_no_date_is_a_tick(attorney: Worker) -> None:
    case_id = _without_arrival(attorney)
    path = reverse("cases:notice_new", args=[case_id])
    form = PageForm.open(attorney.client, path)
    form.fill("what", "rfe")
    form = form.next_form()
    order = [name for name in form.controls if form.shows(name)]
    assert order.index("printed_due_on_month") < order.index("dated_on_month")
    form.fill_all({"dated_on": FRIDAY, "q_rfe_form": "other"})
    answer = form.send()
    assert answer.status == 422
    assert "Enter the date that is printed on it, or tick that there is none." in answer.html
    again = PageForm(attorney.client, path, answer.html)
    again.fill("no_printed_due_on", "on")
    again.send_and_leave()
    # 84 days after Fri 20 Nov 2026: Fri 12 Feb 2027.
    assert _open_deadlines(attorney, case_id)["us.uscis.rfe"].due_on == dt.date(2027, 2, 12)


def test_a_request_for_evidence_for_an_unknown_form_gets_the_thirty_days(attorney: Worker) -> None:
    case_id = _without_arrival(attorney)
    _record(attorney, case_id, "rfe", no_printed_due_on="on")
    deadline = _open_deadlines(attorney, case_id)["us.uscis.rfe"]
    # 30 days after Fri 20 Nov: Sun 20 Dec, extended to Mon 21 Dec.
    assert (deadline.due_on, deadline.act_by) == (dt.date(2026, 12, 21), dt.date(2026, 12, 21))
    assert "Not answered yet: Which form?" in _warnings(deadline)


def test_the_date_that_the_notice_prints_is_the_legal_deadline(attorney: Worker) -> None:
    case_id = _without_arrival(attorney)
    _record(attorney, case_id, "rfe", printed_due_on=dt.date(2026, 12, 16), q_rfe_form="other")
    deadline = _open_deadlines(attorney, case_id)["us.uscis.rfe"]
    assert (deadline.due_on, deadline.act_by) == (dt.date(2026, 12, 16), dt.date(2026, 12, 16))


def test_a_denial_of_an_unknown_kind_gets_the_fifteen_days_of_a_revocation(attorney: Worker) -> None:
    case_id = _without_arrival(attorney)
    _record(attorney, case_id, "uscis_denial")
    [(rule, deadline)] = _open_deadlines(attorney, case_id).items()
    # 15 days after Fri 20 Nov: Sat 5 Dec, extended to Mon 7 Dec.
    assert (rule, deadline.due_on) == ("us.uscis.appeal.revocation", dt.date(2026, 12, 7))
    assert "What does the notice allow?" in _warnings(deadline)


@pytest.mark.parametrize("what", ["board_remanded", "board_sustained", "board_motion_granted", "board_bond"])
def test_a_remand_and_a_win_at_the_board_start_no_deadline(attorney: Worker, what: str) -> None:
    case_id = _without_arrival(attorney)
    _record(attorney, case_id, what)
    assert _open_deadlines(attorney, case_id) == {}


def test_a_board_decision_with_an_unknown_result_gets_the_clocks_of_a_loss(attorney: Worker) -> None:
    case_id = _without_arrival(attorney)
    _record(attorney, case_id, "board_decision")
    deadlines = _open_deadlines(attorney, case_id)
    # 30 days after Fri 20 Nov: Sun 20 Dec, extended to Mon 21 Dec.
    assert deadlines["us.ca.pfr"].due_on == dt.date(2026, 12, 21)
    assert "What did the BIA decide?" in _warnings(deadlines["us.ca.pfr"])


def test_an_oqtf_of_which_nothing_is_known_gets_the_forty_eight_hours(db: None, frozen: None) -> None:
    worker = signed_in("Inès Moreau", "ines@cabinet.test", zone="Europe/Paris")
    case_id = _without_arrival(worker)
    _record(worker, case_id, "oqtf", no_printed_due_on="on", q_hour="17:10")
    deadlines = _open_deadlines(worker, case_id)
    assert deadlines["fr.oqtf.retention"].due_minute == "2026-11-22T17:10"  # 48 hours, on a Sunday
    assert "In detention (CRA, LRA)?" in _warnings(deadlines["fr.oqtf.retention"])
    assert "fr.oqtf.recours" not in deadlines


def test_an_oqtf_of_a_free_person_gets_one_month(db: None, frozen: None) -> None:
    worker = signed_in("Inès Moreau", "ines@cabinet.test", zone="Europe/Paris")
    case_id = _without_arrival(worker)
    answers = {"q_fr_time_to_leave": "yes", "q_fr_eu": "no"}
    no = dict.fromkeys(("q_fr_assigned", "q_fr_prison", "q_fr_detained"), "no")
    _record(worker, case_id, "oqtf", no_printed_due_on="on", **answers, **no)
    assert set(_open_deadlines(worker, case_id)) == {"fr.oqtf.recours", "fr.oqtf.depart"}


def test_french_events_are_offered_to_a_french_office_only(attorney: Worker, case_id: UUID) -> None:
    html = attorney.client.get(reverse("cases:notice_new", args=[case_id])).content.decode()
    assert 'value="rfe"' in html
    assert 'value="oqtf"' not in html
    french = signed_in("Inès Moreau", "ines@cabinet.test", zone="Europe/Paris")
    theirs = french.client.get(reverse("cases:notice_new", args=[_without_arrival(french)])).content.decode()
    assert 'value="oqtf"' in theirs
    assert 'value="rfe"' not in theirs


def _with_hearing(worker: Worker) -> tuple[UUID, str]:
    case_id = _without_arrival(worker)
    starts = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)  # today, 9:00 in New York
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearing_id = hearings.book_hearing(worker.staff, case_id, hearing)
    return case_id, reverse("hearings:outcome", args=[hearing_id])


def test_a_respondent_ordered_removed_in_absentia_starts_the_clocks_of_the_motions(attorney: Worker) -> None:
    case_id, path = _with_hearing(attorney)
    form = PageForm.open(attorney.client, path)
    form.fill_all({"what": "absent", "absentia": "yes", "in_custody": "yes"})
    form.send_and_leave()
    deadlines = _open_deadlines(attorney, case_id)
    # 180 days after Tue 24 Nov 2026: Sun 23 May 2027, extended to Mon 24 May.
    assert deadlines["us.ij.reopen.absentia.exceptional"].due_on == dt.date(2027, 5, 24)
    assert deadlines["us.ij.reopen.absentia.notice"].opens_on == dt.date(2026, 11, 24)
    assert {"us.ij.reopen", "us.ij.reconsider", "us.detention.review90"} <= set(deadlines)
    assert "us.bia.appeal" not in deadlines


def test_a_respondent_who_did_not_appear_leaves_a_task_for_today_while_no_order_is_known(attorney: Worker) -> None:
    case_id, path = _with_hearing(attorney)
    form = PageForm.open(attorney.client, path)
    form.fill_all({"what": "absent", "absentia": "unknown"})
    form.send_and_leave()
    [task] = [entry.record for entry in attorney.file(case_id).entries_of(Task)]
    assert task.due_on == dt.date(2026, 11, 24)
    assert "in absentia" in task.text
    assert not any(rule.startswith("us.ij.") for rule in _open_deadlines(attorney, case_id))


@pytest.mark.parametrize(
    ("decision", "started"),
    [("asylum_granted", {"us.uscis.i730", "us.uscis.i485.asylee"}), ("relief_granted", set())],
)
def test_a_grant_starts_the_clocks_of_that_relief_and_no_appeal(
    attorney: Worker, decision: str, started: set[str]
) -> None:
    case_id, path = _with_hearing(attorney)
    form = PageForm.open(attorney.client, path)
    form.fill_all({"what": "decided", "decision": decision})
    form.send_and_leave()
    assert set(_open_deadlines(attorney, case_id)) == started


def test_voluntary_departure_asks_for_the_day_to_leave(attorney: Worker) -> None:
    case_id, path = _with_hearing(attorney)
    form = PageForm.open(attorney.client, path)
    form.fill_all({"what": "decided", "decision": "voluntary_departure_before"})
    answer = form.send()
    assert answer.status == 422
    again = PageForm(attorney.client, path, answer.html)
    again.fill_date("leave_by", dt.date(2027, 1, 20))
    again.send_and_leave()
    deadlines = _open_deadlines(attorney, case_id)
    assert deadlines["us.vd.pre"].due_on == dt.date(2027, 1, 20)  # the order's own date, before 120 days
    assert "us.bia.appeal" not in deadlines


def test_the_same_event_on_the_same_day_is_recorded_twice_only_with_a_tick(attorney: Worker) -> None:
    case_id = _without_arrival(attorney)
    path = reverse("cases:notice_new", args=[case_id])
    sent = {"what": "n400_denied", **boxes("dated_on", FRIDAY)}
    assert attorney.client.post(path, sent).status_code == 303
    response = attorney.client.post(path, sent)
    assert response.status_code == 422
    assert "recorded already" in response.content.decode()
    assert len(attorney.file(case_id).entries_of(Notice)) == 1
    assert attorney.client.post(path, {**sent, "again": "on"}).status_code == 303


def test_an_event_is_found_by_words_of_the_attorney(attorney: Worker, case_id: UUID) -> None:
    path = reverse("cases:notice_new", args=[case_id])
    for find, event in (("remanded judge", "board_remanded"), ("i-730", None), ("oficina asilo noid", "asylum_noid")):
        html = attorney.client.post(path, {"find": find, "look": "yes"}).content.decode()
        assert 'value="hearing_master"' not in html
        if event:
            assert f'value="{event}"' in html
            assert 'value="i94_expiry"' not in html


def test_a_noid_that_was_recorded_before_its_page_asked_who_sent_it_gets_the_earlier_date(attorney: Worker) -> None:
    case_id, staff = _without_arrival(attorney), attorney.staff
    notice_id = notices.record_notice(staff, case_id, what="noid", dated_on=FRIDAY, answers={"issuer": "uscis"})
    with case_transaction(staff, case_id) as draft:  # as an older program stored it: without the answer
        draft.change(notice_id, replace(draft.file.get(notice_id, Notice).record, facts={}))
    with office_transaction(staff.org_id):
        law = office_law.law_of(staff.keys)
    assert recompute.list_changes(staff, case_id, law) == 1
    [entry] = attorney.file(case_id).entries_of(Deadline)
    # 16 days: Sun 6 Dec, extended to Mon 7 Dec. The date stays until a member decides; reminders follow the earlier.
    assert entry.record.due_on == dt.date(2026, 12, 21)
    assert entry.record.proposal is not None
    assert entry.record.proposal.due_on == dt.date(2026, 12, 7)
    assert any(day <= dt.date(2026, 12, 7) for plan in entry.record.planned for day in plan.days)
    html = attorney.client.get(reverse("deadlines:deadline", args=[entry.id])).content.decode()
    assert "recorded before its page asked which one it was" in html
    assert "Who issued it?" in html


def test_custody_of_a_rider_marks_the_rider(attorney: Worker) -> None:
    case_id = _without_arrival(attorney)
    [lead] = attorney.file(case_id).entries_of(Party)
    new = notices.NewNotice(what="detained", dated_on=FRIDAY, parties=(lead.id,))
    notices.record_event(attorney.staff, case_id, new)
    assert attorney.file(case_id).get(lead.id, Party).record.detained_since == FRIDAY
