"""Papers of a case as finished values."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from caseapp.accounts.keys.staff import Staff
from caseapp.documents.file_types import SHOWN
from caseapp.documents.panels import Paper, papers_of
from caseapp.records.document import Document
from caseapp.ui.display import tags
from caseapp.ui.display.case_header import CaseHead, case_head
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class UploadLine:
    """A file that arrived, or why it did not (`reason`)."""

    name: str
    reason: str


@dataclass(frozen=True)
class PapersPage:
    """The list with the upload form."""

    head: CaseHead
    papers: tuple[Paper, ...]
    uploads: tuple[UploadLine, ...]
    has_problem: bool


@dataclass(frozen=True)
class PaperPage:
    """One document. `kind` is image, pdf, text or "" for what is only downloaded."""

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


def papers_page(file: SealedFile, staff: Staff, uploads: Sequence[UploadLine]) -> PapersPage:
    """`uploads` are those of the form that was just sent."""
    return PapersPage(
        head=case_head(file),
        papers=papers_of(file, staff.zone),
        uploads=tuple(uploads),
        has_problem=any(line.reason for line in uploads),
    )


def paper_page(file: SealedFile, entry: Entry[Document]) -> PaperPage:
    """One document with its newest file."""
    record = entry.record
    newest = record.files[-1] if record.files else None
    return PaperPage(
        head=case_head(file),
        id=entry.id,
        version=entry.version,
        title=record.title,
        file_name=newest.name if newest and newest.name != record.title else "",
        size=filesizeformat(newest.size) if newest else "",
        added=tags.day(tags.local_day(newest.added_at)) if newest else "",
        kind=shown_as(newest.media_type) if newest else "",
        src=reverse("documents:file", args=[entry.id]),
        download=reverse("documents:download", args=[entry.id]) if newest else "",
        all_href=reverse("documents:papers", args=[file.id]),
    )


def shown_as(media_type: str) -> str:
    """How the page shows a file of this type."""
    if media_type not in SHOWN:
        return ""
    if media_type == "application/pdf":
        return "pdf"
    return "text" if media_type == "text/plain" else "image"
