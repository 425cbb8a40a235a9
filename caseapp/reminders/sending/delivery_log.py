"""What went out, for the people who look: the log, what came of it, and trying again.

`seen` of a line says that its reader opened Today afterwards. It silences that day's repeat (`unseen.py`) and lets the
settings page say how many messages led to a look. Opening Today asks for it by a plan (`plan.py`), and the next merge
sets it.
"""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from caseapp.lib import clock
from caseapp.reminders import queries, recipients
from caseapp.reminders.models import Channel, Delivery
from caseapp.reminders.planning import plan
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

LOOKED_AFTER = 1  # days after a message on which opening Today still counts as having followed it
KINDS = ("reminder", "urgent", "unseen")


class Sent(NamedTuple):
    """One line of the delivery log: when, to whom, by which channel, reminder or alarm or test, what became of it."""

    at: datetime
    member_id: UUID
    what: str
    by: str
    state: str


@dataclass
class Month:
    """A member's reminders of the last 30 days, and after how many of them they opened Today by the next day."""

    sent: int = 0
    seen: int = 0


def log_of(org_id: UUID, *, newest: int = 100, state: str | None = None) -> list[Sent]:
    """What went out, newest first, in the caller's transaction of that office, without lines that do not open.

    state  only lines in this state: `stuck` for what did not arrive
    """
    found = Delivery.objects.filter(org_id=org_id, **({"state": state} if state else {}))
    lines = []
    for line in found.order_by("-at", "message_id")[:newest]:
        with suppress(OpenFailed):
            lines.append(Sent(line.at, _reader(org_id, line.message_id, line.sealed), line.what, line.by, line.state))
    return lines


def _reader(org_id: UUID, mid: str, sealed: bytes | memoryview) -> UUID:
    return operational.open_logged(server_keys.operational_key(), org_id, mid, bytes(sealed))


def month_of(org_id: UUID) -> dict[UUID, Month]:
    """By member, in the caller's transaction of that office."""
    found: dict[UUID, Month] = defaultdict(Month)
    lines = Delivery.objects.filter(org_id=org_id, what="reminder", state="sent", at__gt=clock.now() - timedelta(30))
    for mid, sealed, seen in lines.values_list("message_id", "sealed", "seen"):
        with suppress(OpenFailed):
            one = found[_reader(org_id, mid, sealed)]
            one.sent += 1
            one.seen += seen
    return found


def saw(org_id: UUID, member_id: UUID) -> bool:
    """This member opened Today just now: what went out to them lately was seen, and somebody of the office looked.

    Writes nothing where neither is new. Answers whether a message brought them. In the caller's transaction of that
    office, which must hold no case; the lines themselves are marked by the next merge.
    """
    now = clock.now()
    today = now.date()  # by UTC: it is yesterday or tomorrow in some zone
    days = [today + timedelta(days=n) for n in range(-LOOKED_AFTER - 1, 2)]
    mids = [queries.message_id_of(org_id, member_id, day, kind) for day in days for kind in KINDS]
    unseen = Delivery.objects.filter(message_id__in=mids, seen=False, at__lte=now).values_list("message_id", flat=True)
    was_told = [str(mid) for mid in unseen]
    if was_told:
        plan.write(org_id, [], [], seen=was_told)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reminders_census (org_id, sealed, missing, looked_on) VALUES (%s, '', 0, %s)"
            " ON CONFLICT (org_id) DO UPDATE SET looked_on = EXCLUDED.looked_on"
            " WHERE reminders_census.looked_on IS DISTINCT FROM EXCLUDED.looked_on",
            [org_id, today],
        )
    return bool(was_told)


def try_again(org_id: UUID, member_id: UUID) -> None:
    """Let a member's waiting message be tried in the next round, in the caller's transaction of that office."""
    recipients.trust_again(org_id, member_id)
    Channel.objects.filter(org_id=org_id, member_id=member_id).update(try_after=None)
