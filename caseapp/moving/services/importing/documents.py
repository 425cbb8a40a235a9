"""Files of an import that its rows name: each becomes a document of the row's case, without being copied."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.documents.services import TITLE_LIMIT
from caseapp.moving.reading.plans.row_plan import DocumentReference
from caseapp.moving.services.importing import import_store
from caseapp.records.document import Document, FileVersion
from caseapp.vault.store import Draft


@dataclass
class WaitingFiles:
    """The uploaded files that no case contains yet, by name. `used` are those that this part put into a case."""

    staff: Staff
    files: tuple[FileVersion, ...]
    used: list[UUID] = field(default_factory=list)

    def add_to_draft(self, draft: Draft, reference: DocumentReference, ids: Mapping[str, str]) -> None:
        """Add the file that a row names to the draft of its case, if it is here."""
        file = self.find_file(reference)
        if file is None:
            return
        title = (reference.title or file.name).strip()[:TITLE_LIMIT]
        version = replace(file, added_at=draft.at, added_by=self.staff.member_id)
        draft.add(Document(title=title, files=(version,), external_ids=dict(ids)))
        self.used.append(file.blob)

    def forget_used(self) -> tuple[FileVersion, ...]:
        """Take the used files out of the import, in the caller's transaction, and return those that still wait."""
        for blob_id in self.used:
            import_store.forget_file(self.staff, blob_id)
        return tuple(file for file in self.files if file.blob not in self.used)

    def find_file(self, reference: DocumentReference) -> FileVersion | None:
        """Return the waiting file that a row names, by its name, else by the id in its name."""
        waiting = [file for file in self.files if file.blob not in self.used]
        wanted = reference.name.strip().casefold()
        by_name = next((file for file in waiting if wanted and file.name.casefold() == wanted), None)
        if by_name is not None or not reference.id:
            return by_name
        return next((file for file in waiting if reference.id.casefold() in file.name.casefold()), None)
