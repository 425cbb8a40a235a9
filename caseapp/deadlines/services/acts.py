"""Acts on one deadline: set by hand, move, check, mark done, waive, reopen, undo."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory import team_members
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import changes, starts
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.vault import past_versions, store
from caseapp.vault.store import Draft

LAWYER_ROLES = ("attorney", "accredited_representative")


def set_by_hand(
    staff: Staff,
    case_id: UUID,
    *,
    what: str,
    due_on: dt.date,
    severity: str,
    reason: str,
    at: dt.time | None = None,
    owner: UUID | None = None,
) -> UUID:
    """Add a deadline from a notice or order that no rule computes. Return its id.

    at      the hour by which it is due, in the office's zone
    Raises  Refused without a reason, or for an owner outside the case's team
    """
    with case_transaction(staff, case_id) as draft:
        starts.refuse_unknown_owner(staff, draft, owner)
        deadline = changes.manual_deadline(what=what, due_on=due_on, severity=severity, reason=reason)
        minute = dt.datetime.combine(due_on, at).isoformat(timespec="minutes") if at else ""
        return draft.add(replace(deadline, due_minute=minute, owner=owner))


def reassign_deadline(staff: Staff, case_id: UUID, deadline_id: UUID, *, owner: UUID | None, version: int) -> None:
    """Make a member of the case's team responsible for the deadline; None: the case's lead.

    Raises EditConflict, and Refused for a member the case is not open to, or for a closed deadline.
    """

    def assign(draft: Draft, record: Deadline) -> Deadline:
        starts.refuse_unknown_owner(staff, draft, owner)
        if record.state != "open":
            raise Refused("state", "This deadline is already closed.")
        return replace(record, owner=owner)

    _change_deadline(staff, case_id, deadline_id, version, assign)


def mark_done(
    staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int, document: UUID | None = None, note: str = ""
) -> None:
    """Mark a deadline done, with a document of the case or a note as proof; its reminders stop.

    Raises EditConflict; Refused when it is closed already or a fatal one has no proof; NotFound for a document that is
    not in this case.
    """

    def finish(draft: Draft, record: Deadline) -> Deadline:
        if document is not None and draft.file.get(document, Document).record.removed_on is not None:
            raise NotFound(f"document {document} was removed")
        today = clock.today(staff.zone)
        return changes.as_done(record, by=staff.member_id, on=today, document=document, note=note)

    _change_deadline(staff, case_id, deadline_id, version, finish)


def waive_deadline(staff: Staff, case_id: UUID, deadline_id: UUID, *, reason: str, version: int) -> None:
    """Waive a deadline that is not required, with the reason.

    Raises EditConflict; Refused, also unless `may_waive`.
    """

    def release(draft: Draft, record: Deadline) -> Deadline:
        if not may_waive(staff, draft.file.group.group):
            raise Refused(
                "lawyer",
                "Only an attorney or an accredited representative can record that a deadline is not "
                "required. Ask one of your team.",
            )
        return changes.as_waived(record, by=staff.member_id, on=clock.today(staff.zone), reason=reason)

    _change_deadline(staff, case_id, deadline_id, version, release)


def may_waive(staff: Staff, group_id: UUID) -> bool:
    """Return True when the group's signed roster lists this member as attorney or accredited representative."""
    team = team_members.members_of_group(staff.keys, group_id)
    return any(member.member_id == staff.member_id and member.role in LAWYER_ROLES for member in team)


def reopen_deadline(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """Reopen a deadline; its reminders start again. Raises EditConflict; Refused while it is open."""
    _change_deadline(staff, case_id, deadline_id, version, lambda _draft, record: changes.as_reopened(record))


def undo_change(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """Undo the change that made `version`, for 30 days.

    Raises EditConflict, NotFound when the past is no longer kept, Refused for a deadline that a newer one superseded.
    """
    with case_transaction(staff, case_id) as draft:
        record = draft.get_at_version(deadline_id, Deadline, version)
        if record.state == "superseded":
            raise Refused("state", "A newer date replaced this one: correct what it follows from instead.")
        if not can_undo(draft.file, deadline_id, version, today=draft.at.date()):
            raise NotFound(f"record {deadline_id} version {version - 1}")
        earlier = past_versions.past_version(draft.file, deadline_id, version - 1)
        draft.change(deadline_id, earlier, version=version)


def can_undo(file: store.SealedFile, deadline_id: UUID, version: int, *, today: dt.date) -> bool:
    """Return True when the previous version is kept and was replaced in the last 30 days. `today` is in UTC."""
    return any(
        (record_id, before) == (deadline_id, version - 1) and (today - replaced_on).days <= store.UNDO_DAYS
        for record_id, before, replaced_on in file.head.past
    )


def set_own_dates(
    staff: Staff,
    case_id: UUID,
    deadline_id: UUID,
    *,
    to: dt.date | None,
    target: dt.date | None,
    reason: str,
    version: int,
) -> None:
    """Set the office's own date and target next to the computed date. Reminders follow the earliest.

    Raises EditConflict, Refused.
    """
    _change_deadline(
        staff,
        case_id,
        deadline_id,
        version,
        lambda _draft, record: changes.with_own_dates(record, to=to, target=target, reason=reason, by=staff.member_id),
    )


def record_check(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int, on: dt.date | None = None) -> None:
    """Record that a second person computed the deadline too and got `on` (None: the same date).

    Raises Refused for the person who entered it, and unless the member is an attorney or accredited representative.
    """
    if not permissions.is_permitted(staff, "confirm_deadline"):
        raise Refused(
            "lawyer", "Only an attorney or an accredited representative can confirm a deadline. Ask one of your team."
        )
    _change_deadline(
        staff,
        case_id,
        deadline_id,
        version,
        lambda draft, record: changes.with_check(record, by=staff.member_id, at=draft.at, on=on),
    )


def acknowledge_deadline(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """Record that this member knows the date. The deadline stays open. Any other act on it records this too.

    Raises EditConflict.
    """
    _change_deadline(staff, case_id, deadline_id, version, lambda _draft, record: record)


def _change_deadline(
    staff: Staff, case_id: UUID, deadline_id: UUID, version: int, act: Callable[[Draft, Deadline], Deadline]
) -> None:
    """Change the deadline as the member saw it, and record in its sealed record that the member knows the date."""
    with case_transaction(staff, case_id) as draft:
        record = draft.get_at_version(deadline_id, Deadline, version)
        changed = act(draft, record)
        today = clock.today(staff.zone)
        draft.change(deadline_id, changes.with_acknowledgement(changed, by=staff.member_id, on=today), version=version)
