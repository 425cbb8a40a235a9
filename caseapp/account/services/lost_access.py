"""Services that restore a lost account. They span accounts, mail and reminders."""

import logging
import threading
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection

from caseapp.account.services import security_notices
from caseapp.accounts.recovery import member
from caseapp.accounts.recovery.member import RecoveryLink
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.reminders.sending import smtp, waiting_mail
from caseapp.reminders.sending.dispatch import DELIVERY_ERRORS
from caseapp.reminders.sending.waiting_mail import LinkMail
from caseapp.vault.tenancy import office_transaction

THREAD_NAME = "recovery-mail"
log = logging.getLogger("caseapp.account")


def mail_recovery_link(email: str, *, address: str, language: str, office_code: str = "") -> None:
    """Mail a recovery link to this address if it belongs to an account.

    The response takes the same time and has the same content for unknown addresses. Raises TooMany.
    """
    if link := member.create_link(email, address=address, office_code=office_code):
        mail = LinkMail(
            what=waiting_mail.RETURN,
            address=email,
            language=language,
            link=f"{settings.ORIGIN}/sign-in/return/#{link.token}",
            until=link.expires_at,
        )
        # Sent on a separate thread: the time a mail server takes would reveal that the account exists.
        sending = threading.Thread(
            target=_send_or_keep, args=(link.org_id, link.id, mail), daemon=True, name=THREAD_NAME
        )
        sending.start()


def _send_or_keep(org_id: UUID, link_id: UUID, mail: LinkMail) -> None:
    """Send the mail; unless it was refused for good, keep one that did not go out for the next rounds."""
    try:
        waiting_mail.send_now(org_id, link_id, mail)
    except DELIVERY_ERRORS as exc:
        if smtp.is_permanent(exc):
            log.warning("mail.recovery_link_refused %s", exc)
        else:
            log.warning("mail.recovery_link_waits %s", exc)
            _keep(org_id, link_id, mail)


def _keep(org_id: UUID, link_id: UUID, mail: LinkMail) -> None:
    try:
        with office_transaction(org_id):
            waiting_mail.keep(org_id, link_id, mail)
    except DatabaseError as exc:
        log.warning("mail.recovery_link_lost %s", exc)
    finally:
        connection.close()  # this thread's own


def complete_recovery(
    link: RecoveryLink, *, passphrase: str, code: str, answer: str, office_words: str, language: str
) -> SignedIn:
    """Open the account with the holders' answer, and notify the member by mail of this access.

    Raises the errors of `accounts.recovery.member.finish_recovery`.
    """
    signed_in = member.finish_recovery(
        link, passphrase=passphrase, code=code, answer=answer, office_words=office_words, language=language
    )
    with suppress(DatabaseError), office_transaction(link.org_id):  # else it goes when the link ends
        waiting_mail.forget(link.org_id, link.id)
    security_notices.send_new_access_notice(signed_in.staff)
    return signed_in
