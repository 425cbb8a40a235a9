"""Carriers of a member's days: the member; after their removal their successor, or all admins.

`redirect_member` moves what is planned; later plans of cases that still name the removed member follow by `of_members`,
which the merge calls. Days that slip between the two are caught at sending (`recipients.receiver_for`) and every night
(`checks`).
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID, uuid4

from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.reminders import recipients
from caseapp.reminders.choices import LOOK_BACK
from caseapp.reminders.models import Channel
from caseapp.reminders.planning import queries
from caseapp.reminders.planning.queries import FireRow
from caseapp.reminders.queries import day_lookup
from caseapp.reminders.recipients import Recipient, RecipientSettings
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

HORIZON_DAYS = 366 * 12  # the longest that plans may reach ahead: no rule counts further
_MemberKey = tuple[UUID, UUID]
log = logging.getLogger("caseapp.reminders")


def of_members(members: Collection[_MemberKey]) -> dict[_MemberKey, list[UUID]]:
    """Return the carriers of each (office, member). Never empty: without any admin, the member remains."""
    offices: dict[UUID, dict[UUID, Recipient]] = defaultdict(dict)
    for row in Channel.objects.filter(org_id__in={org_id for org_id, _ in members}):
        try:
            offices[row.org_id][row.member_id] = recipients.open_recipient(row)
        except OpenFailed:
            # The row exists, so the member does too, and keeps their days.
            offices[row.org_id][row.member_id] = Recipient(row.org_id, row.member_id, RecipientSettings(address=""))
    return {(org_id, member): _find_carriers(offices[org_id], member) for org_id, member in members}


def _find_carriers(office: Mapping[UUID, Recipient], member: UUID) -> list[UUID]:
    at, passed = member, set[UUID]()
    while at in office and office[at].settings.gone and at not in passed:
        passed.add(at)
        successor = office[at].settings.successor
        if successor is None:
            break
        at = successor
    if at in office and not office[at].settings.gone:
        return [at]
    admins = sorted(
        who for who, recipient in office.items() if recipient.settings.admin and not recipient.settings.gone
    )
    if admins and member not in office:
        log.error("reminders.no_address")
    return admins or [member]


def redirect_member(org_id: UUID, member_id: UUID, successor: UUID | None = None) -> int:
    """Move all days of a member from today on to a colleague, or to all admins; return how many rows moved.

    In the caller's transaction of that office, which removes the member: their address is deleted with it. Days
    planned for them later follow automatically. Raises Refused if no colleague is left to take them over.
    """
    office = {
        recipient.member_id: recipient for recipient in recipients.of_office(org_id) if recipient.member_id != member_id
    }
    heirs = (
        [successor]
        if successor is not None
        else sorted(who for who, recipient in office.items() if recipient.settings.admin)
    )
    if not heirs or any(heir not in office for heir in heirs):
        raise Refused("stand_in", "Choose a colleague who takes over the reminders.")
    gone = RecipientSettings(address="", gone=True, successor=successor)
    content = recipients.seal_settings(org_id, member_id, gone)
    defaults = {"sealed": content, "tries": 0, "try_after": None, "lease": None, "leased_until": None}
    Channel.objects.update_or_create(org_id=org_id, member_id=member_id, defaults=defaults)
    return move_days(org_id, member_id, heirs)


def move_days(org_id: UUID, member_id: UUID, heirs: Collection[UUID]) -> int:
    """Move the tokens of a member's unsent days into the heirs' rows of those days; return how many rows moved."""
    start = _first_unsent_day(org_id, member_id)
    until = clock.now().date() + timedelta(days=HORIZON_DAYS)
    days = (start + timedelta(days=n) for n in range((until - start).days))
    theirs = {day_lookup(org_id, member_id, day): day for day in days}
    unsent = {source: row for source, row in _lock_rows(theirs).items() if row.sent_on is None}
    if not unsent:
        return 0
    targets = {
        day_lookup(org_id, heir, theirs[source]): (heir, theirs[source], source) for source in unsent for heir in heirs
    }
    standing = _lock_rows(targets)
    key = server_keys.operational_key()
    writes = []
    for target in sorted(targets):
        heir, day, source = targets[target]
        row_id, fire = _open_row(org_id, standing.get(target), heir, day)
        _, moved = _open_row(org_id, unsent[source], member_id, day)
        for token in moved.tokens[: moved.used]:
            fire.add_token(token, urgent=moved.urgent)
        fire.urgent = fire.urgent or moved.urgent
        writes.append(FireRow(org_id, row_id, target, operational.seal_fire(key, org_id, row_id, fire)))
    queries.delete_fires(unsent)
    queries.write_fires(writes)
    # A round looks from the last day on that was checked: it has to look as far back for the heirs.
    oldest = min(theirs[source] for source in unsent)
    Channel.objects.filter(org_id=org_id, member_id__in=heirs, checked_on__gt=oldest).update(checked_on=oldest)
    return len(unsent)


def _first_unsent_day(org_id: UUID, member_id: UUID) -> date:
    """Return the first day that may be unsent: some before the last one that was checked, weeks ago after an outage."""
    checked = Channel.objects.filter(org_id=org_id, member_id=member_id).values_list("checked_on", flat=True).first()
    today = clock.now().date()
    return min(checked or today, today) - LOOK_BACK - timedelta(days=1)  # one more for members of other time zones


def _lock_rows(lookups: Collection[bytes]) -> dict[bytes, FireRow]:
    return {row.lookup: row for row in queries.lock_fires(lookups)}


def _open_row(org_id: UUID, row: FireRow | None, member: UUID, day: date) -> tuple[UUID, operational.ReminderDay]:
    """Return id and content of a row to write into: a new one if there is none, an urgent one if it does not open."""
    if row is None:
        return uuid4(), operational.ReminderDay(member, day.toordinal())
    try:
        return row.id, operational.open_fire(server_keys.operational_key(), org_id, row.id, row.sealed)
    except OpenFailed as exc:
        log.error("reminders.fire_unreadable %s", exc)
        return row.id, operational.ReminderDay(member, day.toordinal(), urgent=True)
