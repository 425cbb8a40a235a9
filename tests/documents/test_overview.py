"""The page Documents: the newest documents of all cases, and those to sort; the kind of a document."""

import re
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caseapp.cases.services import cases
from caseapp.documents import services
from caseapp.lib.errors import Refused
from caseapp.records.document import KINDS, Document
from caseapp.ui.display.labels import DOCUMENT_KINDS
from tests.helpers.two_offices import NAME, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def upload(worker: Worker, case_id: UUID, title: str, **more: str) -> UUID:
    paper = SimpleUploadedFile("scan_004.txt", b"A paper.", content_type="text/plain")
    fields = {"papers": paper, "title": title, **more}
    assert worker.client.post(reverse("documents:papers", args=[case_id]), fields).status_code == 303
    return next(entry.id for entry in worker.file(case_id).entries_of(Document) if entry.record.title == title)


def overview(worker: Worker) -> tuple[str, str]:
    """The part of the page before "Last 30 days", and the part from there."""
    html = worker.client.get("/documents/").content.decode()
    before, _, after = html.partition('<h2 id="recent">')
    return before, after


def test_documents_lists_what_is_new_and_what_is_not_sorted_with_its_case(attorney: Worker, case_id: UUID) -> None:
    passport, letter = upload(attorney, case_id, "Passport"), upload(attorney, case_id, "Reply", kind="letter")
    waiting, recent = overview(attorney)
    assert f"/documents/{passport}/?next=/documents/" in waiting
    assert "Not sorted yet</h2>" in waiting.replace(" (1)", "")
    assert "Reply" not in waiting
    assert f'href="/documents/{letter}/"' in recent
    assert "Passport" in recent
    assert NAME in recent
    assert "Letter" in recent


def test_without_documents_the_page_says_so_with_one_action(attorney: Worker, case_id: UUID) -> None:
    html = attorney.client.get("/documents/").content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    assert "No documents in the last 30 days, and none to sort." in main
    assert re.findall(r'<a class="button" href="([^"]*)"', main) == ["/cases/"]


def test_a_sorted_document_leaves_the_list_and_its_member_returns_to_it(attorney: Worker, case_id: UUID) -> None:
    passport = upload(attorney, case_id, "Passport")
    page = attorney.client.get(f"/documents/{passport}/?next=/documents/").content.decode()
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    sent = {"kind": "identity", "version": version[1], "next": "/documents/"}
    answer = attorney.client.post(reverse("documents:sort", args=[passport]), sent)
    assert (answer.status_code, answer["Location"]) == (303, "/documents/")
    waiting, recent = overview(attorney)
    assert "Passport" not in waiting
    assert "Identity or civil document" in recent


def test_a_removed_document_is_in_no_list(attorney: Worker, case_id: UUID) -> None:
    passport = upload(attorney, case_id, "Passport")
    attorney.client.post(reverse("documents:remove", args=[passport]), {"version": "1"})
    assert "Passport" not in "".join(overview(attorney))


def test_of_a_case_with_many_documents_the_newest_are_listed_and_all_are_counted(
    attorney: Worker, case_id: UUID
) -> None:
    for number in range(7):
        upload(attorney, case_id, f"Scan {number}")
    waiting, _ = overview(attorney)
    assert "Not sorted yet (7)" in " ".join(waiting.replace("</h2>", " ").split())
    assert "The newest are listed. The others are in their cases." in waiting


@pytest.mark.parametrize("kind", ["", "poster", "x" * 5_000, "\x00"])
def test_a_kind_that_is_none_is_refused_and_nothing_changes(attorney: Worker, case_id: UUID, kind: str) -> None:
    passport = upload(attorney, case_id, "Passport")
    path = reverse("documents:sort", args=[passport])
    assert attorney.client.post(path, {"kind": kind, "version": "1"}).status_code == 422
    assert attorney.client.post(path, {"kind": "letter"}).status_code == 422
    assert attorney.client.get(path, {"kind": "letter", "version": "1"}).status_code == 405
    assert attorney.file(case_id).get(passport, Document).record.kind == ""


def test_the_service_itself_refuses_a_kind_that_is_none(attorney: Worker, case_id: UUID) -> None:
    passport = upload(attorney, case_id, "Passport")
    with pytest.raises(Refused):
        services.sort_document(attorney.staff, case_id, passport, kind="poster", version=1)


def test_another_office_and_a_colleague_outside_the_wall_see_and_sort_none(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    passport = upload(attorney, case_id, "Passport")
    attorney.client.post(reverse("cases:access", args=[case_id]), {"act": "wall"})
    for worker in (outsider, member(attorney.staff, "attorney")):
        assert "Passport" not in "".join(overview(worker))
        sent = {"kind": "letter", "version": "1"}
        assert worker.client.post(reverse("documents:sort", args=[passport]), sent).status_code == 404


def test_two_members_who_sort_one_document_do_not_overwrite_each_other(attorney: Worker, case_id: UUID) -> None:
    passport = upload(attorney, case_id, "Passport")
    path = reverse("documents:sort", args=[passport])
    assert attorney.client.post(path, {"kind": "identity", "version": "1"}).status_code == 303
    assert attorney.client.post(path, {"kind": "letter", "version": "1"}).status_code == 409
    assert attorney.file(case_id).get(passport, Document).record.kind == "identity"


def test_each_kind_has_a_label() -> None:
    assert set(DOCUMENT_KINDS) == set(KINDS)


def test_while_names_are_covered_no_title_is_in_the_page(attorney: Worker, case_id: UUID) -> None:
    cases.open_case(attorney.staff, cases.NewCase(name="Aminata Diallo"))
    upload(attorney, case_id, "Passport of Farid")
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    html = "".join(overview(attorney))
    assert "Farid" not in html
    assert "Karimi" not in html
