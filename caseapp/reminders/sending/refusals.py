"""The judgement on refused addresses at the end of a conversation with the mail server.

An answer that several addresses get while none is accepted is our server's fault, whatever its code says: a relay that
lost its rights refuses every member as "no such mailbox". No address is blamed for it then, also not one that was
refused the same way minutes before.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.db import DatabaseError, InterfaceError, transaction

from caseapp.lib import clock
from caseapp.reminders import address_states, heartbeat
from caseapp.reminders.sending.mail_faults import MailFault
from caseapp.reminders.sending.smtp import AddressRefusal, MailConnection
from caseapp.vault.errors import OpenFailed

MAIL_TAKEN = "mail-taken"  # heartbeat: when the mail server last accepted a message
STATE_OF_FAULT = {
    MailFault.ADDRESS: "refused",
    MailFault.FULL: "full",
    MailFault.POLICY: "held",
    MailFault.NETWORK: "held",
    MailFault.SERVER: "held",
}


def settle_refusals(mailer: MailConnection) -> set[str]:
    """Record the refusals of this conversation as states of addresses; return the codes that were given to all.

    Those are counted as failures of the server, and the addresses that had them do not count as refused.
    """
    refusals, mailer.refusals = mailer.refusals, []
    given_to_all: set[str] = set()
    for refusal in refusals:
        # A state that cannot be recorded now is recorded at the next try: it must not stop the messages.
        with suppress(OpenFailed, DatabaseError, InterfaceError), transaction.atomic():
            if not mailer.taken and _is_given_to_all(refusal, refusals):
                given_to_all.add(refusal.answer.code)
            else:
                state = STATE_OF_FAULT[refusal.answer.fault]
                address_states.record_address_state(
                    refusal.recipient, refusal.target, state, clock.now().date(), answer=refusal.answer.code
                )
    mailer.away += len(given_to_all)
    return given_to_all


def _is_given_to_all(refusal: AddressRefusal, refusals: Sequence[AddressRefusal]) -> bool:
    """Return whether several addresses got this answer since the server last accepted a message.

    Those that got it before are cleared then.
    """
    code, taken_at = refusal.answer.code, heartbeat.last_seen().get(MAIL_TAKEN)
    alike = address_states.refused_alike(refusal.recipient.org_id, code, after=taken_at)
    earlier = [person for person in alike if not person.settings.came_back]
    now = {other.target.address for other in refusals if other.answer.code == code and not _is_known(other, taken_at)}
    if len(now | {person.settings.address for person in earlier}) < 2:
        return False
    for person in earlier:
        address_states.forget_refusal(person)
    return True


def _is_known(refusal: AddressRefusal, taken_at: datetime | None) -> bool:
    """Return whether this address got this answer already while the server accepted messages to others."""
    settings = refusal.recipient.settings
    if settings.state not in address_states.FAILED_STATES or settings.answer != refusal.answer.code:
        return False
    return taken_at is not None and settings.answered_at is not None and settings.answered_at <= taken_at
