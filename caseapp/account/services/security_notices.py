"""Notice to a member whose account was opened with its recovery code.

The text is the same for each member. An owner who did not use the code must learn of it.
"""

import logging
from contextlib import suppress
from uuid import UUID

from django.db import DatabaseError

from caseapp.accounts.keys.staff import Staff
from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.reminders.sending import dispatch
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction

log = logging.getLogger("caseapp.account")


def send_new_access_notice(staff: Staff) -> None:
    """Send the notice at once; the scheduler retries it if the mail server refuses it now.

    A failure is logged and never prevents the sign-in.
    """
    now = clock.now()
    today, step = now.date(), f" {now:%H:%M}"
    try:
        with office_transaction(staff.org_id):
            reached = recipients.get(staff.org_id, staff.member_id)
            if reached is None:
                return
            dispatch.promise_message(reached, "new-way", today, step=step)
        with office_transaction(staff.org_id):  # a separate transaction: the queued message stays if sending fails
            dispatch.send_and_log(reached, "new-way", today, step=step)
    except (*dispatch.DELIVERY_ERRORS, OpenFailed, DatabaseError) as exc:
        log.warning("mail.recovery_notice_waits %s", exc)


def known_email(org_id: UUID, member_id: UUID) -> str:
    """Return the e-mail address that a member's reminders go to, or an empty string: a guesser knows it too."""
    with suppress(OpenFailed), office_transaction(org_id):
        reached = recipients.get(org_id, member_id)
        return reached.settings.address if reached is not None else ""
    return ""
