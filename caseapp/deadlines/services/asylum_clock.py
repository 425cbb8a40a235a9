"""The asylum clock of a case: the day the I-589 was received and the stops. Both are stored as notices of the case."""

import datetime as dt
from collections.abc import Set
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.transaction import case_transaction
from caseapp.deadlines.services import changes, starts
from caseapp.deadlines.services.triggers import ASYLUM_FILED
from caseapp.lib import clock
from caseapp.lib.countries import FRANCE, UNITED_STATES, country_of_zone
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.vault.store import Draft, Entry, SealedFile

FILED, STOP = "asylum_filed", "clock_stop"
ONE_YEAR = "us.asylum.one_year"
STOPPABLE = {start.rule for start in ASYLUM_FILED if rules.get_rule(start.rule).stops}
CLOCK_STOPPED = rules.Sentence("warning.clock_stopped")
# A delay not caused by the applicant does not stop the clock; it is stored and shown nevertheless.
UNCOUNTED = {code for code, reason in rules.CLOCK_STOPS.items() if reason.counts == "no"}
TEXT_LIMIT = 2_000  # maximum characters of a reason or a source


@dataclass(frozen=True)
class StopEntry:
    """A stop of the clock as entered. `until` is the day the clock restarts, None while it is stopped."""

    id: UUID
    version: int
    first: dt.date
    until: dt.date | None
    why: str
    source: str


def find_filing(file: SealedFile) -> Entry[Notice] | None:
    """Return the notice with the day the I-589 was received, the newest one entered; None without one."""
    filings = [entry for entry in file.entries_of(Notice) if entry.record.what == FILED]
    return max(filings, key=_entry_order, default=None)


def list_stops(file: SealedFile) -> tuple[StopEntry, ...]:
    """Return the stops of the clock, the earliest first."""
    entries = [
        StopEntry(
            entry.id,
            entry.version,
            entry.record.dated_on,
            _parse_day(entry.record.facts.get("restarts_on", "")),
            entry.record.facts.get("why", ""),
            entry.record.facts.get("source", ""),
        )
        for entry in file.entries_of(Notice)
        if entry.record.what == STOP
    ]
    return tuple(sorted(entries, key=lambda stop: (stop.first, stop.id)))


def close_one_year_deadline(draft: Draft, staff: Staff, received_on: dt.date) -> None:
    """Mark the lead client's one-year asylum deadline done; the filing receipt is the proof."""
    leads = {entry.id for entry in draft.file.entries_of(Party) if entry.record.role == "lead"}
    for entry in draft.file.entries_of(Deadline):
        record = entry.record
        is_one_year = record.working is not None and record.working.rule == ONE_YEAR
        if record.state == "open" and is_one_year and leads.intersection(record.parties):
            note = f"I-589 received on {received_on.isoformat()}"
            done = changes.as_done(record, by=staff.member_id, on=clock.today(staff.zone), note=note)
            draft.change(entry.id, done)


def change_filing_date(staff: Staff, case_id: UUID, filed_on: dt.date, *, version: int) -> None:
    """Correct the day the I-589 was received and recompute days 150 and 180. Raises EditConflict, Refused."""
    if filed_on > clock.today(staff.zone):
        raise Refused("filed_on", "The day the application was received is after today.")
    with case_transaction(staff, case_id) as draft:
        entry = _require_filing(draft)
        draft.change(entry.id, replace(entry.record, dated_on=filed_on), version=version)
        _recompute_deadlines(draft, staff, {start.rule for start in ASYLUM_FILED})


def add_stop(
    staff: Staff, case_id: UUID, *, first: dt.date, until: dt.date | None = None, why: str, source: str = ""
) -> UUID:
    """Add a stop from `first` until the restart on `until` (None: still stopped). Return its id. Raises Refused."""
    with case_transaction(staff, case_id) as draft:
        _require_filing(draft)
        stop_id = draft.add(_build_stop(draft, staff, first, until, why, source))
        _recompute_deadlines(draft, staff)
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
    """Correct a stop, or enter when the clock restarted. Raises EditConflict, Refused."""
    with case_transaction(staff, case_id) as draft:
        before = _require_stop(draft, stop_id)
        corrected = _build_stop(draft, staff, first, until, why, source)
        changed = replace(before, dated_on=corrected.dated_on, facts=corrected.facts, text=corrected.text)
        draft.change(stop_id, changed, version=version)
        _recompute_deadlines(draft, staff)


def remove_stop(staff: Staff, case_id: UUID, stop_id: UUID, *, version: int) -> None:
    """Remove a stop that was entered by mistake. Raises EditConflict."""
    with case_transaction(staff, case_id) as draft:
        _require_stop(draft, stop_id)
        draft.remove(stop_id, version=version)
        _recompute_deadlines(draft, staff)


def stop_periods(file: SealedFile, today: dt.date) -> tuple[starts.Stop, ...]:
    """Return the stops that count, as the rules need them; one without a restart lasts at least until today."""
    return tuple(
        (stop.first, stop.until or max(stop.first, today)) for stop in list_stops(file) if stop.why not in UNCOUNTED
    )


def has_clock(file: SealedFile, packs: Set[str]) -> bool:
    """Return whether the asylum clock of the United States belongs to this case of an office that uses these packs.

    It does where the office uses that law, unless all courts of the case are in France. A case whose
    application is recorded keeps its clock.
    """
    if find_filing(file) is not None:
        return True
    zones = [entry.record.zone for entry in file.entries_of(Hearing) if entry.record.superseded_by is None]
    is_in_france = bool(zones) and all(country_of_zone(zone) == FRANCE for zone in zones)
    return office_law.PACK_OF_COUNTRY[UNITED_STATES] in packs and not is_in_france


def compute_clock(file: SealedFile, today: dt.date) -> rules.AsylumClock | None:
    """Return the asylum clock as of today; None without an I-589. Raises Refused with the engine's sentence."""
    entry = find_filing(file)
    if entry is None:
        return None
    periods_and_reasons = [(stop.first, stop.until, stop.why) for stop in list_stops(file)]
    try:
        return rules.asylum_clock(entry.record.dated_on, periods_and_reasons, max(today, entry.record.dated_on))
    except rules.RuleError as exc:
        raise Refused("clock", str(exc)) from exc


def _recompute_deadlines(draft: Draft, staff: Staff, changed: set[str] = STOPPABLE) -> None:
    """Recompute days 150 and 180, or all rules of the filing. Those that were done stay done.

    Open deadlines of the changed rules are superseded and stay visible.
    """
    entry = _require_filing(draft)
    closed = starts.supersede_deadlines(draft, staff, trigger=entry.id, rules=changed)
    open_rules = {superseded.record.working.rule for superseded in closed if superseded.record.working is not None}
    is_stopped = any(stop.until is None and stop.why not in UNCOUNTED for stop in list_stops(draft.file))
    cautions = dict.fromkeys(STOPPABLE, CLOCK_STOPPED if is_stopped else None)
    new_ids = starts.start_deadlines(
        draft,
        staff,
        [
            start._replace(caution=cautions.get(start.rule, start.caution))
            for start in ASYLUM_FILED
            if start.rule in open_rules
        ],
        entry.record.dated_on,
        starts.DeadlineLinks(trigger=entry.id, parties=entry.record.parties),
        starts.Circumstances(clock_stops=stop_periods(draft.file, clock.today(staff.zone))),
    )
    starts.link_successors(draft, closed, new_ids)


def _build_stop(draft: Draft, staff: Staff, first: dt.date, until: dt.date | None, why: str, source: str) -> Notice:
    """Return the notice of a stop. Raises Refused for dates that cannot be a stop of this clock."""
    if first > clock.today(staff.zone):
        raise Refused("first", "The day the clock stopped is after today.")
    if first < _require_filing(draft).record.dated_on:
        raise Refused("first", "The clock cannot stop before the application was received.")
    if until is not None and until < first:
        raise Refused("until", "The clock restarts before it stops: check the two dates.")
    if not why.strip():
        raise Refused("why", "Say why the clock stopped.")
    facts = {"why": why.strip()[:TEXT_LIMIT], "source": source.strip()[:TEXT_LIMIT]}
    if until is not None:
        facts["restarts_on"] = until.isoformat()
    return Notice(what=STOP, event="", dated_on=first, facts=facts, text=facts["source"])


def _require_filing(draft: Draft) -> Entry[Notice]:
    """Return the notice of the filing. Raises NotFound without one."""
    entry = find_filing(draft.file)
    if entry is None:
        raise NotFound(f"no asylum application in case {draft.file.id}")
    return entry


def _require_stop(draft: Draft, stop_id: UUID) -> Notice:
    """Return the notice of a stop. Raises NotFound for a notice of another kind."""
    notice = draft.file.get(stop_id, Notice).record
    if notice.what != STOP:
        raise NotFound(f"notice {stop_id} is no stop of the asylum clock")
    return notice


def _entry_order(entry: Entry[Notice]) -> tuple[dt.datetime, UUID]:
    """Return the sort key of a notice: when it was entered, then its id."""
    return entry.record.entered_at or dt.datetime.min.replace(tzinfo=dt.UTC), entry.id


def _parse_day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
