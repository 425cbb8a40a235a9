"""Which member is reminded on which days of what a case holds. The result is content-free before it leaves the case.

Each dated record keeps its own plan (`planned`, `plan_version`). When the plan changes, the old one is withdrawn whole
and the new one added whole; tokens are derived from a key in the case, so the server cannot tell what they stand for.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from caseapp.accounts.directory.team_members import Colleague
from caseapp.casefile.reminder_ladder import (
    HEARING_OFFSETS,
    HEARING_URGENT_FROM,
    LEAD_OFFSET,
    OFFSETS,
    OPENS_OFFSETS,
    SUPERVISOR_OFFSET,
    URGENT_FROM,
)
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline, day_to_act
from caseapp.records.hearing import Hearing
from caseapp.reminders.planning.plan import Series
from caseapp.vault.core import primitives
from caseapp.vault.head import Access
from caseapp.vault.registry import Planned
from caseapp.vault.store import Draft, Entry, records_of

Dated = Entry[Deadline] | Entry[Hearing]
WORKING_DAYS_AFTER = 10  # how long all admins hear of a date that passed, until the next plan (`go_on`)
ENDING = timedelta(days=4)  # a weekend and a day before it


def replan(draft: Draft, team: Sequence[Colleague], *, zone: str) -> None:
    """Give each dated record of the draft the reminder plan that fits it now."""
    today = clock.today(zone)
    cases = draft.file.all(Case)
    lead = cases[0].record.lead if cases else None
    touched = set(draft.changed)
    lead_changed = any(before is not None for before, _ in records_of(draft, Case)) or _has_moved(draft)
    for entry in draft.file.all(Deadline):
        if entry.id in touched or lead_changed:
            planned = deadline_plan(entry.record, lead or draft.by, team, today, is_told=_is_told(draft, entry))
            _set(draft, entry, planned, today)
    for hearing in draft.file.all(Hearing):
        if hearing.id in touched or lead_changed:
            _set(draft, hearing, hearing_plan(hearing.record, lead or draft.by, today), today)


def _is_told(draft: Draft, entry: Entry[Deadline]) -> bool:
    """Whether its day was planned before and is the same: then a day that passed is not said today once more."""
    before = draft.before.get(entry.id)
    earlier = before.record if before is not None else entry.record
    return isinstance(earlier, Deadline) and bool(earlier.planned) and anchor(earlier) == anchor(entry.record)


def _has_moved(draft: Draft) -> bool:
    """Whether the case belongs to another group now: others hear of what nobody does."""
    entry = draft.file.one(Access)
    earlier = draft.before.get(entry.id)
    return earlier is not None and isinstance(earlier.record, Access) and earlier.record.home != entry.record.home


def _set(draft: Draft, entry: Entry[Deadline] | Entry[Hearing], planned: tuple[Planned, ...], today: date) -> None:
    """Give a record its plan. A plan that stood before keeps its version; any other gets one never used.

    Tokens come from the version, and a withdrawn token never counts again: a record that undo put back, with the plan
    and version of its day, would otherwise be silent. Days behind us make no new plan: today's would be told twice.
    """
    before = draft.before.get(entry.id)
    record = entry.record
    if before is not None and isinstance(before.record, Deadline | Hearing):
        last = max(before.record.plan_version, record.plan_version)
        if _ahead(planned, today) == _ahead(before.record.planned, today):
            planned, version = before.record.planned, before.record.plan_version
        else:
            version = last + 1
    elif entry.id in draft.changed and record.plan_version > 0:  # put back after removal
        version = record.plan_version + 1
    elif _ahead(planned, today) == _ahead(record.planned, today):  # untouched, while the lead changed; or new, no plan
        return
    else:
        version = record.plan_version + 1
    if (planned, version) != (record.planned, record.plan_version):
        draft.change(entry.id, msgspec.structs.replace(record, planned=planned, plan_version=version))


def _ahead(planned: tuple[Planned, ...], today: date) -> dict[UUID, tuple[tuple[date, bool], ...]]:
    ahead = {p.member: tuple((day, day in p.urgent_days) for day in p.days if day >= today) for p in planned}
    return {member: days for member, days in ahead.items() if days}


def anchor(deadline: Deadline) -> date | None:
    """The day reminders count back from: the earliest of the dates somebody may rely on; for a window its opening.

    What a changed law would give counts as well until somebody decides, so that nobody hears of it too late.
    """
    would = deadline.proposal
    known = (deadline.act_by, deadline.due_on, deadline.moved_to, deadline.own_target_on)
    dates = [day for day in (*known, *((would.act_by, would.due_on) if would else ())) if day]
    opens = [day for day in (deadline.opens_on, would.opens_on if would else None) if day]
    return min(dates) if dates else min(opens, default=None)


def deadline_plan(
    deadline: Deadline, lead: UUID, team: Sequence[Colleague], today: date, *, is_told: bool = False
) -> tuple[Planned, ...]:
    """Series for the owner, then lead (3 days before), supervisor (1 day) and admins (the day and after).

    is_told  somebody heard of this day before: what is behind us altogether is then not said today
    """
    day = anchor(deadline)
    if deadline.state != "open" or day is None:
        return ()
    if day_to_act(deadline) is None:
        return _planned({deadline.owner or lead: _days(day, OPENS_OFFSETS, today)}, {})
    owner = deadline.owner or lead
    wanted = {owner: _days(day, OFFSETS[deadline.severity], today)}
    if is_told and day < today:
        wanted[owner] = set()
    near = URGENT_FROM[deadline.severity]
    urgent = {owner: {d for d in wanted[owner] if (day - d).days <= near}}
    if deadline.severity != "routine":
        for member, days in _escalation(day, lead, team, today).items():
            wanted[member] = wanted.get(member, set()) | days
            urgent[member] = urgent.get(member, set()) | days
    return _planned(wanted, urgent)


def hearing_plan(hearing: Hearing, lead: UUID, today: date) -> tuple[Planned, ...]:
    """Series for who goes (else the lead) and for the lead."""
    if hearing.outcome is not None or hearing.superseded_by is not None:
        return ()
    day = hearing.starts_at.astimezone(ZoneInfo(hearing.zone)).date()
    if day < today:
        return ()
    days = _days(day, HEARING_OFFSETS, today)
    urgent = {d for d in days if (day - d).days <= HEARING_URGENT_FROM}
    people = {hearing.goes or lead, lead}
    return _planned(dict.fromkeys(people, days), dict.fromkeys(people, urgent))


def _days(day: date, offsets: Iterable[int], today: date) -> set[date]:
    days = {day - timedelta(days=offset) for offset in offsets}
    # Entered late: everything is behind us already, so it is said today.
    return {d for d in days if d >= today} or {today}


def _escalation(day: date, lead: UUID, team: Sequence[Colleague], today: date) -> dict[UUID, set[date]]:
    admins = [c.member_id for c in team if c.is_admin] or [lead]
    supervisors = [c.member_id for c in team if c.role == "supervisor"] or admins
    found: dict[UUID, set[date]] = {lead: {day - timedelta(days=LEAD_OFFSET)}}
    for member in supervisors:
        found.setdefault(member, set()).add(day - timedelta(days=SUPERVISOR_OFFSET))
    after = _working_days(max(day, today), WORKING_DAYS_AFTER)
    for member in admins:
        found.setdefault(member, set()).update({day, *after})
    return {member: {d for d in days if d >= today} for member, days in found.items()}


def is_ending(deadline: Deadline, today: date) -> bool:
    """Whether a date that passed and is not done is planned to be brought to mind for a few days only, or no more."""
    day = anchor(deadline)
    if deadline.state != "open" or deadline.severity == "routine" or day is None or day >= today:
        return False
    if day_to_act(deadline) is None:  # a window that opened
        return False
    return max((p.days[-1] for p in deadline.planned if p.days), default=day) < today + ENDING


def go_on(draft: Draft, today: date) -> None:
    """Plan on what is ending: until done, waived or moved, a date that passed is said each working day.

    It is planned in stretches, since a row holds a token for each date that may still pass; whoever opens Today makes
    the next stretch. With nobody there to do so, `reminders.silence` speaks up.
    """
    for entry in draft.file.all(Deadline):
        if is_ending(entry.record, today):
            draft.change(entry.id, msgspec.structs.replace(entry.record))


def _working_days(after: date, count: int) -> list[date]:
    days: list[date] = []
    while len(days) < count:
        after += timedelta(days=1)
        if after.weekday() < 5:
            days.append(after)
    return days


def _planned(wanted: dict[UUID, set[date]], urgent: dict[UUID, set[date]]) -> tuple[Planned, ...]:
    return tuple(
        Planned(member=member, days=tuple(sorted(days)), urgent_days=tuple(sorted(urgent.get(member, ()))))
        for member, days in sorted(wanted.items())
        if days
    )


def series(draft: Draft) -> tuple[list[Series], list[Series]]:
    """(adds, withdrawals) between what stood before the draft and what stands in it.

    A new key of the case brings new tokens for everything that is planned.
    """
    access = draft.file.one(Access)
    earlier = draft.before.get(access.id)
    new_key = access.record.token_key
    old_key = earlier.record.token_key if earlier and isinstance(earlier.record, Access) else new_key
    adds: list[Series] = []
    withdraws: list[Series] = []
    pairs: list[tuple[Dated | None, Dated | None]] = [*records_of(draft, Deadline), *records_of(draft, Hearing)]
    if old_key != new_key:
        dated: list[Dated] = [*draft.file.all(Deadline), *draft.file.all(Hearing)]
        pairs += [(entry, entry) for entry in dated if entry.id not in draft.changed]
    for before, after in pairs:
        old = series_of(before, old_key) if before else []
        new = series_of(after, new_key) if after else []
        if old != new:
            adds += new
            withdraws += old
    return adds, withdraws


def series_of(entry: Dated, token_key: bytes) -> list[Series]:
    """What a record's plan puts into the fire rows."""
    version = entry.record.plan_version.to_bytes(8, "big")
    seed = primitives.mac(token_key, entry.id.bytes, version)[:16]
    return [Series(seed, p.member, p.days, frozenset(p.urgent_days)) for p in entry.record.planned]
