"""Nightly census of the fire rows, without any member's key.

The census of an office contains, for each member, the last day with a row and the number of rows ahead. Rows are only
ever added or passed, so the next night shows whether one went missing. Findings are sent to the office's admins and
shown in `doctor` for a day.
"""

import logging
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import F, Q

from caseapp.lib import clock
from caseapp.reminders import heartbeat
from caseapp.reminders.models import Census, Channel, OutboxState
from caseapp.reminders.planning import queries, reassignment
from caseapp.reminders.queries import ReminderMember, day_lookup, members_of_offices
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

COUNT_EVERY = timedelta(hours=20)
STALE_AFTER = timedelta(days=4)  # no row stays unsent longer, even with a digest and a weekend's outage
NO_MEMBER = UUID(int=0)  # in place of a member id when the census is sealed
log = logging.getLogger("caseapp.reminders")


class _DaysAhead(msgspec.Struct, array_like=True):
    """Last day with a row of a member, and the number of rows ahead."""

    last: int
    rows: int


@dataclass
class CensusFindings:
    """Findings of one night in an office.

    lost         rows that existed last night and are missing now
    misplaced    rows that do not open, or whose lookup key is not that of their day
    stale        rows days overdue of a member who can be reached
    unreachable  members with days ahead whom no channel reaches
    """

    lost: int = 0
    misplaced: int = 0
    stale: int = 0
    unreachable: list[UUID] = field(default_factory=list)

    @property
    def wrong_rows(self) -> int:
        """Return the number of wrong rows."""
        return self.lost + self.misplaced + self.stale


def run_census() -> dict[UUID, CensusFindings]:
    """Count every office that was not counted for some 20 hours and return the findings. Runs in the clock's role."""
    now = clock.now()
    done = dict(Census.objects.values_list("org_id", "counted_at"))
    findings = {}
    for org_id in Channel.objects.values_list("org_id", flat=True).distinct():
        last = done.get(org_id)
        if last is None or not timedelta(0) <= now - last < COUNT_EVERY:
            findings[org_id] = _count_office(org_id, now)
    return findings


def _count_office(org_id: UUID, now: datetime) -> CensusFindings:
    findings = CensusFindings()
    with transaction.atomic():
        census = Census.objects.select_for_update().filter(org_id=org_id).first()
        today = now.date()
        people = {row.member_id: row for row in members_of_offices([org_id])}
        ahead: dict[UUID, list[int]] = {}
        for member, day in _unsent_days(org_id, findings):
            if day.toordinal() >= today.toordinal():
                ahead.setdefault(member, []).append(day.toordinal())
            elif today - day > STALE_AFTER and member in people and not people[member].tries:
                findings.stale += not people[member].recipient.settings.gone
        _reassign_orphaned_days(org_id, ahead, people, findings)
        if census is not None and census.counted_at is not None:
            findings.lost = _count_lost(_open_census(org_id, census), census.counted_at.date(), ahead, people, today)
        counted = {member: _DaysAhead(max(days), len(days)) for member, days in ahead.items()}
        plain = msgspec.msgpack.encode({member.bytes: days_ahead for member, days_ahead in counted.items()})
        sealed = operational.seal_setting(server_keys.operational_key(), org_id, NO_MEMBER, plain)
        Census.objects.update_or_create(org_id=org_id, defaults={"sealed": sealed, "counted_at": now})
    if findings.wrong_rows or findings.unreachable:
        log.error(
            "reminders.census lost=%d misplaced=%d stale=%d unreachable=%d",
            findings.lost,
            findings.misplaced,
            findings.stale,
            len(findings.unreachable),
        )
        record_missing(org_id, findings.wrong_rows + len(findings.unreachable))
    return findings


def _unsent_days(org_id: UUID, findings: CensusFindings) -> list[tuple[UUID, date]]:
    """Return member and day of every unsent row. Count misplaced rows in the findings."""
    key = server_keys.operational_key()
    days = []
    for row in queries.waiting_of_office(org_id):
        try:
            fire = operational.open_fire(key, org_id, row.id, row.sealed)
        except OpenFailed:
            findings.misplaced += 1
            continue
        day = date.fromordinal(fire.day)
        if day_lookup(org_id, fire.member, day) != row.lookup:
            findings.misplaced += 1
        days.append((fire.member, day))
    return days


def _reassign_orphaned_days(
    org_id: UUID, ahead: dict[UUID, list[int]], people: dict[UUID, ReminderMember], findings: CensusFindings
) -> None:
    """Move the days of members who are removed or have no row to their carriers.

    Add members whose addresses were all refused, or whose days no member can take over, to the findings.
    """
    for member in list(ahead):
        person = people.get(member)
        if person is not None and not person.recipient.settings.gone:
            if not person.recipient.settings.is_reachable:
                findings.unreachable.append(member)
            continue
        heirs = reassignment.of_members({(org_id, member)})[org_id, member]
        if heirs == [member]:
            findings.unreachable.append(member)
            continue
        reassignment.move_days(org_id, member, heirs)
        for heir in heirs:
            ahead[heir] = sorted({*ahead.get(heir, ()), *ahead[member]})
        del ahead[member]


def _open_census(org_id: UUID, census: Census) -> dict[UUID, _DaysAhead]:
    with suppress(OpenFailed, msgspec.MsgspecError):
        plain = operational.open_setting(server_keys.operational_key(), org_id, NO_MEMBER, bytes(census.sealed))
        counted = msgspec.msgpack.decode(plain, type=dict[bytes, _DaysAhead])
        return {UUID(bytes=member): days_ahead for member, days_ahead in counted.items()}
    return {}


def _count_lost(
    before: dict[UUID, _DaysAhead],
    counted_on: date,
    ahead: dict[UUID, list[int]],
    people: dict[UUID, ReminderMember],
    today: date,
) -> int:
    """Return how many rows went missing since the last census.

    Rows ahead decrease by at most one a day: a day is sent or passes. The last day keeps its row until it is reached.
    """
    passed = max((today - counted_on).days, 0)
    lost = 0
    for member, then in before.items():
        if member in people and people[member].recipient.settings.gone:
            continue
        now = ahead.get(member, [])
        short = max(then.rows - passed - 1 - len(now), 0)  # one more: today's row may already be sent
        lost += max(short, int(then.last > today.toordinal() and then.last not in now))
    return lost


def tokens_at(org_id: UUID, member_days: Collection[tuple[UUID, date]]) -> dict[tuple[UUID, date], frozenset[bytes]]:
    """Return the tokens in these members' days, sent or not, in the caller's transaction of that office."""
    wanted = {day_lookup(org_id, member, day): (member, day) for member, day in member_days}
    tokens = {}
    for row in queries.find_fires(wanted):
        with suppress(OpenFailed):  # a row that does not open counts as empty
            fire = operational.open_fire(server_keys.operational_key(), org_id, row.id, row.sealed)
            tokens[wanted[row.lookup]] = frozenset(fire.tokens[: fire.used])
    return tokens


def last_full_merge_at() -> datetime | None:
    """Return when plans were last merged into the fire rows, or None if some could not be merged."""
    row = OutboxState.objects.filter(id=1).first()
    return None if row is None or row.unread else row.merged_at


def record_missing(org_id: UUID, count: int) -> None:
    """Record missing reminders.

    The next round notifies the admins (`monitoring.status`); `doctor` shows them for a day.
    """
    heartbeat.beat("missing")
    queries.add_missing(org_id, count, clock.now())


def count_missing_since(moment: datetime, org_id: UUID | None = None) -> int:
    """Return how many reminders were found missing since then, in one office or in all visible ones."""
    offices = Census.objects.filter(missing_at__gte=moment, **({"org_id": org_id} if org_id else {}))
    return sum(offices.values_list("missing", flat=True))


def offices_to_notify() -> list[UUID]:
    """Return the offices with missing reminders whose admins were not notified since."""
    not_notified = Q(told_at=None) | Q(told_at__lt=F("missing_at"))
    return list(Census.objects.filter(not_notified, missing_at__isnull=False).values_list("org_id", flat=True))


def mark_notified(org_id: UUID) -> None:
    """Record that the office's admins were notified; the next findings are counted from zero."""
    Census.objects.filter(org_id=org_id).update(told_at=clock.now())
