"""Gateways of members that could not be saved today: the operator's list, or what is allowed, changed since.

They serve until another one is tested (`sending/dispatch.py`). Today tells the member, `caseapp doctor` the operator.
"""

from uuid import UUID

from caseapp.reminders import heartbeat
from caseapp.reminders.models import Channel
from caseapp.reminders.recipients import Recipient
from caseapp.reminders.sending import reachability

SIGN = "unfit gateways"


def has_unfit_gateway(recipient: Recipient | None) -> bool:
    """Return whether a member has a gateway that is no longer offered on this server."""
    others = recipient.settings.others if recipient is not None and not recipient.settings.gone else ()
    return any(reachability.address_state(target) == reachability.UNFIT for target in others)


def own_gateway_is_unfit(org_id: UUID, member_id: UUID) -> bool:
    """Return whether to tell a member of it, in the caller's transaction of the office."""
    return has_unfit_gateway(reachability.read_recipient(org_id, member_id))


def record_unfit_gateways() -> int:
    """Count the members of all offices with such a gateway, and leave a sign for the doctor. In the clock's role."""
    count = 0
    for org_id, member_id in Channel.objects.values_list("org_id", "member_id"):
        count += own_gateway_is_unfit(org_id, member_id)
    if count:
        heartbeat.beat(SIGN)
    else:
        heartbeat.end_condition(SIGN)
    return count
