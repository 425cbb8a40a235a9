"""A constant line to somebody whose account was opened by its recovery code: an owner who did not do it must hear."""

import logging

from django.db import DatabaseError

from caseapp.accounts.keys.staff import Staff
from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.reminders.sending import dispatch
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office

log = logging.getLogger("caseapp.accounts")


def tell_new_way(staff: Staff) -> None:
    """Send it at once; the clock tries again what a mail server does not take now. Nobody is kept from coming in."""
    now = clock.now()
    today, step = now.date(), f" {now:%H:%M}"
    try:
        with office(staff.org_id):
            reached = recipients.get(staff.org_id, staff.member_id)
            if reached is None:
                return
            dispatch.owe(reached, "new-way", today, step=step)
        with office(staff.org_id):  # apart: what was promised stands, whatever the mail server does
            dispatch.hand_over(reached, "new-way", today, step=step)
    except (*dispatch.CANNOT, OpenFailed, DatabaseError) as exc:
        log.warning(
            "member %s is not yet told that the recovery code was used: %s", staff.member_id, type(exc).__name__
        )
