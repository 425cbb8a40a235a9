"""What mail servers send when a message cannot be delivered, written by hand in the shapes they have.

Each takes the Message-ID of what comes back, the address it went to, and what the notice says of it.
"""
# ruff: noqa: E501  # mails have long lines
# mails have long lines

from collections.abc import Callable

from tests.helpers.smtp import Box

Notice = Callable[..., bytes]
ID = f"<{'0a' * 20}@list.invalid>"  # in the form of ours; nothing that we sent has it


def returned(mid: str, to: str) -> str:
    """One of our messages, as far as a notice returns it."""
    return (
        "Return-Path: <list@office.test>\nReceived: from mail.office.test (mail.office.test [203.0.113.5])\n"
        "\tby relay.example.net (Postfix) with ESMTPS id 4F2k1x0Wz9\n\tfor <someone@elsewhere.test>\n"
        'Content-Type: text/plain; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\n'
        f"Subject: Check your list\nFrom: list@office.test\nTo: {to}\nDate: Mon, 07 Dec 2026 08:00:03 -0000\n"
        f"Message-ID:\n {mid}\nAuto-Submitted: auto-generated\n\n"
    )


def postfix(mid: str, to: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    return (
        "Return-Path: <>\nReceived: by relay.example.net (Postfix) id 4F2k2A1Wz9; Mon,  7 Dec 2026 08:00:05 +0000 (UTC)\n"
        "Date: Mon,  7 Dec 2026 08:00:05 +0000 (UTC)\nFrom: MAILER-DAEMON@relay.example.net (Mail Delivery System)\n"
        "Subject: Undelivered Mail Returned to Sender\nTo: list@office.test\nAuto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
        '\tboundary="4F2k1x0Wz9.1796630405/relay.example.net"\nMessage-Id: <20261207080005.4F2k2A1Wz9@relay.example.net>\n'
        "\nThis is a MIME-encapsulated message.\n\n--4F2k1x0Wz9.1796630405/relay.example.net\n"
        "Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n"
        f"I'm sorry to have to inform you that your message could not\nbe delivered.\n\n<{to}>: user unknown\n\n"
        "--4F2k1x0Wz9.1796630405/relay.example.net\nContent-Description: Delivery report\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example.net\nX-Postfix-Queue-ID: 4F2k1x0Wz9\n"
        "X-Postfix-Sender: rfc822; list@office.test\nArrival-Date: Mon,  7 Dec 2026 08:00:03 +0000 (UTC)\n\n"
        f"Final-Recipient: rfc822; {to}\nOriginal-Recipient: rfc822;{to}\nAction: {action}\nStatus: {status}\n"
        "Remote-MTA: dns; mx.elsewhere.test\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n\n"
        "--4F2k1x0Wz9.1796630405/relay.example.net\nContent-Description: Undelivered Message\n"
        f"Content-Type: message/rfc822\n\n{returned(mid, to)}Please sign in as usual.\n\n"
        "--4F2k1x0Wz9.1796630405/relay.example.net--\n"
    ).encode()


def postfix_headers_only(mid: str, to: str, *, action: str = "failed", status: str = "5.2.1") -> bytes:
    return postfix(mid, to, action=action, status=status).replace(
        b"Undelivered Message\nContent-Type: message/rfc822", b"Headers\nContent-Type: text/rfc822-headers"
    )


def exim(mid: str, to: str, *, action: str = "failed", status: str = "5.0.0") -> bytes:
    return (
        f"Return-path: <>\nX-Failed-Recipients: {to}\nAuto-Submitted: auto-replied\n"
        "From: Mail Delivery System <Mailer-Daemon@relay.example.net>\nTo: list@office.test\nReferences: <x@y.test>\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=1796630405-eximdsn-1804289383\n"
        "MIME-Version: 1.0\nSubject: Mail delivery failed: returning message to sender\n"
        "Message-Id: <E1tJv2A-0004Xy-2b@relay.example.net>\n\n--1796630405-eximdsn-1804289383\n"
        "Content-type: text/plain; charset=us-ascii\n\nThis message was created automatically by mail delivery software.\n\n"
        f"  {to}\n    host mx.elsewhere.test [192.0.2.9]\n    SMTP error after RCPT TO: 550 no such user\n\n"
        "--1796630405-eximdsn-1804289383\nContent-type: message/delivery-status\n\nReporting-MTA: dns; relay.example.net\n\n"
        f"Action: {action}\nFinal-Recipient: rfc822;{to}\nStatus: {status}\nRemote-MTA: dns; mx.elsewhere.test\n\n"
        f"--1796630405-eximdsn-1804289383\nContent-type: message/rfc822\n\n{returned(mid, to)}"
        "\n--1796630405-eximdsn-1804289383--\n"
    ).encode()


def old_exim(mid: str, to: str, *, action: str = "failed", status: str = "") -> bytes:
    """Before 4.83: no report. What is only delayed has no X-Failed-Recipients."""
    failed = f"X-Failed-Recipients: {to}\n" if action == "failed" else ""
    return (
        f"Return-path: <>\n{failed}Auto-Submitted: auto-replied\nFrom: Mail Delivery System <Mailer-Daemon@relay.test>\n"
        "To: list@office.test\nSubject: Mail delivery failed: returning message to sender\n"
        "Message-Id: <E1tJv2A-0004Xy-2b@relay.test>\n\nThis message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. "
        f"The following address(es) failed:\n\n  {to}\n    Unrouteable address\n\n"
        f"------ This is a copy of the message, including all the headers. ------\n\n{returned(mid, to)}"
        "Please sign in as usual.\n"
    ).encode()


def exchange(mid: str, to: str, *, action: str = "failed", status: str = "5.1.10") -> bytes:
    return (
        "Received: from BN8NAM04FT030.example (10.13.160.110) by BN8NAM04HT123.example (10.13.161.201)\n"
        "From: <postmaster@example.onmicrosoft.test>\nTo: <list@office.test>\nDate: Mon, 7 Dec 2026 08:00:07 +0000\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="51a8a6d1-7a5c-4a3c-9b7a-6a7f8b9c0d1e"\n'
        "X-MS-Exchange-Message-Is-Ndr:\nContent-Language: en-US\nMessage-ID: <a7b1@BN8NAM04HT123.example>\n"
        f"In-Reply-To: {mid}\nReferences: {mid}\nSubject: Undeliverable: Check your list\nAuto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\n\n--51a8a6d1-7a5c-4a3c-9b7a-6a7f8b9c0d1e\n"
        'Content-Type: multipart/alternative; differences=Content-Type;\n\tboundary="9f6b2c"\n\n--9f6b2c\n'
        'Content-Type: text/plain; charset="us-ascii"\nContent-Transfer-Encoding: quoted-printable\n\n'
        f"Delivery has failed to these recipients or groups:\n\n{to}<mailto:{to}>\n\n--9f6b2c\n"
        'Content-Type: text/html; charset="us-ascii"\n\n<html><body><b>Delivery has failed</b></body></html>\n\n--9f6b2c--\n\n'
        "--51a8a6d1-7a5c-4a3c-9b7a-6a7f8b9c0d1e\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns;BN8NAM04HT123.example\nReceived-From-MTA: dns;mail.office.test\n"
        "Arrival-Date: Mon, 7 Dec 2026 08:00:04 +0000\n\n"
        f"Final-Recipient: rfc822;{to}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup\n\n"
        "--51a8a6d1-7a5c-4a3c-9b7a-6a7f8b9c0d1e\nContent-Type: message/rfc822\n\n"
        f"ARC-Seal: i=1; a=rsa-sha256\n{returned(mid, to)}\n--51a8a6d1-7a5c-4a3c-9b7a-6a7f8b9c0d1e--\n"
    ).encode()


def gmail(mid: str, to: str, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """The returned message is its headers alone."""
    return (
        "Received: by 2002:a17:906:1b4f:b0:6d1 with SMTP id p15csp1234567ejg; Mon, 7 Dec 2026 00:00:06 -0800 (PST)\n"
        "Return-Path: <>\nX-Received: by 2002:a05:6402:50cf with SMTP id h15mr1.1.1796630406; Mon, 07 Dec 2026\n"
        'Content-Type: multipart/report; boundary="000000000000a1b2c305d1"; report-type=delivery-status\n'
        f"To: list@office.test\nFrom: Mail Delivery Subsystem <mailer-daemon@googlemail.test>\nReferences: {mid}\n"
        f"In-Reply-To: {mid}\nX-Failed-Recipients: {to}\nAuto-Submitted: auto-replied\n"
        "Subject: Delivery Status Notification (Failure)\nMessage-ID: <61b0f0c6.050a0220.1.1.GMR@mx.google.test>\n\n"
        '--000000000000a1b2c305d1\nContent-Type: multipart/related; boundary="000000000000a1c305d9"\n\n'
        '--000000000000a1c305d9\nContent-Type: text/html; charset="UTF-8"\n\n<html><p>Address not found</p></html>\n\n'
        "--000000000000a1c305d9\nContent-Type: image/png; name=icon.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n\n"
        "--000000000000a1c305d9--\n--000000000000a1b2c305d1\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; googlemail.test\nReceived-From-MTA: dns; list@office.test\n"
        f"Arrival-Date: Mon, 07 Dec 2026 00:00:05 -0800 (PST)\nX-Original-Message-ID: {mid}\n\n"
        f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\nRemote-MTA: dns; gmail-smtp-in.l.google.test\n"
        "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n\n"
        f"--000000000000a1b2c305d1\nContent-Type: message/rfc822\n\n{returned(mid, to)}--000000000000a1b2c305d1--\n"
    ).encode()


SHAPES: dict[str, Notice] = {
    "Postfix": postfix, "Postfix, headers": postfix_headers_only, "Exim": exim, "old Exim": old_exim,
    "Exchange": exchange, "Gmail": gmail,
}  # fmt: skip


def about(box: Box, number: int = -1, *, shape: str = "Postfix", **says: str) -> bytes:
    """The notice about one of the letters that arrived, the last one where none is named."""
    letter = box.letters[number]
    return SHAPES[shape](str(letter["Message-ID"]), str(letter["To"]), **says)
