"""Who carries the days of a member: they themselves; after their removal their successor, or all admins.

`redirect` moves what is planned; later plans of cases that still name the removed member follow by `of_members`, which
the merge asks. What slips between the two is caught when it is sent (`channels.heir`) and every night (`invariants`).
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.db import connection

from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.reminders import recipients
from caseapp.reminders.models import Channel
from caseapp.reminders.queries import lookup
from caseapp.reminders.recipients import Reached, Ways
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

HORIZON = 366 * 12  # days ahead that plans may reach: no rule counts further
_Member = tuple[UUID, UUID]
log = logging.getLogger("caseapp.reminders")


def of_members(members: Collection[_Member]) -> dict[_Member, list[UUID]]:
    """For each (office, member) who carries their days. Never nobody: with no admin either, the member stays."""
    offices: dict[UUID, dict[UUID, Reached]] = defaultdict(dict)
    for row in Channel.objects.filter(org_id__in={org_id for org_id, _ in members}):
        try:
            offices[row.org_id][row.member_id] = recipients.opened(row)
        except OpenFailed:
            # The row is there and so is the member: their days stay theirs.
            offices[row.org_id][row.member_id] = Reached(row.org_id, row.member_id, Ways(address=""))
    return {(org_id, member): _carriers(offices[org_id], member) for org_id, member in members}


def _carriers(office: Mapping[UUID, Reached], member: UUID) -> list[UUID]:
    at, passed = member, set[UUID]()
    while at in office and office[at].ways.gone and at not in passed:
        passed.add(at)
        successor = office[at].ways.successor
        if successor is None:
            break
        at = successor
    if at in office and not office[at].ways.gone:
        return [at]
    admins = sorted(who for who, one in office.items() if one.ways.admin and not one.ways.gone)
    if admins and member not in office:
        log.error("member %s has reminders and no address: they go to the admins", member)
    return admins or [member]


def redirect(org_id: UUID, member_id: UUID, to: UUID | None = None) -> int:
    """Move all days of a member from today on to a colleague, or to all admins; answers how many rows moved.

    In the caller's transaction of that office, which removes the member: their address is forgotten with it. Whatever
    is planned for them later follows by itself. Raises Refused when nobody is left to take them over.
    """
    office = {one.member_id: one for one in recipients.of_office(org_id) if one.member_id != member_id}
    heirs = [to] if to is not None else sorted(who for who, one in office.items() if one.ways.admin)
    if not heirs or any(heir not in office for heir in heirs):
        raise Refused("stand_in", "Choose a colleague who takes over the reminders.")
    gone = Ways(address="", gone=True, successor=to)
    content = recipients.sealed(org_id, member_id, gone)
    Channel.objects.update_or_create(
        org_id=org_id, member_id=member_id,
        defaults={"sealed": content, "tries": 0, "try_after": None, "lease": None, "leased_until": None},
    )  # fmt: skip
    return move_days(org_id, member_id, heirs)


def move_days(org_id: UUID, member_id: UUID, heirs: Collection[UUID]) -> int:
    """Put the tokens of a member's unsent days into the heirs' rows of those days, and take the rows away."""
    # From before today: what is not sent yet is not lost; and today is another day elsewhere.
    start = clock.now().date() - timedelta(days=15)
    theirs = {lookup(org_id, member_id, day): day for day in (start + timedelta(days=n) for n in range(HORIZON))}
    found = {place: row for place, row in _rows(list(theirs)).items() if not row.is_sent}
    if not found:
        return 0
    targets = {lookup(org_id, heir, theirs[place]): (heir, theirs[place], place) for place in found for heir in heirs}
    standing = _rows(list(targets))
    key = server_keys.operational_key()
    writes = []
    for target in sorted(targets):
        heir, day, place = targets[target]
        row_id, fire = _opened(org_id, standing.get(target), heir, day)
        _, moved = _opened(org_id, found[place], member_id, day)
        for token in moved.tokens[: moved.used]:
            fire.add(token, urgent=moved.urgent)
        fire.urgent = fire.urgent or moved.urgent
        writes.append((org_id, row_id, target, operational.seal_fire(key, org_id, row_id, fire)))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reminders_fire WHERE org_id = %s AND lookup = ANY(%s)", [org_id, list(found)])
        cursor.executemany(
            "INSERT INTO reminders_fire (org_id, id, lookup, sealed) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (lookup) DO UPDATE SET sealed = EXCLUDED.sealed, sent_on = NULL",
            writes,
        )
    return len(found)


@dataclass(frozen=True)
class _Row:
    id: UUID
    sealed: bytes
    is_sent: bool


def _rows(places: list[bytes]) -> dict[bytes, _Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lookup, id, sealed, sent_on IS NOT NULL FROM reminders_fire WHERE lookup = ANY(%s)"
            " ORDER BY lookup FOR UPDATE",
            [places],
        )
        return {bytes(place): _Row(row_id, bytes(sealed), sent) for place, row_id, sealed, sent in cursor.fetchall()}


def _opened(org_id: UUID, row: _Row | None, member: UUID, day: date) -> tuple[UUID, operational.Fire]:
    """A row to write into; a new one where there is none, an urgent one where it does not open."""
    if row is None:
        return uuid4(), operational.Fire(member, day.toordinal())
    try:
        return row.id, operational.open_fire(server_keys.operational_key(), org_id, row.id, row.sealed)
    except OpenFailed as exc:
        log.error("fire row %s does not open: %s", row.id, type(exc).__name__)
        return row.id, operational.Fire(member, day.toordinal(), urgent=True)
