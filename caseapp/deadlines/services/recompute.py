"""Recomputing deadlines after a change of the law: differences are listed for a decision, and no date moves.

The first member who opens a group after a new pack version, or after a change of the office's own rules, recomputes it
in their own requests, a limited number of cases at a time. The progress of a group is stored in its index head
(`lib.recompute_mark`), so that another process, member or day continues there; doing a case twice changes nothing.

What the law would give is stored on the deadline (`Deadline.proposal`) by an ordinary save, which also plans the
reminders of the earlier date. A member keeps the date or accepts the proposal; the deadline keeps both dates, the
member and the time.
"""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import calculation, current_law
from caseapp.deadlines.services.current_law import dates_of
from caseapp.deadlines.services.event_deadlines import RecordedEvent, compute_event_deadlines
from caseapp.deadlines.services.starts import Circumstances
from caseapp.index import queries, reader
from caseapp.index.errors import IndexDamaged
from caseapp.index.lookup import facts
from caseapp.lib import clock, recompute_mark
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline, Decision, Proposal
from caseapp.records.notice import Notice
from caseapp.reminders.monitoring import stale_law
from caseapp.vault import store
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

# Kinds of notices that pages offered without asking which one it was: a NOID of the asylum office gives 16 days and not
# 30, the revocation of a petition 15 and not 30.
COARSE_KINDS = frozenset(("noid", "uscis_denial"))


@dataclass(frozen=True)
class Bound:
    """The limit of one request: at least one case, at most `cases`, and none begun after `seconds`."""

    seconds: float = 0.5
    cases: int = 200


ONE_REQUEST = Bound()


@dataclass(frozen=True)
class RecomputeProgress:
    """The number of cases with open deadlines that are done, of the total; `unread` failed to open in this request."""

    done: int
    total: int
    unread: tuple[UUID, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Return True when all cases are done."""
        return self.done >= self.total


class Meter:
    """A counter of the cases processed in one request."""

    def __init__(self, bound: Bound) -> None:
        self.bound, self.cases = bound, 0
        self.until = time.monotonic() + bound.seconds

    def is_full(self) -> bool:
        """Return True when the next case is left to another request."""
        return self.cases >= self.bound.cases or (self.cases > 0 and time.monotonic() >= self.until)


def recompute_due_cases(staff: Staff, bound: Bound = ONE_REQUEST) -> RecomputeProgress:
    """Recompute some cases of the member's groups that are behind.

    Runs outside any transaction: each case is saved in its own. When nothing is behind this costs one small query.
    A group whose list is damaged waits for its rebuild. Raises StaleEpoch.
    """
    with office_transaction(staff.org_id):
        marks = queries.law_marks(staff.org_id, [group.group for group in staff.keys.groups])
    meter, progress = Meter(bound), RecomputeProgress(0, 0)
    for group in staff.keys.groups:
        mark = marks.get(group.group, "")
        if mark != rules.pack_version():
            try:
                of_group = _recompute_group(staff, group, mark, meter)
            except IndexDamaged:
                continue  # its list is rebuilt first: cases may be missing from it
            progress = RecomputeProgress(
                progress.done + of_group.done, progress.total + of_group.total, progress.unread + of_group.unread
            )
    if meter.cases:
        audit_trail.record_entry(staff.keys, "job", reason="law changes", count=meter.cases)
    return progress


def _recompute_group(staff: Staff, group: GroupKey, text: str, meter: Meter) -> RecomputeProgress:
    """Recompute one group from its mark on. The law is read after the mark: a later change of it changes the mark."""
    version, mark = rules.pack_version(), recompute_mark.parse_mark(text)
    since = mark.since or stale_law.first_seen_on(version) or clock.today(staff.zone)
    cursor = mark.cursor if mark.law == recompute_mark.version_suffix(version) else ""
    with office_transaction(staff.org_id):
        law = office_law.law_of(staff.keys)
        todo = _cases_with_deadlines(staff, group)
    ahead = [case_id for case_id in todo if case_id.hex >= cursor]
    unread: list[UUID] = []
    for done, case_id in enumerate(ahead):
        if meter.is_full():
            _save_mark(staff, group, text, recompute_mark.in_progress_mark(version, case_id.hex, since))
            return RecomputeProgress(len(todo) - len(ahead) + done, len(todo), tuple(unread))
        meter.cases += 1
        try:
            list_changes(staff, case_id, law)
        except (NotFound, Refused, OpenFailed):
            unread.append(case_id)  # deleted or damaged (the consistency check lists it): go on with the others
    _save_mark(staff, group, text, version)
    return RecomputeProgress(len(todo), len(todo), tuple(unread))


def _save_mark(staff: Staff, group: GroupKey, before: str, mark: str) -> None:
    """Store a group's mark unless it changed since `before`."""
    with office_transaction(staff.org_id):
        # If another request got further, or the office changed its rules meanwhile, the newer mark is kept.
        queries.set_law_mark(staff.org_id, group.group, mark, instead_of=before)


def _cases_with_deadlines(staff: Staff, group: GroupKey) -> list[UUID]:
    """Return the cases of a group that have an open deadline, in the order in which they are processed."""
    index = reader.load_group(staff.keys, group.group)
    with index.lock:
        return [UUID(bytes=case_id) for case_id in index.ids_with(facts.DATED)]


def list_changes(staff: Staff, case_id: UUID, law: Law) -> int:
    """Store on a case's open deadlines what the law would give instead. Return how many records changed.

    Opens the case without its lock first: most cases do not change. Raises NotFound, OpenFailed, Refused ("damaged").
    """
    today = clock.today(staff.zone)
    with office_transaction(staff.org_id):
        file = store.open_file(staff.keys, case_id)
    if not any(True for _ in _changed_deadlines(file, law, today)):
        return 0
    with case_transaction(staff, case_id, what="") as draft:
        # The law is read again under the lock: it may be newer than at the start of the request.
        listed = list(_changed_deadlines(draft.file, office_law.law_of(staff.keys), today))
        for deadline_id, record in listed:
            draft.change(deadline_id, record)
    return len(listed)


def _changed_deadlines(file: SealedFile, law: Law, today: dt.date) -> Iterator[tuple[UUID, Deadline]]:
    """Yield each deadline whose proposal changes, with its new record."""
    for entry in file.entries_of(Deadline):
        record = with_proposal(file, entry.record, law, today)
        if record != entry.record:
            yield entry.id, record


def with_proposal(file: SealedFile, deadline: Deadline, law: Law, today: dt.date) -> Deadline:
    """Return the deadline with its current proposal; without one when it matches the law, was decided or is closed.

    The legal deadline follows a reading that the office chose.
    """
    if deadline.state != "open":
        return replace(deadline, proposal=None)
    followed = current_law.follow_choice(file, with_current_duty(deadline, law), law)
    would = proposal_for(file, followed, law, today)
    if would is not None and followed.due_on != deadline.due_on:
        would = replace(would, was_due_on=deadline.due_on)
    elif would is not None and deadline.proposal is not None and _is_same_proposal(would, deadline.proposal):
        would = deadline.proposal
    return replace(followed, proposal=would)


def with_current_duty(deadline: Deadline, law: Law) -> Deadline:
    """Return the deadline with the duty and reminder days its rule has now. No date moves by it."""
    working = deadline.working
    if working is None:
        return deadline
    try:
        rule = law.book.versions_of(working.rule)[-1]
    except rules.RuleError:
        return deadline  # the proposal says that no rule computes the date any more
    weight = law.book.weight_of(rule, working.position)
    return replace(
        deadline,
        duty=calculation.stored_duty(weight.duty),
        reminder_days=calculation.own_reminder_days(weight.reminder_days, weight.severity, weight.duty),
    )


def proposal_for(file: SealedFile, deadline: Deadline, law: Law, today: dt.date) -> Proposal | None:
    """Return what the current law would give for a deadline; None when it is the same or a member kept the date."""
    if deadline.working is None:
        return None
    would = _proposal_of_coarse_event(file, deadline, law, today)
    if would is None:
        comparison = current_law.compare_with_current_law(file, deadline, law)
        if comparison.dates is not None and calculation.stored_dates(comparison.dates) == dates_of(deadline):
            return None  # no working is built for the many dates that stay
        would = current_law.build_proposal(comparison, law, today)
    if would.working is not None and dates_of(would) == dates_of(deadline):
        return None
    kept = deadline.decisions[-1] if deadline.decisions else None
    if kept is not None and not kept.accepted and (kept.was, kept.would) == (dates_of(deadline), dates_of(would)):
        return None
    return would


def _proposal_of_coarse_event(file: SealedFile, deadline: Deadline, law: Law, today: dt.date) -> Proposal | None:
    """Return the earliest date that could fit an event of a kind that was too coarse, where it is earlier.

    Such a notice was recorded before its page asked which one it was, so the deadline may be too late.
    """
    source = file.entries.get(deadline.trigger) if deadline.trigger else None
    if source is None or not isinstance(source.record, Notice) or source.record.what not in COARSE_KINDS:
        return None
    event = rules.catalogue().events[source.record.what]
    recorded = RecordedEvent(
        event=event, on=source.record.dated_on, printed=source.record.printed_due_on, answers=source.record.facts
    )
    by_mail = Circumstances(by_mail=source.record.how == "mail")
    unanswered = [name for name in event.ask if any(name in start.when for start in event.starts)]
    unanswered = [name for name in unanswered if not source.record.facts.get(name)]
    shortest = compute_event_deadlines(law, recorded, by_mail, today=today)[0]
    if not unanswered or (_first_day(shortest) or dt.date.max) >= (_first_day(deadline) or dt.date.min):
        return None
    proposal = Proposal(
        law=law.book.version,
        listed_on=today,
        due_on=shortest.due_on,
        act_by=shortest.act_by,
        opens_on=shortest.opens_on,
        due_minute=shortest.due_minute,
        working=shortest.working,
    )
    questions = rules.catalogue().questions
    why = tuple(rules.unanswered_sentence(questions[name].en) for name in unanswered)
    return current_law.with_reasons(proposal, why)


def _first_day(deadline: Deadline) -> dt.date | None:
    return deadline.act_by or deadline.due_on


def _is_same_proposal(first: Proposal, second: Proposal) -> bool:
    """Return True when both proposals have the same dates and agree on whether a rule computes them."""
    return (dates_of(first), first.working is None) == (dates_of(second), second.working is None)


def keep_date(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """Keep the date and decline the proposal. Raises EditConflict, Refused(code="role" or "decided")."""
    _record_decision(staff, case_id, deadline_id, version=version, accepted=False)


def accept_proposal(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """Replace the date with the proposal. Raises EditConflict, Refused(code="role", "decided" or "no_date")."""
    _record_decision(staff, case_id, deadline_id, version=version, accepted=True)


def _record_decision(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int, accepted: bool) -> None:
    """Store a member's decision about a proposal on the deadline."""
    with case_transaction(staff, case_id) as draft:
        if not office_law.may_accept_dates(staff, draft.file.get_only(Case).record.lead):
            raise Refused("role", "The case's lead or a supervising attorney decides this.")
        record = draft.get_at_version(deadline_id, Deadline, version)
        would = record.proposal
        if would is None or record.state != "open":
            raise Refused("decided", "Another member decided this already, or the deadline is closed.")
        if accepted and would.working is None:
            raise Refused("no_date", "There is no new date to accept: no rule computes this one any more.")
        decision = Decision(
            by=staff.member_id,
            at=draft.at,
            accepted=accepted,
            law=would.law,
            was=dates_of(record),
            would=dates_of(would),
        )
        record = replace(record, proposal=None, decisions=(*record.decisions, decision))
        draft.change(deadline_id, _with_proposed_dates(record, would) if accepted else record, version=version)


def _with_proposed_dates(record: Deadline, would: Proposal) -> Deadline:
    """Return the deadline with the dates and the working of the proposal."""
    return replace(
        record,
        due_on=would.due_on,
        act_by=would.act_by,
        opens_on=would.opens_on,
        due_minute=would.due_minute,
        working=would.working,
    )
