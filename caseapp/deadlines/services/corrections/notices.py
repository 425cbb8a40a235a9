"""Correction of a notice or event: the form that recorded it, and everything that followed from it."""

import datetime as dt
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes.preview import require_shown_state
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import asylum_clock, case_stages, notices
from caseapp.deadlines.services.corrections.follow import KeptDeadline, restart_deadlines
from caseapp.deadlines.services.custody_dates import RELEASED
from caseapp.deadlines.services.notices import CUSTODY_BEGINS, NewNotice
from caseapp.deadlines.services.person_dates import kept_dates
from caseapp.lib.errors import Refused
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.vault.store import Draft, Entry, SealedFile

# Events that change more than deadlines keep their kind: another kind is a new entry, after this one is taken back.
KEEPS_KIND = frozenset({*CUSTODY_BEGINS, RELEASED, asylum_clock.FILED})


def is_correctable(notice: Notice) -> bool:
    """Return True for an entry that is corrected here: dates of persons and the asylum filing have their own pages."""
    event = rules.catalogue().events.get(notice.what)
    has_own_page = event is None or kept_dates.is_kept_once(event) or notice.what == asylum_clock.FILED
    return not has_own_page and notice.removed_on is None


def correct_notice(
    staff: Staff, case_id: UUID, notice_id: UUID, new: NewNotice, *, version: int, head_version: int
) -> None:
    """Correct a notice or event with what followed from it, as `correct_in_draft`.

    `head_version` is the state of the case for which the member saw what changes; Refused for another one.
    """
    with case_transaction(staff, case_id, what="case.correct") as draft:
        require_shown_state(draft, head_version)
        correct_in_draft(draft, staff, notice_id, new, version=version)


def correct_in_draft(
    draft: Draft, staff: Staff, notice_id: UUID, new: NewNotice, *, version: int
) -> tuple[KeptDeadline, ...]:
    """Correct a notice or event in a draft; return the deadlines that stay closed as a person left them.

    Raises EditConflict; Refused for a closed case, another kind of an event that keeps its kind, a release before
    custody began, and where a fatal deadline would end (`restart_deadlines`).
    """
    before = draft.get_at_version(notice_id, Notice, version)
    _refuse_impossible(draft, before, new)
    event = rules.catalogue().events[new.what]
    changed = replace(
        before,
        what=new.what,
        event=event.event,
        dated_on=new.dated_on,
        received_on=new.received_on,
        how=new.how,
        printed_due_on=new.printed_due_on,
        parties=new.parties,
        facts=dict(new.answers),
        text=new.text,
    )
    draft.change(notice_id, changed, version=version)
    _follow_custody(draft, before, new)
    if new.what != before.what:
        case_stages.ask_after_notice(draft, new.what)
    if _inputs_of(before) == _inputs_of(changed):
        return ()
    started = deadlines_of(draft.file, notice_id)
    return restart_deadlines(
        draft, staff, started, lambda copy: notices.start_deadlines_of(copy, staff, notice_id, new)
    )


def deadlines_of(file: SealedFile, record_id: UUID) -> list[Entry[Deadline]]:
    """Return every deadline that follows from a record of the case."""
    return [entry for entry in file.entries_of(Deadline) if entry.record.trigger == record_id]


def _inputs_of(notice: Notice) -> tuple[object, ...]:
    """Return what the deadlines of a notice depend on."""
    answers = {name: text for name, text in notice.facts.items() if text}
    return notice.what, notice.dated_on, notice.how, notice.printed_due_on, notice.parties, answers


def _refuse_impossible(draft: Draft, before: Notice, new: NewNotice) -> None:
    if draft.file.get_only(Case).record.stage == "closed":
        raise Refused("what", "This case is closed. Open it again, then correct the entry.")
    event = rules.catalogue().events[new.what]
    changes_kind = new.what != before.what
    if changes_kind and (kept_dates.is_kept_once(event) or {before.what, new.what} & KEEPS_KIND):
        raise Refused("what", "This entry keeps its kind. Undo it under Recent changes, then record the other one.")
    if new.what == RELEASED and any(since > new.dated_on for since in _custody_days(draft, new)):
        raise Refused("dated_on", "The release is before the day custody began. Correct the date of the release.")


def _custody_days(draft: Draft, new: NewNotice) -> list[dt.date]:
    concerned = (entry.record for entry in draft.file.entries_of(Party) if not new.parties or entry.id in new.parties)
    return [party.detained_since for party in concerned if party.detained_since is not None]


def _follow_custody(draft: Draft, before: Notice, new: NewNotice) -> None:
    """Move the day since when the clients are detained with the entry that began it; a later one stays."""
    if new.what not in CUSTODY_BEGINS:
        return
    for entry in draft.file.entries_of(Party):
        was = _concerns(before.parties, entry)
        would = _concerns(new.parties, entry)
        is_from_entry = was and entry.record.detained_since == before.dated_on
        if would and (is_from_entry or not was):
            since: dt.date | None = new.dated_on
        elif is_from_entry:
            since = None
        else:
            continue
        if since != entry.record.detained_since:
            draft.change(entry.id, replace(entry.record, detained_since=since))


def _concerns(parties: tuple[UUID, ...], entry: Entry[Party]) -> bool:
    return entry.id in parties or (not parties and entry.record.role == "lead")
