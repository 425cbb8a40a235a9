"""Notices and events outside a hearing: a received document, a decision, a new address. Each starts its deadlines."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import asylum_clock, case_stages, changes
from caseapp.deadlines.services import starts as clocks
from caseapp.deadlines.services.triggers import ADDRESS, ADDRESS_ALWAYS, NOTICES, DeadlineStart
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.notice import NOTICE_KINDS, Notice
from caseapp.records.party import Party
from caseapp.vault.store import Draft


def record_notice(
    staff: Staff,
    case_id: UUID,
    *,
    what: str,
    dated_on: dt.date,
    received_on: dt.date | None = None,
    how: str = "",
    printed_due_on: dt.date | None = None,
    text: str = "",
) -> UUID:
    """Store a notice or event, start the deadlines that follow, and return the notice's id.

    A due date printed on the notice prevails over the first computed one when it is earlier. `what` is one of
    records.notice.NOTICE_KINDS. Raises Refused when `dated_on` is after today.
    """
    if dated_on > clock.today(staff.zone):
        raise Refused("dated_on", "The date on the paper is after today.")
    notice = Notice(
        what=what,
        event=NOTICE_KINDS[what],
        dated_on=dated_on,
        received_on=received_on,
        how=how,
        printed_due_on=printed_due_on,
        text=text,
    )
    with case_transaction(staff, case_id) as draft:
        notice_id = draft.add(notice)
        starts = _starts_for_notice(what, draft.file.get_only(Case).record.stage)
        links, served = clocks.DeadlineLinks(trigger=notice_id), clocks.Circumstances(by_mail=how == "mail")
        deadline_ids = clocks.start_deadlines(draft, staff, starts, dated_on, links, served)
        _update_detention(draft, what, dated_on)
        case_stages.ask_after_notice(draft, what)
        if what == "asylum_filed":
            asylum_clock.close_one_year_deadline(draft, staff, dated_on)
        if printed_due_on is not None:
            _apply_printed_date(draft, deadline_ids, notice_id, printed_due_on)
        return notice_id


def _starts_for_notice(what: str, stage: str) -> tuple[DeadlineStart, ...]:
    """Return the rules that a notice starts; for a change of address they depend on the case's stage."""
    if what == "address_change":
        return (*ADDRESS.get(stage, ()), *ADDRESS_ALWAYS)
    return NOTICES[what]


def _update_detention(draft: Draft, what: str, on: dt.date) -> None:
    """Store or clear the day the lead client was taken into custody, so that lists show it."""
    if what not in {"detained", "released"}:
        return
    for entry in draft.file.entries_of(Party):
        if entry.record.role == "lead":
            draft.change(entry.id, replace(entry.record, detained_since=on if what == "detained" else None))


def _apply_printed_date(draft: Draft, deadline_ids: list[UUID], notice_id: UUID, printed: dt.date) -> None:
    """Move the first new deadline to an earlier printed date; without one, add a deadline for the printed date."""
    if not deadline_ids:
        draft.add(_deadline_from_notice(printed, notice_id))
        return
    first = draft.file.get(deadline_ids[0], Deadline)
    act_by = first.record.act_by or printed
    if printed < act_by:
        draft.change(
            first.id,
            changes.with_own_dates(first.record, to=printed, target=None, reason="printed on the paper, and earlier"),
        )


def _deadline_from_notice(printed: dt.date, notice_id: UUID) -> Deadline:
    """Return a fatal deadline for the due date printed on a notice."""
    deadline = changes.manual_deadline(
        what="Answer to the paper", due_on=printed, severity="fatal", reason="printed on the paper"
    )
    return replace(deadline, trigger=notice_id)
