"""The state of each sheet of a recovery set, never its words.

The rehearsal of a set is the sum of its holders' checks: each typed the words of their own sheet back in their own
session, and the sheet's own key signed that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from caseapp.accounts.directory.records import Directory, HolderSheet, ProposedRecoverySet, RecoverySet
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Sheet
from caseapp.accounts.recovery import sheet_rows
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.vault.core import hybrid
from caseapp.vault.tenancy import office_transaction

CHECK_EVERY = timedelta(days=90)
WAITING, SHOWN, CHECKED, DUE, LOST = "waiting", "shown", "checked", "due", "lost"
LEFT, NEW_KEYS, MISSING = "left", "new keys", "missing"  # why a sheet is lost


@dataclass(frozen=True)
class SheetStatus:
    """The state of one sheet.

    name      its holder's, or what is on the envelope; empty for an envelope without a name
    number    from 1, in the order of the set
    state     WAITING, SHOWN (not checked yet), CHECKED, DUE (checked, and to be checked again), LOST (see `reason`)
    """

    sheet: HolderSheet
    number: int
    name: str
    state: str
    reason: str = ""
    shown_at: datetime | None = None
    checked_at: datetime | None = None
    asked_at: datetime | None = None

    @property
    def is_proven(self) -> bool:
        """Return whether the holder, who is still in the office, has typed its words back at least once."""
        return self.state in {CHECKED, DUE}

    @property
    def next_check(self) -> datetime | None:
        """Return when the next check is due; None before the first."""
        last = max((at for at in (self.checked_at, self.asked_at) if at is not None), default=None)
        return last + CHECK_EVERY if last is not None and self.checked_at is not None else None


def read_sheets(
    keys: Keys, people: Directory, chosen: RecoverySet | ProposedRecoverySet | None
) -> tuple[SheetStatus, ...]:
    """Return the state of each sheet of a set; nothing for a set of an older program."""
    if chosen is None or not chosen.sheets:
        return ()
    with office_transaction(keys.org_id):
        rows = Sheet.objects.filter(org_id=keys.org_id, id__in=[sheet.id for sheet in chosen.sheets])
        states = {row.id: sheet_rows.open_state(keys, row.id, bytes(row.state)) for row in rows.only("id", "state")}
    return tuple(
        _judge_sheet(keys, people, number, sheet, states.get(sheet.id)) for number, sheet in enumerate(chosen.sheets, 1)
    )


def count_proven(sheets: Sequence[SheetStatus]) -> int:
    """Return how many sheets their holders have typed back at least once."""
    return sum(sheet.is_proven for sheet in sheets)


def _judge_sheet(
    keys: Keys, people: Directory, number: int, sheet: HolderSheet, stored: sheet_rows.SheetState | None
) -> SheetStatus:
    state = stored or sheet_rows.SheetState()
    try:
        person = people.find_person(sheet.member)
    except NotFound:
        gone = next((who.name for who in people.people if who.member_id == sheet.member), "")
        return SheetStatus(sheet, number, sheet.outside if sheet.is_outside else gone, LOST, LEFT)
    checked_at = sheet_rows.read_check(keys.org_id, sheet, state)
    status = SheetStatus(
        sheet,
        number,
        sheet.outside if sheet.is_outside else person.name,
        CHECKED,
        shown_at=state.shown_at,
        checked_at=checked_at,
        asked_at=state.asked_at if sheet.is_outside else None,
    )
    kind, reason = _kind_of(status, has_row=stored is not None, has_keys=_has_same_keys(sheet, person.sign_public))
    return SheetStatus(sheet, number, status.name, kind, reason, status.shown_at, status.checked_at, status.asked_at)


def _kind_of(status: SheetStatus, *, has_row: bool, has_keys: bool) -> tuple[str, str]:
    if status.next_check is not None:
        return (DUE if status.next_check <= clock.now() else CHECKED), ""
    if status.shown_at is not None:
        return SHOWN, ""  # they may have it on paper
    if not has_row:
        return LOST, MISSING
    return (WAITING, "") if has_keys else (LOST, NEW_KEYS)


def _has_same_keys(sheet: HolderSheet, sign_public: bytes) -> bool:
    return sheet.signer == hybrid.signer_id(sign_public)
