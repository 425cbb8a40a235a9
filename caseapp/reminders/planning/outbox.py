"""Merging of plans into fire rows, apart from the saves that made them: switch sides, drain the old one, truncate it.

Shared decisions, "Reminders" 14. Each step is its own transaction; a crash between any two neither loses nor doubles
anything. A drained side stays marked until it is truncated (a running dump may lock it) and is not drained again: that
would restore a token withdrawn since.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Set
from datetime import date
from functools import cache
from uuid import UUID, uuid4

import msgspec
from django.db import OperationalError, transaction

from caseapp.lib import clock
from caseapp.reminders import queries as rounds
from caseapp.reminders.planning import plan, queries, reassignment
from caseapp.reminders.planning.queries import FireRow
from caseapp.reminders.queries import day_lookup
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

_DayKey = tuple[UUID, UUID, date]  # office, member, day
_Adds = defaultdict[_DayKey, dict[bytes, bool]]
_Withdrawals = defaultdict[_DayKey, set[bytes]]
_Seen = defaultdict[UUID, set[str]]  # by office, Message-IDs
_OTHER_SIDE = {"a": "b", "b": "a"}
# Waiting rows of an office reinserted with each change; rows skipped after a random point.
MAX_RESEALED, MAX_SKIP = 5000, 12
REWRITE_BATCH = 2000
_random = random.SystemRandom()
log = logging.getLogger("caseapp.reminders")


def merge() -> int:
    """Merge all committed plans into fire rows; return how many plans were read. 0 while another runner is merging."""
    state = _read_state()
    if state is None:
        return 0
    active, drained = state
    old = _OTHER_SIDE[active]
    done = 0
    if not drained and queries.has_plans(old):  # an earlier runner crashed between switch and drain
        done += _drain_side(old, active, finished=True)
    if queries.has_plans(old) and not _truncate_side(old):
        # A dump locks the old side: the active one is drained in place and keeps its rows until the dump ends.
        return done + _drain_side(active, active, finished=False)
    if not _switch_to(old):
        return done + _drain_side(active, active, finished=False)
    done += _drain_side(active, old, finished=True)
    _truncate_side(active)
    return done


def _read_state() -> tuple[str, bool] | None:
    """Return (active side, is the other drained), or None while another runner is in one of its steps."""
    with transaction.atomic():
        queries.create_state()
        return queries.lock_state()


def _try_lock_state(*, active: str, drained: bool | None = None) -> bool:
    """Lock the runner's row until this step commits.

    Return False if another runner has locked it or has gone a step further.
    """
    state = queries.lock_state()
    return state is not None and state[0] == active and drained in (None, state[1])


def _switch_to(side: str) -> bool:
    """Make an empty side the active one, once no save is under way. Return False if saves keep it busy."""
    try:
        with transaction.atomic():
            queries.limit_lock_wait(500)
            if not _try_lock_state(active=_OTHER_SIDE[side]) or queries.has_plans(side):
                return False
            queries.switch_active(side)
    except OperationalError as exc:
        return _false_on_lock_timeout(exc)
    return True


def _truncate_side(side: str) -> bool:
    """Empty a drained side. Return False while a dump or another runner locks it."""
    try:
        with transaction.atomic():
            queries.limit_lock_wait(1000)
            if not _try_lock_state(active=_OTHER_SIDE[side], drained=True):
                return False
            queries.truncate_plans(side)
    except OperationalError as exc:
        return _false_on_lock_timeout(exc)
    return True


def _false_on_lock_timeout(exc: OperationalError) -> bool:
    """Return False if a lock timed out; raise any other error."""
    if getattr(exc.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
        raise exc
    return False


@transaction.atomic
def _drain_side(side: str, active: str, *, finished: bool) -> int:
    """Apply all plans of a side and return how many were read.

    finished  the side accepts no new plans, so it is marked and never drained again
    """
    if not _try_lock_state(active=active, drained=False if finished else None):
        return 0
    if not finished and not _try_lock_state(active=active, drained=True) and queries.has_plans(_OTHER_SIDE[side]):
        return 0  # the older side is drained first, or a token it adds would outlive its own withdrawal
    rows = queries.plans_of(side)
    adds: _Adds = defaultdict(dict)
    gone: _Withdrawals = defaultdict(set)
    seen: _Seen = defaultdict(set)
    key_of = cache(server_keys.find_plan_key)
    unread = [row for row in rows if not _read_plan(row, key_of, adds, gone, seen)]
    for org_id, mids in seen.items():
        rounds.mark_seen(org_id, mids)  # before the days, in the order in which sending locks both
    _apply_changes(adds, gone)
    if finished and unread:
        # Never discarded: copied to the active side and retried; `monitoring.status` alarms until it opens.
        queries.copy_plans(active, unread)
    queries.record_drain(finished=finished, at=clock.now(), unread=len(unread))
    return len(rows)


def _read_plan(
    plan_row: queries.PlanRow, key_of: Callable[[bytes], bytes], adds: _Adds, gone: _Withdrawals, seen: _Seen
) -> bool:
    """Collect one plan. Return False if it does not open: one bad row must not stop everyone's reminders."""
    org_id, row, sealed = plan_row
    try:
        key = key_of(operational.kid_of_plan(sealed))
        new, withdrawn, mids = plan.unpack_plan(operational.open_plan(key, org_id, row, sealed))
    except (OpenFailed, msgspec.ValidationError, msgspec.DecodeError) as exc:
        log.error("reminders.plan_unreadable %s", exc)
        return False
    for series in new:
        for day in series.days:
            adds[org_id, series.member, day][series.token_for(day)] = day in series.urgent_days
    for series in withdrawn:
        for day in series.days:
            gone[org_id, series.member, day].add(series.token_for(day))
    if mids:
        seen[org_id].update(mids)
    return True


def _apply_changes(adds: _Adds, gone: _Withdrawals) -> None:
    """Apply adds minus withdrawals, among the untouched rows of the office, in random order.

    Applying the same changes twice has the same result as once.
    """
    key = server_keys.operational_key()
    adds, gone = _redirect_to_carriers(adds, gone)
    day_keys = list({*adds, *gone})
    fire_rows = _lock_fire_rows({day_lookup(*day_key): day_key for day_key in day_keys})
    writes: list[FireRow] = []
    for day_key in day_keys:
        org_id, member, day = day_key
        row, fire = fire_rows.get(day_key) or (
            FireRow(org_id, uuid4(), day_lookup(*day_key), b""),
            operational.ReminderDay(member, day.toordinal()),
        )
        for token, urgent in adds.get(day_key, {}).items():
            if token not in gone.get(day_key, ()) and not fire.has_token(token):
                fire.is_said = fire.is_said or row.sent_on is not None
                fire.add_token(token, urgent=urgent)
                row = row._replace(sent_on=None)  # a day that was already sent fires again only with a new token
        for token in gone.get(day_key, ()):
            fire.withdraw_token(token)
        if day_key in fire_rows or fire.used:
            writes.append(row._replace(sealed=operational.seal_fire(key, org_id, row.id, fire)))
    for org_id in {write.org_id for write in writes}:
        writes += _other_waiting_rows(org_id, [write.id for write in writes])
    _random.shuffle(writes)
    _replace_rows(writes)


def _lock_fire_rows(wanted: dict[bytes, _DayKey]) -> dict[_DayKey, tuple[FireRow, operational.ReminderDay]]:
    """Lock and return the fire rows of these days. A row that does not open counts as empty and is rewritten."""
    if not wanted:
        return {}
    return {wanted[row.lookup]: (row, _open_fire(wanted[row.lookup], row)) for row in queries.lock_fires(wanted)}


def _open_fire(day_key: _DayKey, row: FireRow) -> operational.ReminderDay:
    org_id, member, day = day_key
    try:
        return operational.open_fire(server_keys.operational_key(), org_id, row.id, row.sealed)
    except OpenFailed as exc:
        log.error("reminders.fire_unreadable %s", exc)
        return operational.ReminderDay(member, day.toordinal(), urgent=True)


def _redirect_to_carriers(adds: _Adds, gone: _Withdrawals) -> tuple[_Adds, _Withdrawals]:
    """Return the changes with the days of removed members moved to their carriers.

    A token keeps its value in another member's row.
    """
    carried = reassignment.of_members({(org_id, member) for org_id, member, _ in {*adds, *gone}})
    new_adds: _Adds = defaultdict(dict)
    new_gone: _Withdrawals = defaultdict(set)
    for (org_id, member, day), tokens in adds.items():
        for carrier in carried[org_id, member]:
            day_tokens = new_adds[org_id, carrier, day]
            for token, urgent in tokens.items():
                day_tokens[token] = urgent or day_tokens.get(token, False)
    for (org_id, member, day), withdrawn in gone.items():
        for carrier in carried[org_id, member]:
            new_gone[org_id, carrier, day] |= withdrawn
    return new_adds, new_gone


def _other_waiting_rows(org_id: UUID, excluded: Collection[UUID]) -> list[FireRow]:
    """Return all other waiting rows of the office; of a very large one MAX_RESEALED, each drawn independently.

    With fewer rows, a member whose share of the rows written together exceeds their share of all rows would be
    recognizable as the one that changed.
    """
    return list(_reseal_rows(queries.lock_unlocked_waiting(org_id, _draw_rows(org_id, set(excluded)))))


def _draw_rows(org_id: UUID, excluded: Set[UUID]) -> list[UUID]:
    """Return up to MAX_RESEALED waiting rows of an office at random.

    Costs the same with ten thousand rows and with ten million. Ids are random, so a random point among them selects a
    random row; skipping some rows from there makes up for the points that fall into wide gaps.
    """
    ids = queries.some_waiting_ids(org_id, MAX_RESEALED)
    if len(ids) == MAX_RESEALED:
        points = [uuid4() for _ in range(MAX_RESEALED + len(excluded))]
        ids = queries.draw_waiting_ids(org_id, points, [_random.randrange(1, MAX_SKIP) for _ in points])
    return list(ids - excluded)


def _reseal_rows(rows: Iterable[FireRow]) -> Iterator[FireRow]:
    key = server_keys.operational_key()
    for row in rows:
        try:
            fire = operational.open_fire(key, row.org_id, row.id, row.sealed)
        except OpenFailed:
            continue  # left unchanged: on its day it is logged and sent nevertheless
        yield row._replace(sealed=operational.seal_fire(key, row.org_id, row.id, fire))


def _replace_rows(rows: list[FireRow]) -> None:
    # Deleted and reinserted: an updated row often stays on its page, and pages reveal when they were filled.
    queries.delete_fires([row.lookup for row in rows])
    queries.insert_fires(rows)


def rewrite_all() -> int:
    """Reseal every waiting fire row in random order, so that write order stops revealing anything. Runs once a day.

    A batch is a transaction: a million rows neither fill the memory nor are locked for minutes.
    """
    ids = queries.waiting_ids()
    _random.shuffle(ids)
    done = 0
    for start in range(0, len(ids), REWRITE_BATCH):
        with transaction.atomic():
            rows = list(_reseal_rows(queries.lock_waiting(ids[start : start + REWRITE_BATCH])))
            _random.shuffle(rows)
            _replace_rows(rows)
            done += len(rows)
    return done
