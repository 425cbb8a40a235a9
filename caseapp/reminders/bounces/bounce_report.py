"""Parsing of a delivery status notification (RFC 3464): the message it is about, and whether that failed permanently.

The content was written by strangers. Nothing in it is trusted except the Message-ID of the returned message, which
cannot be guessed (`queries.message_id`), and the status code, of which only numbers are kept; nothing else of it is
stored or logged. Where a relay replaced the Message-ID, our second header has it (`smtp.REFERENCE_HEADER`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from caseapp.reminders.queries import MAIL_DOMAIN
from caseapp.reminders.sending import mail_faults
from caseapp.reminders.sending.mail_faults import MailAnswer
from caseapp.reminders.sending.smtp import REFERENCE_HEADER

_OUR_MESSAGE_ID = re.compile(rf"<[0-9a-f]{{40}}@{re.escape(MAIL_DOMAIN)}>")
# RFC 3464: Action "failed" means no further try, also with 4.x.x (a domain that did not answer for days).
_PERMANENT_STATUS = re.compile(r"[45]\.\d{1,3}\.\d{1,3}(?!\S)")
_RETURNED_TYPES = {"message/rfc822", "text/rfc822-headers"}
# Exim before 4.83 wrote no report: it has the address in its own header and copies the message below this line.
_EXIM_HEADER = "X-Failed-Recipients"
_EXIM_COPY_LINE = re.compile(rb"^-{4,} This is a copy of .*$", re.MULTILINE)


class NotABounceReport(Exception):
    """The mail is no notification about one of our messages. The error reveals nothing of its content."""


@dataclass(frozen=True)
class BounceReport:
    """`message_id` of the message it is about. `answer`: what is at fault, or None while a server will retry."""

    message_id: str
    answer: MailAnswer | None

    @property
    def is_permanent(self) -> bool:
        """Return whether delivery failed and no server will retry."""
        return self.answer is not None


def may_be_report(headers: bytes) -> bool:
    """Return whether a mail with these headers may be a notification. Raises nothing."""
    try:
        mail = message_from_bytes(headers)
        return _is_report(mail) or _is_exim(mail)
    except Exception:
        return False  # as in `parse_report`


def parse_report(content: bytes) -> BounceReport:
    """Return the report in a mail that is a notification with one of our Message-IDs in the part it returns.

    Raises NotABounceReport.
    """
    try:
        mail = message_from_bytes(content)
        report = _parse_dsn(mail) if _is_report(mail) else _parse_exim(mail)
    except NotABounceReport:
        raise
    except Exception:
        # The standard library's parser raises various errors on malformed mails; the cause would quote the mail.
        raise NotABounceReport from None
    return report


def _is_report(mail: Message) -> bool:
    kind = mail.get_param("report-type")
    return (
        mail.get_content_type() == "multipart/report" and isinstance(kind, str) and kind.casefold() == "delivery-status"
    )


def _is_exim(mail: Message) -> bool:
    return mail[_EXIM_HEADER] is not None and mail.get_content_type() == "text/plain"


def _parse_dsn(mail: Message) -> BounceReport:
    """Parse the report's own parts only: a report inside a returned message is about another message."""
    parts = mail.get_payload()
    if not isinstance(parts, list):
        raise NotABounceReport
    ids: list[str] = []
    answer: MailAnswer | None = None
    for part in parts:
        if not isinstance(part, Message):
            continue
        if part.get_content_type() == "message/delivery-status":
            answer = answer or next(filter(None, map(_read_failure, _inner_messages(part))), None)
        elif part.get_content_type() in _RETURNED_TYPES:
            ids += [message_id for returned in _inner_messages(part) for message_id in _our_message_ids(returned)]
    return BounceReport(_single_id(ids), answer)


def _inner_messages(part: Message) -> Iterator[Message]:
    """Yield the messages or groups of fields that a part contains."""
    held = part.get_payload()
    if isinstance(held, list):
        yield from (inner for inner in held if isinstance(inner, Message))
        return
    plain = part.get_payload(decode=True)
    if isinstance(plain, bytes):
        yield message_from_bytes(plain)


def _read_failure(fields: Message) -> MailAnswer | None:
    """Return what is at fault by the fields about a recipient, or None if they report no permanent failure."""
    action, status = str(fields.get("Action", "")), str(fields.get("Status", "")).strip()
    if action.strip().casefold() != "failed" or _PERMANENT_STATUS.match(status) is None:
        return None
    return mail_faults.read_notice(status, str(fields.get("Diagnostic-Code", "")))


def _parse_exim(mail: Message) -> BounceReport:
    """Parse the report of an old Exim, which has this header only for permanent failures, never for delays."""
    if not _is_exim(mail):
        raise NotABounceReport
    plain = mail.get_payload(decode=True)
    copy = _EXIM_COPY_LINE.search(plain) if isinstance(plain, bytes) else None
    if copy is None or not isinstance(plain, bytes):
        raise NotABounceReport
    message_id = _single_id(_our_message_ids(message_from_bytes(plain[copy.end() :].lstrip())))
    return BounceReport(message_id, mail_faults.read_notice("", ""))


def _our_message_ids(returned: Message) -> list[str]:
    return [
        message_id
        for value in (*returned.get_all("Message-ID", []), *returned.get_all(REFERENCE_HEADER, []))
        if _OUR_MESSAGE_ID.fullmatch(message_id := str(value).strip())
    ]


def _single_id(ids: list[str]) -> str:
    if len(set(ids)) != 1:
        raise NotABounceReport
    return ids[0]
