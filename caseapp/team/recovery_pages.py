"""View models of the pages about recovery sheets: holders and dates, never the words of a sheet."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import office, own_sheet, sheet_status
from caseapp.accounts.recovery.office import RecoveryState
from caseapp.accounts.recovery.own_sheet import OwnSheets
from caseapp.accounts.recovery.sheet_status import SheetStatus
from caseapp.lib.errors import NotFound
from caseapp.ui.display import tags


@dataclass(frozen=True)
class RecoverySheetLine:
    """One sheet. `kind` and `word` are a status.

    is_showable, is_checkable  what the member can do with a sheet of their own now
    """

    id: UUID
    number: int
    name: str
    kind: str
    word: str
    is_outside: bool
    is_showable: bool
    is_checkable: bool
    is_checked: bool
    is_shown: bool
    next_check: dt.datetime | None
    asked_at: dt.datetime | None


@dataclass(frozen=True)
class RecoveryPage:
    """Values of the page of the office's recovery.

    is_alone      the member is the only one in the office
    is_mine       the member made the set that waits, and another admin has to confirm it
    """

    state: RecoveryState
    lines: tuple[RecoverySheetLine, ...]
    lost: tuple[str, ...]
    next_lines: tuple[RecoverySheetLine, ...]
    is_alone: bool
    is_pair: bool
    is_mine: bool
    needs_comparison: bool
    set_words: tuple[str, ...]


@dataclass(frozen=True)
class OwnSheetsPage:
    """The sheets of one set that this member opens."""

    own: OwnSheets
    sheets: tuple[RecoverySheetLine, ...]
    total: int
    holders: tuple[str, ...]


@dataclass(frozen=True)
class SheetWordsPage:
    """Values around the words of one sheet."""

    line: RecoverySheetLine
    needed: int
    total: int
    set_words: tuple[str, ...]


def recovery_page(staff: Staff) -> RecoveryPage:
    """Return the state of the office's recovery for an admin."""
    state = office.read_state(staff.keys)
    waiting = state.next_set
    people = members.read_directory(staff.keys, accepts_older=True)
    active, has_other = people.active_people, office.has_another_admin(people)
    return RecoveryPage(
        state=state,
        lines=_lines(state.sheets),
        lost=tuple(_describe_loss(status) for status in state.lost),
        next_lines=_lines(state.next_sheets),
        is_alone=len(active) == 1,
        is_pair=len(active) == 2,
        is_mine=waiting is not None and waiting.by == staff.member_id and has_other,
        needs_comparison=has_other,
        set_words=office.set_words(staff.keys, waiting.public) if waiting is not None else (),
    )


def own_sheets_pages(staff: Staff) -> tuple[OwnSheetsPage, ...]:
    """Return the member's own sheets, of the set that waits and of the one in use."""
    return tuple(
        OwnSheetsPage(own, _lines(own.sheets), len(own.holders), tuple(name for name in own.holders if name))
        for own in own_sheet.read_own_sheets(staff.keys)
    )


def words_page(staff: Staff, sheet_id: UUID) -> SheetWordsPage:
    """Return the values around the words of one of the member's sheets. Raises NotFound."""
    for page in own_sheets_pages(staff):
        for line in page.sheets:
            if line.id == sheet_id:
                return SheetWordsPage(line, page.own.needed, page.total, page.own.words)
    raise NotFound("no sheet")


def _lines(statuses: tuple[SheetStatus, ...]) -> tuple[RecoverySheetLine, ...]:
    blocked = any(status.state == sheet_status.SHOWN for status in statuses)
    return tuple(_line(status, is_blocked=blocked) for status in statuses)


def _line(status: SheetStatus, *, is_blocked: bool) -> RecoverySheetLine:
    kind, word = _describe(status)
    is_again = status.state == sheet_status.SHOWN and not status.sheet.is_outside
    return RecoverySheetLine(
        id=status.sheet.id,
        number=status.number,
        name=status.name or _("Envelope %(number)d") % {"number": status.number},
        kind=kind,
        word=word,
        is_outside=status.sheet.is_outside,
        is_showable=is_again or (status.state == sheet_status.WAITING and not is_blocked),
        is_checkable=status.state in {sheet_status.SHOWN, sheet_status.CHECKED, sheet_status.DUE},
        is_checked=status.is_proven,
        is_shown=status.state == sheet_status.SHOWN,
        next_check=status.next_check,
        asked_at=status.asked_at,
    )


def _describe(status: SheetStatus) -> tuple[str, str]:
    """Return the kind of a sheet's state and its words."""
    if status.state == sheet_status.LOST:
        return "passed", _("Lost")
    if status.state == sheet_status.DUE and status.next_check is not None:
        return "soon", _("Check due since %(day)s") % {"day": tags.day(status.next_check)}
    if status.state == sheet_status.CHECKED and status.checked_at is not None:
        return "done", _("Checked %(day)s") % {"day": tags.day(status.checked_at)}
    if status.state == sheet_status.SHOWN and status.shown_at is not None:
        return "to-check", _("Shown %(day)s, not checked yet") % {"day": tags.day(status.shown_at)}
    return "waiting", _("Not collected yet")


def _describe_loss(status: SheetStatus) -> str:
    """Return why no member of the office has a sheet."""
    name = status.name or _("Envelope %(number)d") % {"number": status.number}
    reasons = {
        sheet_status.LEFT: _("%(name)s left the office."),
        sheet_status.NEW_KEYS: _("%(name)s has new keys, and had not collected their sheet."),
        sheet_status.MISSING: _("The sheet of %(name)s is missing in the database."),
    }
    return reasons[status.reason] % {"name": name}
