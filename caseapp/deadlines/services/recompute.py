"""When the law changes: every open deadline is computed again, nothing moves, and what differs is listed for a person.

The first member who opens a group after a new pack version, or after a change of the office's own rules, does it in
their own requests, a bounded number of cases at a time. How far a group is stands in its index head (`lib.lawmark`), so
that another process, another member or the next day goes on there; doing a case twice changes nothing.

What the law would give is written on the deadline itself (`Deadline.proposal`) by an ordinary save, which also plans
the reminders of the earlier date. A person keeps or accepts it; both stay on the deadline with who and when.
"""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.casefile.transaction import changing
from caseapp.deadlines.services import calculation
from caseapp.index import reader, tables
from caseapp.lib import clock, recompute_mark
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.deadline import Deadline, Decision, Proposal
from caseapp.records.hearing import Hearing
from caseapp.reminders.monitoring import stale_law
from caseapp.vault import store
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office

NO_RULE = "No rule computes this date any more: {reason}"
OTHERWISE = "The date that stands is not the one its own working gives."


@dataclass(frozen=True)
class Bound:
    """How much one request does: at least one case, at most `cases`, and none begun after `seconds`."""

    seconds: float = 0.5
    cases: int = 200


ONE_REQUEST = Bound()


@dataclass(frozen=True)
class Progress:
    """How many cases with open deadlines are done, of how many; `unread` did not open just now."""

    done: int
    total: int
    unread: tuple[UUID, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Nothing is left to do."""
        return self.done >= self.total


class Meter:
    """Counts what a request did."""

    def __init__(self, bound: Bound) -> None:
        self.bound, self.cases = bound, 0
        self.until = time.monotonic() + bound.seconds

    def is_full(self) -> bool:
        """Whether the next case is for another request."""
        return self.cases >= self.bound.cases or (self.cases > 0 and time.monotonic() >= self.until)


def is_behind(staff: Staff) -> bool:
    """Whether a group of this member is to be computed again, in the caller's transaction or one of its own."""
    with office(staff.org_id):
        marks = tables.law_marks(staff.org_id, [group.group for group in staff.keys.groups])
    return any(mark != rules.pack_version() for mark in marks.values())


def step(staff: Staff, bound: Bound = ONE_REQUEST) -> Progress:
    """Go on with the member's groups that are behind. Outside of any transaction: each case is saved by itself.

    Where nothing is behind this costs one small query. Raises StaleEpoch, IndexDamaged.
    """
    with office(staff.org_id):
        marks = tables.law_marks(staff.org_id, [group.group for group in staff.keys.groups])
    meter, found = Meter(bound), Progress(0, 0)
    for group in staff.keys.groups:
        mark = marks.get(group.group, "")
        if mark != rules.pack_version():
            of_group = _step_group(staff, group, mark, meter)
            found = Progress(found.done + of_group.done, found.total + of_group.total, found.unread + of_group.unread)
    if meter.cases:
        audit_trail.note(staff.keys, "job", reason="law changes", count=meter.cases)
    return found


def _step_group(staff: Staff, group: GroupKey, text: str, meter: Meter) -> Progress:
    """One group from its mark on. The law is read after the mark: what changes it later changes the mark as well."""
    version, mark = rules.pack_version(), recompute_mark.read(text)
    since = mark.since or stale_law.first_seen(version) or clock.today(staff.zone)
    cursor = mark.cursor if mark.law == recompute_mark.end_of(version) else ""
    with office(staff.org_id):
        law = office_law.law_of(staff.keys)
        todo = _with_deadlines(staff, group)
    ahead = [case_id for case_id in todo if case_id.hex >= cursor]
    unread: list[UUID] = []
    for done, case_id in enumerate(ahead):
        if meter.is_full():
            _remember(staff, group, text, recompute_mark.under_way(version, case_id.hex, since))
            return Progress(len(todo) - len(ahead) + done, len(todo), tuple(unread))
        meter.cases += 1
        try:
            list_changes(staff, case_id, law)
        except (NotFound, Refused, OpenFailed):
            unread.append(case_id)  # gone since, or damaged: the watch tells of it, and the others are not kept waiting
    _remember(staff, group, text, version)
    return Progress(len(todo), len(todo), tuple(unread))


def _remember(staff: Staff, group: GroupKey, before: str, mark: str) -> None:
    with office(staff.org_id):
        # When somebody else got further, or the office changed its rules meanwhile, their mark stands.
        tables.set_law_mark(staff.org_id, group.group, mark, instead_of=before)


def _with_deadlines(staff: Staff, group: GroupKey) -> list[UUID]:
    """Cases of a group that have an open deadline, in the order in which they are done."""
    index = reader.group(staff.keys, group.group)
    with index.lock:
        return sorted(
            (UUID(bytes=case_id) for case_id, front in index.fronts.items() if front.deadlines),
            key=lambda case_id: case_id.hex,
        )


def list_changes(staff: Staff, case_id: UUID, law: Law) -> int:
    """Write onto a case's open deadlines what the law would give instead; answers how many records changed.

    Opens the case without its lock first: most cases do not change. Raises NotFound, OpenFailed, Refused ("damaged").
    """
    today = clock.today(staff.zone)
    with office(staff.org_id):
        file = store.open_file(staff.keys, case_id)
    if not any(True for _ in _differing(file, law, today)):
        return 0
    with changing(staff, case_id, what="") as draft:
        # Locked, the law is read again: it may be newer than at the start of the request.
        listed = list(_differing(draft.file, office_law.law_of(staff.keys), today))
        for deadline_id, record in listed:
            draft.change(deadline_id, record)
    return len(listed)


def _differing(file: SealedFile, law: Law, today: dt.date) -> Iterator[tuple[UUID, Deadline]]:
    for entry in file.all(Deadline):
        record = listed(file, entry.record, law, today)
        if record != entry.record:
            yield entry.id, record


def listed(file: SealedFile, deadline: Deadline, law: Law, today: dt.date) -> Deadline:
    """The deadline with what the law would give instead, or without when that is what stands or was decided on."""
    would = proposal_for(file, deadline, law, today) if deadline.state == "open" else None
    if would is not None and deadline.proposal is not None and _says_the_same(would, deadline.proposal):
        would = deadline.proposal
    return replace(deadline, proposal=would)


def proposal_for(file: SealedFile, deadline: Deadline, law: Law, today: dt.date) -> Proposal | None:
    """What a deadline would be by the law as it is; None when that is what stands, or was kept by a person before."""
    if deadline.working is None:
        return None
    would = _proposal(asked_again(file, deadline, law), law, today)
    if would.working is not None and dates_of(would) == dates_of(deadline):
        return None
    kept = deadline.decisions[-1] if deadline.decisions else None
    if kept is not None and not kept.accepted and (kept.was, kept.would) == (dates_of(deadline), dates_of(would)):
        return None
    return would


def asked_again(file: SealedFile, deadline: Deadline, law: Law) -> rules.Comparison:
    """The question a deadline answers, asked of the law as it is: with the office's position, and before the court and
    judge of its hearing where the question named none. The deadline has a working.
    """
    working: dict[str, Any] = msgspec.to_builtins(deadline.working)
    changed: dict[str, Any] = {}
    if selected := law.office.positions.get(working["rule"]):
        changed["position"] = selected
    before = file.entries.get(deadline.trigger) if deadline.trigger else None
    if before is not None and isinstance(before.record, Hearing) and not working["inputs"].get("court"):
        changed |= {"court": before.record.court, "judge": before.record.judge}
    return rules.compare(working, book=law.book, **changed)


def _proposal(found: rules.Comparison, law: Law, today: dt.date) -> Proposal:
    if found.would_be is None:
        reason = " ".join(found.why)
        return Proposal(law=law.book.version, listed_on=today, why=(NO_RULE.format(reason=reason),))
    computed = calculation.of_computed(found.would_be)
    return Proposal(
        law=law.book.version,
        listed_on=today,
        due_on=computed.due_on,
        act_by=computed.act_by,
        opens_on=computed.opens_on,
        due_minute=computed.due_minute,
        working=computed.working,
        why=found.why or (OTHERWISE,),
    )


def _says_the_same(one: Proposal, other: Proposal) -> bool:
    return (dates_of(one), one.working is None) == (dates_of(other), other.working is None)


def dates_of(of: Deadline | Proposal) -> tuple[str, str, str]:
    """Last day, safe day and first day as ISO text; empty where there is none."""
    due = of.due_minute or (of.due_on.isoformat() if of.due_on else "")
    return due, of.act_by.isoformat() if of.act_by else "", of.opens_on.isoformat() if of.opens_on else ""


def keep(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """The date stays as it is. Raises EditConflict, Refused(code="role" or "decided")."""
    _decide(staff, case_id, deadline_id, version=version, accepted=False)


def accept(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int) -> None:
    """The date becomes what the law gives now. Raises EditConflict, Refused(code="role", "decided" or "no_date")."""
    _decide(staff, case_id, deadline_id, version=version, accepted=True)


def _decide(staff: Staff, case_id: UUID, deadline_id: UUID, *, version: int, accepted: bool) -> None:
    if not office_law.may_confirm(staff):
        raise Refused("role", "An attorney or accredited representative of the office decides this.")
    with changing(staff, case_id) as draft:
        record = draft.seen(deadline_id, Deadline, version)
        would = record.proposal
        if would is None or record.state != "open":
            raise Refused("decided", "Somebody decided this already, or the deadline is closed.")
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
        draft.change(deadline_id, _accepted(record, would) if accepted else record, version=version)


def _accepted(record: Deadline, would: Proposal) -> Deadline:
    return replace(
        record,
        due_on=would.due_on,
        act_by=would.act_by,
        opens_on=would.opens_on,
        due_minute=would.due_minute,
        working=would.working,
    )
