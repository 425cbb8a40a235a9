"""Views of documents: add, view, download. The original is evidence: no view changes it."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from caseapp.casefile import case_access, open_case
from caseapp.casefile.file_storage import OpenDocument, SealedBlob
from caseapp.documents import pages, services
from caseapp.documents.byte_ranges import Unsatisfiable, part_of
from caseapp.documents.file_types import SHOWN
from caseapp.documents.forms import RemoveForm, UploadForm
from caseapp.lib.errors import NotFound
from caseapp.records.document import Document
from caseapp.ui.forms.form_saving import Done, attempt, shown, typed
from caseapp.ui.forms.sealed_uploads import SealedUpload
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.tenancy import office

VIEWER_POLICY = {"object-src": ["'self'"], "style-src": ["'unsafe-inline'"]}


@staff_view(methods=["GET"])
def start(request: StaffRequest) -> HttpResponse:
    """Explain that documents are found in their case."""
    return render(request, "documents/start.html")


@staff_stream(methods=["GET", "POST"], takes_files=True)
def papers(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """List the documents of a case and add uploaded ones. No transaction is open while files arrive."""
    staff = request.staff
    with office(staff.org_id):
        case_access.open_case(staff.keys, case_id)
    form = UploadForm(typed(request))
    lines: list[pages.UploadLine] = []
    if form.is_bound and form.is_valid():
        whole, lines = _arrived(request)
        if not whole and not lines:
            form.add_error("papers", _("Choose at least one file."))
        done = _file(request, form, case_id, whole) if whole else None
        if done and not any(line.reason for line in lines):
            return see_other(
                reverse("documents:papers", args=[case_id]),
                "document-added" if len(done.value) == 1 else "documents-added",
            )
        if any(line.reason for line in lines):
            form.add_error(None, _("Not every file was kept. The list says which, and why."))
    with office(staff.org_id):
        page = pages.papers_page(open_case.open_case(staff, case_id), staff, lines)
        return shown(request, "documents/list.html", form, {"page": page})


def _arrived(request: StaffRequest) -> tuple[list[tuple[str, SealedBlob]], list[pages.UploadLine]]:
    """Return the complete uploads to add to the case, and a line with the result of each upload."""
    whole: list[tuple[str, SealedBlob]] = []
    lines: list[pages.UploadLine] = []
    for upload in cast("list[UploadedFile[Any]]", request.FILES.getlist("papers")):
        name = upload.name or ""
        if not isinstance(upload, SealedUpload):
            continue
        if not upload.size:
            lines.append(pages.UploadLine(name, _("This file is empty. Scan or save it again.")))
            continue
        whole.append((name, upload.blob))
        lines.append(pages.UploadLine(name, ""))
    problems: list[tuple[str, str]] = getattr(request, "upload_problems", [])
    lines += [pages.UploadLine(name, sentence) for name, sentence in problems]
    return whole, lines


def _file(
    request: StaffRequest, form: UploadForm, case_id: UUID, whole: list[tuple[str, SealedBlob]]
) -> Done[list[UUID]] | None:
    title = form.cleaned_data["title"]
    return attempt(form, lambda: services.file_documents(request.staff, case_id, whole, title=title))


@staff_view(methods=["GET"])
def document(request: StaffRequest, document_id: UUID) -> HttpResponse:
    """Show a document in the viewer."""
    file = case_access.open_case(request.staff.keys, case_access.case_of(request.staff.keys, document_id))
    page = pages.paper_page(file, file.get(document_id, Document))
    open_case.paper_seen(request.staff, file, document_id)
    return render(request, "documents/document.html", {"page": page})


@staff_view(methods=["POST"])
def remove(request: StaffRequest, document_id: UUID) -> HttpResponse:
    """Remove a document from view; undo shows it again."""
    case_id = case_access.case_of(request.staff.keys, document_id)
    form = RemoveForm(request.POST)
    if not form.is_valid():
        raise NotFound("remove without a version")
    services.remove(request.staff, case_id, document_id, version=form.cleaned_data["version"])
    return see_other(reverse("documents:papers", args=[case_id]), "document-changed")


@staff_stream(methods=["GET"])
def file(request: StaffRequest, document_id: UUID) -> HttpResponseBase:
    """Stream the bytes of a document to the viewer; a part of them for a `Range` request."""
    opened = services.open_range(request.staff, document_id)
    if opened.media_type not in SHOWN:
        raise NotFound(f"document {document_id} is not shown in a page")
    try:
        part = part_of(request.headers.get("Range", ""), opened.size)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{opened.size}"})
    first, stop = part or (0, opened.size)
    response = _bytes(opened, opened.read(first, stop), stop - first, status=206 if part else 200)
    if part:
        response.headers["Content-Range"] = f"bytes {first}-{stop - 1}/{opened.size}"
    response.headers["Content-Disposition"] = "inline"
    # The browser's PDF viewer needs to embed the file as an object. Nothing else may load or run.
    cast(Any, response)._csp_update = VIEWER_POLICY
    return response


@staff_stream(methods=["GET"])
def download(request: StaffRequest, document_id: UUID) -> HttpResponseBase:
    """Stream the original for download, bit for bit."""
    opened = services.open_range(request.staff, document_id, is_download=True)
    response = _bytes(opened, opened.stream(), opened.size, status=200)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, opened.name))
    return response


def _bytes(opened: OpenDocument, pieces: Iterator[bytes], length: int, *, status: int) -> StreamingHttpResponse:
    """Return a streaming response whose first piece is already decrypted.

    A damaged file then gives an error page instead of half a document.
    """
    pieces = iter(pieces)
    first = next(pieces, b"")
    kind = opened.media_type
    response = StreamingHttpResponse(
        chain((first,), pieces),
        status=status,
        content_type="text/plain; charset=utf-8" if kind == "text/plain" else kind,
    )
    headers: dict[str, Any] = {"Content-Length": str(length), "Accept-Ranges": "bytes"}
    for name, value in headers.items():
        response.headers[name] = value
    return response
