"""What people do with a deadline: set one by hand, move, check, finish, waive, take back."""

import datetime as dt
from uuid import UUID

from caseapp.accounts.keys import Staff
from caseapp.casework.change import changing
from caseapp.deadlines import services
from caseapp.deadlines.records import Deadline
from caseapp.lib import clock


def set_by_hand(staff: Staff, case_id: UUID, *, what: str, due_on: dt.date, severity: str, reason: str) -> UUID:
    """A date from a paper or an order that no rule computes. Raises Refused without a reason."""
    with changing(staff, case_id) as draft:
        return draft.add(services.by_hand(what=what, due_on=due_on, severity=severity, reason=reason))


def mark_done(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """It was filed or done today; its reminders stop. Raises EditConflict, Refused."""
    with changing(staff, case_id) as draft:
        record = draft.seen(deadline_id, Deadline, version)
        today = clock.today(staff.zone)
        draft.change(deadline_id, services.done(record, by=staff.member_id, on=today), version=version)


def waive(staff: Staff, case_id: UUID, deadline_id: UUID, *, reason: str, version: int) -> None:
    """It no longer binds, for this reason. Raises EditConflict, Refused."""
    with changing(staff, case_id) as draft:
        record = draft.seen(deadline_id, Deadline, version)
        today = clock.today(staff.zone)
        draft.change(deadline_id, services.waived(record, by=staff.member_id, on=today, reason=reason), version=version)


def reopen(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """Take back done or waived; reminders start again."""
    with changing(staff, case_id) as draft:
        record = draft.seen(deadline_id, Deadline, version)
        draft.change(deadline_id, services.reopened(record), version=version)


def move(
    staff: Staff,
    case_id: UUID,
    deadline_id: UUID,
    *,
    to: dt.date | None,
    target: dt.date | None,
    reason: str,
    version: int,
) -> None:
    """Our own date and target beside the computed date. Reminders follow the earliest. Raises EditConflict, Refused."""
    with changing(staff, case_id) as draft:
        record = draft.seen(deadline_id, Deadline, version)
        draft.change(deadline_id, services.moved(record, to=to, target=target, reason=reason), version=version)


def check(staff: Staff, case_id: UUID, deadline_id: UUID, *, same: bool, version: int) -> None:
    """A second person worked the date out too. Raises Refused for whoever entered it."""
    with changing(staff, case_id) as draft:
        record = draft.seen(deadline_id, Deadline, version)
        draft.change(deadline_id, services.checked(record, by=staff.member_id, at=draft.at, same=same), version=version)
