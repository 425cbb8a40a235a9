"""Undo of the last change of one record of a case."""

from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.lib.errors import Refused
from caseapp.records.contact_attempt import TEXT, ContactAttempt
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.note import Note
from caseapp.records.task import Task
from caseapp.vault import past_versions

UNDOABLE = (Note, Task, Document, Deadline, ContactAttempt, type(None))  # None: a removed record, restored by undo


def undo_change(staff: Staff, case_id: UUID, record_id: UUID, version: int) -> None:
    """Undo the change that made `version` of a record; a new record is removed. Possible for 30 days.

    Raises EditConflict when the record was changed again since, NotFound when the past is no longer kept, Refused for a
    kind that other records depend on (a person, a hearing, the case): those are changed or closed, not undone.
    """
    with case_transaction(staff, case_id) as draft:
        standing = draft.file.entries[record_id].record if record_id in draft.file.entries else None
        # A text that was sent cannot be recalled: without its record it would be sent a second time.
        is_text = isinstance(standing, ContactAttempt) and standing.way == TEXT
        if is_text or not isinstance(standing, UNDOABLE):
            raise Refused("undo", "This cannot be undone here. Change it instead.")
        if version == 1:
            draft.remove(record_id, version=1)
            return
        entry = draft.file.entries.get(record_id)
        earlier = past_versions.past_version(draft.file, record_id, version - 1)
        if entry is None:
            draft.restore(record_id, earlier, version + 1)
        else:
            draft.change(record_id, earlier, version=version)
