"""Mail with a one-time link that the mail server put off, as servers that greylist do: sent again without a member.

The link of an invitation, or of a recovery that a member asked for, is stored nowhere else. Here it is sealed under the
operational key until the server accepts the mail, at most as long as the link is valid (leak list, L1 and L6).
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction

from caseapp.lib import clock
from caseapp.reminders import queries
from caseapp.reminders.choices import FIRST_WAIT
from caseapp.reminders.models import WaitingMail
from caseapp.reminders.sending import smtp
from caseapp.reminders.sending.messages import message_for
from caseapp.reminders.sending.smtp import MAIL_ERRORS, MailConnection
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.errors import OpenFailed

LONGEST_WAIT = timedelta(hours=1)
AT_ONCE = 20  # mails tried in one round
INVITATION, RETURN = "invitation", "return"  # what the link of a mail is for
log = logging.getLogger("caseapp.reminders")


class LinkMail(msgspec.Struct, kw_only=True, frozen=True):
    """Address, language and link of a mail. `until`: when the link ends; `what`: kind of message, as in `messages`."""

    address: str
    language: str
    link: str
    until: datetime
    what: str = INVITATION

    def __repr__(self) -> str:
        return "<LinkMail>"


def send_or_keep(org_id: UUID, row_id: UUID, mail: LinkMail) -> bool:
    """Send a mail now; if the server puts it off, keep it for later and return False.

    In the caller's transaction of that office. Raises SMTPException, OSError, UnicodeError for any other failure.
    """
    try:
        send_now(org_id, row_id, mail)
    except (*MAIL_ERRORS, UnicodeError) as exc:
        answer = smtp.answer_of(exc)
        if answer is None or answer.is_permanent or not answer.code:
            raise
        keep(org_id, row_id, mail)
        return False
    return True


def send_now(org_id: UUID, row_id: UUID, mail: LinkMail) -> None:
    """Send a mail. Raises SMTPException, OSError, UnicodeError."""
    with MailConnection() as mailer:
        _send(org_id, row_id, mail, mailer)


def keep(org_id: UUID, row_id: UUID, mail: LinkMail) -> None:
    """Keep a mail that did not go out for the next rounds, in the caller's transaction of that office."""
    sealed = operational.seal_setting(server_keys.operational_key(), org_id, row_id, msgspec.msgpack.encode(mail))
    WaitingMail.objects.create(org_id=org_id, id=row_id, sealed=sealed, try_after=clock.now() + FIRST_WAIT)


def _send(org_id: UUID, row_id: UUID, mail: LinkMail, mailer: MailConnection) -> None:
    text = message_for(mail.what, mail.language)
    # By the day the link ends, so that each try has the same Message-ID.
    mid = queries.message_id_of(org_id, row_id, mail.until.date(), mail.what)
    mailer.send(to=mail.address, subject=text.subject, body=f"{text.body}\n\n{mail.link}", message_id=mid)


def send_waiting(mailer: MailConnection) -> int:
    """Send the mails whose wait is over; return how many went out. Runs in the clock's role."""
    sent = 0
    for row in _claim_due():
        try:
            plain = operational.open_setting(server_keys.operational_key(), row.org_id, row.id, bytes(row.sealed))
            sent += _try_again(row, msgspec.msgpack.decode(plain, type=LinkMail), mailer)
        except (OpenFailed, msgspec.MsgspecError) as exc:
            log.error("invitation.mail_unreadable %s", exc)
            _empty(row)
    return sent


def _claim_due() -> list[WaitingMail]:
    """Return the mails to try now, each with its next try set, so that no other process tries it meanwhile."""
    now = clock.now()
    with transaction.atomic():
        due = WaitingMail.objects.select_for_update(skip_locked=True).exclude(sealed=b"").filter(try_after__lte=now)
        rows = list(due.order_by("try_after")[:AT_ONCE])
        for row in rows:
            wait = min(FIRST_WAIT * 2 ** min(row.tries, 5), LONGEST_WAIT)
            WaitingMail.objects.filter(org_id=row.org_id, id=row.id).update(
                tries=min(row.tries + 1, 1000), try_after=now + wait
            )
    return rows


def _try_again(row: WaitingMail, mail: LinkMail, mailer: MailConnection) -> int:
    if clock.now() >= mail.until:
        forget(row.org_id, row.id)
        return 0
    try:
        _send(row.org_id, row.id, mail, mailer)
    except (*MAIL_ERRORS, UnicodeError) as exc:
        log.warning("invitation.mail_not_sent %s", exc)
        if smtp.is_permanent(exc):
            _give_up(row, mail)
        return 0
    forget(row.org_id, row.id)
    return 1


def _give_up(row: WaitingMail, mail: LinkMail) -> None:
    """Keep no link of a mail that was refused for good. Only the page of invitations says that one was."""
    if mail.what == INVITATION:
        _empty(row)
    else:
        forget(row.org_id, row.id)


def _empty(row: WaitingMail) -> None:
    WaitingMail.objects.filter(org_id=row.org_id, id=row.id).update(sealed=b"")


def forget(org_id: UUID, row_id: UUID) -> None:
    """Delete the mail of a link, if one waits, in the caller's transaction or in one of its own."""
    WaitingMail.objects.filter(org_id=org_id, id=row_id).delete()


def states_of(org_id: UUID) -> dict[UUID, str]:
    """Return `waiting` or `refused` for each invitation whose mail did not go out, in the caller's transaction."""
    rows = WaitingMail.objects.filter(org_id=org_id).values_list("id", "sealed")
    return {invitation_id: "waiting" if bytes(sealed) else "refused" for invitation_id, sealed in rows}
