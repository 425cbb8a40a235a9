"""Answers of mail servers as they really write them, and whose fault each is: by the code, not by the words."""

import smtplib

import pytest

from caseapp.reminders.sending.mail_faults import (
    MailAnswer,
    MailFault,
    read_content_reply,
    read_error,
    read_notice,
    read_reply,
)

ADDRESS, FULL, SERVER = MailFault.ADDRESS, MailFault.FULL, MailFault.SERVER
POLICY, NETWORK = MailFault.POLICY, MailFault.NETWORK


@pytest.mark.parametrize(
    ("reply", "text", "fault"),
    [
        # No such mailbox: Postfix, Gmail in two lines, Exchange, IronPort.
        (550, "5.1.1 <ana@office.test>: Recipient address rejected: User unknown", ADDRESS),
        (550, "5.1.1 The email account that you tried to reach does not exist.\n5.1.1 Please try", ADDRESS),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", ADDRESS),
        (550, "#5.1.0 Address rejected.", ADDRESS),
        (556, "5.1.10 Domain does not accept mail (nullMX)", ADDRESS),
        (550, "5.2.1 The email account that you tried to reach is inactive.", ADDRESS),
        # Nothing said beyond the reply code, or "other or undefined".
        (550, "no such user here", ADDRESS),
        (550, "5.5.0 Requested action not taken: mailbox unavailable", ADDRESS),
        (550, "5.0.0 <ana@office.test>... User unknown", ADDRESS),
        (553, "sorry, that domain isn't in my list of allowed rcpthosts", ADDRESS),
        # Full, for now and for good.
        (452, "4.2.2 The email account that you tried to reach is over quota.", FULL),
        (552, "5.2.2 <ana@office.test>: Quota exceeded", FULL),
        (452, "The email account is over quota", FULL),
        (552, "Mailbox full", FULL),
        # Our server, our sender, our password.
        (553, "5.1.8 <list@office.test>: Sender address rejected: Domain not found", SERVER),
        (501, "5.1.7 Bad sender address syntax", SERVER),
        (550, "5.7.23 SPF validation failed", SERVER),
        (550, "5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy", SERVER),
        (530, "5.7.0 Must issue a STARTTLS command first", SERVER),
        (451, "4.3.5 Server configuration error", SERVER),
        (421, "mx.office.test Service not available, closing", SERVER),
        # Policy: relaying, block lists, greylisting.
        (550, "5.7.1 Relaying denied", POLICY),
        (554, "5.7.1 Service unavailable; Client host [203.0.113.5] blocked", POLICY),
        (450, "4.7.1 <ana@office.test>: Recipient address rejected: Greylisted", POLICY),
        (451, "Greylisting in action, please come back later", POLICY),
        (554, "delivery error: dd Not accepted", POLICY),
        # The route.
        (450, "4.4.3 Recipient address rejected: Domain lookup failed", NETWORK),
        (550, "5.4.1 Recipient address rejected: Access denied. [DB8EUR05FT003.eop]", NETWORK),
        (550, "5.4.4 Unable to route: no mail hosts for domain", NETWORK),
        (451, "4.4.2 Timeout waiting for the next host", NETWORK),
    ],
)
def test_the_code_says_whose_fault_an_answer_is(reply: int, text: str, fault: MailFault) -> None:
    answer = read_reply(reply, text)
    assert (answer.fault, answer.is_permanent) == (fault, reply >= 500)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 <x@y.test> unknown", "550 5.1.1"),
        ("5.1.1", "550 5.1.1"),
        ("host 5.1.1.4 said no", "550"),
        ("5.1.1.4 is not welcome", "550"),
        ("Exim 4.83.2 refuses", "550"),
        ("5.1.1234 is no code", "550"),
        ("", "550"),
    ],
)
def test_only_a_code_in_its_place_is_one_and_nothing_else_of_the_text_is_kept(text: str, code: str) -> None:
    assert read_reply(550, text).code == code


@pytest.mark.parametrize(
    ("reply", "text", "fault"),
    [
        (552, "5.2.2 over quota", FULL), (552, "too much", FULL), (550, "5.7.1 looks like spam", POLICY),
        (554, "rejected", POLICY), (451, "try again later", SERVER), (451, "4.7.1 Greylisted", POLICY),
        (550, "5.1.1 no such user", ADDRESS), (554, "5.6.0 message refused", POLICY), (452, "4.3.1 no space", SERVER),
    ],
)  # fmt: skip
def test_a_refusal_after_the_content_is_read_by_its_code_too(reply: int, text: str, fault: MailFault) -> None:
    assert read_content_reply(reply, text).fault == fault


@pytest.mark.parametrize(
    ("status", "diagnostic", "answer"),
    [
        ("5.1.1", "smtp; 550 5.1.1 user unknown", MailAnswer(ADDRESS, True, "5.1.1")),
        ("5.0.0", "smtp; 552 5.2.2 mailbox full", MailAnswer(FULL, True, "5.0.0")),
        ("5.0.0", "", MailAnswer(ADDRESS, True, "5.0.0")),
        ("4.4.7", "", MailAnswer(NETWORK, True, "4.4.7")),
        ("4.2.2", "smtp; 452-4.2.2 The recipient's inbox is out of storage", MailAnswer(FULL, True, "4.2.2")),
        ("5.7.1", "x-unix; relay access denied", MailAnswer(POLICY, True, "5.7.1")),
        ("", "", MailAnswer(ADDRESS, True, "")),
        ("5.7.23", "smtp;550 5.7.23 The message was rejected because of SPF", MailAnswer(SERVER, True, "5.7.23")),
    ],
)
def test_a_notice_is_read_by_its_status_and_where_that_is_open_by_the_last_answer(
    status: str, diagnostic: str, answer: MailAnswer
) -> None:
    assert read_notice(status, diagnostic) == answer


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (smtplib.SMTPSenderRefused(550, b"5.1.1 no", "a@b.test"), SERVER),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 bad credentials"), SERVER),
        (smtplib.SMTPConnectError(421, b"4.7.0 too many connections"), SERVER),
        (smtplib.SMTPServerDisconnected("closed"), SERVER),
        (TimeoutError(), SERVER),
        (smtplib.SMTPRecipientsRefused({"a@b.test": (550, b"5.7.1 relay denied")}), POLICY),
        (UnicodeEncodeError("ascii", "é", 0, 1, "no"), ADDRESS),
    ],
)
def test_what_is_refused_before_a_recipient_is_named_is_never_the_recipients_fault(
    error: Exception, fault: MailFault
) -> None:
    answer = read_error(error)
    assert answer is not None
    assert answer.fault == fault
