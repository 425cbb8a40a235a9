"""Open hearings whose docket no longer fits the client's custody, and their change."""

from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.deadlines.services.custody_dates import custody_of
from caseapp.hearings.services import hearings, preview
from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.vault.store import Draft, Entry, SealedFile


@dataclass(frozen=True)
class CustodyHearing:
    """A hearing to move to the detained docket or back; `was` are its open filing deadlines, `would` the new ones."""

    entry: Entry[Hearing]
    was: tuple[Entry[Deadline], ...]
    would: tuple[Deadline, ...]


def open_hearings(file: SealedFile) -> list[Entry[Hearing]]:
    """Return the hearings that are ahead and not replaced, the next one first."""
    ahead = [
        entry
        for entry in file.entries_of(Hearing)
        if entry.record.outcome is None and entry.record.superseded_by is None and entry.record.starts_at >= clock.now()
    ]
    return sorted(ahead, key=lambda entry: entry.record.starts_at)


def list_custody_hearings(staff: Staff, file: SealedFile) -> tuple[CustodyHearing, ...]:
    """Return the open hearings that differ from the client's custody now."""
    return tuple(
        CustodyHearing(entry, _filings_of(file, entry.id), preview.filing_deadlines(staff, moved))
        for entry in open_hearings(file)
        if (moved := _moved(file, entry.record)) is not entry.record
    )


def change_docket(draft: Draft, staff: Staff, hearing_id: UUID) -> None:
    """Move a hearing to the docket that fits the client's custody; its filing deadlines end or start with it."""
    moved = _moved(draft.file, draft.file.get(hearing_id, Hearing).record)
    hearings.change_hearing_in_draft(draft, staff, hearing_id, moved)


def change_court(draft: Draft, staff: Staff, hearing_id: UUID, court: str) -> None:
    """Move a hearing to another court, which has neither the room nor the judge nor the orders of the old one."""
    record = draft.file.get(hearing_id, Hearing).record
    if record.court != court:
        draft.change(hearing_id, replace(record, court=court, room="", judge=""))
        hearings.restart_filing_deadlines(draft, staff, hearing_id)


def _moved(file: SealedFile, hearing: Hearing) -> Hearing:
    detained = custody_of(file, hearing.parties)
    return hearing if detained is None or hearing.detained == detained else replace(hearing, detained=detained)


def _filings_of(file: SealedFile, hearing_id: UUID) -> tuple[Entry[Deadline], ...]:
    return tuple(
        entry
        for entry in file.entries_of(Deadline)
        if entry.record.trigger == hearing_id and entry.record.state == "open"
    )
