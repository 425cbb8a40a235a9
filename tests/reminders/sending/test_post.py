"""Handing letters to the mail server: one connection for many, and none to a server nobody vouches for."""

import smtplib
import ssl
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from pytest_django.fixtures import Settings

from caseapp.cli.stack.embedded import find_free_port
from caseapp.reminders.sending.smtp import MailConnection
from tests.helpers.smtp import Box

pytestmark = pytest.mark.django_db(transaction=True)


def _tls_server(box: Box, key: Path, certificate: Path) -> Controller:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    box.port = find_free_port()
    return Controller(box, hostname="127.0.0.1", port=box.port, tls_context=context, require_starttls=True)


def test_a_mail_server_whose_certificate_nobody_vouches_for_gets_no_letter(
    certificate: tuple[Path, Path], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    server = _tls_server(box, *certificate)
    server.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "localhost", box.port, True
        letter = {"to": "a@b.test", "subject": "s", "body": "b", "message_id": "<1@list.invalid>"}
        with MailConnection() as post, pytest.raises(ssl.SSLCertVerificationError):
            post.send(**letter)
        assert box.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
        with MailConnection() as post:
            post.send(**letter)
        assert len(box.letters) == 1
        settings.EMAIL_HOST = "127.0.0.1"  # the right certificate, another name
        with MailConnection() as post, pytest.raises(ssl.SSLCertVerificationError):
            post.send(**letter)
    finally:
        server.stop()


def test_many_letters_go_over_one_connection_and_a_cut_one_is_opened_again(box: Box) -> None:
    with MailConnection() as post:
        for number in range(3):
            post.send(to="a@b.test", subject="s", body="b", message_id=f"<{number}@list.invalid>")
        inner = post._connection
        assert inner is not None
        inner.connection.sock.close()  # type: ignore[attr-defined]  # Django's SMTP backend
        inner.connection.sock = None  # type: ignore[attr-defined]  # as smtplib leaves it when the server hung up
        post.send(to="a@b.test", subject="s", body="b", message_id="<4@list.invalid>")
        assert post._connection is not inner
    assert len(box.letters) == 4


def test_a_refused_sender_is_the_servers_matter_and_not_the_mailboxs() -> None:
    from caseapp.reminders.sending import smtp as post

    assert post.is_server_failure(smtplib.SMTPSenderRefused(550, b"no", "a@b.test"))
    assert not post.is_permanent(smtplib.SMTPSenderRefused(550, b"no", "a@b.test"))
    assert not post.is_permanent(smtplib.SMTPRecipientsRefused({"a@b.test": (451, b"later")}))
