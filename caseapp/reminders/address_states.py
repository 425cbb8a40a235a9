"""State of a member's address after a message: it works, or was refused, and through whose fault.

Each function writes in the caller's transaction of the office; the states are those of `ReminderAddress`.
"""

from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

import msgspec

from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.reminders import recipients
from caseapp.reminders.recipients import (
    TEMPORARY_STATES,
    Recipient,
    RecipientSettings,
    ReminderAddress,
    change_settings,
)
from caseapp.vault.errors import OpenFailed

FAILED_STATES = ("refused", *TEMPORARY_STATES)


def record_address_state(
    recipient: Recipient, target: ReminderAddress, state: str, on: date, *, answer: str = ""
) -> None:
    """Record in the caller's transaction that an address works or was refused, if the member still has it.

    state, answer  as in `ReminderAddress`
    """
    with suppress(NotFound):
        change_settings(
            recipient.org_id,
            recipient.member_id,
            lambda settings: with_address_state(settings, target, state, on, answer=answer),
        )


def record_bounce(
    org_id: UUID, member_id: UUID, *, handed_over_at: datetime, on: date, state: str = "refused", answer: str = ""
) -> None:
    """Record that a message to a member's e-mail bounced, unless the e-mail was changed since. Raises OpenFailed.

    In the caller's transaction. `state`, `answer`: as in `ReminderAddress`.
    """

    def mark_bounced(settings: RecipientSettings) -> RecipientSettings:
        if not settings.address or (settings.since is not None and handed_over_at < settings.since):
            return settings
        return with_address_state(settings, settings.addresses[0], state, on, answer=answer, came_back=True)

    with suppress(NotFound):
        change_settings(org_id, member_id, mark_bounced)


def clear_bounce(org_id: UUID, member_id: UUID) -> None:
    """Allow one more try of an e-mail that bounced, in the caller's transaction of that office."""
    with suppress(NotFound, OpenFailed):
        change_settings(org_id, member_id, lambda settings: msgspec.structs.replace(settings, came_back=False))


def with_address_state(
    settings: RecipientSettings,
    target: ReminderAddress,
    state: str,
    on: date | None,
    *,
    answer: str = "",
    came_back: bool = False,
) -> RecipientSettings:
    """Return the settings with a new state of this address."""
    if target.kind == "email" and target.address == settings.address:
        at = clock.now().replace(second=0, microsecond=0) if state in FAILED_STATES else None
        if (state, answer, came_back) == (settings.state, settings.answer, settings.came_back) and not came_back:
            at = settings.answered_at or at  # since when: what was accepted later shows that it is this address's own
        return msgspec.structs.replace(
            settings, state=state, state_on=on, came_back=came_back, answer=answer, answered_at=at
        )
    others = tuple(
        msgspec.structs.replace(other, state=state, state_on=on) if other.address == target.address else other
        for other in settings.others
    )
    return msgspec.structs.replace(settings, others=others)


def refused_alike(org_id: UUID, code: str, *, after: datetime | None) -> list[Recipient]:
    """Return the members of an office whose e-mail a mail server refused with this answer after a moment.

    after  None: at any time
    """
    return [
        person
        for person in recipients.of_office(org_id)
        if person.settings.state in FAILED_STATES
        and person.settings.answer == code
        and person.settings.answered_at is not None
        and (after is None or person.settings.answered_at > after)
    ]


def forget_refusal(person: Recipient, *, state: str = "new") -> None:
    """Let an e-mail count as not refused, or as `held`, where its refusal was not the fault of the address.

    Nothing changes if the e-mail or its state changed since `person` was read.
    """

    def forget(settings: RecipientSettings) -> RecipientSettings:
        seen = (person.settings.address, person.settings.answered_at)
        if (settings.address, settings.answered_at) != seen or settings.state not in FAILED_STATES:
            return settings
        if state == "new":
            return recipients.with_fresh_email(settings)
        return msgspec.structs.replace(settings, state=state)

    with suppress(NotFound):
        change_settings(person.org_id, person.member_id, forget)
