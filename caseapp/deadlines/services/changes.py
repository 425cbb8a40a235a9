"""Changes of a deadline record: set by hand, done, not required, superseded, reopened, moved, checked, acknowledged.

These functions return new records; the callers store them in a case.
"""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.lib.errors import Refused
from caseapp.records.deadline import Acknowledgement, DateCheck, Deadline, computed_days, is_watch


def manual_deadline(*, what: str, due_on: dt.date, severity: str, reason: str) -> Deadline:
    """Return a deadline that was read from a notice or set; `reason` says which. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused("reason", "Enter the source of this date, for example the order or the notice.")
    return Deadline(what=what, severity=severity, due_on=due_on, act_by=due_on, reason=reason)


def needs_proof(deadline: Deadline) -> bool:
    """Return True when closing the deadline as done takes a proof. A date of the other side closes when they act."""
    return deadline.severity == "fatal" and not is_watch(deadline)


def as_done(deadline: Deadline, *, by: UUID, on: dt.date, document: UUID | None = None, note: str = "") -> Deadline:
    """Return the deadline as done, with a document of the case or a note as proof.

    Raises Refused unless it is open, and for a fatal one without proof.
    """
    if needs_proof(deadline) and document is None and not note.strip():
        raise Refused(
            "proof_note", "This deadline is fatal: choose the document that proves it was met, or say how it was met."
        )
    closed = _close(deadline, "done", by=by, on=on)
    return replace(closed, proof_document=document, proof_note=note.strip())


def as_waived(deadline: Deadline, *, by: UUID, on: dt.date, reason: str) -> Deadline:
    """Return the deadline as not required. Raises Refused without a reason or unless it is open."""
    if not reason.strip():
        raise Refused("reason", "Enter the reason why this deadline is not required.")
    return replace(_close(deadline, "waived", by=by, on=on), closed_reason=reason.strip())


def as_superseded(deadline: Deadline, *, by: UUID, on: dt.date, instead: UUID | None) -> Deadline:
    """Return the deadline as superseded because its start was replaced; it stays visible."""
    return replace(deadline, state="superseded", closed_by=by, closed_on=on, superseded_by=instead)


def as_reopened(deadline: Deadline) -> Deadline:
    """Return the deadline as open. Raises Refused unless it is done or not required."""
    if deadline.state not in {"done", "waived"}:
        raise Refused("state", "Only a deadline that is done or not required can be reopened.")
    return replace(
        deadline, state="open", closed_by=None, closed_on=None, closed_reason="", proof_document=None, proof_note=""
    )


def with_own_dates(
    deadline: Deadline, *, to: dt.date | None, target: dt.date | None, reason: str, by: UUID | None = None
) -> Deadline:
    """Return the deadline with the office's own date next to the computed one; `to` None removes the own date.

    by      the member who chose it; None for a date printed on a notice
    Raises  Refused without a reason, or unless it is open
    """
    if deadline.state != "open":
        raise Refused("state", "This deadline is already closed.")
    if to is not None and not reason.strip():
        raise Refused("reason", "Enter the reason for the change. The computed date stays visible.")
    changed = to is not None
    return replace(
        deadline,
        moved_to=to,
        own_target_on=target,
        moved_by=by if changed else None,
        moved_reason=reason.strip() if changed else "",
    )


def with_check(deadline: Deadline, *, by: UUID, at: dt.datetime, on: dt.date | None = None) -> Deadline:
    """Return the deadline with a second person's check, who got `on` (None: the same date). A differing date is kept.

    Raises Refused for the person who entered it, or for a deadline that has no date to compare.
    """
    if by == deadline.entered_by:
        raise Refused("second_person", "A second person checks a date, not the one who entered it.")
    days = computed_days(deadline)
    if not days:
        raise Refused("on", "This deadline has no date to compare with.")
    others = tuple(check for check in deadline.checks if check.by != by)
    own_check = DateCheck(by=by, at=at, same=on is None or on in days, on=on or days[0])
    return replace(deadline, checks=(*others, own_check))


def with_acknowledgement(deadline: Deadline, *, by: UUID, on: dt.date) -> Deadline:
    """Return the deadline with this member's acknowledgement since `on`. It stays open, and escalation continues."""
    if any(seen.by == by for seen in deadline.seen):
        return deadline
    return replace(deadline, seen=(*deadline.seen, Acknowledgement(by=by, on=on)))


def _close(deadline: Deadline, state: str, *, by: UUID, on: dt.date) -> Deadline:
    """Return the deadline in a closed state. Raises Refused unless it is open."""
    if deadline.state != "open":
        raise Refused("closed", "This deadline is already closed.")
    return replace(deadline, state=state, closed_by=by, closed_on=on)
