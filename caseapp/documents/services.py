"""Services for documents: added to the case once their sealed bytes are in storage, read by range."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import lockdown
from caseapp.casefile import case_access, file_storage, open_case
from caseapp.casefile.file_storage import OpenDocument, SealedBlob
from caseapp.casefile.transaction import case_transaction
from caseapp.documents import file_types
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.document import KINDS, Document, FileVersion
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

TITLE_LIMIT = 200  # characters


def add_documents(
    staff: Staff, case_id: UUID, uploads: Sequence[tuple[str, SealedBlob]], *, kind: str = "", title: str = ""
) -> list[UUID]:
    """Add uploaded files to the case, each (file name, sealed blob) as a document of its own. Return their ids.

    The original is kept bit for bit; its SHA-256 is in the sealed record. `title` names a single upload.
    """
    with case_transaction(staff, case_id) as draft:
        single_title = title if len(uploads) == 1 else ""
        return [add_to_draft(staff, draft, name, blob, kind=kind, title=single_title) for name, blob in uploads]


def add_to_draft(staff: Staff, draft: Draft, name: str, blob: SealedBlob, *, kind: str = "", title: str = "") -> UUID:
    """Add one uploaded file to a case that is being saved, as a document of its own. Return its id."""
    version = _first_version(staff, draft, file_types.clean_file_name(name), blob)
    heading = title.strip()[:TITLE_LIMIT] or version.name
    document_id = draft.add(Document(title=heading, files=(version,), kind=kind))
    file_storage.mark_linked(staff.org_id, blob.id)
    return document_id


def _first_version(staff: Staff, draft: Draft, name: str, blob: SealedBlob) -> FileVersion:
    """Return the facts of an uploaded original."""
    return FileVersion(
        blob=blob.id,
        version=file_storage.VERSION,
        key=blob.key,
        size=blob.size,
        padded=blob.padded,
        chunks=blob.chunks,
        sha256=blob.sha256,
        name=name,
        media_type=file_types.detect_media_type(blob.start),
        added_at=draft.at,
        added_by=staff.member_id,
    )


def sort_document(staff: Staff, case_id: UUID, document_id: UUID, *, kind: str, version: int) -> None:
    """Say of which kind a document is. Raises EditConflict, and Refused for another code than those of `KINDS`."""
    if kind not in KINDS:
        raise Refused("kind", "Choose the kind of this document.")
    with case_transaction(staff, case_id) as draft:
        document = draft.file.get(document_id, Document).record
        draft.change(document_id, replace(document, kind=kind), version=version)


def remove_document(staff: Staff, case_id: UUID, document_id: UUID, *, version: int) -> None:
    """Remove a document from view. The original is kept, and undo shows it again. Raises EditConflict."""
    with case_transaction(staff, case_id) as draft:
        document = draft.file.get(document_id, Document).record
        draft.change(document_id, replace(document, removed_on=clock.today(staff.zone)), version=version)


def open_document(staff: Staff, document_id: UUID, *, is_download: bool = False) -> OpenDocument:
    """Return the newest file of a document, to be read outside any transaction. Record the view in the audit trail.

    Raises NotFound, OpenFailed; Refused(code="locked_down") for a download while the office is locked down.
    """
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_access.find_case_id(staff.keys, document_id))
        document = file.get(document_id, Document).record
        if not document.files:
            raise NotFound(f"document {document_id} has no file")
        if is_download:
            lockdown.refuse_export(staff)
        open_case.record_document_view(staff, file, document_id, is_download=is_download)
    return OpenDocument(staff.org_id, document.files[-1])
