"""A paper comes back bit for bit, whole or by parts."""

import re
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse
from django.urls import reverse

from caseapp.cli.demo import one_page_pdf
from caseapp.records.document import Document
from tests.helpers.two_offices import Worker

CSP = "Content-Security-Policy"
pytestmark = pytest.mark.usefixtures("frozen")

BODY = one_page_pdf("A fictional paper.") + bytes(range(256)) * 1_000


@pytest.fixture
def document_id(attorney: Worker, case_id: UUID) -> UUID:
    upload = SimpleUploadedFile("notice of María.pdf", BODY)
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": upload, "title": "Notice, 2 pages"})
    return attorney.file(case_id).entries_of(Document)[0].id


def _body(response: object) -> bytes:
    assert isinstance(response, StreamingHttpResponse)
    return b"".join(response)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-99", 0, 100), ("bytes=70000-140000", 70000, 140001), ("bytes=-10", len(BODY) - 10, len(BODY)),
     ("bytes=5-", 5, len(BODY)), (f"bytes=9-{len(BODY) * 2}", 9, len(BODY))],
)  # fmt: skip
def test_a_part_is_answered_with_that_part(
    attorney: Worker, document_id: UUID, asked: str, start: int, stop: int
) -> None:
    response = attorney.client.get(reverse("documents:file", args=[document_id]), headers={"Range": asked})
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(BODY)}"
    assert int(response.headers["Content-Length"]) == stop - start
    assert _body(response) == BODY[start:stop]


@pytest.mark.parametrize("asked", ["", "bytes=0-1,5-6", "lines=1-2", "bytes=9-3", "bytes=-"])
def test_anything_else_is_answered_with_the_whole(attorney: Worker, document_id: UUID, asked: str) -> None:
    response = attorney.client.get(reverse("documents:file", args=[document_id]), headers={"Range": asked})
    assert response.status_code == 200
    assert _body(response) == BODY


@pytest.mark.parametrize("asked", [f"bytes={len(BODY)}-", "bytes=-0"])
def test_a_part_outside_the_file_is_not_satisfiable(attorney: Worker, document_id: UUID, asked: str) -> None:
    response = attorney.client.get(reverse("documents:file", args=[document_id]), headers={"Range": asked})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(BODY)}"


def test_a_download_is_the_original_under_its_own_name(attorney: Worker, document_id: UUID) -> None:
    response = attorney.client.get(reverse("documents:download", args=[document_id]))
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''notice%20of%20Mar")
    assert _body(response) == BODY


def test_a_page_that_somebody_uploads_is_never_shown_as_a_page(attorney: Worker, case_id: UUID) -> None:
    path = reverse("documents:papers", args=[case_id])
    attorney.client.post(path, {"papers": SimpleUploadedFile("x.html", b"<html><script>alert(1)</script></html>")})
    document = attorney.file(case_id).entries_of(Document)[0].id
    response = attorney.client.get(reverse("documents:file", args=[document]))
    assert response.status_code == 404 or response.headers["Content-Type"].startswith("text/plain")
    assert (
        "attachment"
        in attorney.client.get(reverse("documents:download", args=[document])).headers["Content-Disposition"]
    )


def test_a_paper_is_taken_out_of_view_and_comes_back(
    attorney: Worker, outsider: Worker, case_id: UUID, document_id: UUID
) -> None:
    path = reverse("documents:remove", args=[document_id])
    assert attorney.client.get(path).status_code == 405
    assert outsider.client.post(path, {"version": "1"}).status_code == 404
    assert attorney.client.post(path, {"version": "1"}).status_code == 303
    listed = reverse("documents:papers", args=[case_id])
    assert b"Notice, 2 pages" not in attorney.client.get(listed).content
    attorney.client.post("/undo/", {"case": str(case_id), "record": str(document_id), "version": "2"})
    assert b"Notice, 2 pages" in attorney.client.get(listed).content


def test_only_our_own_page_of_a_document_may_show_its_file_in_a_frame(attorney: Worker, case_id: UUID) -> None:
    path = reverse("documents:papers", args=[case_id])
    attorney.client.post(path, {"papers": SimpleUploadedFile("letter.txt", b"A letter of ours.")})
    document = attorney.file(case_id).entries_of(Document)[0].id
    ancestors = {
        name: re.findall(r"frame-ancestors ([^;]+)", attorney.client.get(reverse(name, args=[one])).headers[CSP])
        for name, one in (("documents:file", document), ("documents:document", document), ("cases:case", case_id))
    }
    none = ["'none'"]
    assert ancestors == {"documents:file": ["'self'"], "documents:document": none, "cases:case": none}
    assert attorney.client.get(reverse("documents:file", args=[document])).headers["X-Frame-Options"] == "SAMEORIGIN"
