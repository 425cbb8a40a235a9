"""Pages of conflict checks: finished values for the templates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.directory import conflict_group, members
from caseapp.accounts.keys.staff import Staff
from caseapp.conflicts import panels
from caseapp.conflicts.forms import DECISIONS, RELATIONS
from caseapp.conflicts.services import checks, content, officer
from caseapp.conflicts.services.checks import OwnCheck
from caseapp.conflicts.services.comparison import PersonMatches
from caseapp.conflicts.services.content import AskedPerson
from caseapp.conflicts.services.matching import ConflictMatch
from caseapp.conflicts.services.officer import OfficerCheck
from caseapp.index import reader
from caseapp.index.rows import CaseRow
from caseapp.records.names import format_a_number
from caseapp.ui.display import labels
from caseapp.ui.display.labels import Labels
from caseapp.ui.display.paths import case_path
from caseapp.ui.display.people.likeness_texts import DEGREES, reason_sentence

PAGE_SIZE = 25
OWN_SHOWN = 10  # checks of the member who reads; the newest
MAX_PAGES = 400
STATUS = {content.CLEARED: "done", content.WAIVABLE: "soon", content.NOT_WAIVABLE: "passed"}


@dataclass(frozen=True)
class CheckRow:
    """A check in a list. `names` are covered while names are; `officer` and `decided_at` are of its answer."""

    id: UUID
    href: str
    asked_at: datetime
    asker: str
    names: tuple[str, ...] = field(repr=False)
    more: int
    ref: str
    decision: str
    status: str
    officer: str = ""
    decided_at: datetime | None = None
    sentence: str = field(default="", repr=False)
    reason: str = field(default="", repr=False)


@dataclass(frozen=True)
class ListPage:
    """The page of checks: for everyone their own, for officers the queue and the register as well."""

    zone: str
    officers: tuple[str, ...]
    admins: tuple[str, ...]
    own: tuple[CheckRow, ...]
    is_officer: bool
    waiting: tuple[CheckRow, ...] = ()
    waiting_total: int = 0
    answered: tuple[CheckRow, ...] = ()
    answered_total: int = 0
    page: int = 1
    pages: int = 1
    earlier: str = ""
    later: str = ""


@dataclass(frozen=True)
class AskedLine:
    """A person who was asked about, with the facts that were given."""

    names: tuple[str, ...] = field(repr=False)
    relation: str
    facts: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class MatchLine:
    """A possible match: what the index says of the person, and the case if the officer can open it."""

    names: tuple[str, ...] = field(repr=False)
    facts: tuple[str, ...] = field(repr=False)
    degree: str
    reasons_for: tuple[str, ...] = field(repr=False)
    reasons_against: tuple[str, ...] = field(repr=False)
    ref: str = ""
    href: str = ""


@dataclass(frozen=True)
class PersonPart:
    """An asked person and the possible matches."""

    asked: AskedLine
    matches: tuple[MatchLine, ...]


@dataclass(frozen=True)
class CheckPage:
    """One check as an officer sees it."""

    row: CheckRow
    zone: str
    note: str = field(repr=False)
    people: tuple[PersonPart, ...]
    shown: int
    is_damaged: bool = False


@dataclass(frozen=True)
class OwnPage:
    """One check as the member sees who asked for it."""

    row: CheckRow
    zone: str
    people: tuple[AskedLine, ...]
    officers: tuple[str, ...]
    admins: tuple[str, ...]


def list_page(staff: Staff, page: int) -> ListPage:
    """Return the page of checks."""
    own = tuple(_own_row(staff, check) for check in checks.own_checks(staff.keys, OWN_SHOWN))
    officers, admins = panels.officer_names(staff), panels.admin_names(staff)
    if not conflict_group.is_officer(staff.keys):
        return ListPage(staff.zone, officers, admins, own, is_officer=False)
    waiting, waiting_total = officer.waiting_checks(staff.keys, PAGE_SIZE)
    answered, total = officer.answered_checks(staff.keys, page=page, size=PAGE_SIZE)
    names = {p.member_id: p.name for p in members.read_directory(staff.keys, accepts_older=True).people}
    pages = max(1, -(-total // PAGE_SIZE))
    path = reverse("conflicts:list")
    return ListPage(
        staff.zone,
        officers,
        admins,
        own,
        is_officer=True,
        waiting=tuple(_officer_row(check, names) for check in waiting),
        waiting_total=waiting_total,
        answered=tuple(_officer_row(check, names) for check in answered),
        answered_total=total,
        page=page,
        pages=pages,
        earlier=f"{path}?page={page - 1}" if page > 1 else "",
        later=f"{path}?page={page + 1}" if page < pages else "",
    )


def own_page(staff: Staff, check: OwnCheck) -> OwnPage:
    """Return the page of a member's own check."""
    return OwnPage(
        _own_row(staff, check),
        staff.zone,
        tuple(_asked_line(person) for person in check.request.people),
        panels.officer_names(staff),
        panels.admin_names(staff),
    )


def check_page(staff: Staff, check: OfficerCheck, compared: Sequence[PersonMatches] | None) -> CheckPage:
    """Return the page of one check for an officer; `compared` is None while the index is damaged."""
    names = {p.member_id: p.name for p in members.read_directory(staff.keys, accepts_older=True).people}
    view = reader.open_readable_view(staff.keys, zone=staff.zone)
    wanted = {match.case_id for part in compared or () for match in part.matches}
    rows = view.rows_of(wanted)
    parts = tuple(
        PersonPart(_asked_line(part.asked), tuple(_match_line(match, rows) for match in part.matches))
        for part in compared or ()
    )
    shown = sum(len(part.matches) for part in parts)
    return CheckPage(
        _officer_row(check, names), staff.zone, check.request.note, parts, shown, is_damaged=compared is None
    )


def _own_row(staff: Staff, check: OwnCheck) -> CheckRow:
    return CheckRow(
        id=check.id,
        href=reverse("conflicts:check", args=[check.id]),
        asked_at=check.request.asked_at,
        asker=staff.name,
        names=_first_names(check.request.people),
        more=max(0, len(check.request.people) - 1),
        ref=check.request.ref,
        decision=_word(DECISIONS, check.answer.decision) if check.answer else _("Sent to the conflict officer"),
        status=STATUS.get(check.answer.decision, "waiting") if check.answer else "waiting",
        officer=check.officer.name if check.officer else "",
        decided_at=check.answer.at if check.answer else None,
        sentence=check.answer.sentence if check.answer else "",
    )


def _officer_row(check: OfficerCheck, names: dict[UUID, str]) -> CheckRow:
    entry = check.entry
    return CheckRow(
        id=check.id,
        href=reverse("conflicts:check", args=[check.id]),
        asked_at=check.request.asked_at,
        asker=check.asker.name,
        names=_first_names(check.request.people),
        more=max(0, len(check.request.people) - 1),
        ref=check.request.ref,
        decision=_word(DECISIONS, entry.decision) if entry else _("Waiting for an answer"),
        status=STATUS.get(entry.decision, "waiting") if entry else "waiting",
        officer=names.get(entry.by, "") if entry else "",
        decided_at=entry.at if entry else None,
        sentence=entry.sentence if entry else "",
        reason=entry.reason if entry else "",
    )


def _first_names(people: Sequence[AskedPerson]) -> tuple[str, ...]:
    return people[0].names[:2] if people else ()


def _asked_line(person: AskedPerson) -> AskedLine:
    facts = [person.born] if person.born else []
    facts += [format_a_number(person.a_number)] if person.a_number else []
    return AskedLine(person.names, _word(RELATIONS, person.relation), (*facts, *person.numbers, *person.phones))


def _match_line(match: ConflictMatch, rows: dict[UUID, CaseRow]) -> MatchLine:
    person, row = match.person, rows.get(match.case_id)
    facts = [str(person.year)] if person.year else []
    facts += [format_a_number(person.a_number)] if person.a_number else []
    return MatchLine(
        names=person.names,
        facts=(*facts, *person.numbers, *person.phones),
        degree=_word(DEGREES, match.likeness.degree) if match.likeness.is_close else _("Unlikely the same person"),
        reasons_for=tuple(map(reason_sentence, match.likeness.reasons_for)),
        reasons_against=tuple(map(reason_sentence, match.likeness.reasons_against)),
        ref=row.ref if row else "",
        href=case_path(match.case_id) if row else "",
    )


def _word(table: Labels, code: str) -> str:
    return str(labels.label_of(table, code))
