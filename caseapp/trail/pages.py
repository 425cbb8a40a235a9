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
from caseapp.audit.records import Told
from caseapp.index import reader
from caseapp.index.view import IndexView
from caseapp.trail.labels import KIND_WORDS, KINDS, REASONS, WHATS, is_of
from caseapp.ui.display import labels
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.store import SealedFile

MOST = 2000  # entries shown of one day
APART = timedelta(minutes=15)  # the same act repeated within this time is folded into one line


@dataclass(frozen=True)
class Line:
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
class Link:
    """Filter, or link to another day."""

    href: str
    word: str
    is_on: bool = False


@dataclass(frozen=True)
class TrailPage:
    """One day of the office's trail."""

    day: date
    zone: str
    lines: tuple[Line, ...]
    kinds: tuple[Link, ...]
    kind: str
    earlier: str
    later: str
    has_more: bool
    shut: int
    checked_at: datetime | None
    witnesses: tuple[str, ...]
    unusual: tuple[Line, ...]


@dataclass(frozen=True)
class CaseTrailPage:
    """Trail of one case."""

    zone: str
    lines: tuple[Line, ...]


def trail_page(staff: Staff, day: date, kind: str) -> TrailPage:
    """Return one day of the office's trail, in the member's zone.

    `kind` is one of CODES_BY_KIND or empty. In the office's transaction.
    """
    zone = ZoneInfo(staff.zone)
    start = datetime.combine(day, time.min, zone)
    privates = [group.hpke_private for group in staff.keys.held if group.kind == AUDITORS]
    entries = read.entries(
        staff.org_id, privates, since=start, until=datetime.combine(day + timedelta(days=1), time.min, zone), limit=MOST
    )
    names, index = _names(staff), reader.view(staff.keys, zone=staff.zone)
    shut = sum(line.told is None for line in entries)
    lines = tuple(
        _line(line.told, names, index) if line.told else Line(_instant(line.minute), is_shut=True)
        for line in entries
        if (is_of(kind, line.told.what) if line.told else not kind)
    )
    last = AuditCheckpoint.objects.filter(org_id=staff.org_id).order_by("-number").first()
    return TrailPage(
        day=day,
        zone=staff.zone,
        lines=_folded(lines),
        kinds=tuple(Link(path_of(day, code), labels.word(KIND_WORDS, code), code == kind) for code in ("", *KINDS)),
        kind=kind,
        earlier=path_of(day - timedelta(days=1), kind),
        later=path_of(day + timedelta(days=1), kind),
        has_more=len(entries) >= MOST,
        shut=shut,
        checked_at=_instant(last.minute) if last is not None else None,
        witnesses=tuple(_witnesses()),
        unusual=tuple(line for line in lines if line.is_unusual),
    )


def case_page(staff: Staff, file: SealedFile) -> CaseTrailPage:
    """Return what a holder of the case's key may read of its trail, newest first. In the office's transaction."""
    names = _names(staff)
    entries = read.of_case(staff.org_id, file.id, file.keys)
    return CaseTrailPage(staff.zone, _folded(_line(entry, names, None) for entry in entries))


def path_of(day: date, kind: str) -> str:
    """Return the path of a day; it contains no name."""
    return f"{reverse('audit:entries')}?day={day.isoformat()}{f'&kind={kind}' if kind else ''}"


def _names(staff: Staff) -> dict[UUID, str]:
    return {person.member_id: person.name for person in members.read(staff.keys).people}


def _line(told: Told, names: dict[UUID, str], index: IndexView | None) -> Line:
    ref = href = ""
    if index is not None and told.case is not None:
        row = index.row(told.case)
        # An auditor outside a wall learns that a case was opened, but not which: the id alone says nothing.
        ref, href = (row.ref, reverse("cases:case", args=[told.case])) if row else (_("a case not open to you"), "")
    about = names.get(told.target, "") if told.target is not None else ""
    if not about and index is not None and told.target is not None and (row := index.row(told.target)):
        about = row.ref
    return Line(
        at=told.at,
        who=names.get(told.member, _("somebody who is not in the office any more")),
        what=labels.word(WHATS, told.what),
        ref=ref,
        href=href,
        about=" · ".join(part for part in (about, labels.word(REASONS, told.reason)) if part),
        count=told.count,
        is_unusual=told.what == "unusual",
    )


def _folded(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines in their order, newest first, with repeated acts folded into one line.

    A member who works on a case opens it many times a day, which would hide the single unusual opening.
    """
    folded: list[Line] = []
    for line in lines:
        newer = folded[-1] if folded else None
        if newer is not None and _is_more_of(newer, line):
            folded[-1] = replace(newer, since=line.at, times=newer.times + 1)
        else:
            folded.append(replace(line, since=line.at))
    return tuple(folded)


def _is_more_of(newer: Line, line: Line) -> bool:
    if line.is_shut or line.is_unusual or newer.since is None or newer.since - line.at > APART:
        return False
    return replace(newer, at=line.at, since=None, times=1) == line


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def _witnesses() -> list[str]:
    words = []
    if settings.AUDIT_WITNESS_FOLDER:
        words.append(_("a folder"))
    if settings.AUDIT_WITNESS_MAIL:
        words.append(_("a mailbox"))
    return words
