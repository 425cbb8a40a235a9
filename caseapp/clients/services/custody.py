"""Custody of the clients of a case: what else would change with it, the facilities, and undo.

Custody itself is recorded by `deadlines.services.notices` and `clients.services.people`, whichever page is used.
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.changes.preview import require_shown_state
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import custody_dates
from caseapp.deadlines.services.corrections.follow import KeptDeadline
from caseapp.deadlines.services.custody_dates import CustodyDates
from caseapp.hearings.services import custody_hearings
from caseapp.hearings.services.custody_hearings import CustodyHearing
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.custody import CustodyStep
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from caseapp.vault import past_versions
from caseapp.vault.store import UNDO_DAYS, Draft, Entry, SealedFile

FACILITY, DATES = "facility", "dates"  # what a step is


class CustodyChanges(NamedTuple):
    """Changes that follow the client's custody: hearings, and deadlines of other events."""

    hearings: tuple[CustodyHearing, ...]
    dates: tuple[CustodyDates, ...]

    @property
    def keys(self) -> frozenset[str]:
        """Return the names of all changes, as a page sends them."""
        return frozenset({*(str(change.entry.id) for change in self.hearings), *(change.key for change in self.dates)})


@dataclass(frozen=True, kw_only=True)
class NewFacility:
    """A facility where a person is held from a day on.

    court     the court that has the case since then; "": it stays the same
    hearings  the open hearings that move to this court
    """

    party: UUID
    facility: str
    on: dt.date
    court: str = ""
    hearings: tuple[UUID, ...] = ()


def list_changes(staff: Staff, file: SealedFile) -> CustodyChanges:
    """Return the changes that follow from the custody recorded now."""
    law, today = office_law.law_of(staff.keys), clock.today(staff.zone)
    return CustodyChanges(
        custody_hearings.list_custody_hearings(staff, file),
        custody_dates.list_custody_dates(law, file, today=today),
    )


def apply_changes(staff: Staff, case_id: UUID, keys: Collection[str]) -> None:
    """Make the chosen changes in one save. Raises Refused when one of them is not to be made any more."""
    with case_transaction(staff, case_id) as draft:
        changes = list_changes(staff, draft.file)
        if not keys:
            raise Refused("change", "Tick what changes first.")
        if not changes.keys.issuperset(keys):
            raise Refused("change", "The case was changed after you opened this list. Look at it again.")
        _record_step(
            draft, CustodyStep(what=DATES, on=clock.today(staff.zone)), lambda: _apply(draft, staff, changes, keys)
        )


def _apply(draft: Draft, staff: Staff, changes: CustodyChanges, keys: Collection[str]) -> None:
    for hearing in changes.hearings:
        if str(hearing.entry.id) in keys:
            custody_hearings.change_docket(draft, staff, hearing.entry.id)
    for change in changes.dates:
        if change.key in keys:
            custody_dates.change_custody_dates(draft, staff, change)


def record_facility(staff: Staff, case_id: UUID, new: NewFacility) -> None:
    """Record where a detained person is held since a day, and the court that has the case since then.

    Raises Refused for a person who is not detained, or a day before custody began.
    """
    with case_transaction(staff, case_id) as draft:
        since = draft.file.get(new.party, Party).record.detained_since
        if since is None:
            raise Refused("party", "This person is not recorded as detained. Record the custody first.")
        if new.on < since:
            raise Refused("on", "This day is before the day custody began. Correct one of the two dates.")
        step = CustodyStep(what=FACILITY, on=new.on, party=new.party, facility=new.facility, court=new.court)
        _record_step(draft, step, lambda: _move_to_court(draft, staff, new))


def _move_to_court(draft: Draft, staff: Staff, new: NewFacility) -> None:
    if not new.court:
        return
    for entry in draft.file.entries_of(Proceeding):
        is_in_court = (entry.record.forum, entry.record.state) == ("immigration_court", "open")
        if is_in_court and entry.record.court != new.court:
            draft.change(entry.id, replace(entry.record, court=new.court, judge=""))
    for hearing in custody_hearings.open_hearings(draft.file):
        if hearing.id in new.hearings:
            custody_hearings.change_court(draft, staff, hearing.id, new.court)


def record_release(draft: Draft, party_id: UUID, on: dt.date) -> None:
    """Store that a person is no longer detained, so that the case knows a release from custody that never was."""
    draft.add(CustodyStep(what=custody_dates.RELEASED, on=on, party=party_id))


def _record_step(draft: Draft, step: CustodyStep, act: Callable[[], None]) -> None:
    """Do the act, and store the step with what it changed and added."""
    known = set(draft.file.entries)
    act()
    changed = tuple((entry.id, entry.version) for entry in draft.changed.values() if entry.id in known)
    added = tuple(record_id for record_id in draft.changed if record_id not in known)
    draft.add(replace(step, changed=changed, added=added))


def steps_of(file: SealedFile) -> list[Entry[CustodyStep]]:
    """Return the steps of custody, the latest first; of the same day, the one entered last."""

    def order(entry: Entry[CustodyStep]) -> tuple[object, ...]:
        return entry.record.on, entry.record.entered_at, entry.id

    return sorted(file.entries_of(CustodyStep), key=order, reverse=True)


def can_undo(file: SealedFile, entry: Entry[CustodyStep], *, today: dt.date) -> bool:
    """Return True while nothing that the step changed was changed again, and the past is kept. `today` is in UTC."""
    step = entry.record
    if step.undone_on is not None or step.what not in {FACILITY, DATES}:
        return False
    kept = {(record_id, version) for record_id, version, on in file.head.past if (today - on).days <= UNDO_DAYS}
    are_unchanged = all(
        _version_of(file, record_id) == version and (record_id, restored_version(step, record_id, version)) in kept
        for record_id, version in step.changed
    )
    return are_unchanged and all(_version_of(file, record_id) == 1 for record_id in step.added)


def undo_step(staff: Staff, case_id: UUID, step_id: UUID) -> None:
    """Put back what a step changed, and take out what it added. Raises Refused when that is not possible any more."""
    with case_transaction(staff, case_id, what="case.undo") as draft:
        undo_in_draft(draft, staff, step_id)


def undo_in_draft(draft: Draft, staff: Staff, step_id: UUID) -> None:
    """Undo a step in a draft, as `undo_step`."""
    entry = draft.file.get(step_id, CustodyStep)
    _put_back(draft, entry)
    draft.change(step_id, replace(entry.record, undone_on=clock.today(staff.zone)))


def _put_back(draft: Draft, entry: Entry[CustodyStep]) -> None:
    if not can_undo(draft.file, entry, today=draft.at.date()):
        raise Refused("undo", "One of these dates was changed since. Correct it where it is recorded.")
    for record_id, version in entry.record.changed:
        restored = restored_version(entry.record, record_id, version)
        draft.change(record_id, past_versions.past_version(draft.file, record_id, restored), version=version)
    for record_id in entry.record.added:
        draft.remove(record_id, version=1)


def restored_version(step: CustodyStep, record_id: UUID, version: int) -> int:
    """Return the version of a record that the undo of a step puts back."""
    return dict(step.restores).get(record_id, version - 1)


@dataclass(frozen=True, kw_only=True)
class CorrectedStep:
    """A step of custody as corrected; `version` is the one that the member saw."""

    facility: NewFacility
    version: int


def is_correctable(step: CustodyStep) -> bool:
    """Return True for a facility or transfer, and for the day of a release; changed dates are undone instead."""
    return step.undone_on is None and step.what in {FACILITY, custody_dates.RELEASED}


def correct_step(staff: Staff, case_id: UUID, step_id: UUID, corrected: CorrectedStep, *, head_version: int) -> None:
    """Correct a step of custody with what it changed, as `correct_in_draft`.

    `head_version` is the state of the case for which the member saw what changes; Refused for another one.
    """
    with case_transaction(staff, case_id, what="case.correct") as draft:
        require_shown_state(draft, head_version)
        correct_in_draft(draft, staff, step_id, corrected)


def correct_in_draft(draft: Draft, staff: Staff, step_id: UUID, corrected: CorrectedStep) -> tuple[KeptDeadline, ...]:
    """Correct a step in a draft: what it had changed is put back, and changed as the corrected step says.

    Raises EditConflict; NotFound for a step that is not corrected; Refused for a day before custody began, and for
    another court where what the step changed was changed again since.
    """
    step, new = draft.get_at_version(step_id, CustodyStep, corrected.version), corrected.facility
    if not is_correctable(step):
        raise NotFound(f"custody step {step_id}")
    since = draft.file.get(new.party, Party).record.detained_since
    if step.what == FACILITY and since is not None and new.on < since:
        raise Refused("on", "This day is before the day custody began. Correct one of the two dates.")
    stated = replace(step, on=new.on, facility=new.facility, court=new.court)
    if (new.court, set(new.hearings)) == (step.court, set(moved_hearings(draft.file, step))):
        draft.change(step_id, stated, version=corrected.version)
        return ()
    _put_back(draft, draft.file.get(step_id, CustodyStep))
    originals = {record_id: restored_version(step, record_id, version) for record_id, version in step.changed}
    known = set(draft.file.entries)
    _move_to_court(draft, staff, new)
    changed = tuple((entry.id, entry.version) for entry in draft.changed.values() if entry.id in known)
    added = tuple(record_id for record_id in draft.changed if record_id not in known)
    restores = tuple((record_id, originals.get(record_id, version - 1)) for record_id, version in changed)
    draft.change(step_id, replace(stated, changed=changed, added=added, restores=restores), version=corrected.version)
    return ()


def moved_hearings(file: SealedFile, step: CustodyStep) -> tuple[UUID, ...]:
    """Return the hearings that a step moved to another court, while they are in the case."""
    entries = (file.entries.get(record_id) for record_id, _version in step.changed)
    return tuple(entry.id for entry in entries if entry is not None and isinstance(entry.record, Hearing))


def _version_of(file: SealedFile, record_id: UUID) -> int:
    entry = file.entries.get(record_id)
    is_of_case = entry is not None and isinstance(entry.record, Hearing | Deadline | Proceeding)
    return entry.version if entry is not None and is_of_case else 0
