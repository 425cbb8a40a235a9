"""Documents as lines on the pages of other rooms."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from caseapp.lib import clock
from caseapp.records.document import Document
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class DocumentLine:
    """Document of the case."""

    href: str
    title: str
    kind: str
    on: date | None


def document_lines(file: SealedFile, zone: str) -> tuple[DocumentLine, ...]:
    """Return the documents of a case that are not removed, newest first."""
    entries = [entry for entry in file.entries_of(Document) if entry.record.removed_on is None]
    entries.sort(key=lambda entry: entry.record.entered_at or clock.now(), reverse=True)
    return tuple(
        DocumentLine(
            href=reverse("documents:document", args=[entry.id]),
            title=entry.record.title,
            kind=entry.record.kind,
            on=clock.local_date(entry.record.entered_at, zone) if entry.record.entered_at else None,
        )
        for entry in entries
    )
