"""A client's whole file as people read it: one page with an index, as HTML and as PDF, in the reader's language."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from caseapp.accounts.keys.staff import Staff
from caseapp.lib import clock
from caseapp.moving.pages import pdf
from caseapp.moving.pages.readable_fields import LEFT_OUT, SECTIONS, field_label, words_for_code
from caseapp.moving.services.exporting.client_file import ClientFile, StoredDocument
from caseapp.moving.services.exporting.zip_stream import ArchiveFile
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.names import format_a_number
from caseapp.records.party import Party
from caseapp.ui.display import country, date_texts, labels, tags
from caseapp.vault.registry import KINDS, Record
from caseapp.vault.store import Entry


@dataclass(frozen=True)
class ReadableLine:
    """A field of a record with its value in words."""

    label: str
    text: str


@dataclass(frozen=True)
class ReadableItem:
    """One record."""

    title: str
    lines: tuple[ReadableLine, ...]


@dataclass(frozen=True)
class Section:
    """The records of one kind."""

    id: str
    title: str
    items: tuple[ReadableItem, ...]


@dataclass(frozen=True)
class ReadableFile:
    """Content of the readable file."""

    ref: str
    name: str
    office_name: str
    made_on: dt.date
    sections: tuple[Section, ...]
    documents: tuple[StoredDocument, ...]
    is_whole: bool


def readable_files(client_file: ClientFile) -> tuple[ArchiveFile, ...]:
    """Return the files that people read: a sheet that says what this is, the file as HTML, and as PDF."""
    return tuple(ArchiveFile(name, [content]) for name, content in _readable_contents(client_file))


def readable_page_in(language: str, staff: Staff) -> Callable[[ClientFile], tuple[ArchiveFile, ...]]:
    """Return what makes the readable page of each case of an office, long after the request that asked for it."""

    def render(client_file: ClientFile) -> tuple[ArchiveFile, ...]:
        with translation.override(language), country.use_country(staff.country, shown=staff.shown_country):
            name, page = _("Whole file"), readable_file(client_file)
            return (ArchiveFile(f"{name}.html", [render_readable(page).encode()]),)

    return render


def _readable_contents(client_file: ClientFile) -> list[tuple[str, bytes]]:
    page = readable_file(client_file)
    html = render_readable(page)
    stem = _("Whole file")
    sheet = _("Read me first")
    contents = [(f"{sheet}.txt", _read_me(page).encode()), (f"{stem}.html", html.encode())]
    if pdf.is_available():
        contents.append((f"{stem}.pdf", pdf.render_pdf(html)))
    return contents


def _read_me(page: ReadableFile) -> str:
    """Return the sheet that says what the archive is and how to read it."""
    facts = {"ref": page.ref, "office": page.office_name, "day": date_texts.long_date(page.made_on)}
    paragraphs = (
        _("The whole file of case %(ref)s, made by %(office)s on %(day)s.") % facts,
        _('To read it, open "%(name)s.html" in any browser. Where there is a PDF, it is the same.')
        % {"name": _("Whole file")},
        _('The folder "documents" has every document, bit for bit as the office received it.'),
        _('The folder "data" is for other programs: tables that a spreadsheet opens, and everything as JSON.'),
        _("In the tables, an apostrophe at the start of a cell keeps a spreadsheet from running it as a formula."),
        _('"manifest.json" lists every file with its SHA-256; "sha256sum -c sha256sums.txt" checks that none changed.'),
        _("Keep this file safe: it says where people are, and what they said to their lawyer."),
    )
    return "\n\n".join(paragraphs) + "\n"


def render_readable(page: ReadableFile) -> str:
    """Return the readable file as an HTML page that needs nothing else."""
    context = {"page": page, "language": translation.get_language() or "en"}
    return render_to_string("moving/readable.html", context)


def readable_file(client_file: ClientFile) -> ReadableFile:
    """Return the content of the readable file, in the language of the page."""
    words = _Words(client_file)
    return ReadableFile(
        ref=client_file.ref,
        name=next((p.name.full for p in _records(client_file, Party) if p.role == "lead"), ""),
        office_name=client_file.office_name,
        made_on=clock.local_date(client_file.at, client_file.zone),
        sections=tuple(words.sections()),
        documents=client_file.documents,
        is_whole=not (client_file.left_out or client_file.newer or client_file.is_doubted),
    )


def _records(client_file: ClientFile, kind: type[Any]) -> list[Any]:
    return [entry.record for entry in client_file.entries if isinstance(entry.record, kind)]


class _Words:
    """The records of a case in words."""

    def __init__(self, client_file: ClientFile) -> None:
        self._file = client_file
        self._names: Mapping[UUID, str] = client_file.names
        self._titles = {entry.id: self._title(entry.record) for entry in client_file.entries}

    def sections(self) -> list[Section]:
        by_kind: dict[str, list[Entry[Record]]] = {}
        for entry in self._file.entries:
            by_kind.setdefault(KINDS[entry.record.KIND], []).append(entry)
        order = [*(kind for kind in SECTIONS if kind in by_kind), *(kind for kind in by_kind if kind not in SECTIONS)]
        return [
            Section(kind, str(SECTIONS.get(kind, "")) or field_label(kind), tuple(map(self._item, by_kind[kind])))
            for kind in order
        ]

    def _item(self, entry: Entry[Record]) -> ReadableItem:
        return ReadableItem(self._titles[entry.id], tuple(self._lines(entry.record)))

    def _title(self, record: Record) -> str:
        if isinstance(record, Party):
            return record.name.full
        if isinstance(record, Hearing):
            day = date_texts.long_date(record.starts_on)
            return f"{labels.label_of(labels.HEARING_KINDS, record.kind)}, {day}"
        if isinstance(record, Document):
            return record.title
        if isinstance(record, Case):
            return record.ref
        if isinstance(record, Deadline):
            return words_for_code("Deadline", "what", record.what)
        on = record.entered_at
        return date_texts.long_date(clock.local_date(on, self._file.zone)) if on else ""

    def _lines(self, record: msgspec.Struct) -> list[ReadableLine]:
        owner = type(record).__name__
        lines = []
        for name in record.__struct_fields__:
            value = getattr(record, name)
            if name in LEFT_OUT or value in (None, "", (), {}, False):
                continue
            text = self._a_number(name, value) or self._text(owner, name, value)
            if text:
                lines.append(ReadableLine(field_label(name), text))
        return lines

    def _a_number(self, name: str, value: object) -> str:
        return format_a_number(value) if name == "a_number" and isinstance(value, str) else ""

    def _text(self, owner: str, name: str, value: Any) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, str):
            return words_for_code(owner, name, value)
        if isinstance(value, dt.datetime):
            return self._moment(value)
        if isinstance(value, dt.date):
            return date_texts.long_date(value)
        if isinstance(value, UUID):
            return self._names.get(value) or self._titles.get(value) or str(value)
        if isinstance(value, bytes):
            return value.hex()
        return self._composed(owner, name, value)

    def _composed(self, owner: str, name: str, value: Any) -> str:
        if isinstance(value, msgspec.Struct):
            return "; ".join(f"{line.label}: {line.text}" for line in self._lines(value))
        if isinstance(value, dict):
            return "; ".join(f"{field_label(key)}: {self._text('', key, part)}" for key, part in value.items())
        if isinstance(value, tuple | list):
            parts = [self._text(owner, name, part) for part in value]
            has_structs = any(isinstance(part, msgspec.Struct | tuple | list) for part in value)
            return ("\n" if has_structs else ", ").join(filter(None, parts))
        return str(value)

    def _moment(self, at: dt.datetime) -> str:
        zone = self._file.zone
        return f"{date_texts.long_date(tags.local_day(at, zone))}, {tags.court_clock(at, zone)}"
