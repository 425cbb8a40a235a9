"""The daily consistency check: each open case is recomputed from its own file, and what does not fit is listed.

Upkeep checks the cases in the background (`check_open_cases`), and pages read what it knows (`read_findings`). It
writes nothing but its audit entry. The findings stay in the memory of this process next to the index: for each group,
for the day, dropped when no member with the group's key has asked for ten minutes. A case saved since is checked again.
"""

import datetime as dt
import heapq
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from uuid import UUID

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import access_alerts, case_access, office_law
from caseapp.casefile.integrity import findings as integrity
from caseapp.casefile.office_law import Law
from caseapp.casefile.upkeep import passes
from caseapp.deadlines.services import asylum_clock, current_law, recompute
from caseapp.deadlines.services.recompute import ONE_REQUEST, Bound, Meter
from caseapp.index import cache, reader
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.records.case import IN_COURT, Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office_transaction

KINDS = ("put_back", "unreadable", "differs", "no_rule", "no_start", "no_next_date", "one_year", "ead")
COMPARED: Final = 100  # findings that a page compares with the newest rows; it counts further ones as they are known
MONTHS_AFTER_ARRIVAL: Final = 9  # months after the last arrival without an asylum application
EAD_RULE = "us.uscis.ead.renewal"
CLIENTS = ("lead", "rider")


@dataclass(frozen=True)
class ConsistencyFinding:
    """One problem to look at. `on` is the day it is about; `was` and `would` are ISO dates when a date differs.

    kind  put_back: a newer state is known; unreadable: the file does not open completely; differs: recomputing it
          gives another date; no_rule: no rule computes it any more; no_start: the record it follows from is gone or
          has another day; no_next_date: in court without an upcoming hearing; one_year: nine months in the country
          without an I-589; ead: a permit to renew
    """

    case_id: UUID
    kind: str
    deadline_id: UUID | None = None
    what: str = ""
    on: dt.date | None = None
    was: str = ""
    would: str = ""


@dataclass(frozen=True)
class ConsistencyReport:
    """The findings so far, and how many of the open cases were checked. `more` findings are known and left out."""

    findings: tuple[ConsistencyFinding, ...]
    checked: int
    total: int
    more: int = 0

    @property
    def is_whole(self) -> bool:
        """Return True when every open case was checked."""
        return self.checked >= self.total


@dataclass
class _GroupFindings:
    """The findings of one group on one day. `seen`: case id -> (head version, findings).

    listed   the findings in the order of pages, each with the head version of its case
    checked  of the `total` open cases, as of the last step; `is_stored`: that the pass was whole
    """

    day: dt.date
    law: str
    used: dt.datetime
    seen: dict[bytes, tuple[int, tuple[ConsistencyFinding, ...]]] = field(default_factory=dict, repr=False)
    listed: tuple[tuple[ConsistencyFinding, int], ...] = field(default=(), repr=False)
    checked: int = 0
    total: int = 0
    is_stored: bool = False

    def list_anew(self, checked: int, total: int) -> None:
        """Bring what pages read up to date with `seen`."""
        known = [(finding, version) for version, findings in list(self.seen.values()) for finding in findings]
        self.listed = tuple(sorted(known, key=lambda entry: _rank(entry[0])))
        self.checked, self.total = checked, total


# Office, group, epoch and a digest of the key itself, as in `index.cache`: without the group's key no entry matches.
_GroupKeyId = tuple[UUID, UUID, int, bytes]
_ListedFinding = tuple[ConsistencyFinding, int, UUID]  # with the head version of its case, and the group
_lock = threading.Lock()
_held: dict[_GroupKeyId, _GroupFindings] = {}


def check_open_cases(staff: Staff, bound: Bound = ONE_REQUEST, *, stores_pass: bool = False) -> ConsistencyReport:
    """Check more of the member's open cases and return the findings so far. Runs outside any transaction.

    stores_pass  upkeep also stores that all cases of a group were checked, which a page does not write
    Raises StaleEpoch, IndexDamaged.
    """
    today, meter = clock.today(staff.zone), Meter(bound)
    with office_transaction(staff.org_id):
        law = office_law.law_of(staff.keys)
    findings: dict[UUID, tuple[ConsistencyFinding, ...]] = {}
    checked = total = 0
    for group in staff.keys.groups:
        held, before = _findings_of_group(staff, group, today, law), checked
        wanted = _open_cases(staff, group)
        for case_id in [case_id for case_id in list(held.seen) if case_id not in wanted]:
            held.seen.pop(case_id, None)
        for case_id, version in wanted.items():
            seen = held.seen.get(case_id)
            if seen is None or seen[0] != version:
                if meter.is_full():
                    continue
                meter.cases += 1
                results = _check_case_file(staff, UUID(bytes=case_id), group, law, today)
                seen = held.seen[case_id] = version, results
            checked += 1
            findings[UUID(bytes=case_id)] = seen[1]
        total += len(wanted)
        held.list_anew(checked - before, len(wanted))
        if stores_pass and held.checked == held.total and not held.is_stored:
            with office_transaction(staff.org_id):
                passes.store_whole(staff.org_id, group, passes.CONSISTENCY, today)
            held.is_stored = True
    if meter.cases:
        audit_trail.record_entry(staff.keys, "job", reason="consistency watch", count=meter.cases)
    return ConsistencyReport(tuple(_sort_findings(findings.values())), checked, total)


def read_findings(staff: Staff, index: IndexView, limit: int) -> ConsistencyReport:
    """Return at most `limit` findings that this process knows, without opening a case; no total where it knows none.

    Those of cases saved since their check are left out: the next step checks these again.
    """
    today, known, entries = clock.today(staff.zone), list[_GroupFindings](), list[Iterator[_ListedFinding]]()
    for group in staff.keys.groups:
        with _lock:
            held = _held.get(_key_id(staff, group))
            if held is not None and held.day == today:
                held.used = clock.now()
                known.append(held)
                entries.append((finding, version, group.group) for finding, version in held.listed)
    compared = islice(heapq.merge(*entries, key=lambda entry: _rank(entry[0])), COMPARED)
    current = dict.fromkeys(
        finding for finding, version, group_id in compared if index.is_listed_at(group_id, finding.case_id, version)
    )
    return ConsistencyReport(
        tuple(islice(current, limit)),
        sum(held.checked for held in known),
        sum(held.total for held in known),
        more=max(0, len(current) - limit) + max(0, sum(len(held.listed) for held in known) - COMPARED),
    )


def forget_idle() -> None:
    """Drop what was not requested for ten minutes. Runs with every check, so that findings do not outlive the index."""
    oldest = clock.now() - cache.IDLE_AFTER
    with _lock:
        for key in [key for key, held in _held.items() if held.used <= oldest]:
            del _held[key]


def _findings_of_group(staff: Staff, group: GroupKey, today: dt.date, law: Law) -> _GroupFindings:
    """Return the group's findings of today; new ones for another day or when the law changed."""
    forget_idle()
    key, version = _key_id(staff, group), law.book.version
    with _lock:
        held = _held.get(key)
        if held is None or (held.day, held.law) != (today, version):
            held = _held[key] = _GroupFindings(today, version, clock.now())
        held.used = clock.now()
        return held


def _key_id(staff: Staff, group: GroupKey) -> _GroupKeyId:
    return staff.org_id, group.group, group.epoch, primitives.digest(group.index_key())


def _open_cases(staff: Staff, group: GroupKey) -> dict[bytes, int]:
    """Return the open cases of a group with the version of their head, in the order in which they are checked."""
    index = reader.load_readable_group(staff.keys, group.group)
    with index.lock:
        return index.open_cases()


def _check_case_file(
    staff: Staff, case_id: UUID, group: GroupKey, law: Law, today: dt.date
) -> tuple[ConsistencyFinding, ...]:
    """Return the findings of one case; a single one when its file does not open or is not the newest state.

    Such a file is a finding for supervisors and admins, also when they cannot open the case.
    """
    try:
        with office_transaction(staff.org_id):
            file = case_access.open_case(staff.keys, case_id)
            access_alerts.report_doubt(staff, file)
        if file.doubt or file.damaged:
            return (ConsistencyFinding(case_id, "put_back" if file.doubt else "unreadable"),)
        return tuple(check_case(file, law, today))
    except OpenFailed as exc:
        kind = integrity.MISSING if isinstance(exc, case_access.CaseMissing) else integrity.UNREADABLE
        access_alerts.report_unopened(staff, case_id, group, kind=kind)
        return (ConsistencyFinding(case_id, "unreadable"),)
    except NotFound:
        return (ConsistencyFinding(case_id, "unreadable"),)


def check_case(file: SealedFile, law: Law, today: dt.date) -> Iterator[ConsistencyFinding]:
    """Yield the findings of one open case whose file is complete."""
    if file.get_only(Case).record.closed_on is not None:
        return
    for entry in file.entries_of(Deadline):
        if entry.record.state == "open":
            yield from _check_deadline(file, entry, law, today)
    yield from _find_missing_hearing(file)
    yield from _find_one_year_risk(file, today)


def _check_deadline(file: SealedFile, entry: Entry[Deadline], law: Law, today: dt.date) -> Iterator[ConsistencyFinding]:
    """Yield the findings of one open deadline. Deadlines set by hand have none."""
    record = entry.record
    if record.working is None:
        return

    def finding(kind: str, **more: str) -> ConsistencyFinding:
        """Return a finding of this deadline."""
        return ConsistencyFinding(
            file.id, kind, entry.id, record.what, record.act_by or record.due_on or record.opens_on, **more
        )

    if not _has_start(file, record):
        yield finding("no_start")
    if record.proposal is None:  # a pending proposal is listed on the page of changed dates
        would = recompute.proposal_for(file, record, law, today)
        if would is not None and would.working is None:
            yield finding("no_rule")
        elif would is not None:
            yield finding(
                "differs", was=_first_date(current_law.dates_of(record)), would=_first_date(current_law.dates_of(would))
            )
    if record.working.rule == EAD_RULE and record.opens_on is not None and record.opens_on <= today:
        yield finding("ead")


def _first_date(dates: tuple[str, str, str]) -> str:
    """Return the internal deadline, else the legal deadline, else the first day."""
    due, act_by, opens = dates
    return act_by or due or opens


def _has_start(file: SealedFile, deadline: Deadline) -> bool:
    """Return True when the record a deadline follows from exists and still has the day it was counted from.

    A deadline without a trigger was requested by a member; a record without a day of its own contradicts nothing.
    """
    if deadline.trigger is None or deadline.working is None:
        return True
    source = file.entries.get(deadline.trigger)
    if source is None:
        return False
    own_days = set(_days_of(source.record))
    counted = {text[:10] for text in deadline.working.events.values()}
    return not own_days or bool(own_days & counted)


def _days_of(record: object) -> Iterator[str]:
    """Yield the days that a record gives its deadlines, as ISO dates."""
    days: Iterable[dt.date | None] = ()
    if isinstance(record, Party):
        days = (record.last_arrival_on, record.born_on)
    elif isinstance(record, Hearing):
        decided = record.outcome.decided_on if record.outcome else None
        days = (record.starts_on, decided)
    elif isinstance(record, Notice):
        days = (record.dated_on, record.received_on, record.printed_due_on)
        yield from record.facts.values()  # answers, some of which are dates
    yield from (day.isoformat() for day in days if day)


def _find_missing_hearing(file: SealedFile) -> Iterator[ConsistencyFinding]:
    """Yield a finding for a case in court without an upcoming hearing, unless its stage is being asked for.

    Dates change without notice, so the office asks the court.
    """
    case = file.get_only(Case).record
    if case.stage not in IN_COURT or case.stage_question:
        return
    now = clock.now()
    hearings = (entry.record for entry in file.entries_of(Hearing))
    if not any(h.outcome is None and h.superseded_by is None and h.starts_at >= now for h in hearings):
        yield ConsistencyFinding(file.id, "no_next_date")


def _find_one_year_risk(file: SealedFile, today: dt.date) -> Iterator[ConsistencyFinding]:
    """Yield a finding for each client who seeks asylum, arrived nine months ago and has no application received.

    A client whose one-year deadline is done or not required is left out: that decision was made.
    """
    if "asylum" not in file.get_only(Case).record.relief or asylum_clock.find_filing(file) is not None:
        return
    settled = {
        party
        for entry in file.entries_of(Deadline)
        if entry.record.state in {"done", "waived"} and _is_one_year(entry.record)
        for party in entry.record.parties
    }
    for entry in file.entries_of(Party):
        arrived = entry.record.last_arrival_on
        if entry.record.role not in CLIENTS or arrived is None or entry.id in settled:
            continue
        if _nine_months_after(arrived) <= today:
            yield ConsistencyFinding(file.id, "one_year", on=arrived)


def _is_one_year(deadline: Deadline) -> bool:
    """Return True for the one-year asylum deadline."""
    return deadline.working is not None and deadline.working.rule == asylum_clock.ONE_YEAR


def _nine_months_after(arrived: dt.date) -> dt.date:
    """Return the day nine months later; the last day of a month that has no such day."""
    year, month = divmod(arrived.month - 1 + MONTHS_AFTER_ARRIVAL, 12)
    first = dt.date(arrived.year + year, month + 1, 1)
    last = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return min(first + dt.timedelta(days=arrived.day - 1), last)


def _sort_findings(per_case: Iterable[tuple[ConsistencyFinding, ...]]) -> list[ConsistencyFinding]:
    """Return the findings by kind, the gravest first, then by day."""
    return sorted((finding for findings in per_case for finding in findings), key=_rank)


def _rank(finding: ConsistencyFinding) -> tuple[int, dt.date, str]:
    return KINDS.index(finding.kind), finding.on or dt.date.max, finding.case_id.hex
