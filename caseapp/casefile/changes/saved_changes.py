"""The saves of a case in the last 30 days, found again from the versions that the case keeps for undo.

Nothing more is stored: every record carries by whom and when it was saved, and all records of one save carry the same
instant. A save is taken back field by field, so that what was changed since in other fields stays.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from msgspec.structs import replace

from caseapp.lib import clock
from caseapp.vault import past_versions
from caseapp.vault.head import Access
from caseapp.vault.registry import Record
from caseapp.vault.store import UNDO_DAYS, Entry, SealedFile

# Fields that a save changes in passing: they are no content, and each save writes its own.
PASSING = frozenset(("entered_by", "entered_at", "changed_by", "changed_at", "plan_version", "planned"))


@dataclass(frozen=True)
class RecordChange:
    """A record as one save found it and left it. `before` is None for a record that the save added."""

    id: UUID
    before: Record | None
    after: Record


@dataclass(frozen=True)
class SavedChange:
    """One save: the instant, the member, and the records that it changed or added. What it removed is not known."""

    at: dt.datetime
    by: UUID | None
    records: tuple[RecordChange, ...]

    @property
    def mark(self) -> str:
        """Return a name of the save for a form: it says nothing of its content."""
        member = self.by.bytes if self.by else b""
        return hashlib.sha256(self.at.isoformat().encode() + member).hexdigest()[:32]


def saved_changes(file: SealedFile) -> list[SavedChange]:
    """Return the saves of the last 30 days, the newest first."""
    now = clock.now()
    kept = past_versions.kept_versions(file, today=now.date())
    groups: dict[tuple[dt.datetime, UUID | None], dict[UUID, RecordChange]] = {}
    for record_id in {*file.entries, *kept}:
        current = [file.entries[record_id]] if record_id in file.entries else []
        for before, after in _steps([*kept.get(record_id, ()), *current]):
            at = after.changed_at or after.entered_at
            if at is None or now - at > dt.timedelta(days=UNDO_DAYS) or isinstance(after, Access):
                continue
            group = groups.setdefault((at, after.changed_by if after.changed_at else after.entered_by), {})
            earlier = group.get(record_id)
            first = earlier.before if earlier is not None else before
            group[record_id] = RecordChange(record_id, first, after)
    changes = [SavedChange(at, by, tuple(records.values())) for (at, by), records in groups.items()]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _steps(versions: Iterable[Entry[Record]]) -> Iterable[tuple[Record | None, Record]]:
    """Yield (before, after) of each version whose predecessor is kept, and of the first version of a record."""
    before: Entry[Record] | None = None
    for entry in versions:
        if before is not None or entry.version == 1:
            yield (before.record if before is not None else None), entry.record
        before = entry


def changed_fields(before: Record, after: Record) -> tuple[str, ...]:
    """Return the names of the fields of content that differ."""
    names = (field.name for field in msgspec.structs.fields(type(after)) if field.name not in PASSING)
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def is_in_force(change: RecordChange, current: Record | None) -> bool:
    """Return True while a record still has something of what the save made of it."""
    if current is None:
        return False
    if change.before is None or type(change.before) is not type(current):
        return change.before is None
    return any(
        getattr(current, name) == getattr(change.after, name) for name in changed_fields(change.before, change.after)
    )


def later_fields(change: RecordChange, current: Record) -> tuple[str, ...]:
    """Return the fields of the save that were changed again since; of an added record, every field changed since."""
    if change.before is None:
        return changed_fields(change.after, current)
    return tuple(
        name
        for name in changed_fields(change.before, change.after)
        if getattr(current, name) not in (getattr(change.after, name), getattr(change.before, name))
    )


def put_back(change: RecordChange, current: Record) -> Record:
    """Return the record without what the save changed; a field that was changed again since keeps its value."""
    if change.before is None:
        raise ValueError("a record that a save added is taken out, not put back")
    values = {
        name: getattr(change.before, name)
        for name in changed_fields(change.before, change.after)
        if getattr(current, name) == getattr(change.after, name)
    }
    return replace(current, **values)
