"""Reminder plans: which member is reminded on which days of the dates in a case, without any case content.

Each dated record keeps its own plan (`planned`, `plan_version`). When the plan changes, days that it no longer has are
withdrawn and new ones added; a day that it keeps is not written again, and its message is not sent twice.
Tokens are derived from a key in the case, so the server cannot link them to a date.
"""

from collections.abc import Sequence, Set
from datetime import date, timedelta
from uuid import UUID

import msgspec

from caseapp.accounts.directory.team_members import Colleague
from caseapp.casefile.reminder_plans import reminder_ladder
from caseapp.casefile.reminder_plans.reminder_ladder import LADDER, Role, Rung, Rungs
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline, day_to_act
from caseapp.records.hearing import Hearing
from caseapp.reminders.planning.plan import Series
from caseapp.vault.core import primitives
from caseapp.vault.head import Access
from caseapp.vault.registry import PlannedReminders
from caseapp.vault.store import Draft, Entry, changed_records

Dated = Entry[Deadline] | Entry[Hearing]
ENDING_WITHIN = timedelta(days=4)  # covers a weekend and the day before it


def update_plans(draft: Draft, team: Sequence[Colleague], *, zone: str) -> None:
    """Update the reminder plan of each changed dated record of the draft; of all when the lead or the group changed."""
    today = clock.today(zone)
    cases = draft.file.entries_of(Case)
    lead = cases[0].record.lead if cases else None
    touched = set(draft.changed)
    lead_changed = any(before is not None for before, _ in changed_records(draft, Case)) or _has_changed_group(draft)
    for entry in draft.file.entries_of(Deadline):
        if entry.id in touched or lead_changed:
            was_planned = _was_planned_before(draft, entry, lead)
            planned = deadline_plan(entry.record, lead or draft.by, team, today, was_planned_before=was_planned)
            _store_plan(draft, entry, planned, today)
    for hearing in draft.file.entries_of(Hearing):
        if hearing.id in touched or lead_changed:
            planned = hearing_plan(hearing.record, lead or draft.by, today, reminded=_reminded_of(draft, hearing))
            _store_plan(draft, hearing, planned, today)


def _reminded_of(draft: Draft, entry: Entry[Hearing]) -> frozenset[UUID]:
    """Return the members who were reminded of the hearing on this day before: they are not reminded again today."""
    before = draft.before.get(entry.id)
    earlier = before.record if before is not None else entry.record
    if not isinstance(earlier, Hearing) or earlier.starts_on != entry.record.starts_on:
        return frozenset()
    return frozenset(planned.member for planned in earlier.planned)


def _was_planned_before(draft: Draft, entry: Entry[Deadline], lead: UUID | None) -> bool:
    """Return True when the same day was planned before for the same owner, who is not reminded of a past day again.

    A new owner of an overdue date is reminded on the day of the change.
    """
    before = draft.before.get(entry.id)
    earlier = before.record if before is not None else entry.record
    if not isinstance(earlier, Deadline) or (earlier.owner or _earlier_lead(draft, lead)) != (
        entry.record.owner or lead
    ):
        return False
    return bool(earlier.planned) and anchor_date(earlier) == anchor_date(entry.record)


def _earlier_lead(draft: Draft, lead: UUID | None) -> UUID | None:
    """Return the lead of the case before this change."""
    earlier = [before.record.lead for before, _ in changed_records(draft, Case) if before is not None]
    return earlier[0] if earlier else lead


def _has_changed_group(draft: Draft) -> bool:
    """Return True when the case moved to another group, because other members then receive its escalations."""
    entry = draft.file.get_only(Access)
    earlier = draft.before.get(entry.id)
    return (
        earlier is not None
        and isinstance(earlier.record, Access)
        and earlier.record.home_group_id != entry.record.home_group_id
    )


def _store_plan(
    draft: Draft, entry: Entry[Deadline] | Entry[Hearing], planned: tuple[PlannedReminders, ...], today: date
) -> None:
    """Store a plan on its record. An unchanged plan keeps its version; a changed one gets a version never used before.

    Tokens derive from the version, and a withdrawn token never counts again: a record that undo restored with its old
    plan and version would otherwise send no reminder. Only days from today on are compared, so that a past day does not
    create a new plan that would repeat today's reminder.
    """
    before = draft.before.get(entry.id)
    record = entry.record
    if before is not None and isinstance(before.record, Deadline | Hearing):
        last = max(before.record.plan_version, record.plan_version)
        planned = _keep_known_days(before.record, planned, today)
        if _future_days(planned, today) == _future_days(before.record.planned, today):
            planned, version = before.record.planned, before.record.plan_version
        else:
            version = last + 1
    elif entry.id in draft.changed and record.plan_version > 0:  # restored after removal
        version = record.plan_version + 1
    elif _future_days(planned, today) == _future_days(
        record.planned, today
    ):  # same days, or a new record without a plan
        return
    else:
        version = record.plan_version + 1
    if (planned, version) != (record.planned, record.plan_version):
        draft.change(entry.id, msgspec.structs.replace(record, planned=planned, plan_version=version))


def _future_days(planned: tuple[PlannedReminders, ...], today: date) -> dict[UUID, dict[date, bool]]:
    """Return each member's reminder days from today on, each with its urgent flag."""
    ahead: dict[UUID, dict[date, bool]] = {}
    for p in planned:
        ahead.setdefault(p.member, {}).update({day: day in p.urgent_days for day in p.days if day >= today})
    return {member: days for member, days in ahead.items() if days}


def _keep_known_days(
    before: Deadline | Hearing, planned: tuple[PlannedReminders, ...], today: date
) -> tuple[PlannedReminders, ...]:
    """Return the new plan with the days that it has in common with the plan before under their earlier versions.

    A day of the plan before that becomes urgent is a new one.
    """
    ahead = _future_days(planned, today)
    kept: list[PlannedReminders] = []
    for p in before.planned:
        wanted = ahead.get(p.member, {})
        days = tuple(day for day in p.days if day in wanted and (day in p.urgent_days or not wanted[day]))
        if days:
            urgent = tuple(day for day in p.urgent_days if day in days)
            version = p.version or before.plan_version
            kept.append(PlannedReminders(member=p.member, days=days, urgent_days=urgent, version=version))
            for day in days:
                del wanted[day]
    new = [
        PlannedReminders(member=member, days=tuple(days), urgent_days=tuple(day for day in days if days[day]))
        for member, days in ahead.items()
        if days
    ]
    return tuple(sorted([*kept, *new], key=lambda p: (p.member, p.days)))


def anchor_date(deadline: Deadline) -> date | None:
    """Return the day that reminders count back from, or None: the earliest relevant date, or for a window its opening.

    The dates of a pending proposal after a change of the law count too until it is decided, so that nothing is late.
    """
    would = deadline.proposal
    known = (deadline.act_by, deadline.due_on, deadline.moved_to, deadline.own_target_on)
    dates = [day for day in (*known, *((would.act_by, would.due_on) if would else ())) if day]
    opens = [day for day in (deadline.opens_on, would.opens_on if would else None) if day]
    return min(dates) if dates else min(opens, default=None)


def rungs_of(deadline: Deadline) -> Rungs:
    """Return the rungs of the reminder ladder for a deadline."""
    return reminder_ladder.rungs_for(
        deadline.severity,
        duty=deadline.duty,
        is_window=day_to_act(deadline) is None,
        own_days=deadline.reminder_days,
    )


def deadline_plan(
    deadline: Deadline, lead: UUID, team: Sequence[Colleague], today: date, *, was_planned_before: bool = False
) -> tuple[PlannedReminders, ...]:
    """Return the reminder days of owner, lead, supervisors and admins by the reminder ladder.

    was_planned_before  the same day was planned before: when its days are past, the owner is not reminded again today
    """
    day = anchor_date(deadline)
    if deadline.state != "open" or day is None:
        return ()
    rungs, plan = rungs_of(deadline), _DaysByMember(day, today)
    plan.add(deadline.owner or lead, rungs["owner"], or_today=not was_planned_before)
    if reminder_ladder.is_escalated(rungs):
        for role, members in _escalation_members(lead, team).items():
            for member in members:
                plan.add(member, rungs[role])
    return plan.build()


def hearing_plan(
    hearing: Hearing, lead: UUID, today: date, *, reminded: Set[UUID] = frozenset()
) -> tuple[PlannedReminders, ...]:
    """Return the reminder days of the person appearing (else the lead) and of the lead.

    reminded  members who were reminded of the same day before: when its days are past, they are not reminded today
    """
    if hearing.outcome is not None or hearing.superseded_by is not None or hearing.starts_on < today:
        return ()
    plan, rungs = _DaysByMember(hearing.starts_on, today), LADDER["hearing"]
    appearing = hearing.goes or lead
    plan.add(appearing, rungs["owner"], or_today=appearing not in reminded)
    plan.add(lead, rungs["lead"], or_today=lead not in reminded)
    return plan.build()


class _DaysByMember:
    """The reminder days of each member for one date, from today on."""

    def __init__(self, day: date, today: date) -> None:
        self.day, self.today = day, today
        self.wanted: dict[UUID, set[date]] = {}
        self.urgent: dict[UUID, set[date]] = {}

    def add(self, member: UUID, rung: Rung, *, or_today: bool = False) -> None:
        """Add a rung for a member; `or_today`: when all its days are past, the reminder is sent today."""
        ahead = {day for offset in rung.days if (day := self.day - timedelta(days=offset)) >= self.today}
        if or_today and not ahead:
            ahead = {self.today}
        ahead.update(_working_days_after(max(self.day, self.today), rung.repeated))
        self.wanted.setdefault(member, set()).update(ahead)
        near = rung.urgent_from
        if near is not None:
            self.urgent.setdefault(member, set()).update(d for d in ahead if (self.day - d).days <= near)

    def build(self) -> tuple[PlannedReminders, ...]:
        """Return the plan in its stored form, sorted by member; members without days are left out."""
        return tuple(
            PlannedReminders(
                member=member, days=tuple(sorted(days)), urgent_days=tuple(sorted(self.urgent.get(member, ())))
            )
            for member, days in sorted(self.wanted.items())
            if days
        )


def _escalation_members(lead: UUID, team: Sequence[Colleague]) -> dict[Role, list[UUID]]:
    """Return the members of each role that is reminded besides the owner; an empty role falls to the next one."""
    admins = [colleague.member_id for colleague in team if colleague.is_admin] or [lead]
    supervisors = [colleague.member_id for colleague in team if colleague.role == "supervisor"] or admins
    return {"lead": [lead], "supervisor": supervisors, "admin": admins}


def is_plan_ending(deadline: Deadline, today: date) -> bool:
    """Return True when the reminders of an overdue open date end within `ENDING_WITHIN`, or have ended.

    Never for one that the ladder does not repeat: a routine deadline, a window that opened, a watch date.
    """
    day = anchor_date(deadline)
    if deadline.state != "open" or day is None or day >= today:
        return False
    if not any(rung.repeated for rung in rungs_of(deadline).values()):
        return False
    return max((p.days[-1] for p in deadline.planned if p.days), default=day) < today + ENDING_WITHIN


def extend_plans(draft: Draft, today: date) -> None:
    """Extend the plans that are ending: an overdue date is repeated each working day until it is closed or moved.

    It is planned in stretches, since a fire row contains a token for each date that may still be overdue on its day.
    The next stretch is planned when a member opens Today; if no member does,
    `monitoring.inactive_offices` raises an alarm.
    """
    for entry in draft.file.entries_of(Deadline):
        if is_plan_ending(entry.record, today):
            draft.change(entry.id, msgspec.structs.replace(entry.record))


def _working_days_after(after: date, count: int) -> list[date]:
    """Return the next `count` weekdays after a day. Holidays are not skipped."""
    days: list[date] = []
    while len(days) < count:
        after += timedelta(days=1)
        if after.weekday() < 5:
            days.append(after)
    return days


def series_changes(draft: Draft) -> tuple[list[Series], list[Series]]:
    """Return (adds, withdrawals): the difference between the reminder plans before the draft and after it.

    A new key of the case gives new tokens to everything that is planned.
    """
    access = draft.file.get_only(Access)
    earlier = draft.before.get(access.id)
    new_key = access.record.token_key
    old_key = earlier.record.token_key if earlier and isinstance(earlier.record, Access) else new_key
    adds: list[Series] = []
    withdraws: list[Series] = []
    pairs: list[tuple[Dated | None, Dated | None]] = [
        *changed_records(draft, Deadline),
        *changed_records(draft, Hearing),
    ]
    if old_key != new_key:
        dated: list[Dated] = [*draft.file.entries_of(Deadline), *draft.file.entries_of(Hearing)]
        pairs += [(entry, entry) for entry in dated if entry.id not in draft.changed]
    for before, after in pairs:
        old = series_of(before, old_key) if before else []
        new = series_of(after, new_key) if after else []
        adds += _days_only_in(new, old)
        withdraws += _days_only_in(old, new)
    return adds, withdraws


def _days_only_in(series: Sequence[Series], others: Sequence[Series]) -> list[Series]:
    """Return the series with the days that the others do not have under the same seed."""
    known = {(other.seed, other.member, day) for other in others for day in other.days}
    changes: list[Series] = []
    for item in series:
        left = tuple(day for day in item.days if (item.seed, item.member, day) not in known)
        if left:
            changes.append(Series(item.seed, item.member, left, item.urgent_days & frozenset(left)))
    return changes


def series_of(entry: Dated, token_key: bytes) -> list[Series]:
    """Return the series that a record's plan puts into the fire rows."""
    return [
        Series(
            primitives.mac(token_key, entry.id.bytes, (p.version or entry.record.plan_version).to_bytes(8, "big"))[:16],
            p.member,
            p.days,
            frozenset(p.urgent_days),
        )
        for p in entry.record.planned
    ]
