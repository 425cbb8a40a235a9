"""Plan of a save for the operational tier: tokens to add to and withdraw from members' days, and no other content.

Every save writes exactly one plan row of equal size, with dates or without, in the case's own transaction; a fire row
names a member and is therefore never written there (shared decisions, "Reminders" 13 and 14). A look at Today is
recorded by a plan of the same size: marked at once, the mark would lie next to what the member saved next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from caseapp.lib import clock
from caseapp.reminders.planning import queries
from caseapp.vault import server_keys
from caseapp.vault.core import operational, primitives

BROKER_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
_PackedSeries = tuple[bytes, bytes, int, tuple[int, ...], bytes]  # seed, member, first day, steps from it, urgent bits


@dataclass(frozen=True)
class Series:
    """Reminders of one dated item for one member. `seed` is derived from a key of the group and is never used twice."""

    seed: bytes = field(repr=False)
    member: UUID
    days: tuple[date, ...]
    urgent_days: frozenset[date]

    def token_for(self, day: date) -> bytes:
        """Return the token for the member's row of that day: 16 bytes that mean nothing without the group's key."""
        return primitives.mac(self.seed, self.member.bytes, day.toordinal().to_bytes(4, "big"))[
            : operational.TOKEN_LENGTH
        ]


class _PackedPlan(msgspec.Struct, array_like=True):
    adds: list[_PackedSeries]
    withdraws: list[_PackedSeries]
    seen: list[str] = []  # absent in rows of older versions


class Plan(NamedTuple):
    """Plan as it was written. `seen`: Message-IDs after which their recipient opened Today."""

    adds: list[Series]
    withdraws: list[Series]
    seen: list[str]


def write(org_id: UUID, adds: Sequence[Series], withdraws: Sequence[Series], *, seen: Sequence[str] = ()) -> None:
    """Write one plan row in the caller's transaction of that office, even when all arguments are empty."""
    row = uuid4()
    sealed = operational.seal_plan(server_keys.plan_key_of_today(), org_id, row, pack_plan(adds, withdraws, seen))
    queries.insert_plans([(org_id, row, sealed)])
    if _is_soon(adds):
        transaction.on_commit(_request_merge)


def write_many(org_id: UUID, plans: Sequence[tuple[Sequence[Series], Sequence[Series]]]) -> None:
    """Write the plans of many saves in the caller's transaction, a row each: (adds, withdraws)."""
    key, ids = server_keys.plan_key_of_today(), [uuid4() for _ in plans]
    queries.insert_plans(
        [
            (org_id, row, operational.seal_plan(key, org_id, row, pack_plan(adds, withdraws)))
            for row, (adds, withdraws) in zip(ids, plans, strict=True)
        ]
    )
    if any(_is_soon(adds) for adds, _ in plans):
        transaction.on_commit(_request_merge)


def _is_soon(adds: Sequence[Series]) -> bool:
    """Return whether one of these reminders is due before the next merge can be waited for."""
    soon = clock.now().date() + timedelta(days=1)
    return any(day <= soon for series in adds for day in series.days)


def _request_merge() -> None:
    """Ask the queue for a merge now.

    Without a broker this does nothing: the next beat merges the plan, and the member who saved does not wait.
    """
    try:
        with current_app.connection_for_write(transport_options=BROKER_OPTIONS) as queue:
            current_app.send_task("reminders.merge_plans", expires=55, retry=False, connection=queue)
    except (OperationalError, OSError):
        return


def pack_plan(adds: Sequence[Series], withdraws: Sequence[Series], seen: Sequence[str] = ()) -> bytes:
    """Return the content of a plan row, in the format that `unpack_plan` reads."""
    return msgspec.msgpack.encode(
        _PackedPlan([_pack_series(s) for s in adds], [_pack_series(s) for s in withdraws], list(seen))
    )


def _pack_series(series: Series) -> _PackedSeries:
    days = sorted(series.days)
    first = days[0].toordinal() if days else 0
    steps = tuple(day.toordinal() - first for day in days)
    urgent = sum(1 << position for position, day in enumerate(days) if day in series.urgent_days)
    return series.seed, series.member.bytes, first, steps, urgent.to_bytes(-(-len(days) // 8), "little")


def unpack_plan(content: bytes) -> Plan:
    """Return the plan in the content of an opened plan row."""
    plan = msgspec.msgpack.decode(content, type=_PackedPlan)
    return Plan(
        [_unpack_series(packed_series) for packed_series in plan.adds],
        [_unpack_series(packed_series) for packed_series in plan.withdraws],
        plan.seen,
    )


def _unpack_series(packed: _PackedSeries) -> Series:
    seed, member, first, steps, urgent = packed
    days = tuple(date.fromordinal(first + step) for step in steps)
    bits = int.from_bytes(urgent, "little")
    chosen = frozenset(day for position, day in enumerate(days) if bits >> position & 1)
    return Series(seed, UUID(bytes=member), days, chosen)
