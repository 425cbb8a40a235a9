"""Record the filing that meets a deadline: sent, received, rejected, or late with a motion.

A filing that was only sent does not close its deadline, because the rules count the day of receipt unless they say
otherwise; reminders go on until it is recorded as received. A rejection opens a closed deadline again.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.file_storage import SealedBlob
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import changes
from caseapp.documents import services as documents
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.deadline import Deadline, FilingStep
from caseapp.records.document import Document
from caseapp.vault.store import Draft

CLOSING = ("received", "late")


def record_filing(
    staff: Staff,
    case_id: UUID,
    deadline_id: UUID,
    step: FilingStep,
    *,
    version: int,
    uploads: Sequence[tuple[str, SealedBlob]] = (),
) -> None:
    """Add a step to the filing of a deadline, with an uploaded file as its proof if there is one.

    uploads  at most one (file name, sealed blob); it becomes a document of the case in the same save
    Raises   EditConflict; Refused (see `with_filing`); NotFound for a document that is not in this case
    """
    with case_transaction(staff, case_id) as draft:
        record = draft.get_at_version(deadline_id, Deadline, version)
        _require_document(draft, step.document)
        for name, blob in uploads[:1]:
            step = replace(step, document=documents.add_to_draft(staff, draft, name, blob, kind="proof"))
        today = clock.today(staff.zone)
        changed = with_filing(record, step, today=today)
        draft.change(deadline_id, changes.with_acknowledgement(changed, by=staff.member_id, on=today), version=version)


def with_filing(deadline: Deadline, step: FilingStep, *, today: dt.date) -> Deadline:
    """Return the deadline with this step: closed once received or late with a motion, open again once rejected.

    Raises Refused for a day in the future, a receipt after the legal deadline that is not recorded as late, a late
    filing without its motion, a fatal deadline without proof, and a deadline that is closed already.
    """
    if step.on > today:
        raise Refused("on", "This date is in the future. Record a filing once it has happened.")
    if step.status == "rejected":
        return _as_rejected(deadline, step)
    if deadline.state != "open":
        raise Refused("status", "This deadline is already closed.")
    kept = replace(deadline, filings=(*deadline.filings, step))
    if step.status not in CLOSING:
        return kept
    _require_proof(deadline, step)
    return replace(
        kept,
        state="done",
        closed_by=step.by,
        closed_on=step.on,
        proof_document=step.document,
        proof_note=step.note.strip(),
    )


def _require_proof(deadline: Deadline, step: FilingStep) -> None:
    has_proof = bool(step.document or step.note.strip())
    if step.status == "received" and is_after_deadline(deadline, step):
        raise Refused("status", "It was received after the legal deadline. Choose “Late, with a motion”.")
    if step.status == "late" and not has_proof:
        raise Refused("note", "Choose the motion to accept the late filing, or say which one was filed.")
    if deadline.severity == "fatal" and not (has_proof or step.confirmation.strip()):
        raise Refused("confirmation", "This deadline is fatal: enter the confirmation number, or choose the proof.")


def is_after_deadline(deadline: Deadline, step: FilingStep) -> bool:
    """Return True when the step is later than the legal deadline: by its minute where both have one, else by day."""
    if deadline.due_on is None:
        return False
    if deadline.due_minute and step.at:
        return f"{step.on.isoformat()}T{step.at}" > deadline.due_minute[:16]
    return step.on > deadline.due_on


def is_rejected(deadline: Deadline) -> bool:
    """Return True while the last step of an open deadline's filing is a rejection."""
    return deadline.state == "open" and bool(deadline.filings) and deadline.filings[-1].status == "rejected"


def _as_rejected(deadline: Deadline, step: FilingStep) -> Deadline:
    if deadline.state not in {"open", "done"}:
        raise Refused("status", "This deadline was replaced or is not required: a rejection has nothing to open again.")
    if deadline.state == "done" and not deadline.filings:
        raise Refused("status", "No filing was recorded here. Open the deadline again first.")
    opened = changes.as_reopened(deadline) if deadline.state == "done" else deadline
    return replace(opened, filings=(*deadline.filings, step))


def _require_document(draft: Draft, document_id: UUID | None) -> None:
    if document_id is not None and draft.file.get(document_id, Document).record.removed_on is not None:
        raise NotFound(f"document {document_id} was removed")
