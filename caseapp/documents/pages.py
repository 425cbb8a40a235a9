"""View models of the documents of a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from caseapp.accounts.keys.staff import Staff
from caseapp.documents.file_types import INLINE_TYPES
from caseapp.documents.panels import DocumentLine, document_lines
from caseapp.records.document import Document
from caseapp.ui.display import tags
from caseapp.ui.display.case_header import CaseHead, case_head
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class UploadLine:
    """Uploaded file; `reason` says why it was not kept, or is empty."""

    name: str
    reason: str


@dataclass(frozen=True)
class DocumentListPage:
    """List of documents with the upload form."""

    head: CaseHead
    papers: tuple[DocumentLine, ...]
    uploads: tuple[UploadLine, ...]


@dataclass(frozen=True)
class DocumentPage:
    """One document. `kind` is image, pdf or text; "" for a file that can only be downloaded."""

    head: CaseHead
    id: UUID
    version: int
    title: str
    file_name: str
    size: str
    added: str
    kind: str
    src: str
    download: str
    all_href: str


def document_list_page(file: SealedFile, staff: Staff, uploads: Sequence[UploadLine]) -> DocumentListPage:
    """Return the list of documents. `uploads` are the files of the form that was just sent."""
    return DocumentListPage(
        head=case_head(file),
        papers=document_lines(file, staff.zone),
        uploads=tuple(uploads),
    )


def document_page(file: SealedFile, entry: Entry[Document]) -> DocumentPage:
    """Return the page of a document with its newest file."""
    record = entry.record
    newest = record.files[-1] if record.files else None
    return DocumentPage(
        head=case_head(file),
        id=entry.id,
        version=entry.version,
        title=record.title,
        file_name=newest.name if newest and newest.name != record.title else "",
        size=filesizeformat(newest.size) if newest else "",
        added=tags.day(tags.local_day(newest.added_at)) if newest else "",
        kind=viewer_kind(newest.media_type) if newest else "",
        src=reverse("documents:file", args=[entry.id]),
        download=reverse("documents:download", args=[entry.id]) if newest else "",
        all_href=reverse("documents:papers", args=[file.id]),
    )


def viewer_kind(media_type: str) -> str:
    """Return the kind of viewer for a media type: image, pdf or text; "" for none."""
    if media_type not in INLINE_TYPES:
        return ""
    if media_type == "application/pdf":
        return "pdf"
    return "text" if media_type == "text/plain" else "image"
