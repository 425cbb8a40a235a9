"""Services for the notes of a case."""

from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.lib.errors import Refused
from caseapp.records.note import Note

NOTE_LIMIT = 50_000  # characters


def add_note(staff: Staff, case_id: UUID, *, text: str, told_by: str = "", story: bool = False) -> UUID:
    """Add a note. Return its id. Raises Refused when it is empty or over 50,000 characters."""
    with case_transaction(staff, case_id) as draft:
        return draft.add(Note(text=_note_text(text), told_by=told_by, story=story))


def change_note(staff: Staff, case_id: UUID, note_id: UUID, *, text: str, version: int) -> None:
    """Correct a note. Raises EditConflict when another member saved it since `version`, Refused as `add_note`."""
    with case_transaction(staff, case_id) as draft:
        note = draft.file.get(note_id, Note)
        draft.change(note_id, replace(note.record, text=_note_text(text)), version=version)


def _note_text(text: str) -> str:
    if not text.strip():
        raise Refused("text", "Write the note first.")
    if len(text) > NOTE_LIMIT:
        raise Refused(
            "text",
            "This note has %(length)d characters. The limit is %(limit)d: make two of it.",
            {"length": len(text), "limit": NOTE_LIMIT},
        )
    return text
