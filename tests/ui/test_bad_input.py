"""What people mistype or send twice: a clear sentence, the typed text kept, nothing half-saved."""

import datetime as dt
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from caseapp.cases.services import notes
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from tests.helpers.two_offices import Worker, booking, boxes

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter the name as on documents."),
        ("name", "x" * 5_000, "This name has 5000 characters. The limit is 200."),
        ("a_number", "12-34", "An A-Number has 7 to 9 digits"),
        ("born_on_month", "2", "There is no day 31 in February 1990: it has 28 days."),
        ("born_on_year", "2030", "The date of birth is after today."),
        ("careful", "y" * 6_000, "at most 5000 characters"),
    ],
)
def test_a_new_case_with_a_mistake_says_which_and_keeps_the_rest(
    attorney: Worker, field: str, value: str, sentence: str
) -> None:
    sent = {"name": "Samira Haddad", **boxes("born_on", dt.date(1990, 1, 31)), "story": "She told it slowly."}
    response = attorney.client.post(reverse("cases:new"), {**sent, field: value})
    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert "She told it slowly." in html
    assert "<title>Problem:" in html
    assert value[:5_000] in html
    assert b"You have no cases yet" in attorney.client.get("/").content


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"on_day": "31", "on_month": "2"}, "There is no day 31 in February 2027: it has 28 days."),
        ({"at": "25:00"}, "Enter the time, for example 8:30."),
        ({"at": "1:30", "half": ""}, "in the morning or in the afternoon?"),
        (boxes("on", dt.date(2027, 3, 14)) | {"at": "2:30", "on_sure": "2027-03-14"}, "this time does not exist there"),
        (boxes("on", dt.date(2027, 11, 7)) | {"at": "1:30", "on_sure": "2027-11-07"}, "this time occurs twice there"),
        (boxes("on", dt.date(2026, 11, 2)), "The hearing date is before today."),
        (boxes("on", dt.date(2026, 12, 5)), "This day is a Saturday. Is this right?"),
        (boxes("on", dt.date(2026, 12, 25)), "This day is a federal holiday (Christmas Day). Is this right?"),
        ({"zone": "Atlantis/Capital"}, "Atlantis/Capital"),
        ({"goes": "00000000-0000-4000-8000-000000000001"}, "is not one of the available choices"),
    ],
)
def test_a_hearing_with_a_mistake_is_not_booked(
    attorney: Worker, case_id: UUID, changed: dict[str, str], sentence: str
) -> None:
    response = attorney.client.post(reverse("hearings:book", args=[case_id]), booking(judge="Judge Moreau", **changed))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert b"Judge Moreau" in response.content
    assert not attorney.file(case_id).entries_of(Hearing)


def test_a_past_hearing_is_booked_after_a_tick_and_starts_no_filing_deadline(attorney: Worker, case_id: UUID) -> None:
    before = {entry.id for entry in attorney.file(case_id).entries_of(Deadline)}
    sent = booking(**boxes("on", dt.date(2026, 11, 2)), on_sure="2026-11-02")
    preview = attorney.client.post(reverse("hearings:book", args=[case_id]), {**sent, "preview": "yes"})
    assert preview.status_code == 200
    assert attorney.client.post(reverse("hearings:book", args=[case_id]), sent).status_code == 303
    file = attorney.file(case_id)
    assert file.entries_of(Hearing)[0].record.starts_on == dt.date(2026, 11, 2)
    assert {entry.id for entry in file.entries_of(Deadline)} == before


def test_a_decision_is_not_before_its_hearing_nor_the_next_hearing(
    attorney: Worker, case_id: UUID, hearing_id: UUID
) -> None:
    version = next(e.version for e in attorney.file(case_id).entries_of(Hearing) if e.id == hearing_id)
    sent = {"what": "decided", "decision": "denied", "version": version, **boxes("decided_on", dt.date(2027, 2, 16))}
    path = reverse("hearings:outcome", args=[hearing_id])
    response = attorney.client.post(path, {**sent, "decided_on_sure": "2027-02-16"})
    assert response.status_code == 422
    assert "The day of the decision is before the day of the hearing." in response.content.decode()
    later = {"what": "reset", "version": version, **boxes("next_on", dt.date(2027, 2, 16)), "next_at": "8:30 am"}
    response = attorney.client.post(path, later)
    assert response.status_code == 422
    assert "The next hearing is before this one." in response.content.decode()


def test_a_hearing_typed_in_the_courts_time_is_kept_as_that_instant(attorney: Worker, case_id: UUID) -> None:
    sent = booking(zone="America/Los_Angeles", at="1:15", half="pm")
    assert attorney.client.post(reverse("hearings:book", args=[case_id]), sent).status_code == 303
    starts = attorney.file(case_id).entries_of(Hearing)[0].record.starts_at
    # 17 Mar 2027, 13:15 in Los Angeles (summer time since 14 March, UTC-7)
    assert starts == dt.datetime(2027, 3, 17, 20, 15, tzinfo=dt.UTC)


def test_a_preview_shows_the_working_and_saves_nothing(attorney: Worker, case_id: UUID) -> None:
    path = reverse("hearings:book", args=[case_id])
    before = attorney.file(case_id).head_version
    response = attorney.client.post(path, booking(preview="yes"))
    assert response.status_code == 200
    # 30 days before Wed 17 Mar 2027 is Mon 15 Feb 2027, a holiday: act by Fri 12 Feb.
    assert "Fri, Feb 12, 2027" in response.content.decode()
    assert "Nothing is saved yet." in response.content.decode()
    assert attorney.file(case_id).head_version == before


def test_a_reset_without_a_new_date_is_asked_about(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    path = reverse("hearings:outcome", args=[hearing_id])
    response = attorney.client.post(path, {"what": "reset", "text": "The judge was ill.", "version": "1"})
    assert response.status_code == 422
    assert b"Enter the new date" in response.content
    assert b"The judge was ill." in response.content
    assert attorney.file(case_id).get(hearing_id, Hearing).record.outcome is None


def test_a_stale_edit_shows_what_stands_now_and_keeps_mine(attorney: Worker, case_id: UUID) -> None:
    note_id = notes.add_note(attorney.staff, case_id, text="First.")
    path = reverse("cases:note", args=[case_id, note_id])
    notes.change_note(attorney.staff, case_id, note_id, text="Saved in the other tab.", version=1)
    response = attorney.client.post(path, {"text": "Mine.", "version": "1"})
    html = response.content.decode()
    assert response.status_code == 409
    assert "Saved in the other tab." in html
    assert "Mine." in html
    assert attorney.file(case_id).get(note_id, Note).record.text == "Saved in the other tab."
    assert '<input type="hidden" name="version" value="2"' in html
    assert attorney.client.post(path, {"text": "Mine.", "version": "2"}).status_code == 303
    assert attorney.file(case_id).get(note_id, Note).record.text == "Mine."


def test_an_oversized_note_is_refused_and_kept(attorney: Worker, case_id: UUID) -> None:
    response = attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": "word " * 10_001})
    assert response.status_code == 422
    assert b"The limit is 50000" in response.content
    assert response.content.count(b"word ") >= 10_001
    assert not attorney.file(case_id).entries_of(Note)


def test_a_file_over_the_limit_is_named_and_the_others_are_kept(
    attorney: Worker, case_id: UUID, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 100
    big, small = SimpleUploadedFile("big.txt", b"x" * 101), SimpleUploadedFile("small.txt", b"y")
    path = reverse("documents:papers", args=[case_id])
    response = attorney.client.post(path, {"papers": [big, small]})
    assert response.status_code == 422
    assert b"the limit. Split it" in response.content
    assert [entry.record.title for entry in attorney.file(case_id).entries_of(Document)] == ["small.txt"]


@pytest.mark.parametrize("files", [[], [SimpleUploadedFile("empty.pdf", b"")]])
def test_no_file_or_an_empty_one_makes_no_document(
    attorney: Worker, case_id: UUID, files: list[SimpleUploadedFile]
) -> None:
    response = attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": files})
    assert response.status_code == 422
    assert not attorney.file(case_id).entries_of(Document)


def test_a_forged_form_changes_nothing(attorney: Worker, case_id: UUID) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(attorney.client.cookies)
    response = strict.post(reverse("cases:note_new", args=[case_id]), {"text": "From another site."})
    assert response.status_code == 403
    assert not attorney.file(case_id).entries_of(Note)
