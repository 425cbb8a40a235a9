"""The fault behind a mail that was not delivered, read from the enhanced status code (RFC 3463, RFC 5248, RFC 7505).

Answers of mail servers and notices about returned mail have such a code: class, subject and detail, as in 5.1.1. The
class says whether the fault lasts, subject and detail say whose it is. Without a code, or where it says "other or
undefined", the reply code of SMTP decides (RFC 5321, RFC 7504). Texts are not read: they are in any language.
"""

import re
import smtplib
from enum import StrEnum
from typing import NamedTuple


class MailFault(StrEnum):
    """Whose fault it is that a mail was not delivered."""

    ADDRESS = "address"  # no such mailbox, or one that is closed
    FULL = "full"  # the mailbox has no room
    SERVER = "server"  # our mail server or its settings: sender, password, SPF, DKIM
    POLICY = "policy"  # a rule of a server: greylisting, relaying, content
    NETWORK = "network"  # the route from our mail server to theirs


class MailAnswer(NamedTuple):
    """A refusal as it was read. `code`: its codes alone, for example "550 5.1.1"; it contains no text of the server."""

    fault: MailFault
    is_permanent: bool
    code: str


_ADDRESS, _FULL, _SERVER = MailFault.ADDRESS, MailFault.FULL, MailFault.SERVER
_POLICY, _NETWORK = MailFault.POLICY, MailFault.NETWORK
# At the beginning of a line, where RFC 2034 puts it; some servers write "#5.1.1".
_ENHANCED = re.compile(r"^[ \t#(\[]*([245])\.(\d{1,3})\.(\d{1,3})(?![^\s:;,)\]])", re.MULTILINE)
_REPLY = re.compile(r"\s*([45]\d\d)(?:[ -]+|$)(.*)", re.DOTALL)
_BY_SUBJECT = {1: _ADDRESS, 2: _ADDRESS, 3: _SERVER, 4: _NETWORK, 5: _SERVER, 6: _POLICY, 7: _POLICY}
_UNDEFINED_SUBJECTS = {0, 5}  # "5.5.0" is what some large providers say of a mailbox that does not exist
_BY_DETAIL = {
    (1, 7): _SERVER,  # the sender's address: its syntax
    (1, 8): _SERVER,  # the sender's address: its domain
    (2, 2): _FULL,
    (2, 3): _POLICY,  # longer than the mailbox takes
    (3, 4): _POLICY,  # longer than the system takes
    (6, 7): _ADDRESS,  # signs beyond ASCII in the address
    (7, 17): _ADDRESS,  # the mailbox has another owner
    (7, 18): _ADDRESS,  # the domain has another owner
    **dict.fromkeys([(7, detail) for detail in (8, 9, 10, 11, 12, 13, 14)], _SERVER),  # how we sign in to our server
    **dict.fromkeys([(7, detail) for detail in (20, 21, 22, 23, 24, 25, 26, 27, 29)], _SERVER),  # DKIM, SPF, names
}
_ABOUT_SIGNING_IN = {432, 454, 530, 534, 535, 538}  # RFC 4954: to our own server, whatever the subject
_BY_REPLY = {
    **dict.fromkeys([421, *_ABOUT_SIGNING_IN], _SERVER),
    **dict.fromkeys([450, 451], _POLICY),  # how servers that greylist answer
    **dict.fromkeys([452, 552], _FULL),
    **dict.fromkeys([501, 521, 550, 551, 553, 556], _ADDRESS),
    554: _POLICY,
}


def read_reply(reply: int, text: str) -> MailAnswer:
    """Return what is at fault when a mail server refuses a recipient with this reply."""
    enhanced = _find_enhanced(text)
    by_reply = _BY_REPLY.get(reply, _ADDRESS if reply >= 500 else _POLICY)
    fault = by_reply if reply in _ABOUT_SIGNING_IN else _fault_of(enhanced) or by_reply
    # The reply code is what the server acts on, also where the two classes differ.
    return MailAnswer(fault, reply >= 500, _code_of(reply, enhanced))


def read_content_reply(reply: int, text: str) -> MailAnswer:
    """Return what is at fault when a mail server refuses the message itself, after it accepted the recipient."""
    enhanced = _find_enhanced(text)
    usual = _FULL if reply == 552 else _POLICY if reply >= 500 else _SERVER
    return MailAnswer(_fault_of(enhanced) or usual, reply >= 500, _code_of(reply, enhanced))


def read_notice(status: str, diagnostic: str) -> MailAnswer:
    """Return what is at fault by a notice that a mail was given up (RFC 3464).

    status      the field Status
    diagnostic  the field Diagnostic-Code with the answer of the last server, or an empty string
    """
    reply = _REPLY.match(diagnostic.partition(";")[2] or diagnostic)
    last_answer = read_reply(int(reply[1]), reply[2]) if reply else None
    enhanced = _find_enhanced(status)
    fault = _fault_of(enhanced) or (last_answer.fault if last_answer else _ADDRESS)
    return MailAnswer(fault, True, _code_of(None, enhanced) or (last_answer.code if last_answer else ""))


def read_error(exc: Exception) -> MailAnswer | None:
    """Return what is at fault by an error of `smtplib`, or None if it is no mail server's.

    An error without an answer, such as a cut connection, is our own server's fault.
    """
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        reply, text = next(iter(exc.recipients.values()))
        return read_reply(reply, _as_text(text))
    if isinstance(exc, smtplib.SMTPDataError):
        return read_content_reply(exc.smtp_code, _as_text(exc.smtp_error))
    if isinstance(exc, smtplib.SMTPResponseException):
        enhanced = _find_enhanced(_as_text(exc.smtp_error))
        return MailAnswer(_SERVER, exc.smtp_code >= 500, _code_of(exc.smtp_code, enhanced))
    if isinstance(exc, (smtplib.SMTPNotSupportedError, UnicodeError)):
        return MailAnswer(_ADDRESS, True, "")  # signs that the server or the standard does not allow
    if isinstance(exc, (smtplib.SMTPException, OSError)):
        return MailAnswer(_SERVER, False, "")
    return None


def _find_enhanced(text: str) -> tuple[int, int, int] | None:
    match = _ENHANCED.search(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def _fault_of(enhanced: tuple[int, int, int] | None) -> MailFault | None:
    """Return None if the code leaves it open."""
    if enhanced is None or enhanced[0] == 2:
        return None
    _, subject, detail = enhanced
    if subject in _UNDEFINED_SUBJECTS and detail == 0:
        return None
    return _BY_DETAIL.get((subject, detail)) or _BY_SUBJECT.get(subject)


def _code_of(reply: int | None, enhanced: tuple[int, int, int] | None) -> str:
    parts = [str(reply)] if reply else []
    return " ".join([*parts, ".".join(map(str, enhanced))] if enhanced else parts)


def _as_text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
