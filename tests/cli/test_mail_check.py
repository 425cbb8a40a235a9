"""`caseapp test-mail` says whose fault a refusal is, by the code of a real SMTP server."""

from argparse import Namespace

import pytest
from pytest_django.fixtures import Settings

from caseapp.cli import mail_check
from tests.helpers.smtp import post_office


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("550 5.1.1 User unknown", "refused it (550 5.1.1): it does not know this address."),
        ("552 5.2.2 Quota exceeded", "refused it (552 5.2.2): the mailbox has no room."),
        ("550 5.7.26 not authenticated", "refused it (550 5.7.26): check MAIL_FROM"),
        ("550 5.7.1 Relaying denied", "refused it (550 5.7.1): a rule of a mail server."),
        ("450 4.4.3 no DNS", "refused it (450 4.4.3): it finds no route"),
    ],
)
def test_a_refusal_is_said_with_its_code_and_whose_fault_it_is(
    settings: Settings, capsys: pytest.CaptureFixture[str], answer: str, sentence: str
) -> None:
    with post_office() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        box.answers = {"*": answer}
        assert mail_check.send_test_mail(Namespace(address="ines@office.invalid")) == 1
        printed = capsys.readouterr().err
        assert sentence in printed
        assert answer[10:] not in printed, "no text of a server reaches a terminal or a log"
        box.answers = {}
        assert mail_check.send_test_mail(Namespace(address="ines@office.invalid")) == 0
