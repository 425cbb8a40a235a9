"""A constant line to somebody whose account was opened by its recovery code: an owner who did not do it must hear."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage

from caseapp.accounts.keys import Staff
from caseapp.reminders import channels
from caseapp.vault.tenancy import office

log = logging.getLogger("caseapp.accounts")

# Constants, like the texts of reminders: no name, office, product or link.
NEW_WAY = {
    "en": (
        "Your account was opened in a new way",
        "Your account was opened in a new way. If that was not you, call a colleague who looks after your office.",
    ),
    "es": (
        "Su cuenta se abrió de una manera nueva",
        "Su cuenta se abrió de una manera nueva. Si no fue usted, llame a un colega que administre su oficina.",
    ),
    "fr": (
        "Votre compte a été ouvert d'une nouvelle façon",
        "Votre compte a été ouvert d'une nouvelle façon. Si ce n'était pas vous, appelez un collègue qui administre"
        " votre bureau.",
    ),
}


def tell_new_way(staff: Staff) -> None:
    """Send it at once, to the address that reminders go to. A mail server that is away stops nobody from coming in."""
    try:
        with office(staff.org_id):
            reached = channels.get(staff.org_id, staff.member_id)
        if reached is None:
            return
        subject, body = NEW_WAY.get(staff.language, NEW_WAY["en"])
        EmailMessage(subject, body, settings.MAIL_FROM, [reached.ways.address]).send()
    except Exception:  # whatever it was, the way back in is not closed by it; the log names the member
        log.exception("member %s was not told that the recovery code was used", staff.member_id)
