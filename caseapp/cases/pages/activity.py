"""Activity of a case: notes, hearings, notices, documents, calls and texts, newest first."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.clients.panels import contact_sections
from caseapp.clients.panels.custody_lines import step_label
from caseapp.deadlines.services.corrections import notices as corrections
from caseapp.lib import clock
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import REPLIED, TEXT, ContactAttempt
from caseapp.records.custody import CustodyStep
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.ui.display import labels, tags
from caseapp.ui.display.colleagues import MemberNames
from caseapp.vault.registry import Record
from caseapp.vault.store import UNDO_DAYS, Entry, SealedFile

FILTERS = ("all", "notes", "hearings", "papers", "calls")


@dataclass(frozen=True)
class ActivityItem:
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


def activity_items(
    file: SealedFile, case_id: UUID, names: MemberNames, *, zone: str, show: str
) -> tuple[ActivityItem, ...]:
    """Return the activity of a case, newest first. `show` is one of FILTERS.

    Notes that are part of the story are left out: the case page shows them in a section of their own.
    """
    items: list[ActivityItem] = []
    if show in {"all", "notes"}:
        items += [_note_item(e, case_id, names, zone) for e in file.entries_of(Note) if not e.record.story]
    if show in {"all", "hearings"}:
        items += [_hearing_item(e, names, zone) for e in file.entries_of(Hearing)]
        items += [_custody_item(e, case_id, names, zone) for e in file.entries_of(CustodyStep)]
    if show in {"all", "papers"}:
        items += [_notice_item(e, case_id, names, zone) for e in file.entries_of(Notice) if e.record.removed_on is None]
        items += [_document_item(e, names, zone) for e in file.entries_of(Document) if e.record.removed_on is None]
    if show in {"all", "calls"}:
        items += [_attempt_item(e, file, names, zone) for e in file.entries_of(ContactAttempt)]
        items += [_consent_item(e, file, names, zone) for e in file.entries_of(Consent)]
    return tuple(sorted(items, key=lambda item: item.at, reverse=True))


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """Texts and links of a line, as they differ between kinds of entries."""

    icon: str
    kind: str
    text: str = ""
    told_by: str = ""
    href: str = ""
    act: str = ""
    can_undo: bool = False


def _activity_item(entry: Entry[Record], names: MemberNames, zone: str, shown: _Shown) -> ActivityItem:
    record = entry.record
    at = record.entered_at or clock.now()
    last = record.changed_at or at
    is_fresh = clock.now() - last <= timedelta(days=UNDO_DAYS)
    return ActivityItem(
        at=at,
        on=clock.local_date(at, zone),
        icon=shown.icon,
        kind=shown.kind,
        by=names.get(record.entered_by, "") if record.entered_by else "",
        text=shown.text,
        told_by=shown.told_by,
        href=shown.href,
        act=shown.act,
        undo=(entry.id, entry.version) if shown.can_undo and is_fresh else None,
    )


def _note_item(entry: Entry[Note], case_id: UUID, names: MemberNames, zone: str) -> ActivityItem:
    return _activity_item(
        _untyped_entry(entry),
        names,
        zone,
        _Shown(
            icon="notebook-pen",
            kind=_("Note"),
            text=entry.record.text,
            told_by=entry.record.told_by,
            href=reverse("cases:note", args=[case_id, entry.id]),
            act=_("Change"),
            can_undo=True,
        ),
    )


def _hearing_item(entry: Entry[Hearing], names: MemberNames, zone: str) -> ActivityItem:
    record = entry.record
    kind = labels.label_of(labels.HEARING_KINDS, record.kind)
    outcome = labels.label_of(labels.OUTCOMES, record.outcome.what) if record.outcome else ""
    heading = _("%(hearing)s: %(outcome)s") % {"hearing": kind, "outcome": outcome} if outcome else kind
    text = record.outcome.text if record.outcome else record.text
    href = reverse("hearings:hearing", args=[entry.id])
    return _activity_item(
        _untyped_entry(entry), names, zone, _Shown(icon="gavel", kind=heading, text=text, href=href, act=_("Open"))
    )


def _custody_item(entry: Entry[CustodyStep], case_id: UUID, names: MemberNames, zone: str) -> ActivityItem:
    href = reverse("clients:custody", args=[case_id])
    shown = _Shown(icon="map-pin", kind=step_label(entry.record), text=entry.record.facility, href=href, act=_("Open"))
    return _activity_item(_untyped_entry(entry), names, zone, shown)


def _notice_item(entry: Entry[Notice], case_id: UUID, names: MemberNames, zone: str) -> ActivityItem:
    kind = labels.notice_label(entry.record.what)
    can_correct = corrections.is_correctable(entry.record)
    href = reverse("cases:notice", args=[case_id, entry.id]) if can_correct else ""
    shown = _Shown(icon="mail", kind=kind, text=entry.record.text, href=href, act=_("Correct"))
    return _activity_item(_untyped_entry(entry), names, zone, shown)


def _document_item(entry: Entry[Document], names: MemberNames, zone: str) -> ActivityItem:
    return _activity_item(
        _untyped_entry(entry),
        names,
        zone,
        _Shown(
            icon="file-text",
            kind=_("Document"),
            text=entry.record.title,
            href=reverse("documents:document", args=[entry.id]),
            act=_("View"),
        ),
    )


def _attempt_item(entry: Entry[ContactAttempt], file: SealedFile, names: MemberNames, zone: str) -> ActivityItem:
    record = entry.record
    by_client = record.result == REPLIED
    method, result = labels.label_of(labels.ATTEMPT_METHODS, record.way), contact_sections.attempt_result_label(record)
    lines = [_party_name(file, record.party), record.note]
    if record.next_try_on:
        lines.append(_("Next try: %(day)s") % {"day": tags.day(record.next_try_on)})
    return _activity_item(
        _untyped_entry(entry),
        {} if by_client else names,
        zone,
        _Shown(
            icon="message-square" if record.way == TEXT else "phone",
            kind=_("%(way)s: %(result)s") % {"way": method, "result": result},
            text="\n".join(line for line in lines if line),
            can_undo=record.way != TEXT,
        ),
    )


def _consent_item(entry: Entry[Consent], file: SealedFile, names: MemberNames, zone: str) -> ActivityItem:
    record = entry.record
    how = labels.label_of(labels.WITHDRAWAL_REASONS, record.withdrawn_how)
    heading = _("Consent to texts ended: %(how)s") % {"how": how} if record.is_withdrawn else _("Agreed to texts")
    text = _party_name(file, record.party)
    return _activity_item(
        _untyped_entry(entry),
        names,
        zone,
        _Shown(icon="message-square", kind=heading, text=text, told_by=record.told_by),
    )


def _party_name(file: SealedFile, party_id: UUID) -> str:
    entry = file.entries.get(party_id)
    return entry.record.name.full if entry is not None and isinstance(entry.record, Party) else ""


def _untyped_entry(entry: "Entry[Any]") -> Entry[Record]:
    return Entry(entry.id, entry.version, entry.record)
