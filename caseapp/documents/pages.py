"""View models of the documents of a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from caseapp.accounts.keys.staff import Staff
from caseapp.documents.file_types import INLINE_TYPES
from caseapp.documents.panels import DocumentLine, document_lines, documents_in_order
from caseapp.index.results import Item
from caseapp.index.rows import DocumentRow
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.records.document import Document
from caseapp.ui.display import labels, tags
from caseapp.ui.display.agenda_lines import client_name_of
from caseapp.ui.display.case_header import CaseHead, case_head
from caseapp.ui.display.paths import case_path
from caseapp.ui.paging import PageOfList, cut_page
from caseapp.vault.store import Entry, SealedFile

RECENT = timedelta(days=30)
LISTED_OF_CASE = 50  # documents on one page of a case
MAX_LISTED = 25  # documents in a list over all cases


@dataclass(frozen=True)
class UploadLine:
    """Uploaded file; `reason` says why it was not kept, or is empty."""

    name: str
    reason: str


@dataclass(frozen=True)
class DocumentListPage:
    """List of documents with the upload form."""

    head: CaseHead
    papers: PageOfList[DocumentLine]
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


@dataclass(frozen=True)
class ListedDocument:
    """Document in a list over all cases."""

    href: str
    title: str
    kind: str
    ref: str
    name: str
    case_href: str
    on: date | None


@dataclass(frozen=True)
class DocumentOverview:
    """The newest documents, and those not sorted yet: `unsorted_total` also counts those that are not listed."""

    recent: tuple[ListedDocument, ...]
    unsorted: tuple[ListedDocument, ...]
    unsorted_total: int


def document_overview(staff: Staff, index: IndexView) -> DocumentOverview:
    """Return the documents of the last 30 days and those not sorted yet, at most 25 of each."""
    recent = index.recent_documents(index.now - RECENT, MAX_LISTED)
    unsorted = index.unsorted_documents(MAX_LISTED)
    return DocumentOverview(
        recent=tuple(_listed_document(item, staff.zone) for item in recent.documents),
        unsorted=tuple(_listed_document(item, staff.zone) for item in unsorted.documents),
        unsorted_total=unsorted.total,
    )


def _listed_document(item: Item[DocumentRow], zone: str) -> ListedDocument:
    paper = item.item
    return ListedDocument(
        href=reverse("documents:document", args=[paper.id]),
        title=paper.title,
        kind=labels.label_of(labels.DOCUMENT_KINDS, paper.kind) if paper.kind else "",
        ref=item.row.ref,
        name=client_name_of(item.row),
        case_href=case_path(item.case_id),
        on=clock.local_date(paper.added_at, zone) if paper.added_at else None,
    )


def document_list_page(
    file: SealedFile, staff: Staff, uploads: Sequence[UploadLine], query: QueryDict
) -> DocumentListPage:
    """Return one page of the documents. `uploads` are the files of the form that was just sent."""
    cut = cut_page(documents_in_order(file), query, size=LISTED_OF_CASE)
    return DocumentListPage(
        head=case_head(file),
        papers=cut.with_lines(document_lines(cut.lines, staff.zone)),
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
