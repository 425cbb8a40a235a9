"""Proceedings of a case: court, docket, and when and how the Notice to Appear (NTA) was served."""

from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import notices
from caseapp.deadlines.services.corrections import notices as corrections
from caseapp.deadlines.services.notices import NewNotice
from caseapp.lib.errors import Refused
from caseapp.records.notice import Notice
from caseapp.records.proceeding import Proceeding
from caseapp.vault.store import Draft, Entry

COURT, SERVED = "immigration_court", "nta_served"  # forum, event of the catalogue


def add_proceeding(staff: Staff, case_id: UUID, proceeding: Proceeding) -> UUID:
    """Add a proceeding, with the service of its NTA as the event that it is. Return its id."""
    with case_transaction(staff, case_id) as draft:
        proceeding_id = draft.add(proceeding)
        _record_service(draft, staff, None, proceeding)
        return proceeding_id


def change_proceeding(
    staff: Staff, case_id: UUID, proceeding_id: UUID, proceeding: Proceeding, *, version: int
) -> None:
    """Change a proceeding; another day of service corrects its event and what follows from it. Raises EditConflict."""
    with case_transaction(staff, case_id) as draft:
        before = draft.get_at_version(proceeding_id, Proceeding, version)
        draft.change(proceeding_id, proceeding, version=version)
        _record_service(draft, staff, before, proceeding)


def _record_service(draft: Draft, staff: Staff, before: Proceeding | None, after: Proceeding) -> None:
    """Record or correct the event "NTA served", where the law of this office has it and the day is new."""
    is_new = after.began_on is not None and (before is None or before.began_on != after.began_on)
    if after.forum != COURT or after.began_on is None or not is_new or not notices.is_of_office(staff, SERVED):
        return
    new = NewNotice(what=SERVED, dated_on=after.began_on, parties=after.parties)
    known = _known_service(draft, before)
    if known is None:
        notices.record_in_draft(draft, staff, new)
    elif known.record.dated_on != after.began_on:
        corrections.correct_in_draft(draft, staff, known.id, new, version=known.version)


def _known_service(draft: Draft, before: Proceeding | None) -> Entry[Notice] | None:
    """Return the recorded service that has the proceeding's day; where there is only one, it is that one.

    Raises Refused where several are recorded and none has the day: the member corrects the right one.
    """
    recorded = [
        entry
        for entry in draft.file.entries_of(Notice)
        if entry.record.what == SERVED and entry.record.removed_on is None
    ]
    of_day = [entry for entry in recorded if before is not None and entry.record.dated_on == before.began_on]
    if len(recorded) > 1 and not of_day:
        raise Refused("began_on", "Several services of an NTA are recorded. Correct the right one first.")
    return next(iter(of_day or recorded), None)
