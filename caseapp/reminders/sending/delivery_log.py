"""The delivery log of messages that went out, their results, and retrying.

`seen` of a line records that its recipient opened Today afterwards. It silences that day's repeat (`follow_up`) and
lets the settings page show how many messages led to a look. Opening Today requests it by a plan (`plan`), and the next
merge sets it.
"""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from caseapp.lib import clock
from caseapp.reminders import address_states, queries
from caseapp.reminders.models import Channel, Delivery
from caseapp.reminders.planning import plan
from caseapp.reminders.planning.queries import record_look
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

SEEN_WITHIN_DAYS = 1  # days after a message within which opening Today counts as a response to it
MESSAGE_KINDS = ("reminder", "urgent", "unseen")


class DeliveryEntry(NamedTuple):
    """One line of the delivery log: time, recipient, kind of message, channel and state."""

    at: datetime
    member_id: UUID
    what: str
    by: str
    state: str


@dataclass
class MonthlyCounts:
    """A member's reminders of the last 30 days, and the number after which they opened Today by the next day."""

    sent: int = 0
    seen: int = 0


def entries_of(org_id: UUID, *, newest: int = 100, state: str | None = None) -> list[DeliveryEntry]:
    """Return the log lines of an office, newest first, without lines that do not open.

    In the caller's transaction of that office.

    state  only lines in this state: `stuck` for messages that did not arrive
    """
    deliveries = Delivery.objects.filter(org_id=org_id, **({"state": state} if state else {}))
    lines = []
    for line in deliveries.order_by("-at", "message_id")[:newest]:
        with suppress(OpenFailed):
            lines.append(
                DeliveryEntry(
                    line.at, _recipient_id(org_id, line.message_id, line.sealed), line.what, line.by, line.state
                )
            )
    return lines


def _recipient_id(org_id: UUID, mid: str, sealed: bytes | memoryview) -> UUID:
    return operational.open_log_recipient(server_keys.operational_key(), org_id, mid, bytes(sealed))


def monthly_counts_of(org_id: UUID) -> dict[UUID, MonthlyCounts]:
    """Return the counts of the last 30 days by member, in the caller's transaction of that office."""
    counts: dict[UUID, MonthlyCounts] = defaultdict(MonthlyCounts)
    lines = Delivery.objects.filter(org_id=org_id, what="reminder", state="sent", at__gt=clock.now() - timedelta(30))
    for mid, sealed, seen in lines.values_list("message_id", "sealed", "seen"):
        with suppress(OpenFailed):
            month = counts[_recipient_id(org_id, mid, sealed)]
            month.sent += 1
            month.seen += seen
    return counts


def mark_seen(org_id: UUID, member_id: UUID) -> bool:
    """Record that this member opened Today just now; return whether a message led to it.

    Their recent messages count as seen, and the office as looked at. Writes nothing if neither is new. In the caller's
    transaction of that office, which must not involve a case; the next merge marks the lines themselves.
    """
    now = clock.now()
    today = now.date()  # by UTC: it is yesterday or tomorrow in some zone
    days = [today + timedelta(days=n) for n in range(-SEEN_WITHIN_DAYS - 1, 2)]
    mids = [queries.message_id_of(org_id, member_id, day, kind) for day in days for kind in MESSAGE_KINDS]
    unseen = Delivery.objects.filter(message_id__in=mids, seen=False, at__lte=now).values_list("message_id", flat=True)
    newly_seen = [str(mid) for mid in unseen]
    if newly_seen:
        plan.write(org_id, [], [], seen=newly_seen)
    record_look(org_id, today)
    return bool(newly_seen)


def try_again(org_id: UUID, member_id: UUID) -> None:
    """Let a member's waiting message be retried in the next round, in the caller's transaction of that office."""
    address_states.clear_bounce(org_id, member_id)
    Channel.objects.filter(org_id=org_id, member_id=member_id).update(try_after=None)
