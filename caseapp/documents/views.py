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
from caseapp.documents.byte_ranges import RangeNotSatisfiable, parse_range
from caseapp.documents.file_types import INLINE_TYPES, detect_charset
from caseapp.documents.forms import DocumentKindForm, DocumentRemovalForm, UploadForm
from caseapp.index import reader
from caseapp.lib.errors import NotFound
from caseapp.records.document import Document
from caseapp.ui.display import list_notice
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.forms.uploads.sealed_uploads import SealedUpload
from caseapp.ui.requests import form_requests
from caseapp.ui.requests.redirects import next_path, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.tenancy import office_transaction

# Only our own page of the document shows the file in a frame; no other page may be in one.
CHARSET_BYTES = 65_536  # of the beginning of a text, which tell its charset
VIEWER_POLICY = {
    "object-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
}


@staff_view(methods=["GET"])
def show_start(request: StaffRequest) -> HttpResponse:
    """List the newest documents of all cases, and those that no member has sorted yet."""
    index = reader.open_readable_view(request.staff.keys, zone=request.staff.zone)
    context = {
        "page": pages.document_overview(request.staff, index),
        "list_notice": list_notice.notice_of(index),
    }
    return render(request, "documents/start.html", context)


@staff_stream(methods=["GET", "POST"], takes_files=True)
def list_documents(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """List the documents of a case and add uploaded ones. No transaction is open while files arrive."""
    staff = request.staff
    with office_transaction(staff.org_id):
        case_access.open_case(staff.keys, case_id)
    form = UploadForm(posted_data(request))
    lines: list[pages.UploadLine] = []
    if form.is_bound and form.is_valid():
        whole, lines = _collect_uploads(request)
        if not whole and not lines:
            form.add_error("papers", _("Choose at least one file."))
        done = form_requests.answer_once(request, staff, lambda: _add_documents(request, form, case_id, whole))
        if done and not any(line.reason for line in lines):
            return done
        if any(line.reason for line in lines):
            form.add_error(None, _("Not every file was kept. The list says which, and why."))
    with office_transaction(staff.org_id):
        page = pages.document_list_page(open_case.open_and_record(staff, case_id), staff, lines, request.GET)
        return render_form(request, "documents/list.html", form, {"page": page})


def _collect_uploads(request: StaffRequest) -> tuple[list[tuple[str, SealedBlob]], list[pages.UploadLine]]:
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


def _add_documents(
    request: StaffRequest, form: UploadForm, case_id: UUID, whole: list[tuple[str, SealedBlob]]
) -> HttpResponse | None:
    """Add the complete uploads to the case. Return where to go then; None if nothing was added."""
    title, kind = form.cleaned_data["title"], form.cleaned_data["kind"]
    if not whole:
        return None
    done = try_action(form, lambda: services.add_documents(request.staff, case_id, whole, kind=kind, title=title))
    if done is None:
        return None
    did = "document-added" if len(done.value) == 1 else "documents-added"
    return see_other(reverse("documents:papers", args=[case_id]), did)


@staff_view(methods=["GET"])
def show_document(request: StaffRequest, document_id: UUID) -> HttpResponse:
    """Show a document in the viewer."""
    return _document_response(request, document_id, None)


def _document_response(request: StaffRequest, document_id: UUID, form: DocumentKindForm | None) -> HttpResponse:
    file = case_access.open_case(request.staff.keys, case_access.find_case_id(request.staff.keys, document_id))
    entry = file.get(document_id, Document)
    page = pages.document_page(file, entry)
    open_case.record_document_view(request.staff, file, document_id)
    if form is None:
        form = DocumentKindForm(initial={"kind": entry.record.kind, "version": entry.version})
    return render_form(request, "documents/document.html", form, {"page": page, "back": next_path(request, "")})


@staff_view(methods=["POST"])
def sort_document(request: StaffRequest, document_id: UUID) -> HttpResponse:
    """Say of which kind a document is."""
    form = DocumentKindForm(request.POST)
    case_id = case_access.find_case_id(request.staff.keys, document_id)
    if form.is_valid():
        fields = form.cleaned_data
        if try_action(form, lambda: services.sort_document(request.staff, case_id, document_id, **fields)):
            return see_other(next_path(request, reverse("documents:document", args=[document_id])), "document-sorted")
    return _document_response(request, document_id, form)


@staff_view(methods=["POST"])
def remove_document(request: StaffRequest, document_id: UUID) -> HttpResponse:
    """Remove a document from view; undo shows it again."""
    case_id = case_access.find_case_id(request.staff.keys, document_id)
    form = DocumentRemovalForm(request.POST)
    if not form.is_valid():
        raise NotFound("remove without a version")
    services.remove_document(request.staff, case_id, document_id, version=form.cleaned_data["version"])
    return see_other(reverse("documents:papers", args=[case_id]), "document-changed")


@staff_stream(methods=["GET"])
def stream_file(request: StaffRequest, document_id: UUID) -> HttpResponseBase:
    """Stream the bytes of a document to the viewer; a part of them for a `Range` request."""
    opened = services.open_document(request.staff, document_id)
    if opened.media_type not in INLINE_TYPES:
        raise NotFound(f"document {document_id} is not shown in a page")
    try:
        part = parse_range(request.headers.get("Range", ""), opened.size)
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{opened.size}"})
    first, stop = part or (0, opened.size)
    response = _stream_response(opened, opened.read_range(first, stop), stop - first, status=206 if part else 200)
    if part:
        response.headers["Content-Range"] = f"bytes {first}-{stop - 1}/{opened.size}"
    response.headers["Content-Disposition"] = "inline"
    # The browser's PDF viewer needs to embed the file as an object. Nothing else may load or run.
    cast(Any, response)._csp_replace = VIEWER_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@staff_stream(methods=["GET"])
def download_document(request: StaffRequest, document_id: UUID) -> HttpResponseBase:
    """Stream the original for download, bit for bit."""
    opened = services.open_document(request.staff, document_id, is_download=True)
    response = _stream_response(opened, opened.stream_verified(), opened.size, status=200)
    response.headers["Content-Disposition"] = str(content_disposition_header(True, opened.name))
    return response


def _content_type(opened: OpenDocument) -> str:
    """Return the type of the answer, with the charset of a text, so that its own letters are shown."""
    if opened.media_type != "text/plain":
        return opened.media_type
    start = b"".join(opened.read_range(0, min(opened.size, CHARSET_BYTES)))
    return f"text/plain; charset={detect_charset(start) or 'utf-8'}"


def _stream_response(
    opened: OpenDocument, pieces: Iterator[bytes], length: int, *, status: int
) -> StreamingHttpResponse:
    """Return a streaming response whose first piece is already decrypted.

    A damaged file then gives an error page instead of half a document.
    """
    pieces = iter(pieces)
    first = next(pieces, b"")
    response = StreamingHttpResponse(chain((first,), pieces), status=status, content_type=_content_type(opened))
    response.headers["Content-Length"] = str(length)
    response.headers["Accept-Ranges"] = "bytes"
    return response
