"""A recorded outcome opens as its form, filled in; a correction shows what changes before it is saved."""

import datetime as dt
import re
from collections.abc import Mapping
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.audit import read
from caseapp.deadlines.services import acts, filings
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import ENTRY_CORRECTED, Deadline, FilingStep
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.task import Task
from caseapp.vault.store import Entry
from caseapp.vault.tenancy import office_transaction as office_sight
from tests.helpers.corrections import by_rule, said
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import NOW, Worker, boxes

NEXT = dt.datetime(2027, 3, 17, 13, 30, tzinfo=dt.UTC)  # Wed 17 Mar 2027, 8:30 in New York; 7:30 daylight time counts

HEARD_TODAY = Hearing(
    kind="individual",
    starts_at=dt.datetime(2026, 11, 24, 14, 30, tzinfo=dt.UTC),
    zone="America/New_York",
    court="Court North",
)


@pytest.fixture
def decided(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """An individual hearing of Fri 20 Nov 2026: denied that day, recorded a minute ago. Return its id."""
    starts = dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearing_id = hearings.book_hearing(attorney.staff, case_id, hearing)
    at(monkeypatch, minutes=1)
    hearings.record_outcome(attorney.staff, case_id, hearing_id, Outcome(what="decided", decision="denied"), version=1)
    at(monkeypatch, minutes=2)
    return hearing_id


def at(monkeypatch: pytest.MonkeyPatch, *, minutes: int) -> None:
    """Move the clock: two saves are never of one instant."""
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=minutes))


def denial(**changed: str) -> dict[str, str]:
    """The outcome as its form sends it."""
    return {"what": "decided", "decision": "denied", **boxes("decided_on", dt.date(2026, 11, 20)), **changed}


def send(worker: Worker, hearing_id: UUID, typed: Mapping[str, str]) -> str:
    """Send the form once and return the page."""
    return worker.client.post(reverse("hearings:outcome", args=[hearing_id]), typed).content.decode()


def correct(worker: Worker, hearing_id: UUID, typed: Mapping[str, str]) -> tuple[str, str]:
    """Send the form, then the button of the preview. Return the preview's page and the message of the save."""
    shown = send(worker, hearing_id, typed)
    mark = re.search(r'name="previewed" value="([0-9a-f]{32})"', shown)
    assert mark, shown
    answer = worker.client.post(reverse("hearings:outcome", args=[hearing_id]), {**typed, "previewed": mark[1]})
    return shown, redirect_of(answer)[2]


def deadline_of(worker: Worker, case_id: UUID, rule: str) -> Entry[Deadline]:
    """The deadline of a rule."""
    entries = worker.file(case_id).entries_of(Deadline)
    return next(entry for entry in entries if entry.record.working and entry.record.working.rule == rule)


def version_of(worker: Worker, case_id: UUID, record_id: UUID) -> str:
    """The version of a record, as a form carries it."""
    return str(worker.file(case_id).entries[record_id].version)


def test_the_form_of_a_recorded_outcome_opens_filled_in(attorney: Worker, case_id: UUID, decided: UUID) -> None:
    shown = attorney.client.get(reverse("hearings:outcome", args=[decided])).content.decode()
    assert re.search(r'<input type="radio" name="what" value="decided"[^>]* checked', shown)
    assert re.search(r'<option value="denied" selected', shown)
    assert re.search(r'name="decided_on_day"[^>]*value="20"', shown)


def test_a_preview_says_what_moves_and_saves_nothing(attorney: Worker, case_id: UUID, decided: UUID) -> None:
    before = by_rule(attorney, case_id)["us.bia.appeal"]
    assert before.act_by == dt.date(2026, 11, 30)  # ten days after Fri 20 Nov 2026
    typed = denial(**boxes("decided_on", dt.date(2026, 11, 23)), version=version_of(attorney, case_id, decided))
    shown = send(attorney, decided, typed)
    assert "Nothing is saved yet." in shown
    # Ten days after Mon 23 Nov 2026 is Thu 3 Dec.
    assert "was Mon, Nov 30, 2026, would be Thu, Dec 3, 2026" in said(shown)
    assert by_rule(attorney, case_id)["us.bia.appeal"] == before


def test_a_corrected_day_moves_the_deadlines_and_the_trail_says_corrected(
    attorney: Worker, case_id: UUID, decided: UUID
) -> None:
    typed = denial(**boxes("decided_on", dt.date(2026, 11, 23)), version=version_of(attorney, case_id, decided))
    _shown, did = correct(attorney, decided, typed)
    assert did == "entry-corrected"
    appeal = by_rule(attorney, case_id)["us.bia.appeal"]
    assert appeal.act_by == dt.date(2026, 12, 3)  # ten days after Mon 23 Nov 2026
    old = by_rule(attorney, case_id, "superseded")["us.bia.appeal"]
    assert old.act_by == dt.date(2026, 11, 30)
    assert old.superseded_by is not None
    assert attorney.file(case_id).get(old.superseded_by, Deadline).record == appeal
    assert {plan.member for plan in appeal.planned}
    assert not old.planned
    file = attorney.file(case_id)
    with office_sight(attorney.staff.org_id):
        trail = read.entries_of_case(file.org_id, case_id, file.keys)
    newest = max(trail, key=lambda entry: entry.at)
    assert "case.correct" in {entry.what for entry in trail if entry.at == newest.at}


def test_a_note_alone_is_saved_without_a_preview(attorney: Worker, case_id: UUID, decided: UUID) -> None:
    before = by_rule(attorney, case_id)
    typed = denial(text="Read from the bench.", version=version_of(attorney, case_id, decided))
    answer = attorney.client.post(reverse("hearings:outcome", args=[decided]), typed)
    assert redirect_of(answer)[2] == "entry-corrected"
    outcome = attorney.file(case_id).get(decided, Hearing).record.outcome
    assert outcome is not None
    assert outcome.text == "Read from the bench."
    assert by_rule(attorney, case_id) == before


def test_a_fatal_deadline_ends_only_with_its_sentence_and_stays_visible(
    attorney: Worker, case_id: UUID, decided: UUID
) -> None:
    typed = {"what": "continued", "version": version_of(attorney, case_id, decided)}
    shown, _did = correct(attorney, decided, typed)
    assert "This deadline is fatal. It ends" in shown
    ended = by_rule(attorney, case_id, "superseded")["us.bia.appeal"]
    assert ended.closed_reason == ENTRY_CORRECTED
    assert not ended.planned
    page = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    assert "Ended by a correction" in page
    assert attorney.file(case_id).get_only(Case).record.stage_question == ""


def test_only_a_lawyer_ends_a_fatal_deadline_by_a_correction(
    attorney: Worker, case_id: UUID, decided: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "may_waive", lambda staff, group_id: False)
    shown = send(attorney, decided, {"what": "continued", "version": version_of(attorney, case_id, decided)})
    assert "A fatal deadline would end: only an attorney" in shown
    assert "previewed" not in shown
    assert "us.bia.appeal" in by_rule(attorney, case_id)


def test_a_filing_that_was_sent_goes_over_to_the_corrected_date(attorney: Worker, case_id: UUID, decided: UUID) -> None:
    appeal = deadline_of(attorney, case_id, "us.bia.appeal")
    step = FilingStep(status="sent", on=dt.date(2026, 11, 24), by=attorney.staff.member_id, recorded_at=clock.now())
    filings.record_filing(attorney.staff, case_id, appeal.id, step, version=appeal.version)
    typed = denial(**boxes("decided_on", dt.date(2026, 11, 23)), version=version_of(attorney, case_id, decided))
    shown, _did = correct(attorney, decided, typed)
    assert "The recorded filing is kept with the new date" in shown
    assert by_rule(attorney, case_id)["us.bia.appeal"].filings == (step,)


def test_a_deadline_that_was_done_stays_done_and_says_what_the_correction_gives(
    attorney: Worker, case_id: UUID, decided: UUID
) -> None:
    appeal = deadline_of(attorney, case_id, "us.bia.appeal")
    acts.mark_done(attorney.staff, case_id, appeal.id, version=appeal.version, note="Receipt of the Board")
    typed = denial(**boxes("decided_on", dt.date(2026, 11, 23)), version=version_of(attorney, case_id, decided))
    shown, _did = correct(attorney, decided, typed)
    assert "It was done and stays done. The corrected entry gives Thu, Dec 3, 2026." in said(shown)
    assert by_rule(attorney, case_id, "done")["us.bia.appeal"].act_by == dt.date(2026, 11, 30)
    assert "us.bia.appeal" not in by_rule(attorney, case_id)


def test_what_was_done_after_the_corrected_date_is_listed_again(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = dt.datetime(2026, 10, 1, 14, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearing_id = hearings.book_hearing(attorney.staff, case_id, hearing)
    reserved = Outcome(what="decided", decision="denied", decided_on=dt.date(2026, 11, 20))
    hearings.record_outcome(attorney.staff, case_id, hearing_id, reserved, version=1)
    at(monkeypatch, minutes=1)
    appeal = deadline_of(attorney, case_id, "us.bia.appeal")
    acts.mark_done(attorney.staff, case_id, appeal.id, version=appeal.version, note="Receipt of the Board")
    # Done on Tue 24 Nov. Of Mon 5 Oct both readings had ended by Wed 4 Nov.
    typed = denial(**boxes("decided_on", dt.date(2026, 10, 5)), version=version_of(attorney, case_id, hearing_id))
    _shown, did = correct(attorney, hearing_id, typed)
    assert did == "entry-corrected-passed"
    assert "us.bia.appeal" in by_rule(attorney, case_id)


def test_the_next_hearing_moves_with_the_outcome_and_goes_with_its_date(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    hearing_id = hearings.book_hearing(attorney.staff, case_id, HEARD_TODAY)
    at(monkeypatch, minutes=1)
    following = Hearing(kind="individual", starts_at=NEXT, zone="America/New_York", court="Court North")
    hearings.record_outcome(
        attorney.staff, case_id, hearing_id, Outcome(what="continued"), version=1, next_hearing=following
    )
    at(monkeypatch, minutes=2)
    version = version_of(attorney, case_id, hearing_id)
    shown = attorney.client.get(reverse("hearings:outcome", args=[hearing_id])).content.decode()
    assert re.search(r'name="next_on_day"[^>]*value="17"', shown)
    moved = {
        "what": "continued", "next_kind": "individual", "next_at": "9:00", "next_half": "am",
        **boxes("next_on", dt.date(2027, 3, 24)), "version": version,
    }  # fmt: skip
    shown, _did = correct(attorney, hearing_id, moved)
    assert "Wed, Mar 17, 2027" in shown
    booked = _open_hearings(attorney, case_id)
    assert [hearing.starts_on for hearing in booked] == [dt.date(2027, 3, 24)]
    # 30 days before Wed 24 Mar 2027 is Mon 22 Feb 2027.
    assert by_rule(attorney, case_id)["us.eoir.individual.filings"].due_on == dt.date(2027, 2, 22)
    gone = {"what": "not_held", "version": version_of(attorney, case_id, hearing_id)}
    shown, _did = correct(attorney, hearing_id, gone)
    assert "The hearing leaves the case." in shown
    assert _open_hearings(attorney, case_id) == []
    assert "us.eoir.individual.filings" not in by_rule(attorney, case_id)


def _open_hearings(worker: Worker, case_id: UUID) -> list[Hearing]:
    return [entry.record for entry in worker.file(case_id).entries_of(Hearing) if entry.record.outcome is None]


def test_an_absence_whose_order_is_found_out_finishes_its_task(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    hearing_id = hearings.book_hearing(attorney.staff, case_id, HEARD_TODAY)
    at(monkeypatch, minutes=1)
    path = reverse("hearings:outcome", args=[hearing_id])
    attorney.client.post(path, {"what": "absent", "absentia": "unknown", "version": "1"})
    at(monkeypatch, minutes=2)
    shown = attorney.client.get(path).content.decode()
    assert re.search(r'<option value="unknown" selected', shown)
    typed = {"what": "absent", "absentia": "yes", "version": version_of(attorney, case_id, hearing_id)}
    shown, _did = correct(attorney, hearing_id, typed)
    assert "Task done: Find out if an in absentia order was made" in shown
    assert [entry.record.done_on for entry in attorney.file(case_id).entries_of(Task)] == [dt.date(2026, 11, 24)]
    assert "us.ij.reopen.absentia.exceptional" in by_rule(attorney, case_id)
    assert "us.eoir.individual.filings" not in by_rule(attorney, case_id)


def test_a_preview_of_another_state_is_shown_again(attorney: Worker, case_id: UUID, decided: UUID) -> None:
    typed = denial(**boxes("decided_on", dt.date(2026, 11, 23)), version=version_of(attorney, case_id, decided))
    answer = attorney.client.post(reverse("hearings:outcome", args=[decided]), {**typed, "previewed": "0" * 32})
    assert answer.status_code == 200
    assert "Nothing is saved yet." in answer.content.decode()
    answer = attorney.client.post(reverse("hearings:outcome", args=[decided]), {**typed, "previewed": "0" * 70_000})
    assert answer.status_code == 200
    assert by_rule(attorney, case_id)["us.bia.appeal"].act_by == dt.date(2026, 11, 30)


def test_a_correction_over_a_colleagues_save_is_a_conflict(attorney: Worker, case_id: UUID, decided: UUID) -> None:
    typed = denial(**boxes("decided_on", dt.date(2026, 11, 23)), version="1")
    answer = attorney.client.post(reverse("hearings:outcome", args=[decided]), typed)
    assert answer.status_code == 409
    assert by_rule(attorney, case_id)["us.bia.appeal"].act_by == dt.date(2026, 11, 30)


def test_an_outsider_finds_no_outcome_to_correct(attorney: Worker, decided: UUID, outsider: Worker) -> None:
    assert outsider.client.get(reverse("hearings:outcome", args=[decided])).status_code == 404
    assert outsider.client.post(reverse("hearings:outcome", args=[decided]), denial()).status_code == 404
