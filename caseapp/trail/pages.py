"""View models of the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Staff
from caseapp.audit import read
from caseapp.audit.models import AuditCheckpoint
from caseapp.audit.records import AuditRecord
from caseapp.index import reader
from caseapp.index.view import IndexView
from caseapp.trail.labels import ACTION_LABELS, CODES_BY_KIND, KIND_LABELS, REASON_LABELS, is_of_kind
from caseapp.ui.display import labels
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.store import SealedFile

MAX_ENTRIES = 2000  # entries shown of one day
FOLD_WITHIN = timedelta(minutes=15)  # the same act repeated within this time is folded into one line


@dataclass(frozen=True)
class TrailLine:
    """Entry of the trail; or the same act repeated `times` times, from `since` to `at`.

    is_shut  the entry cannot be opened, and only its minute is known
    count    what the entry itself counts, for example the results of a search
    """

    at: datetime
    since: datetime | None = None
    times: int = 1
    who: str = ""
    what: str = ""
    ref: str = ""
    href: str = ""
    about: str = ""
    count: int = 1
    is_shut: bool = False
    is_unusual: bool = False


@dataclass(frozen=True)
class TrailLink:
    """Filter, or link to another day."""

    href: str
    word: str
    is_on: bool = False


@dataclass(frozen=True)
class TrailPage:
    """One day of the office's trail."""

    day: date
    zone: str
    lines: tuple[TrailLine, ...]
    kinds: tuple[TrailLink, ...]
    kind: str
    earlier: str
    later: str
    has_more: bool
    shut: int
    checked_at: datetime | None
    witnesses: tuple[str, ...]
    unusual: tuple[TrailLine, ...]


@dataclass(frozen=True)
class CaseTrailPage:
    """Trail of one case."""

    zone: str
    lines: tuple[TrailLine, ...]


def trail_page(staff: Staff, day: date, kind: str) -> TrailPage:
    """Return one day of the office's trail, in the member's zone.

    `kind` is one of CODES_BY_KIND or empty. In the office's transaction.
    """
    zone = ZoneInfo(staff.zone)
    start = datetime.combine(day, time.min, zone)
    privates = [group.hpke_private for group in staff.keys.held if group.kind == AUDITORS]
    entries = read.entries(
        staff.org_id,
        privates,
        since=start,
        until=datetime.combine(day + timedelta(days=1), time.min, zone),
        limit=MAX_ENTRIES,
    )
    names, index = _member_names(staff), reader.open_readable_view(staff.keys, zone=staff.zone)
    shut = sum(line.record is None for line in entries)
    lines = tuple(
        _trail_line(line.record, names, index)
        if line.record
        else TrailLine(_minute_to_datetime(line.minute), is_shut=True)
        for line in entries
        if (is_of_kind(kind, line.record.what) if line.record else not kind)
    )
    last = AuditCheckpoint.objects.filter(org_id=staff.org_id).order_by("-number").first()
    return TrailPage(
        day=day,
        zone=staff.zone,
        lines=_fold_repeats(lines),
        kinds=tuple(
            TrailLink(trail_path(day, code), labels.label_of(KIND_LABELS, code), code == kind)
            for code in ("", *CODES_BY_KIND)
        ),
        kind=kind,
        earlier=trail_path(day - timedelta(days=1), kind),
        later=trail_path(day + timedelta(days=1), kind),
        has_more=len(entries) >= MAX_ENTRIES,
        shut=shut,
        checked_at=_minute_to_datetime(last.minute) if last is not None else None,
        witnesses=tuple(_witness_labels()),
        unusual=tuple(line for line in lines if line.is_unusual),
    )


def case_trail_page(staff: Staff, file: SealedFile) -> CaseTrailPage:
    """Return what a holder of the case's key may read of its trail, newest first. In the office's transaction."""
    names = _member_names(staff)
    entries = read.entries_of_case(staff.org_id, file.id, file.keys)
    return CaseTrailPage(staff.zone, _fold_repeats(_trail_line(entry, names, None) for entry in entries))


def trail_path(day: date, kind: str) -> str:
    """Return the path of a day; it contains no name."""
    return f"{reverse('trail:entries')}?day={day.isoformat()}{f'&kind={kind}' if kind else ''}"


def _member_names(staff: Staff) -> dict[UUID, str]:
    return {person.member_id: person.name for person in members.read_directory(staff.keys, accepts_older=True).people}


def _name_of_target(target: UUID, names: dict[UUID, str], index: IndexView | None) -> str:
    """Return the name of a member, or the reference of a case that is open to the reader."""
    row = index.find_row(target) if index is not None else None
    return names.get(target, "") or (row.ref if row else "")


def _trail_line(entry: AuditRecord, names: dict[UUID, str], index: IndexView | None) -> TrailLine:
    ref = href = ""
    if index is not None and entry.case is not None:
        row = index.find_row(entry.case)
        # An auditor outside a wall learns that a case was opened, but not which: the id alone says nothing.
        ref, href = (row.ref, reverse("cases:case", args=[entry.case])) if row else (_("a case not open to you"), "")
    about = _name_of_target(entry.target, names, index) if entry.target is not None else ""
    return TrailLine(
        at=entry.at,
        who=names.get(entry.member, _("somebody who is not in the office any more")),
        what=labels.label_of(ACTION_LABELS, entry.what),
        ref=ref,
        href=href,
        about=" · ".join(part for part in (about, labels.label_of(REASON_LABELS, entry.reason)) if part),
        count=entry.count,
        is_unusual=entry.what in {"unusual", "keys.refused"},
    )


def _fold_repeats(lines: Iterable[TrailLine]) -> tuple[TrailLine, ...]:
    """Return the lines in their order, newest first, with repeated acts folded into one line.

    A member who works on a case opens it many times a day, which would hide the single unusual opening.
    """
    folded: list[TrailLine] = []
    for line in lines:
        newer = folded[-1] if folded else None
        if newer is not None and _is_repeat_of(newer, line):
            folded[-1] = replace(newer, since=line.at, times=newer.times + 1)
        else:
            folded.append(replace(line, since=line.at))
    return tuple(folded)


def _is_repeat_of(newer: TrailLine, line: TrailLine) -> bool:
    if line.is_shut or line.is_unusual or newer.since is None or newer.since - line.at > FOLD_WITHIN:
        return False
    return replace(newer, at=line.at, since=None, times=1) == line


def _minute_to_datetime(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def _witness_labels() -> list[str]:
    words = []
    if settings.AUDIT_WITNESS_FOLDER:
        words.append(_("a folder"))
    if settings.AUDIT_WITNESS_MAIL:
        words.append(_("a mailbox"))
    return words
