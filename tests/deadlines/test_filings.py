"""Record filing, from the page: what closes a deadline, what keeps it open, what opens it again."""

import datetime as dt
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.fixtures import Settings

from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.vault.store import Entry
from tests.helpers.two_offices import Worker, boxes

pytestmark = pytest.mark.usefixtures("frozen")

TODAY = dt.date(2026, 11, 24)  # a Tuesday
DUE_ON = dt.date(2026, 11, 23)  # a Monday: yesterday


@pytest.fixture
def brief_id(attorney: Worker, case_id: UUID) -> UUID:
    """A fatal deadline of yesterday, set by hand."""
    path = reverse("deadlines:new", args=[case_id])
    sent = {"what": "Opening brief", **boxes("due_on", DUE_ON), "severity": "fatal", "reason": "Order of 3 November."}
    assert attorney.client.post(path, sent).status_code == 303
    return next(e.id for e in attorney.file(case_id).entries_of(Deadline) if e.record.what == "Opening brief")


def _entry(attorney: Worker, case_id: UUID, deadline_id: UUID) -> Entry[Deadline]:
    return attorney.file(case_id).get(deadline_id, Deadline)


def _record(attorney: Worker, case_id: UUID, deadline_id: UUID, status: str, on: dt.date, **more: object) -> object:
    version = str(_entry(attorney, case_id, deadline_id).version)
    sent = {"status": status, **boxes("on", on), "version": version, **more}
    return attorney.client.post(reverse("deadlines:filing", args=[deadline_id]), sent)


def _status(response: object) -> int:
    return response.status_code  # type: ignore[attr-defined, no-any-return]


def _text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


def test_a_filing_that_was_sent_keeps_the_deadline_open_with_its_reminders(
    attorney: Worker, case_id: UUID, brief_id: UUID
) -> None:
    sent = _record(
        attorney, case_id, brief_id, "sent", DUE_ON,
        at="4:30", half="pm", method="courier", confirmation="1Z 999 AA1", service="mail", **boxes("served_on", DUE_ON),
    )  # fmt: skip
    assert _status(sent) == 303
    record = _entry(attorney, case_id, brief_id).record
    assert (record.state, bool(record.planned)) == ("open", True)
    step = record.filings[0]
    assert (step.status, step.on, step.at, step.method) == ("sent", DUE_ON, "16:30", "courier")
    assert (step.confirmation, step.service, step.served_on) == ("1Z 999 AA1", "mail", DUE_ON)
    page = _text(attorney.client.get(reverse("deadlines:deadline", args=[brief_id])))
    assert "1Z 999 AA1" in page
    assert "Record filing" in page
    assert "not yet received" in _text(attorney.client.get(reverse("cases:case", args=[case_id])))


def test_a_filing_that_was_received_closes_the_deadline_and_its_reminders_stop(
    attorney: Worker, case_id: UUID, brief_id: UUID
) -> None:
    sent = _record(attorney, case_id, brief_id, "received", DUE_ON, confirmation="ECAS 4711")
    assert _status(sent) == 303
    record = _entry(attorney, case_id, brief_id).record
    assert (record.state, record.closed_on, record.closed_by) == ("done", DUE_ON, attorney.staff.member_id)
    assert record.planned == ()


def test_the_uploaded_proof_becomes_a_document_of_the_case_in_the_same_save(
    attorney: Worker, case_id: UUID, brief_id: UUID
) -> None:
    proof = SimpleUploadedFile("receipt.txt", b"RECEIVED Nov 23 2026", content_type="text/plain")
    assert _status(_record(attorney, case_id, brief_id, "received", DUE_ON, upload=proof)) == 303
    record = _entry(attorney, case_id, brief_id).record
    document = attorney.file(case_id).entries_of(Document)[0]
    assert record.proof_document == document.id == record.filings[0].document
    assert document.record.title == "receipt.txt"
    assert "receipt.txt" in _text(attorney.client.get(reverse("deadlines:deadline", args=[brief_id])))


def test_a_fatal_deadline_is_not_closed_without_proof_and_the_typed_text_stays(
    attorney: Worker, case_id: UUID, brief_id: UUID
) -> None:
    answer = _record(attorney, case_id, brief_id, "received", DUE_ON, at="16:30", method="in_person")
    assert _status(answer) == 422
    assert "This deadline is fatal: enter the confirmation number" in _text(answer)
    assert 'value="16:30"' in _text(answer)
    assert _entry(attorney, case_id, brief_id).record.state == "open"


def test_a_receipt_after_the_legal_deadline_is_recorded_as_late_and_only_with_its_motion(
    attorney: Worker, case_id: UUID, brief_id: UUID
) -> None:
    late = _record(attorney, case_id, brief_id, "received", TODAY, confirmation="ECAS 4711")
    assert _status(late) == 422
    assert "received after the legal deadline" in _text(late)
    bare = _record(attorney, case_id, brief_id, "late", TODAY, confirmation="ECAS 4711")
    assert _status(bare) == 422
    assert "Choose the motion" in _text(bare)
    assert _status(_record(attorney, case_id, brief_id, "late", TODAY, note="Motion to accept late filing.")) == 303
    assert _entry(attorney, case_id, brief_id).record.state == "done"
    page = _text(attorney.client.get(reverse("deadlines:deadline", args=[brief_id])))
    assert "Filed late with motion" in page


def test_a_rejection_opens_the_deadline_again_and_its_reminders_return(
    attorney: Worker, case_id: UUID, brief_id: UUID
) -> None:
    _record(attorney, case_id, brief_id, "received", DUE_ON, confirmation="ECAS 4711")
    assert _status(_record(attorney, case_id, brief_id, "rejected", TODAY, note="Wrong fee receipt.")) == 303
    record = _entry(attorney, case_id, brief_id).record
    assert (record.state, record.closed_on, record.proof_note) == ("open", None, "")
    assert [step.status for step in record.filings] == ["received", "rejected"]
    assert record.planned
    page = _text(attorney.client.get(reverse("deadlines:deadline", args=[brief_id])))
    assert "The filing was rejected: file again." in page


@pytest.mark.parametrize("status", ["sent", "received", "late", "rejected"])
def test_a_filing_in_the_future_is_refused(attorney: Worker, case_id: UUID, brief_id: UUID, status: str) -> None:
    answer = _record(attorney, case_id, brief_id, status, TODAY + dt.timedelta(days=1), note="x", confirmation="1")
    assert _status(answer) == 422
    assert "This date is in the future." in _text(answer)
    assert _entry(attorney, case_id, brief_id).record.filings == ()


def test_a_closed_deadline_takes_no_second_receipt(attorney: Worker, case_id: UUID, brief_id: UUID) -> None:
    _record(attorney, case_id, brief_id, "received", DUE_ON, confirmation="ECAS 4711")
    assert _status(_record(attorney, case_id, brief_id, "received", DUE_ON, confirmation="ECAS 4712")) == 422
    assert len(_entry(attorney, case_id, brief_id).record.filings) == 1


def test_a_save_over_a_newer_version_is_a_conflict_that_keeps_what_was_typed(
    attorney: Worker, case_id: UUID, brief_id: UUID
) -> None:
    stale = str(_entry(attorney, case_id, brief_id).version)
    _record(attorney, case_id, brief_id, "sent", DUE_ON)
    sent = {"status": "received", **boxes("on", DUE_ON), "version": stale, "confirmation": "ECAS 4711"}
    answer = attorney.client.post(reverse("deadlines:filing", args=[brief_id]), sent)
    assert answer.status_code == 409
    assert 'value="ECAS 4711"' in answer.content.decode()
    assert _entry(attorney, case_id, brief_id).record.state == "open"


def test_a_document_of_another_case_is_no_proof(attorney: Worker, case_id: UUID, brief_id: UUID) -> None:
    answer = _record(attorney, case_id, brief_id, "received", DUE_ON, document=str(UUID(int=7)))
    assert _status(answer) == 422
    assert _entry(attorney, case_id, brief_id).record.state == "open"


def test_a_file_with_a_refused_form_asks_for_the_file_again(attorney: Worker, case_id: UUID, brief_id: UUID) -> None:
    proof = SimpleUploadedFile("receipt.txt", b"RECEIVED", content_type="text/plain")
    answer = _record(attorney, case_id, brief_id, "received", TODAY, upload=proof)
    assert _status(answer) == 422
    assert "Choose the file again: it was not kept." in _text(answer)
    assert not attorney.file(case_id).entries_of(Document)


def test_the_form_offers_the_documents_of_the_case_and_cannot_be_filled_by_an_outsider(
    attorney: Worker, outsider: Worker, case_id: UUID, brief_id: UUID
) -> None:
    paper = SimpleUploadedFile("stamped page.txt", b"A page.", content_type="text/plain")
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": paper})
    path = reverse("deadlines:filing", args=[brief_id])
    assert "stamped page.txt" in _text(attorney.client.get(path))
    sent = {"status": "received", **boxes("on", DUE_ON), "version": "1", "confirmation": "ECAS 4711"}
    assert outsider.client.post(path, sent).status_code == 404
    assert attorney.client.get(f"{path}?status=received&version=1").status_code == 200
    assert _entry(attorney, case_id, brief_id).record.state == "open"


def test_an_empty_file_is_no_proof_and_the_page_says_so(attorney: Worker, case_id: UUID, brief_id: UUID) -> None:
    empty = SimpleUploadedFile("receipt.pdf", b"", content_type="application/pdf")
    answer = _record(attorney, case_id, brief_id, "received", DUE_ON, confirmation="ECAS 4711", upload=empty)
    assert _status(answer) == 422
    assert "This file is empty. Scan or save it again." in _text(answer)
    assert 'value="ECAS 4711"' in _text(answer)
    assert _entry(attorney, case_id, brief_id).record.state == "open"


def test_a_file_over_the_limit_is_named_and_the_deadline_stays_open(
    attorney: Worker, case_id: UUID, brief_id: UUID, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 100
    big = SimpleUploadedFile("receipt.txt", b"x" * 101)
    answer = _record(attorney, case_id, brief_id, "received", DUE_ON, confirmation="ECAS 4711", upload=big)
    assert _status(answer) == 422
    assert "the limit. Split it" in _text(answer)
    assert _entry(attorney, case_id, brief_id).record.state == "open"
