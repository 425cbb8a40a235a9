"""Activity of a case: notes, hearings, notices, documents, calls and texts, newest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils.text import Truncator
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
from caseapp.ui.display.paths import quick_reverse
from caseapp.vault.registry import Record
from caseapp.vault.store import UNDO_DAYS, Entry, SealedFile

FILTERS = ("all", "notes", "hearings", "papers", "calls")
TEXT_SHOWN: Final = 500  # letters of a text whose page has all of it


@dataclass(frozen=True)
class ActivityItem:
    """Line of the activity. `undo` is (record id, version) while the entry can be undone.

    is_cut  the page behind `href` has the rest of the text
    """

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
    is_cut: bool = False


@dataclass(frozen=True)
class ActivityRow:
    """An entry of the activity before its line is made, which only happens for a line that is shown."""

    at: datetime
    entry: "Entry[Any]"
    make: "Callable[[Entry[Any], ActivityContext], ActivityItem]"


@dataclass(frozen=True)
class ActivityContext:
    """The file that the entries are in, the names of its team, and the zone of the member who reads."""

    file: SealedFile
    names: MemberNames
    zone: str


def activity_rows(file: SealedFile, show: str) -> list[ActivityRow]:
    """Return the activity of a case, newest first. `show` is one of FILTERS.

    Notes that are part of the story are left out: the case page shows them in a section of their own.
    """
    rows = [
        ActivityRow(entry.record.entered_at or clock.now(), entry, make)
        for code, makers in _MAKERS.items()
        if show in {"all", code}
        for kind, make in makers
        for entry in file.entries_of(kind)
        if _is_listed(entry.record)
    ]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def activity_items(rows: Iterable[ActivityRow], context: ActivityContext) -> tuple[ActivityItem, ...]:
    """Return the lines of these entries."""
    return tuple(row.make(row.entry, context) for row in rows)


def _is_listed(record: Record) -> bool:
    if isinstance(record, Note):
        return not record.story
    return not isinstance(record, Notice | Document) or record.removed_on is None


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


def _activity_item(entry: "Entry[Any]", context: ActivityContext, shown: _Shown) -> ActivityItem:
    record, names = entry.record, context.names
    at = record.entered_at or clock.now()
    last = record.changed_at or at
    is_cut = bool(shown.href) and len(shown.text) > TEXT_SHOWN
    is_fresh = clock.now() - last <= timedelta(days=UNDO_DAYS)
    return ActivityItem(
        at=at,
        on=clock.local_date(at, context.zone),
        icon=shown.icon,
        kind=shown.kind,
        by=names.get(record.entered_by, "") if record.entered_by else "",
        text=Truncator(shown.text).chars(TEXT_SHOWN) if is_cut else shown.text,
        told_by=shown.told_by,
        href=shown.href,
        act=shown.act,
        undo=(entry.id, entry.version) if shown.can_undo and is_fresh else None,
        is_cut=is_cut,
    )


def _note_item(entry: Entry[Note], context: ActivityContext) -> ActivityItem:
    return _activity_item(
        entry,
        context,
        _Shown(
            icon="notebook-pen",
            kind=_("Note"),
            text=entry.record.text,
            told_by=entry.record.told_by,
            href=quick_reverse("cases:note", context.file.id, entry.id),
            act=_("Change"),
            can_undo=True,
        ),
    )


def _hearing_item(entry: Entry[Hearing], context: ActivityContext) -> ActivityItem:
    record = entry.record
    kind = labels.label_of(labels.HEARING_KINDS, record.kind)
    outcome = labels.label_of(labels.OUTCOMES, record.outcome.what) if record.outcome else ""
    heading = _("%(hearing)s: %(outcome)s") % {"hearing": kind, "outcome": outcome} if outcome else kind
    text = record.outcome.text if record.outcome else record.text
    href = quick_reverse("hearings:hearing", entry.id)
    return _activity_item(entry, context, _Shown(icon="gavel", kind=heading, text=text, href=href, act=_("Open")))


def _custody_item(entry: Entry[CustodyStep], context: ActivityContext) -> ActivityItem:
    href = quick_reverse("clients:custody", context.file.id)
    shown = _Shown(icon="map-pin", kind=step_label(entry.record), text=entry.record.facility, href=href, act=_("Open"))
    return _activity_item(entry, context, shown)


def _notice_item(entry: Entry[Notice], context: ActivityContext) -> ActivityItem:
    kind = labels.notice_label(entry.record.what)
    can_correct = corrections.is_correctable(entry.record)
    href = quick_reverse("cases:notice", context.file.id, entry.id) if can_correct else ""
    shown = _Shown(icon="mail", kind=kind, text=entry.record.text, href=href, act=_("Correct"))
    return _activity_item(entry, context, shown)


def _document_item(entry: Entry[Document], context: ActivityContext) -> ActivityItem:
    return _activity_item(
        entry,
        context,
        _Shown(
            icon="file-text",
            kind=_("Document"),
            text=entry.record.title,
            href=quick_reverse("documents:document", entry.id),
            act=_("View"),
        ),
    )


def _attempt_item(entry: Entry[ContactAttempt], context: ActivityContext) -> ActivityItem:
    record = entry.record
    by_client = record.result == REPLIED
    method, result = labels.label_of(labels.ATTEMPT_METHODS, record.way), contact_sections.attempt_result_label(record)
    lines = [_party_name(context.file, record.party), record.note]
    if record.next_try_on:
        lines.append(_("Next try: %(day)s") % {"day": tags.day(record.next_try_on)})
    return _activity_item(
        entry,
        replace(context, names={}) if by_client else context,
        _Shown(
            icon="message-square" if record.way == TEXT else "phone",
            kind=_("%(way)s: %(result)s") % {"way": method, "result": result},
            text="\n".join(line for line in lines if line),
            can_undo=record.way != TEXT,
        ),
    )


def _consent_item(entry: Entry[Consent], context: ActivityContext) -> ActivityItem:
    record = entry.record
    how = labels.label_of(labels.WITHDRAWAL_REASONS, record.withdrawn_how)
    heading = _("Consent to texts ended: %(how)s") % {"how": how} if record.is_withdrawn else _("Agreed to texts")
    text = _party_name(context.file, record.party)
    return _activity_item(
        entry,
        context,
        _Shown(icon="message-square", kind=heading, text=text, told_by=record.told_by),
    )


def _party_name(file: SealedFile, party_id: UUID) -> str:
    entry = file.entries.get(party_id)
    return entry.record.name.full if entry is not None and isinstance(entry.record, Party) else ""


# What each filter shows; of entries of the same minute the earlier kinds are listed first.
_MAKERS: Final[dict[str, tuple[tuple[type[Record], Callable[[Any, ActivityContext], ActivityItem]], ...]]] = {
    "notes": ((Note, _note_item),),
    "hearings": ((Hearing, _hearing_item), (CustodyStep, _custody_item)),
    "papers": ((Notice, _notice_item), (Document, _document_item)),
    "calls": ((ContactAttempt, _attempt_item), (Consent, _consent_item)),
}
