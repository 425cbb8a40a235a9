"""Reachability of a member by reminders: the one answer that every page gives, from the addresses alone."""

from typing import Final
from uuid import UUID

from caseapp.reminders import recipients
from caseapp.reminders.recipients import Recipient, RecipientSettings, ReminderAddress
from caseapp.reminders.sending import gateway_hosts
from caseapp.vault.errors import OpenFailed

# States of one address; those of `ReminderAddress.state`, and of a gateway that is no longer offered on this server.
WORKS, REFUSED, FULL, HELD, UNFIT = "works", "refused", "full", "held", "unfit"
# Answers for a member. A refused address says that a second one is missing, not that none is left.
NO_ADDRESS, NONE_WORKS, NOT_TESTED, REACHED = "no_address", "none_works", "not_tested", "reached"
UNREACHABLE: Final = frozenset((NO_ADDRESS, NONE_WORKS))


def address_state(target: ReminderAddress) -> str:
    """Return the state of one address."""
    if target.kind != "email" and not gateway_hosts.is_fit(target.address):
        return UNFIT
    return target.state


def answer_for(settings: RecipientSettings) -> str:
    """Return the answer for a member. REACHED only where an address accepted a message."""
    if not settings.addresses:
        return NO_ADDRESS
    if not settings.is_reachable:
        return NONE_WORKS
    states = {address_state(target) for target in settings.addresses}
    problem = next((state for state in (REFUSED, UNFIT, FULL, HELD) if state in states), "")
    return problem or (REACHED if WORKS in states else NOT_TESTED)


def read_recipient(org_id: UUID, member_id: UUID) -> Recipient | None:
    """Return a member with their settings, in the caller's transaction; None for a row that is missing or altered."""
    try:
        return recipients.get(org_id, member_id)
    except OpenFailed:
        return None
