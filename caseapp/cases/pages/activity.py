"""Activity of a case: notes, hearings, notices, documents, calls and texts, newest first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.clients.panels import contact_sections
from caseapp.lib import clock
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import TEXT, ContactAttempt
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.ui.display import labels, tags
from caseapp.ui.display.colleagues import Names
from caseapp.vault.registry import Record
from caseapp.vault.store import UNDO_DAYS, Entry, SealedFile

SHOWS = ("all", "notes", "hearings", "papers", "calls")


@dataclass(frozen=True)
class StreamItem:
    """Line of the activity. `undo` is (record id, version) while the entry can be undone."""

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
    """Return the activity of a case, newest first. `show` is one of FILTERS.

    Notes that are part of the story are left out: the case page shows them in a section of their own.
    """
    items: list[StreamItem] = []
    if show in {"all", "notes"}:
        items += [_note(e, case_id, names, zone) for e in file.all(Note) if not e.record.story]
    if show in {"all", "hearings"}:
        items += [_hearing(e, names, zone) for e in file.all(Hearing)]
    if show in {"all", "papers"}:
        items += [_notice(e, names, zone) for e in file.all(Notice)]
        items += [_document(e, names, zone) for e in file.all(Document) if e.record.removed_on is None]
    if show in {"all", "calls"}:
        items += [_attempt(e, file, names, zone) for e in file.all(ContactAttempt)]
        items += [_consent(e, file, names, zone) for e in file.all(Consent)]
    return tuple(sorted(items, key=lambda item: item.at, reverse=True))


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
    kind = labels.word(labels.HEARING_KINDS, record.kind)
    outcome = labels.word(labels.OUTCOMES, record.outcome.what) if record.outcome else ""
    heading = _("%(hearing)s: %(outcome)s") % {"hearing": kind, "outcome": outcome} if outcome else kind
    text = record.outcome.text if record.outcome else record.text
    href = reverse("hearings:hearing", args=[entry.id])
    return _item(_plain(entry), names, zone, icon="gavel", kind=heading, text=text, href=href, act=_("Open"))


def _notice(entry: Entry[Notice], names: Names, zone: str) -> StreamItem:
    kind = labels.word(labels.NOTICES, entry.record.what)
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


def _attempt(entry: Entry[ContactAttempt], file: SealedFile, names: Names, zone: str) -> StreamItem:
    record = entry.record
    method, result = labels.word(labels.ATTEMPT_WAYS, record.way), contact_sections.result_of(record)
    lines = [_party_of(file, record.party), record.note]
    if record.next_try_on:
        lines.append(_("Next try: %(day)s") % {"day": tags.day(record.next_try_on)})
    return _item(
        _plain(entry),
        names,
        zone,
        icon="message-square" if record.way == TEXT else "phone",
        kind=_("%(way)s: %(result)s") % {"way": method, "result": result},
        text="\n".join(line for line in lines if line),
        can_undo=record.way != TEXT,
    )


def _consent(entry: Entry[Consent], file: SealedFile, names: Names, zone: str) -> StreamItem:
    record = entry.record
    how = labels.word(labels.WITHDRAWN_HOW, record.withdrawn_how)
    heading = _("Consent to texts ended: %(how)s") % {"how": how} if record.is_withdrawn else _("Agreed to texts")
    text = _party_of(file, record.party)
    return _item(_plain(entry), names, zone, icon="message-square", kind=heading, text=text, told_by=record.told_by)


def _party_of(file: SealedFile, party_id: UUID) -> str:
    entry = file.entries.get(party_id)
    return entry.record.name.full if entry is not None and isinstance(entry.record, Party) else ""


def _plain(entry: "Entry[Any]") -> Entry[Record]:
    return Entry(entry.id, entry.version, entry.record)
