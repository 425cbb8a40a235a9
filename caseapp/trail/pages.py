"""View models of the audit trail."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
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
from caseapp.lib.errors import NotFound
from caseapp.trail.labels import ACTION_LABELS, CODES_BY_KIND, KIND_LABELS, REASON_LABELS, is_of_kind
from caseapp.ui.display import labels
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.store import SealedFile

MAX_READ = 20_000  # entries read for a page, newest first
LINES = 50  # entries on one page
MAX_PAGES = MAX_READ // LINES
DAYS_OF_FILTER = 7  # a page of one person or case goes back that far
UNUSUAL = frozenset(("unusual", "keys.refused"))  # shown above the list too
FOLD_WITHIN = timedelta(minutes=15)  # the same act repeated within this time is folded into one line


@dataclass(frozen=True)
class TrailQuery:
    """Choice of what a page of the office's trail shows.

    kind         one of CODES_BY_KIND, or empty
    member, case  the entries of one person, of one case
    shows_system  the entries of the program too
    page         1 is the newest
    """

    day: date
    kind: str = ""
    member: UUID | None = None
    case: UUID | None = None
    shows_system: bool = False
    page: int = 1

    @property
    def days(self) -> int:
        """Return the number of days on the page, the last of which is `day`."""
        return DAYS_OF_FILTER if self.member or self.case else 1

    @property
    def path(self) -> str:
        """Return the path of the page; ids of a person and a case are in the path, and no name."""
        filters = {"member_id": self.member, "case_id": self.case}
        ids = {name: value for name, value in filters.items() if value}
        name = {(): "entries", ("member_id",): "of_member", ("case_id",): "entries_of_case"}.get(tuple(ids))
        path = reverse(f"trail:{name or 'of_member_and_case'}", kwargs=ids)
        query = f"?day={self.day.isoformat()}{f'&kind={self.kind}' if self.kind else ''}"
        return f"{path}{query}{'&system=1' if self.shows_system else ''}{f'&page={self.page}' if self.page > 1 else ''}"

    def is_match(self, entry: AuditRecord) -> bool:
        """Return whether an entry is of the kind, person and case. What the program did is no act of a person."""
        if self.member and (entry.member != self.member or entry.is_by_system):
            return False
        return is_of_kind(self.kind, entry.what) and self.case in {None, entry.case, entry.target}


@dataclass(frozen=True)
class TrailLine:
    """Entry of the trail; or the same act repeated `times` times, from `since` to `at`.

    is_shut  the entry cannot be opened, and only its minute is known
    is_system  the program did it on its own
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
    is_system: bool = False


@dataclass(frozen=True)
class TrailLink:
    """Filter, or link to another day."""

    href: str
    word: str
    is_on: bool = False


@dataclass(frozen=True)
class SystemSwitch:
    """The switch that shows or hides the entries of the program. `hidden` are those left out of this page."""

    href: str
    is_on: bool
    hidden: int


@dataclass(frozen=True)
class Pager:
    """One page of several, as `components/pages.html` needs it; `earlier` are newer entries, "" for none."""

    page: int
    pages: int
    earlier: str
    later: str


@dataclass(frozen=True)
class TrailPage:
    """One day of the office's trail; of one person or case, a week of it."""

    day: date
    first_day: date
    zone: str
    lines: tuple[TrailLine, ...]
    kinds: tuple[TrailLink, ...]
    query: TrailQuery
    person: str
    ref: str
    everything: str
    system: SystemSwitch
    earlier: str
    later: str
    pager: Pager
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
    system: SystemSwitch
    pager: Pager


class _Selection(NamedTuple):
    """The entries of one page, the number of hidden ones of the program, and the number of pages."""

    entries: list[read.OpenedEntry]
    hidden: int
    pages: int


def trail_page(staff: Staff, query: TrailQuery) -> TrailPage:
    """Return a page of the office's trail, in the member's zone and the office's transaction.

    Raises NotFound for a person who was never in the office, or a case that is not open to the reader.
    """
    names, index = member_names(staff), reader.open_readable_view(staff.keys, zone=staff.zone)
    row = index.find_row(query.case) if query.case else None
    if (query.member and query.member not in names) or (query.case and row is None):
        raise NotFound("no such person or case")
    first_day = query.day - timedelta(days=query.days - 1)
    entries = _read_days(staff, first_day, query.day)
    matching = [line for line in entries if (query.is_match(line.record) if line.record else _shows_shut(query))]
    chosen = _select_page(matching, shows_system=query.shows_system, page=query.page)
    last = AuditCheckpoint.objects.filter(org_id=staff.org_id).order_by("-number").first()
    return TrailPage(
        day=query.day,
        first_day=first_day,
        zone=staff.zone,
        lines=_fold_repeats(_opened_line(line, names, index) for line in chosen.entries),
        kinds=tuple(
            TrailLink(replace(query, kind=code, page=1).path, labels.label_of(KIND_LABELS, code), code == query.kind)
            for code in ("", *CODES_BY_KIND)
        ),
        query=query,
        person=names[query.member] if query.member else "",
        ref=row.ref if row else "",
        everything=TrailQuery(query.day, query.kind).path if query.member or query.case else "",
        system=SystemSwitch(
            replace(query, shows_system=not query.shows_system, page=1).path, query.shows_system, chosen.hidden
        ),
        earlier=replace(query, day=query.day - timedelta(days=query.days), page=1).path,
        later=replace(query, day=query.day + timedelta(days=query.days), page=1).path,
        pager=_build_pager(query.page, chosen.pages, lambda number: replace(query, page=number).path),
        has_more=len(entries) >= MAX_READ,
        shut=sum(line.record is None for line in entries),
        checked_at=_minute_to_datetime(last.minute) if last is not None else None,
        witnesses=tuple(_witness_labels()),
        unusual=tuple(
            _trail_line(line.record, names, index) for line in matching if line.record and line.record.what in UNUSUAL
        ),
    )


def case_trail_page(staff: Staff, file: SealedFile, *, shows_system: bool, page: int) -> CaseTrailPage:
    """Return what a holder of the case's key may read of its trail, newest first. In the office's transaction."""
    names = member_names(staff)
    opened = read.entries_of_case(staff.org_id, file.id, file.keys)
    entries = [read.OpenedEntry(int(entry.at.timestamp()) // 60, entry) for entry in opened]
    chosen = _select_page(entries, shows_system=shows_system, page=page)

    def path(number: int, *, is_on: bool = shows_system) -> str:
        query = "&".join(([f"page={number}"] if number > 1 else []) + (["system=1"] if is_on else []))
        return f"{reverse('trail:of_case', args=[file.id])}{'?' if query else ''}{query}"

    return CaseTrailPage(
        staff.zone,
        _fold_repeats(_opened_line(line, names, None) for line in chosen.entries),
        SystemSwitch(path(1, is_on=not shows_system), shows_system, chosen.hidden),
        _build_pager(page, chosen.pages, path),
    )


def find_case(staff: Staff, reference: str) -> UUID | None:
    """Return the case open to the reader that a reference names; None for none."""
    hits = reader.open_readable_view(staff.keys, zone=staff.zone).search_cases(reference)
    return next((hit.case_id for hit in hits if hit.row.ref == reference), None)


def member_names(staff: Staff) -> dict[UUID, str]:
    """Return the names of all members, also of those who left."""
    return {person.member_id: person.name for person in members.read_directory(staff.keys, accepts_older=True).people}


def _read_days(staff: Staff, first: date, last: date) -> list[read.OpenedEntry]:
    """Return the entries from one day to another, newest first, in the member's zone."""
    zone = ZoneInfo(staff.zone)
    return read.entries(
        staff.org_id,
        [group.hpke_private for group in staff.keys.held if group.kind == AUDITORS],
        since=datetime.combine(first, time.min, zone),
        until=datetime.combine(last + timedelta(days=1), time.min, zone),
        limit=MAX_READ,
    )


def _shows_shut(query: TrailQuery) -> bool:
    """Return whether entries that do not open are listed: who did what is not known of them."""
    return not (query.kind or query.member or query.case)


def _select_page(entries: list[read.OpenedEntry], *, shows_system: bool, page: int) -> _Selection:
    """Return the entries of one page. Those of the program are left out unless asked for; its findings stay."""
    shown = [line for line in entries if shows_system or not _is_hidden(line.record)]
    start = (page - 1) * LINES
    return _Selection(shown[start : start + LINES], len(entries) - len(shown), -(-len(shown) // LINES))


def _build_pager(page: int, pages: int, path: Callable[[int], str]) -> Pager:
    return Pager(page, pages, path(page - 1) if page > 1 else "", path(page + 1) if page < pages else "")


def _is_hidden(entry: AuditRecord | None) -> bool:
    return entry is not None and entry.is_by_system and not entry.needs_attention


def _opened_line(line: read.OpenedEntry, names: dict[UUID, str], index: IndexView | None) -> TrailLine:
    if line.record is None:
        return TrailLine(_minute_to_datetime(line.minute), is_shut=True)
    return _trail_line(line.record, names, index)


def _name_of_target(target: UUID, names: dict[UUID, str], index: IndexView | None) -> str:
    """Return the name of a member, or the reference of a case that is open to the reader."""
    row = index.find_row(target) if index is not None else None
    return names.get(target, "") or (row.ref if row else "")


def _trail_line(entry: AuditRecord, names: dict[UUID, str], index: IndexView | None) -> TrailLine:
    ref = href = ""
    if index is not None and entry.case is not None:
        row = index.find_row(entry.case)
        # An auditor outside a wall learns that a case was opened, but not which: the id alone says nothing.
        ref, href = (row.ref, reverse("cases:case", args=[entry.case])) if row else (_("a case you cannot open"), "")
    about = _name_of_target(entry.target, names, index) if entry.target is not None else ""
    return TrailLine(
        at=entry.at,
        who=_("System") if entry.is_by_system else names.get(entry.member, _("a person who left the office")),
        what=labels.label_of(ACTION_LABELS, entry.what),
        ref=ref,
        href=href,
        about=" · ".join(part for part in (about, labels.label_of(REASON_LABELS, entry.reason)) if part),
        count=entry.count,
        is_unusual=entry.what in UNUSUAL,
        is_system=entry.is_by_system,
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
