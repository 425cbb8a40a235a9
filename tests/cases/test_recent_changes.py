"""Recent changes of a case: each save of 30 days says what its undo takes back, and one button takes it back."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from caseapp.casefile.changes.saved_changes import saved_changes
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases, notes, tasks
from caseapp.cases.services import undo as undo_service
from caseapp.clients.services import people
from caseapp.deadlines.services import acts, filings, notices
from caseapp.hearings.services import hearings
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case
from caseapp.records.consent import Consent
from caseapp.records.deadline import TAKEN_BACK, Deadline, FilingStep
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.notice import Notice
from caseapp.records.party import Name, Party
from caseapp.records.task import Task
from caseapp.vault.tenancy import office_transaction
from tests.helpers.corrections import by_rule, move_clock, said
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import NOW, Worker, boxes

FILINGS, APPEAL, RFE = "us.eoir.individual.filings", "us.bia.appeal", "us.uscis.rfe"
FRIDAY = dt.date(2026, 11, 20)


def page_of(case_id: UUID) -> str:
    """The address of the page."""
    return reverse("cases:changes", args=[case_id])


def line_of(worker: Worker, case_id: UUID, title: str) -> str:
    """The part of the page about the newest change with this title."""
    html = worker.client.get(page_of(case_id)).content.decode()
    lines = html.partition("<main")[2].split('<li class="card stack">')[1:]
    matching = [line for line in lines if title in said(line.partition("</h2>")[0])]
    assert matching, [said(line.partition("</h2>")[0]) for line in lines]
    return matching[0]


def button_of(line: str) -> dict[str, str]:
    """What the undo button of a line sends."""
    return dict(re.findall(r'name="(change|state)" value="([0-9a-f]+)"', line))


def undo(worker: Worker, case_id: UUID, title: str) -> str:
    """Press Undo of the newest change with this title, and return what the page had said about it."""
    line = line_of(worker, case_id, title)
    answer = worker.client.post(page_of(case_id), button_of(line))
    assert redirect_of(answer)[1:] == (page_of(case_id), "change-taken-back"), said(answer.content.decode())[:3000]
    return said(line)


def test_the_case_page_links_to_its_recent_changes(attorney: Worker, case_id: UUID) -> None:
    assert page_of(case_id) in attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()


def test_the_message_after_a_save_leads_to_its_undo(attorney: Worker, case_id: UUID) -> None:
    case = reverse("cases:case", args=[case_id])
    attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": "Phoned."})
    message = said_after_save(attorney, case)
    assert f'href="{page_of(case_id)}"' in message
    attorney.client.post("/account/cover/", {"covered": "no", "next": case})
    assert page_of(case_id) not in said_after_save(attorney, case)


def said_after_save(worker: Worker, path: str) -> str:
    """The message of a page, with its button."""
    html = worker.client.get(path).content.decode()
    return html.partition('<div class="result"')[2].partition("</div>")[0]


def test_while_names_are_covered_no_detail_of_a_change_is_on_the_page(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    tasks.add_task(attorney.staff, case_id, text="Ask Roya for the birth record")
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    html = attorney.client.get(page_of(case_id)).content.decode()
    assert "Task added" in html
    for secret in ("Roya", "Karimi"):
        assert secret not in html


def test_a_hearing_goes_with_its_deadlines_and_reminders(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearings.book_hearing(attorney.staff, case_id, hearing)
    move_clock(monkeypatch, minutes=2)
    told = undo(attorney, case_id, "Hearing booked: ")
    assert "was Fri, Jan 15, 2027, would be no date" in told
    assert "The hearing leaves the case." in told
    assert re.search(r"over all members: was \d+, would be 0\.", told)
    file = attorney.file(case_id)
    assert file.entries_of(Hearing) == []
    ended = by_rule(attorney, case_id, "superseded")[FILINGS]
    assert (ended.closed_reason, ended.planned) == (TAKEN_BACK, ())
    page = attorney.client.get(reverse("cases:case", args=[case_id])).content.decode()
    assert "Its entry was taken back" in page
    assert file.get_only(Case).record.stage == "intake"
    assert "Hearing booked" not in attorney.client.get(page_of(case_id)).content.decode()


def test_an_outcome_goes_with_what_followed_and_what_it_ended_opens_again(
    attorney: Worker, case_id: UUID, hearing_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert by_rule(attorney, case_id)[FILINGS].planned
    move_clock(monkeypatch, minutes=1)
    following = Hearing(
        kind="master", starts_at=NOW + dt.timedelta(days=100), zone="America/New_York", court="Court North"
    )
    decided = Outcome(what="decided", decision="denied", decided_on=dt.date(2026, 11, 24))
    hearings.record_outcome(attorney.staff, case_id, hearing_id, decided, version=1, next_hearing=following)
    assert FILINGS not in by_rule(attorney, case_id)
    move_clock(monkeypatch, minutes=2)
    told = undo(attorney, case_id, "Outcome recorded")
    assert "This deadline is fatal. It ends" in told
    assert "Opens again:" in told
    file = attorney.file(case_id)
    assert [entry.id for entry in file.entries_of(Hearing)] == [hearing_id]
    assert file.get(hearing_id, Hearing).record.outcome is None
    assert file.get(hearing_id, Hearing).record.planned
    assert by_rule(attorney, case_id)[FILINGS].planned
    assert by_rule(attorney, case_id, "superseded")[APPEAL].closed_reason == TAKEN_BACK
    assert file.get_only(Case).record.stage_question == ""


def test_a_notice_goes_with_its_deadline(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    move_clock(monkeypatch, minutes=1)
    new = notices.NewNotice(what="rfe", dated_on=FRIDAY, how="by_hand", answers={"rfe_form": "other"})
    notices.record_event(attorney.staff, case_id, new)
    move_clock(monkeypatch, minutes=2)
    undo(attorney, case_id, "Notice or event recorded: USCIS request for evidence")
    assert attorney.file(case_id).entries_of(Notice) == []
    assert RFE not in by_rule(attorney, case_id)


def test_a_filing_on_a_deadline_keeps_the_entry_that_started_it(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    new = notices.NewNotice(what="rfe", dated_on=FRIDAY, how="by_hand", answers={"rfe_form": "other"})
    notices.record_event(attorney.staff, case_id, new)
    shown = button_of(line_of(attorney, case_id, "Notice or event recorded"))
    move_clock(monkeypatch, minutes=2)
    entries = attorney.file(case_id).entries_of(Deadline)
    deadline = next(entry for entry in entries if entry.record.working and entry.record.working.rule == RFE)
    step = FilingStep(status="sent", on=dt.date(2026, 11, 24), by=attorney.staff.member_id, recorded_at=clock.now())
    filings.record_filing(attorney.staff, case_id, deadline.id, step, version=deadline.version)
    line = line_of(attorney, case_id, "Notice or event recorded")
    assert "A filing is recorded for" in said(line)
    assert button_of(line) == {}
    state = str(attorney.file(case_id).head_version)
    refused = attorney.client.post(page_of(case_id), {**shown, "state": state})
    assert refused.status_code == 422
    assert by_rule(attorney, case_id)[RFE].filings == (step,)
    move_clock(monkeypatch, minutes=3)
    undo(attorney, case_id, "Filing recorded")
    undo(attorney, case_id, "Notice or event recorded")
    assert RFE not in by_rule(attorney, case_id)


def test_a_task_a_note_and_a_person_go_and_a_task_is_open_again(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    task_id = tasks.add_task(attorney.staff, case_id, text="Ask for the birth record")
    move_clock(monkeypatch, minutes=2)
    tasks.finish_task(attorney.staff, case_id, task_id)
    move_clock(monkeypatch, minutes=3)
    people.add_person(attorney.staff, case_id, Party(role="spouse", name=Name(full="Roya Karimi")))
    move_clock(monkeypatch, minutes=4)
    notes.add_note(attorney.staff, case_id, text="Phoned.")
    move_clock(monkeypatch, minutes=5)
    assert "It was changed again since." in said(line_of(attorney, case_id, "Task added"))
    told = undo(attorney, case_id, "Task done")
    assert "Task open again: Ask for the birth record" in told
    assert attorney.file(case_id).get(task_id, Task).record.done_on is None
    undo(attorney, case_id, "Task added")
    undo(attorney, case_id, "Person added")
    undo(attorney, case_id, "Note added")
    kinds = {type(entry.record).__name__ for entry in attorney.file(case_id).entries.values()}
    assert not kinds & {"Task", "Note"}
    assert [entry.record.role for entry in attorney.file(case_id).entries_of(Party)] == ["lead"]


def test_a_document_leaves_the_view_and_its_removal_is_undone(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    paper = SimpleUploadedFile("passport.txt", b"A paper.", content_type="text/plain")
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": paper})
    move_clock(monkeypatch, minutes=2)
    undo(attorney, case_id, "Document added")
    document = attorney.file(case_id).entries_of(Document)[0]
    assert document.record.removed_on is not None
    move_clock(monkeypatch, minutes=3)
    undo(attorney, case_id, "Document removed")
    assert attorney.file(case_id).get(document.id, Document).record.removed_on is None


def test_a_case_opened_by_mistake_is_closed_and_leaves_the_lists(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    told = undo(attorney, case_id, "Case opened")
    assert "The case is closed and kept for 30 days" in told
    case = attorney.file(case_id).get_only(Case).record
    assert (case.stage, case.closed_on, case.retain_until) == ("closed", dt.date(2026, 11, 24), dt.date(2026, 12, 24))
    assert by_rule(attorney, case_id) == {}
    with office_transaction(attorney.staff.org_id):
        view = reader.open_view(attorney.staff.keys)
        assert list(view.deadlines_between(dt.date(2026, 1, 1), dt.date(2028, 1, 1))) == []


def test_a_case_in_which_more_was_recorded_is_not_taken_back(
    attorney: Worker, case_id: UUID, hearing_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    tasks.add_task(attorney.staff, case_id, text="Ask for the birth record")
    line = line_of(attorney, case_id, "Case opened")
    assert "More was recorded in this case since. Close the case instead." in said(line)
    assert button_of(line) == {}


def test_an_undo_keeps_what_was_changed_in_other_fields_since(
    attorney: Worker, case_id: UUID, hearing_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    record = attorney.file(case_id).get(hearing_id, Hearing).record
    attorney_form = {
        "kind": "individual", **boxes("on", dt.date(2027, 2, 17)), "at": "8:30", "half": "am", "court": "Court North",
        "zone": "America/New_York", "way": "in_person", "goes": "", "room": "4", "version": "1",
    }  # fmt: skip
    path = reverse("hearings:edit", args=[hearing_id])
    assert attorney.client.post(path, attorney_form).status_code == 303
    move_clock(monkeypatch, minutes=2)
    version = str(attorney.file(case_id).entries[hearing_id].version)
    assert attorney.client.post(path, {**attorney_form, "judge": "Ames", "version": version}).status_code == 303
    move_clock(monkeypatch, minutes=3)
    lines = attorney.client.get(page_of(case_id)).content.decode().split('<li class="card stack">')
    older = [line for line in lines if "Hearing changed" in said(line.partition("</h2>")[0])][1]
    assert attorney.client.post(page_of(case_id), button_of(older)).status_code == 303
    now = attorney.file(case_id).get(hearing_id, Hearing).record
    assert (now.room, now.judge) == (record.room, "Ames")


def test_an_undo_leaves_a_stage_that_a_member_chose_since(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    starts = dt.datetime(2027, 2, 17, 13, 30, tzinfo=dt.UTC)
    hearing = Hearing(kind="individual", starts_at=starts, zone="America/New_York", court="Court North")
    hearings.book_hearing(attorney.staff, case_id, hearing)
    move_clock(monkeypatch, minutes=2)
    version = attorney.file(case_id).get_only(Case).version
    cases.change_case(attorney.staff, case_id, version=version, stage="decision_reserved")
    move_clock(monkeypatch, minutes=3)
    undo(attorney, case_id, "Hearing booked: ")
    assert attorney.file(case_id).get_only(Case).record.stage == "decision_reserved"


def test_only_a_lawyer_takes_back_what_a_fatal_deadline_follows_from(
    attorney: Worker, case_id: UUID, hearing_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    decided = Outcome(what="decided", decision="denied", decided_on=dt.date(2026, 11, 24))
    hearings.record_outcome(attorney.staff, case_id, hearing_id, decided, version=1)
    move_clock(monkeypatch, minutes=2)
    shown = button_of(line_of(attorney, case_id, "Outcome recorded"))
    monkeypatch.setattr(acts, "may_waive", lambda staff, group_id: False)
    line = line_of(attorney, case_id, "Outcome recorded")
    assert "only an attorney or an accredited representative" in said(line)
    assert button_of(line) == {}
    assert attorney.client.post(page_of(case_id), shown).status_code == 422
    assert APPEAL in by_rule(attorney, case_id)


def test_a_clients_stop_is_never_undone(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    party = attorney.file(case_id).entries_of(Party)[0].id
    consent_id = UUID(int=11)
    move_clock(monkeypatch, minutes=1)
    with_consent(attorney, case_id, consent_id, party, withdrawn=False)
    move_clock(monkeypatch, minutes=2)
    with_consent(attorney, case_id, consent_id, party, withdrawn=True)
    html = attorney.client.get(page_of(case_id)).content.decode()
    assert "onsent" not in said(html.partition("<main")[2].partition("<ul")[2])
    file = attorney.file(case_id)
    with office_transaction(attorney.staff.org_id):
        stop = next(c for c in saved_changes(file) if any(isinstance(item.after, Consent) for item in c.records))
    sent = {"change": stop.mark, "state": str(file.head_version)}
    assert attorney.client.post(page_of(case_id), sent).status_code == 422
    assert attorney.file(case_id).get(consent_id, Consent).record.is_withdrawn


def with_consent(worker: Worker, case_id: UUID, consent_id: UUID, party: UUID, *, withdrawn: bool) -> None:
    """Store a consent, or the STOP that ends it, as the program does."""
    record = Consent(
        what="reminders", party=party, way="text", contact="+1 862 555 0101", number="+18625550101",
        asked_on=dt.date(2026, 11, 24), asked_how="phone",
        withdrawn_on=dt.date(2026, 11, 24) if withdrawn else None, withdrawn_how="answered_stop" if withdrawn else "",
    )  # fmt: skip
    with case_transaction(worker.staff, case_id) as draft:
        if withdrawn:
            draft.change(consent_id, record)
        else:
            draft.add(record, consent_id)


def test_a_change_of_31_days_ago_is_not_listed(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    tasks.add_task(attorney.staff, case_id, text="Ask for the birth record")
    shown = button_of(line_of(attorney, case_id, "Task added"))
    move_clock(monkeypatch, minutes=60 * 24 * 31)
    file = attorney.file(case_id)
    with office_transaction(attorney.staff.org_id):
        assert saved_changes(file) == []
    with pytest.raises(NotFound):
        undo_service.undo_saved_change(attorney.staff, case_id, shown["change"], head_version=file.head_version)
    assert len(attorney.file(case_id).entries_of(Task)) == 1


def test_an_undo_after_a_later_save_is_shown_again_before_it_is_made(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    tasks.add_task(attorney.staff, case_id, text="Ask for the birth record")
    sent = button_of(line_of(attorney, case_id, "Task added"))
    move_clock(monkeypatch, minutes=2)
    notes.add_note(attorney.staff, case_id, text="Phoned.")
    answer = attorney.client.post(page_of(case_id), sent)
    assert answer.status_code == 422
    assert "The case was changed after you saw what follows." in answer.content.decode()
    assert len(attorney.file(case_id).entries_of(Task)) == 1
    undo(attorney, case_id, "Task added")
    assert attorney.file(case_id).entries_of(Task) == []


def test_of_two_undos_at_once_one_is_made(
    transactional_db: None, attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    tasks.add_task(attorney.staff, case_id, text="Ask for the birth record")
    move_clock(monkeypatch, minutes=2)
    sent, ready = button_of(line_of(attorney, case_id, "Task added")), Barrier(2)

    def press() -> int:
        try:
            ready.wait(timeout=20)
            return attorney.client.post(page_of(case_id), sent).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(answer.result() for answer in [pool.submit(press) for _ in range(2)])
    assert codes == [303, 422]
    assert attorney.file(case_id).entries_of(Task) == []


def test_an_outsider_a_get_and_an_oversized_form_take_nothing_back(
    attorney: Worker, case_id: UUID, outsider: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_clock(monkeypatch, minutes=1)
    tasks.add_task(attorney.staff, case_id, text="Ask for the birth record")
    sent = button_of(line_of(attorney, case_id, "Task added"))
    assert outsider.client.get(page_of(case_id)).status_code == 404
    assert outsider.client.post(page_of(case_id), sent).status_code == 404
    before = attorney.file(case_id).head_version
    assert attorney.client.get(page_of(case_id), sent).status_code == 200
    for wrong in ({}, {**sent, "change": "f" * 70_000}, {**sent, "state": "9" * 5_000}, {**sent, "change": "0" * 32}):
        assert attorney.client.post(page_of(case_id), wrong).status_code in {404, 422}
    assert attorney.file(case_id).head_version == before
