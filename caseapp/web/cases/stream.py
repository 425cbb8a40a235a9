"""The stream of a case: what was written, booked, received and filed, newest first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.cases.records import Note, Notice
from caseapp.documents.records import Document
from caseapp.hearings.records import Hearing
from caseapp.lib import clock
from caseapp.vault.registry import Record
from caseapp.vault.store import UNDO_DAYS, Entry, SealedFile
from caseapp.web import words
from caseapp.web.colleagues import Names

SHOWS = ("all", "notes", "hearings", "papers")


@dataclass(frozen=True)
class StreamItem:
    """One line. `undo` is (record, version) while it can be taken back."""

    at: datetime
    on: date
    icon: str
    kind: str
    by: str
    text: str
    told_by: str
    href: str
    act: str
    undo: tuple[UUID, int] | None


def stream_of(file: SealedFile, case_id: UUID, names: Names, *, zone: str, show: str) -> tuple[StreamItem, ...]:
    """Newest first. `show` is one of SHOWS; parts of the story are left out: they stand closed elsewhere."""
    found: list[StreamItem] = []
    if show in {"all", "notes"}:
        found += [_note(e, case_id, names, zone) for e in file.all(Note) if not e.record.story]
    if show in {"all", "hearings"}:
        found += [_hearing(e, names, zone) for e in file.all(Hearing)]
    if show in {"all", "papers"}:
        found += [_notice(e, names, zone) for e in file.all(Notice)]
        found += [_document(e, names, zone) for e in file.all(Document) if e.record.removed_on is None]
    return tuple(sorted(found, key=lambda item: item.at, reverse=True))


def _item(
    entry: Entry[Record],
    names: Names,
    zone: str,
    *,
    icon: str,
    kind: str,
    text: str = "",
    told_by: str = "",
    href: str = "",
    act: str = "",
    can_undo: bool = False,
) -> StreamItem:
    record = entry.record
    at = record.entered_at or clock.now()
    last = record.changed_at or at
    is_fresh = clock.now() - last <= timedelta(days=UNDO_DAYS)
    return StreamItem(
        at=at,
        on=at.astimezone(ZoneInfo(zone)).date(),
        icon=icon,
        kind=kind,
        by=names.get(record.entered_by, "") if record.entered_by else "",
        text=text,
        told_by=told_by,
        href=href,
        act=act,
        undo=(entry.id, entry.version) if can_undo and is_fresh else None,
    )


def _note(entry: Entry[Note], case_id: UUID, names: Names, zone: str) -> StreamItem:
    return _item(
        _plain(entry),
        names,
        zone,
        icon="notebook-pen",
        kind=_("Note"),
        text=entry.record.text,
        told_by=entry.record.told_by,
        href=reverse("cases:note", args=[case_id, entry.id]),
        act=_("Change"),
        can_undo=True,
    )


def _hearing(entry: Entry[Hearing], names: Names, zone: str) -> StreamItem:
    record = entry.record
    kind = words.word(words.HEARING_KINDS, record.kind)
    outcome = words.word(words.OUTCOMES, record.outcome.what) if record.outcome else ""
    said = _("%(hearing)s: %(outcome)s") % {"hearing": kind, "outcome": outcome} if outcome else kind
    text = record.outcome.text if record.outcome else record.text
    href = reverse("hearings:hearing", args=[entry.id])
    return _item(_plain(entry), names, zone, icon="gavel", kind=said, text=text, href=href, act=_("Open"))


def _notice(entry: Entry[Notice], names: Names, zone: str) -> StreamItem:
    kind = words.word(words.NOTICES, entry.record.what)
    return _item(_plain(entry), names, zone, icon="mail", kind=kind, text=entry.record.text)


def _document(entry: Entry[Document], names: Names, zone: str) -> StreamItem:
    return _item(
        _plain(entry),
        names,
        zone,
        icon="file-text",
        kind=_("Paper"),
        text=entry.record.title,
        href=reverse("documents:document", args=[entry.id]),
        act=_("View"),
    )


def _plain(entry: "Entry[Note] | Entry[Hearing] | Entry[Notice] | Entry[Document]") -> Entry[Record]:
    return Entry(entry.id, entry.version, entry.record)
