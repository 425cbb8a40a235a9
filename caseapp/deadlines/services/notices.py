"""Notices and events outside a hearing: a received document, a decision, a new address. Each starts its deadlines."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import changing
from caseapp.deadlines.services import asylum_clock, changes
from caseapp.deadlines.services import starts as clocks
from caseapp.deadlines.services.triggers import ADDRESS, ADDRESS_ALWAYS, NOTICES, Start
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
    with changing(staff, case_id) as draft:
        notice_id = draft.add(notice)
        starts = _starts(what, draft.file.one(Case).record.stage)
        deadline_ids = clocks.start(draft, staff, starts, dated_on, trigger=notice_id, by_mail=how == "mail")
        _custody(draft, what, dated_on)
        if what == "asylum_filed":
            asylum_clock.one_year_met(draft, staff, dated_on)
        if printed_due_on is not None:
            _printed(draft, deadline_ids, notice_id, printed_due_on)
        return notice_id


def _starts(what: str, stage: str) -> tuple[Start, ...]:
    """Return the rules that a notice starts; for a change of address they depend on the case's stage."""
    if what == "address_change":
        return (*ADDRESS.get(stage, ()), *ADDRESS_ALWAYS)
    return NOTICES[what]


def _custody(draft: Draft, what: str, on: dt.date) -> None:
    """Store or clear the day the lead client was taken into custody, so that lists show it."""
    if what not in {"detained", "released"}:
        return
    for entry in draft.file.all(Party):
        if entry.record.role == "lead":
            draft.change(entry.id, replace(entry.record, detained_since=on if what == "detained" else None))


def _printed(draft: Draft, made: list[UUID], notice_id: UUID, printed: dt.date) -> None:
    """Move the first new deadline to an earlier printed date; without one, add a deadline for the printed date."""
    if not made:
        draft.add(_by_paper(printed, notice_id))
        return
    first = draft.file.get(made[0], Deadline)
    act_by = first.record.act_by or printed
    if printed < act_by:
        draft.change(
            first.id, changes.moved(first.record, to=printed, target=None, reason="printed on the paper, and earlier")
        )


def _by_paper(printed: dt.date, notice_id: UUID) -> Deadline:
    """Return a fatal deadline for the due date printed on a notice."""
    deadline = changes.by_hand(
        what="Answer to the paper", due_on=printed, severity="fatal", reason="printed on the paper"
    )
    deadline.trigger = notice_id
    return deadline
