"""Services that restore a lost account. They span accounts, mail and reminders."""

import logging
import smtplib
import threading

from django.conf import settings
from django.core.mail import EmailMessage

from caseapp.account.services import security_notices
from caseapp.accounts.recovery import member
from caseapp.accounts.recovery.member import RecoveryLink
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.reminders.sending.messages import message_for

log = logging.getLogger("caseapp.account")


def mail_recovery_link(email: str, *, address: str, language: str, office_code: str = "") -> None:
    """Mail a recovery link to this address if it belongs to an account.

    The response takes the same time and has the same content for unknown addresses. Raises TooMany.
    """
    if token := member.create_link(email, address=address, office_code=office_code):
        text = message_for("return", language)
        link = f"{settings.ORIGIN}/sign-in/return/#{token}"
        mail = EmailMessage(text.subject, f"{text.body}\n\n{link}", settings.MAIL_FROM, [email])
        # Sent on a separate thread: the time a mail server takes would reveal that the account exists.
        threading.Thread(target=_send_mail, args=(mail,), daemon=True).start()


def _send_mail(mail: EmailMessage) -> None:
    try:
        mail.send()
    except (smtplib.SMTPException, OSError) as exc:
        log.warning("mail.recovery_link_refused %s", exc)


def complete_recovery(
    link: RecoveryLink, *, passphrase: str, code: str, answer: str, office_words: str, language: str
) -> SignedIn:
    """Open the account with the holders' answer, and notify the member by mail of this access.

    Raises the errors of `accounts.recovery.member.finish_recovery`.
    """
    signed_in = member.finish_recovery(
        link, passphrase=passphrase, code=code, answer=answer, office_words=office_words, language=language
    )
    security_notices.send_new_access_notice(signed_in.staff)
    return signed_in
