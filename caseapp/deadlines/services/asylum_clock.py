"""The asylum clock of a case: the day the I-589 was received, and the stops. Both are notices of the case."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import changing
from caseapp.deadlines.services import changes, starts
from caseapp.deadlines.services.triggers import NOTICES
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.vault.store import Draft, Entry, SealedFile

FILED, STOP = "asylum_filed", "clock_stop"
ONE_YEAR = "us.asylum.one_year"
STANDS = "The clock stands still: this is the earliest day possible, and it is counted anew when the clock restarts."
# A delay that was not the applicant's stops nothing; it is kept and shown all the same.
UNCOUNTED = {code for code, reason in rules.CLOCK_STOPS.items() if reason.counts == "no"}
TEXT = 2_000  # characters of a reason or a source


@dataclass(frozen=True)
class ClockStop:
    """A stop as it was entered. `until` is the day the clock restarts, None while it stands still."""

    id: UUID
    version: int
    first: dt.date
    until: dt.date | None
    why: str
    source: str


def filed(file: SealedFile) -> Entry[Notice] | None:
    """The notice that says when the I-589 was received: the newest one entered."""
    found = [entry for entry in file.all(Notice) if entry.record.what == FILED]
    return max(found, key=_entered, default=None)


def stops(file: SealedFile) -> tuple[ClockStop, ...]:
    """The stops of the clock in their order."""
    found = [
        ClockStop(
            entry.id,
            entry.version,
            entry.record.dated_on,
            _day(entry.record.facts.get("restarts_on", "")),
            entry.record.facts.get("why", ""),
            entry.record.facts.get("source", ""),
        )
        for entry in file.all(Notice)
        if entry.record.what == STOP
    ]
    return tuple(sorted(found, key=lambda stop: (stop.first, stop.id)))


def one_year_met(draft: Draft, staff: Staff, received_on: dt.date) -> None:
    """The client's one-year date of asylum is done with the filing: the receipt is its proof."""
    leads = {entry.id for entry in draft.file.all(Party) if entry.record.role == "lead"}
    for entry in draft.file.all(Deadline):
        record = entry.record
        is_one_year = record.working is not None and record.working.rule == ONE_YEAR
        if record.state == "open" and is_one_year and leads.intersection(record.parties):
            note = f"I-589 received on {received_on.isoformat()}"
            done = changes.done(record, by=staff.member_id, on=clock.today(staff.zone), note=note)
            draft.change(entry.id, done)


def change_filed(staff: Staff, case_id: UUID, filed_on: dt.date, *, version: int) -> None:
    """Correct the day the I-589 was received; 150 and 180 days are counted anew. Raises EditConflict, Refused."""
    if filed_on > clock.today(staff.zone):
        raise Refused("filed_on", "The day the application was received is after today.")
    with changing(staff, case_id) as draft:
        entry = _filing(draft)
        draft.change(entry.id, replace(entry.record, dated_on=filed_on), version=version)
        _count_again(draft, staff)


def add_stop(
    staff: Staff, case_id: UUID, *, first: dt.date, until: dt.date | None = None, why: str, source: str = ""
) -> UUID:
    """The clock stopped on `first` and restarts on `until` (None: it still stands). Raises Refused."""
    with changing(staff, case_id) as draft:
        _filing(draft)
        stop_id = draft.add(_stop(draft, staff, first, until, why, source))
        _count_again(draft, staff)
        return stop_id


def change_stop(
    staff: Staff,
    case_id: UUID,
    stop_id: UUID,
    *,
    first: dt.date,
    until: dt.date | None = None,
    why: str,
    source: str = "",
    version: int,
) -> None:
    """Correct a stop, or say when the clock restarted. Raises EditConflict, Refused."""
    with changing(staff, case_id) as draft:
        before = _the_stop(draft, stop_id)
        told = _stop(draft, staff, first, until, why, source)
        changed = replace(before, dated_on=told.dated_on, facts=told.facts, text=told.text)
        draft.change(stop_id, changed, version=version)
        _count_again(draft, staff)


def remove_stop(staff: Staff, case_id: UUID, stop_id: UUID, *, version: int) -> None:
    """It was entered by mistake: it counts no more. Raises EditConflict."""
    with changing(staff, case_id) as draft:
        _the_stop(draft, stop_id)
        draft.remove(stop_id, version=version)
        _count_again(draft, staff)


def periods(file: SealedFile, today: dt.date) -> tuple[starts.Stop, ...]:
    """The stops that count, as the rules take them: a clock that still stands does so until today at least."""
    return tuple(
        (stop.first, stop.until or max(stop.first, today)) for stop in stops(file) if stop.why not in UNCOUNTED
    )


def clock_of(file: SealedFile, today: dt.date) -> rules.AsylumClock | None:
    """The clock of the application as of today; None without an I-589. Raises Refused with the engine's sentence."""
    entry = filed(file)
    if entry is None:
        return None
    told = [(stop.first, stop.until, stop.why) for stop in stops(file)]
    try:
        return rules.asylum_clock(entry.record.dated_on, told, max(today, entry.record.dated_on))
    except rules.RuleError as exc:
        raise Refused("clock", str(exc)) from exc


def _count_again(draft: Draft, staff: Staff) -> None:
    """150 and 180 days anew; those that stand open now stay visible as replaced. What was done stays done."""
    entry = _filing(draft)
    closed = starts.supersede(draft, staff, trigger=entry.id)
    open_rules = {found.record.working.rule for found in closed if found.record.working is not None}
    standing = any(stop.until is None and stop.why not in UNCOUNTED for stop in stops(draft.file))
    made = starts.start(
        draft,
        staff,
        [start._replace(caution=STANDS if standing else "") for start in NOTICES[FILED] if start.rule in open_rules],
        entry.record.dated_on,
        trigger=entry.id,
        parties=entry.record.parties,
        clock_stops=periods(draft.file, clock.today(staff.zone)),
    )
    starts.name_successors(draft, closed, made)


def _stop(draft: Draft, staff: Staff, first: dt.date, until: dt.date | None, why: str, source: str) -> Notice:
    """Raises Refused for days that cannot be a stop of this clock."""
    if first > clock.today(staff.zone):
        raise Refused("first", "The day the clock stopped is after today.")
    if first < _filing(draft).record.dated_on:
        raise Refused("first", "The clock cannot stop before the application was received.")
    if until is not None and until < first:
        raise Refused("until", "The clock restarts before it stops: check the two dates.")
    if not why.strip():
        raise Refused("why", "Say why the clock stopped.")
    facts = {"why": why.strip()[:TEXT], "source": source.strip()[:TEXT]}
    if until is not None:
        facts["restarts_on"] = until.isoformat()
    return Notice(what=STOP, event="", dated_on=first, facts=facts, text=facts["source"])


def _filing(draft: Draft) -> Entry[Notice]:
    entry = filed(draft.file)
    if entry is None:
        raise NotFound(f"no asylum application in case {draft.file.id}")
    return entry


def _the_stop(draft: Draft, stop_id: UUID) -> Notice:
    notice = draft.file.get(stop_id, Notice).record
    if notice.what != STOP:
        raise NotFound(f"notice {stop_id} is no stop of the asylum clock")
    return notice


def _entered(entry: Entry[Notice]) -> tuple[dt.datetime, UUID]:
    return entry.record.entered_at or dt.datetime.min.replace(tzinfo=dt.UTC), entry.id


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
