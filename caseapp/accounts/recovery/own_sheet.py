"""A holder's own sheets, in their own session: show it, print it, check it by typing its words back.

Each request opens or reads one sheet. The words are sealed to their holder until they are on paper: for a member until
the first check succeeds; for a person outside an office of one they are shown a single time. Then the row is
overwritten, and only the commitment is left, in the signed directory.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, grants, members
from caseapp.accounts.directory.records import Directory, ProposedRecoverySet, RecoverySet
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Sheet
from caseapp.accounts.recovery import sheet_rows, sheet_status
from caseapp.accounts.recovery.office import find_proposed_set, set_words
from caseapp.accounts.recovery.sheet_status import CHECKED, DUE, LOST, SHOWN, WAITING, SheetStatus
from caseapp.accounts.signin import throttle
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.core import shares
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

COLLECT, CHECK, CHECK_AGAIN = "collect", "check", "check again"  # what Today asks a holder for
NOT_ITS_WORDS = gettext_noop("These are not the 33 words of this sheet. Compare each word with the printed sheet.")
WORD_COUNT = gettext_noop("A sheet has 33 words. Compare what you typed with the printed sheet.")
ONE_BY_ONE = gettext_noop("Check the sheet that was shown last by typing its words. Then the next one can be shown.")
SHOWN_ONCE = gettext_noop("This sheet was shown already and is not shown again. If it is not on paper, make a new set.")
ON_PAPER = gettext_noop("This sheet is on paper and was checked. It is not shown again.")
NOT_THERE = gettext_noop("This sheet cannot be shown any more. Ask an admin to make a new set.")


@dataclass(frozen=True)
class OwnSheets:
    """The sheets that this member opens, of the set in use and of one that is being collected.

    holders  names of the holders, so that each knows who else has a sheet
    words    six words of the set, for the admin who compares them; empty once it counts
    """

    needed: int
    made_at: datetime
    is_next: bool
    sheets: tuple[SheetStatus, ...]
    holders: tuple[str, ...]
    words: tuple[str, ...] = ()

    @property
    def is_outside(self) -> bool:
        """Return whether sheets are handed on to people outside the office."""
        return any(status.sheet.is_outside for status in self.sheets)


def read_own_sheets(keys: Keys, *, accepts_older: bool = False) -> tuple[OwnSheets, ...]:
    """Return this member's sheets, of each set that has one of theirs. Raises OpenFailed.

    accepts_older  for a page that only asks for something: it opens with an older directory too
    """
    people = members.read_directory(keys, accepts_older=accepts_older)
    sets = (_own_of_set(keys, people, chosen) for chosen in (find_proposed_set(people), people.recovery))
    return tuple(own for own in sets if own is not None)


def next_task(keys: Keys) -> str:
    """Return what this member's own sheets ask for: COLLECT, CHECK, CHECK_AGAIN, or nothing."""
    states = {status.state for own in read_own_sheets(keys, accepts_older=True) for status in own.sheets}
    asked = ((WAITING, COLLECT), (SHOWN, CHECK), (DUE, CHECK_AGAIN))
    return next((task for state, task in asked if state in states), "")


def show_sheet(staff: Staff, sheet_id: UUID) -> tuple[SheetStatus, tuple[str, ...]]:
    """Return a sheet of this member with its words, and note that it was shown.

    The caller asked for passphrase and factor again. Raises NotFound for a sheet of anybody else; Refused(code=
    "one_by_one", "on_paper", "shown_once", "not_there" or "locked_down").
    """
    keys = staff.keys
    with office_transaction(keys.org_id):
        grants.refuse_while_locked_down(keys.org_id)
        row = _locked_row(keys, sheet_id)
        own, status = _find_status(keys, sheet_id)
        _require_showable(own, status)
        try:
            words = sheet_rows.open_words(keys, status.sheet, bytes(row.sealed))
        except OpenFailed as exc:
            raise Refused("not_there", NOT_THERE) from exc
        state = replace(sheet_rows.open_state(keys, sheet_id, bytes(row.state)), shown_at=clock.now())
        if status.sheet.is_outside:
            row.sealed = sheet_rows.overwrite_words(bytes(row.sealed))
        _store_row(keys, row, state)
        audit_trail.record_entry(keys, "recovery.sheet", target=sheet_id)
    return status, tuple(words.split())


def check_sheet(staff: Staff, sheet_id: UUID, typed: str) -> None:
    """Check the words that a holder typed from their paper, and overwrite the sealed copy.

    The answer does not say which word is wrong. Raises NotFound for a sheet of anybody else; Refused(code="words"),
    TooMany.
    """
    keys = staff.keys
    tries = throttle.for_check(keys.member_id.bytes + sheet_id.bytes)
    throttle.count_try(tries)  # outside of the transaction below: a refusal must not take the count back
    with office_transaction(keys.org_id):
        row = _locked_row(keys, sheet_id)
        _, status = _find_status(keys, sheet_id)
        state = sheet_rows.open_state(keys, sheet_id, bytes(row.state))
        words = shares.normalise_share(typed)
        if len(words.split()) != shares.SHEET_WORDS:
            raise Refused("words", WORD_COUNT)
        try:
            state = sheet_rows.sign_check(keys.org_id, status.sheet, words, state)
        except OpenFailed as exc:
            raise Refused("words", NOT_ITS_WORDS) from exc
        if not status.is_proven:
            row.sealed = sheet_rows.overwrite_words(bytes(row.sealed))
        _store_row(keys, row, replace(state, shown_at=state.shown_at or clock.now()))
        throttle.clear_tries(tries)
        audit_trail.record_entry(keys, "recovery.check", target=sheet_id)


def collect_and_check(staff: Staff) -> None:
    """Show and check each of the member's sheets, one after the other: for the demo office and for measurements."""
    for own in read_own_sheets(staff.keys):
        for status in own.sheets:
            _, words = show_sheet(staff, status.sheet.id)
            check_sheet(staff, status.sheet.id, " ".join(words))


def record_asking(staff: Staff, sheet_id: UUID) -> None:
    """Record that the member of an office of one asked a person outside, whose envelope is sealed and in its place.

    Raises NotFound, also for a sheet whose words were never typed back.
    """
    keys = staff.keys
    with office_transaction(keys.org_id):
        row = _locked_row(keys, sheet_id)
        _, status = _find_status(keys, sheet_id)
        if not status.sheet.is_outside or not status.is_proven:
            raise NotFound("no checked sheet of a person outside")
        state = sheet_rows.open_state(keys, sheet_id, bytes(row.state))
        _store_row(keys, row, replace(state, asked_at=clock.now()))
        audit_trail.record_entry(keys, "recovery.check", target=sheet_id)


def _own_of_set(keys: Keys, people: Directory, chosen: RecoverySet | ProposedRecoverySet | None) -> OwnSheets | None:
    if chosen is None or not any(sheet.member == keys.member_id for sheet in chosen.sheets):
        return None
    everyones = sheet_status.read_sheets(keys, people, chosen)
    is_next = isinstance(chosen, ProposedRecoverySet)
    return OwnSheets(
        needed=chosen.needed,
        made_at=chosen.made_at,
        is_next=is_next,
        sheets=tuple(status for status in everyones if status.sheet.member == keys.member_id),
        holders=tuple(status.name for status in everyones),
        words=set_words(keys, chosen.public) if isinstance(chosen, ProposedRecoverySet) else (),
    )


def _find_status(keys: Keys, sheet_id: UUID) -> tuple[OwnSheets, SheetStatus]:
    for own in read_own_sheets(keys):
        for status in own.sheets:
            if status.sheet.id == sheet_id:
                return own, status
    raise NotFound(f"sheet {sheet_id}")


def _require_showable(own: OwnSheets, status: SheetStatus) -> None:
    if status.state in {CHECKED, DUE}:
        raise Refused("on_paper", ON_PAPER)
    if status.state == LOST:
        raise Refused("not_there", NOT_THERE)
    if status.sheet.is_outside and status.state == SHOWN:
        raise Refused("shown_once", SHOWN_ONCE)
    if any(other.state == SHOWN and other is not status for other in own.sheets):
        raise Refused("one_by_one", ONE_BY_ONE)


def _locked_row(keys: Keys, sheet_id: UUID) -> Sheet:
    row = Sheet.objects.select_for_update().filter(org_id=keys.org_id, id=sheet_id).first()
    if row is None:
        raise NotFound(f"sheet {sheet_id}")
    return row


def _store_row(keys: Keys, row: Sheet, state: sheet_rows.SheetState) -> None:
    Sheet.objects.filter(org_id=keys.org_id, id=row.id).update(
        sealed=row.sealed, state=sheet_rows.seal_state(keys, row.id, state)
    )
