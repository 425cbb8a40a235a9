"""Documents as lines on the pages of other rooms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from caseapp.lib import clock
from caseapp.records.document import Document
from caseapp.ui.display.paths import quick_reverse
from caseapp.vault.store import Entry, SealedFile


@dataclass(frozen=True)
class DocumentLine:
    """Document of the case."""

    href: str
    title: str
    kind: str
    on: date | None


def documents_in_order(file: SealedFile) -> list[Entry[Document]]:
    """Return the documents of a case that are not removed, newest first."""
    entries = [entry for entry in file.entries_of(Document) if entry.record.removed_on is None]
    return sorted(entries, key=lambda entry: entry.record.entered_at or clock.now(), reverse=True)


def document_lines(entries: Iterable[Entry[Document]], zone: str) -> tuple[DocumentLine, ...]:
    """Return the lines of documents; `zone` of the member."""
    return tuple(
        DocumentLine(
            href=quick_reverse("documents:document", entry.id),
            title=entry.record.title,
            kind=entry.record.kind,
            on=clock.local_date(entry.record.entered_at, zone) if entry.record.entered_at else None,
        )
        for entry in entries
    )


def document_choices(file: SealedFile) -> tuple[tuple[str, str], ...]:
    """Return the documents of a case as choices, newest first: id and title."""
    return tuple((str(entry.id), entry.record.title) for entry in documents_in_order(file))
