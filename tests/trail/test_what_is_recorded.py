"""What people do leaves one entry each in the trail, and nothing of a case in it that its people did not say."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import sign_in
from caseapp.audit import read
from caseapp.audit.records import AuditRecord
from caseapp.cases.services import notes as cases
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.tenancy import office_transaction
from tests.helpers import process_state
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import NOW, Worker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _first_look() -> Iterator[None]:
    process_state.forget_case_views()
    yield
    process_state.forget_case_views()


def trail_of(staff: Staff) -> list[AuditRecord]:
    """What an auditor reads, in the order in which it was written."""
    privates = [group.hpke_private for group in staff.keys.held if group.kind == AUDITORS]
    with office_transaction(staff.org_id):
        lines = read.entries(staff.org_id, privates, since=NOW - dt.timedelta(days=60))
    assert all(line.record is not None for line in lines)
    return [line.record for line in reversed(lines) if line.record is not None]


def since(staff: Staff, before: list[AuditRecord]) -> list[tuple[str, UUID | None, int]]:
    """Code, case and count of what came after."""
    return [(told.what, told.case, told.count) for told in trail_of(staff)[len(before) :]]


def test_opening_and_changing_a_case_is_one_entry_each(attorney: Worker, case_id: UUID) -> None:
    before = trail_of(attorney.staff)
    assert (before[-1].what, before[-1].case) == ("case.create", case_id)
    attorney.client.get(reverse("cases:case", args=[case_id]))
    attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": "Phoned."})
    assert since(attorney.staff, before) == [("case.open", case_id, 1), ("case.change", case_id, 1)]


def test_a_form_that_comes_back_with_a_problem_is_a_look_at_the_case(attorney: Worker, case_id: UUID) -> None:
    before = trail_of(attorney.staff)
    answer = attorney.client.post(reverse("cases:note_new", args=[case_id]), {"text": ""})
    assert answer.status_code == 422
    assert since(attorney.staff, before) == [("case.open", case_id, 1)]


def test_every_page_that_shows_a_case_says_so(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    deadline = attorney.file(case_id).entries_of(Deadline)[0].id
    of_case = ("cases:case", "cases:change", "cases:note_new", "clients:person_new", "cases:task_new",
               "cases:notice_new", "hearings:book", "deadlines:new", "documents:papers", "deadlines:asylum_clock",
               "cases:access", "deadlines:from_rule")  # fmt: skip
    paths = [reverse(name, args=[case_id]) for name in of_case]
    paths += [reverse(name, args=[hearing_id]) for name in ("hearings:hearing", "hearings:edit", "hearings:outcome")]
    for path in (*paths, reverse("deadlines:deadline", args=[deadline])):
        before = trail_of(attorney.staff)
        assert attorney.client.get(path).status_code == 200
        assert since(attorney.staff, before) == [("case.open", case_id, 1)], path


def test_a_paper_is_looked_at_once_however_many_parts_the_browser_fetches(
    attorney: Worker, case_id: UUID, django_capture_on_commit_callbacks: Any
) -> None:
    paper = SimpleUploadedFile("passport.txt", b"A paper of ours.", content_type="text/plain")
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": paper})
    document = attorney.file(case_id).entries_of(Document)[0].id
    before = trail_of(attorney.staff)
    with django_capture_on_commit_callbacks(execute=True):
        attorney.client.get(reverse("documents:document", args=[document]))
    path = reverse("documents:file", args=[document])
    for part in ("bytes=0-3", "bytes=4-8"):
        assert attorney.client.get(path, headers={"Range": part}).status_code == 206
    download = attorney.client.get(reverse("documents:download", args=[document]))
    assert b"".join(cast(Any, download).streaming_content) == b"A paper of ours."
    after = [(told.what, told.target) for told in trail_of(attorney.staff)[len(before) :]]
    assert after == [("document.open", document), ("document.download", document)]


def test_a_search_says_how_many_were_found_and_never_what_was_typed(attorney: Worker, case_id: UUID) -> None:
    before = trail_of(attorney.staff)
    attorney.client.post("/search/", {"text": "Karimi"})
    attorney.client.post("/search/", {"text": "Nobody Of That Name"})
    assert since(attorney.staff, before) == [("search", None, 1), ("search", None, 0)]
    assert "Karimi" not in repr(trail_of(attorney.staff))


def test_failed_tries_are_told_with_the_next_sign_in(attorney: Worker) -> None:
    before = trail_of(attorney.staff)
    for _ in range(3):
        with pytest.raises(Refused):
            sign_in.sign_in("ana@office.test", "a wrong passphrase altogether", address="198.51.100.7")
    sign_in.sign_in("ana@office.test", WORDS, address="198.51.100.8")
    assert since(attorney.staff, before) == [("sign_in.failed", None, 3), ("sign_in", None, 1)]
    sign_in.sign_in("ana@office.test", WORDS, address="198.51.100.8")
    assert since(attorney.staff, before)[2:] == [("sign_in", None, 1)]


def test_what_cannot_be_written_down_does_not_happen(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the trail does not answer")

    notes = len(attorney.file(case_id).entries)
    monkeypatch.setattr("caseapp.audit.write.record", broken)
    page = attorney.client.get(reverse("cases:case", args=[case_id]))
    assert page.status_code == 500
    assert b"Karimi" not in page.content
    with pytest.raises(RuntimeError):
        cases.add_note(attorney.staff, case_id, text="Phoned.")
    assert len(attorney.file(case_id).entries) == notes
