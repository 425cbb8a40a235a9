"""The page of a deadline with its numbered working as finished values."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.deadlines.panels.case_deadlines import (
    CaseDeadline,
    case_deadline,
    deadline_status,
    main_date,
    persons_of_deadline,
)
from caseapp.deadlines.panels.expiry import describe_expiry
from caseapp.deadlines.panels.filing_lines import FilingLine, filing_lines
from caseapp.deadlines.panels.receipt import ReceiptPanel, describe_receipt
from caseapp.deadlines.panels.working import WorkingPanel, format_time, reasons_of, working_of
from caseapp.deadlines.services import acts as deadlines
from caseapp.deadlines.services import current_law, filings
from caseapp.deadlines.services.corrections import notices as corrections
from caseapp.deadlines.services.person_dates import kept_dates
from caseapp.lib import clock
from caseapp.records import deadline
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.rules import Rulebook
from caseapp.rules.explain.rendering import RenderedText
from caseapp.ui.display import labels, law_texts, tags
from caseapp.ui.display.case_header import CaseHead, case_head
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.ui.display.status import StatusLabel
from caseapp.vault.store import Entry, SealedFile

__all__ = ["DeadlinePage", "WorkingPanel", "deadline_page", "working_of"]


@dataclass(frozen=True)
class CheckLine:
    """A second person's check: `came_to` is the date they computed."""

    who: str
    on: date
    came_to: date | None
    same: bool


@dataclass(frozen=True)
class RelatedLink:
    """A link to something this deadline refers to."""

    href: str
    word: str


@dataclass(frozen=True)
class OwnDate:
    """A member's own date next to the computed one, or the target; `warning` says what is unusual about it."""

    computed: date | None
    chosen: date | None
    who: str
    because: str
    target: date | None
    warning: str


@dataclass(frozen=True)
class ProposedDate:
    """A proposal after a change of the law: the current date, the new one (None: no rule computes it), and why.

    `is_coarse` is True where the law did not change: the event was recorded before its page asked which one it was.
    """

    was: date | None
    would: date | None
    why: tuple[RenderedText, ...]
    is_coarse: bool = False
    is_choice: bool = False  # the office chose a reading, and the internal deadline waits until it is accepted


@dataclass(frozen=True)
class DeadlineClosing:
    """The details of a deadline that was done or is not required."""

    who: str
    on: date | None
    reason: str
    proof: RelatedLink | None
    note: str


@dataclass(frozen=True)
class DeadlinePage:
    """The values of the whole page. `on` is the date to act by, `due_on` the legal deadline."""

    head: CaseHead
    id: str
    version: int
    what: str
    severity: str
    is_fatal: bool
    is_watch: bool
    watch: RenderedText | None
    status: StatusLabel
    on: date | None
    own: OwnDate | None
    act_by: date | None
    due_on: date | None
    due_time: str
    expiry: str
    receipt: ReceiptPanel | None
    opens_on: date | None
    reason: str
    who: str
    persons: tuple[str, ...]
    filings: tuple[FilingLine, ...]
    is_rejected: bool
    entered_by: str
    entered_on: date | None
    follows_from: RelatedLink | None
    is_open: bool
    can_reopen: bool
    can_undo: bool
    can_waive: bool
    is_checked: bool
    can_check: bool
    checks: tuple[CheckLine, ...]
    has_disagreement: bool
    seen: tuple[tuple[str, date], ...]
    is_seen_by_me: bool
    closed: DeadlineClosing | None
    newer: CaseDeadline | None
    earlier: tuple[CaseDeadline, ...]
    working: WorkingPanel | None
    has_unconfirmed_law: bool
    proposed: ProposedDate | None


def deadline_page(
    file: SealedFile, entry: Entry[Deadline], names: MemberNames, staff: Staff, book: Rulebook
) -> DeadlinePage:
    """Return the page of one deadline. `book` is the office's law, with its attorneys' confirmations."""
    record = entry.record
    today = clock.today(staff.zone)
    is_open = record.state == "open"
    newer = _find_deadline(file, record.superseded_by)
    return DeadlinePage(
        head=case_head(file),
        id=str(entry.id),
        version=entry.version,
        what=translate_deadline_name(record.what),
        severity=labels.label_of(labels.SEVERITIES, record.severity),
        is_fatal=record.severity == "fatal",
        is_watch=deadline.is_watch(record),
        watch=_watch_sentence(record, book),
        status=deadline_status(record, today),
        on=main_date(record),
        own=_own_date(record, names),
        act_by=None if deadline.is_watch(record) and record.due_on else record.act_by,
        due_on=record.due_on,
        due_time=format_time(record.due_minute),
        expiry=describe_expiry(record),
        receipt=describe_receipt(record, staff.zone),
        opens_on=record.opens_on,
        reason=record.reason,
        who=_name_of(names, record.owner or file.get_only(Case).record.lead),
        persons=persons_of_deadline(file, record),
        filings=filing_lines(file, record, names),
        is_rejected=filings.is_rejected(record),
        entered_by=names.get(record.entered_by, "") if record.entered_by else "",
        entered_on=_local_date(record.entered_at, staff.zone),
        follows_from=_follows_from(file, record),
        is_open=is_open,
        can_reopen=record.state in {"done", "waived"},
        can_undo=_has_undoable_act(record)
        and deadlines.can_undo(file, entry.id, entry.version, today=clock.now().date()),
        can_waive=is_open and deadlines.may_waive(staff, file.group.group),
        is_checked=deadline.is_checked(record),
        can_check=(
            is_open
            and not deadline.is_watch(record)
            and record.entered_by != staff.member_id
            and bool(deadline.computed_days(record))
            and permissions.is_permitted(staff, "confirm_deadline")
        ),
        checks=_check_lines(record, names, staff.zone),
        has_disagreement=bool(deadline.disagreeing_checks(record)),
        seen=tuple((names.get(seen.by, ""), seen.on) for seen in record.seen),
        is_seen_by_me=any(seen.by == staff.member_id for seen in record.seen),
        closed=_closing_details(file, record, names),
        newer=case_deadline(newer, names, today, file) if newer else None,
        earlier=tuple(case_deadline(replaced, names, today, file) for replaced in _earlier_deadlines(file, entry)),
        working=working_of(record, book),
        has_unconfirmed_law=is_open and _is_unconfirmed(record, book),
        proposed=_proposed_date(record, book) if is_open else None,
    )


def _name_of(names: MemberNames, member: UUID | None) -> str:
    return names.get(member, "") if member else ""


def _watch_sentence(record: Deadline, book: Rulebook) -> RenderedText | None:
    """Return whose time it is and what its end lets us do; None for a date of ours."""
    if not deadline.is_watch(record) or record.working is None:
        return None
    try:
        rule = book.versions_of(record.working.rule)[-1]
    except rules.RuleError:
        return None
    return law_texts.render_sentence(rules.watch_sentence(book.weight_of(rule, record.working.position).then))


def _is_unconfirmed(record: Deadline, book: Rulebook) -> bool:
    """Return True when no attorney of the office has confirmed the rule behind this date."""
    if record.working is None:
        return False
    try:
        return bool(rules.find_unconfirmed(msgspec.to_builtins(record.working), book=book))
    except rules.RuleError:
        return True  # no current rule explains the date, so no attorney can have confirmed it


def _proposed_date(record: Deadline, book: Rulebook) -> ProposedDate | None:
    proposal = record.proposal
    if proposal is None:
        return None
    would = proposal.act_by or proposal.due_on or proposal.opens_on
    is_coarse = any(sentence.code == "warning.unanswered" for sentence in proposal.why_sentences)
    return ProposedDate(
        main_date(record), would, reasons_of(proposal, record.working, book), is_coarse, current_law.is_choice(proposal)
    )


def _own_date(record: Deadline, names: MemberNames) -> OwnDate | None:
    if record.moved_to is None and record.own_target_on is None:
        return None
    computed = record.act_by or record.due_on or record.opens_on
    warning = ""
    last = record.due_on or record.act_by
    if record.moved_to and last and record.moved_to > last:
        warning = _("The date set by the office is after the legal deadline. Reminders still follow the earliest date.")
    safe = record.moved_to or record.act_by or record.due_on
    if record.own_target_on and safe and record.own_target_on > safe:
        warning = _("The target date is after the internal deadline. Reminders still follow the earliest date.")
    return OwnDate(
        computed=computed,
        chosen=record.moved_to,
        who=names.get(record.moved_by, "") if record.moved_by else "",
        because=record.moved_reason,
        target=record.own_target_on,
        warning=warning,
    )


def _check_lines(record: Deadline, names: MemberNames, zone: str) -> tuple[CheckLine, ...]:
    others = deadline.disagreeing_checks(record)
    return tuple(
        CheckLine(
            who=names.get(check.by, ""),
            on=clock.local_date(check.at, zone),
            came_to=check.on,
            same=check not in others,
        )
        for check in record.checks
    )


def _closing_details(file: SealedFile, record: Deadline, names: MemberNames) -> DeadlineClosing | None:
    if record.state not in {"done", "waived"}:
        return None
    paper = file.entries.get(record.proof_document) if record.proof_document else None
    proof = None
    if paper is not None and isinstance(paper.record, Document):
        proof = RelatedLink(reverse("documents:document", args=[paper.id]), paper.record.title)
    return DeadlineClosing(
        who=names.get(record.closed_by, "") if record.closed_by else "",
        on=record.closed_on,
        reason=record.closed_reason,
        proof=proof,
        note=record.proof_note,
    )


def _follows_from(file: SealedFile, record: Deadline) -> RelatedLink | None:
    """Return a link to the record the date is counted from, or None."""
    source = file.entries.get(record.trigger) if record.trigger else None
    if source is None:
        return None
    if isinstance(source.record, Hearing):
        on = source.record.starts_on
        label = labels.label_of(labels.HEARING_KINDS, source.record.kind)
        return RelatedLink(reverse("hearings:hearing", args=[source.id]), f"{label}, {tags.day(on)}")
    if isinstance(source.record, Notice):
        label = labels.notice_label(source.record.what)
        return RelatedLink(_date_path(file, source.id, source.record), f"{label}, {tags.day(source.record.dated_on)}")
    if isinstance(source.record, Party):
        return RelatedLink(reverse("clients:person", args=[file.id, source.id]), _("Last arrival"))
    return None


def _date_path(file: SealedFile, notice_id: UUID, notice: Notice) -> str:
    """Return the page that corrects a notice or a person's date; "" for one that was removed or replaced."""
    if corrections.is_correctable(notice):
        return reverse("cases:notice", args=[file.id, notice_id])
    if len(notice.parties) != 1 or notice_id not in {e.id for e in kept_dates.current_dates(file, notice.parties[0])}:
        return ""
    return reverse("clients:date", args=[file.id, notice.parties[0], notice_id])


def _earlier_deadlines(file: SealedFile, entry: Entry[Deadline]) -> list[Entry[Deadline]]:
    """Return the deadlines that this one replaces, the latest first."""
    earlier: list[Entry[Deadline]] = []
    wanted = {entry.id}
    remaining = file.entries_of(Deadline)
    while step := [
        candidate for candidate in remaining if candidate.record.superseded_by in wanted and candidate not in earlier
    ]:
        earlier += step
        wanted = {candidate.id for candidate in step}
    return earlier


def _find_deadline(file: SealedFile, record_id: object) -> Entry[Deadline] | None:
    return next((entry for entry in file.entries_of(Deadline) if entry.id == record_id), None)


def _has_undoable_act(record: Deadline) -> bool:
    """Return True when a member made a change that undo can revert; a new reminder plan is not one."""
    acts = (record.closed_on, record.moved_to, record.own_target_on, record.checks, record.seen)
    return record.state != "superseded" and any(acts)


def _local_date(at: datetime | None, zone: str) -> date | None:
    return clock.local_date(at, zone) if at else None
