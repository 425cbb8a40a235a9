"""`caseapp test-mail` sends the self-test message, to see whether the mail server takes it."""

import argparse
import smtplib
import sys

_FAULTS = {  # by the value of `MailFault`
    "address": "it does not know this address",
    "full": "the mailbox has no room",
    "server": "check MAIL_FROM, the user and password of SMTP_URL, and SPF and DKIM of the sender's domain",
    "policy": "a rule of a mail server. If other addresses get the same answer, this server may not send through it",
    "network": "it finds no route to the domain of this address",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp test-mail`."""
    parser = subparsers.add_parser("test-mail", description="Send the self-test message through SMTP_URL.")
    parser.add_argument("address", help="Address to send it to")
    parser.set_defaults(run=send_test_mail)


def send_test_mail(args: argparse.Namespace) -> int:
    """Send the fixed text. Return 0, or 1 with a sentence that says whose fault it is when the server refuses it."""
    # Not at import: the command line must answer even when the settings are broken.
    import django

    django.setup()
    from django.conf import settings
    from django.core.mail import send_mail

    from caseapp.reminders.sending import mail_faults
    from caseapp.reminders.sending.messages import message_for

    self_test = message_for("self-test", "en")
    try:
        send_mail(self_test.subject, f"{self_test.body}\n", settings.MAIL_FROM, [args.address])
    except (OSError, smtplib.SMTPException) as problem:
        server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        answer = mail_faults.read_error(problem)
        if answer is not None and answer.code:
            print(f"The mail server {server} refused it ({answer.code}): {_FAULTS[answer.fault]}.", file=sys.stderr)
        else:
            print(f"The mail server {server} did not take it ({type(problem).__name__}).", file=sys.stderr)
        return 1
    print(f"The mail server took it: look in the mailbox of {args.address}.")
    return 0
