"""What a letter shows to whoever reads the mail: the same for everybody, whatever it stands for."""

import datetime as dt
import re
from email.message import EmailMessage

import pytest

from caseapp.lib import clock
from caseapp.reminders.monitoring import status
from caseapp.reminders.sending import messages
from caseapp.tools.pytest_plugin import acting_as
from tests.helpers.smtp import Box
from tests.reminders.cast import ANA, BEN, MONDAY, admit, mail_of, plan_days, send_due

# shared/ux.md, "Messages", word for word.
STAFF = {
    "en": (
        "Check your list",
        "Please sign in as usual and check your list today. This comes on days with and without items, and has no link "
        "on purpose.",
    ),
    "es": (
        "Revise su lista",
        "Inicie sesión como de costumbre y revise su lista hoy. Este mensaje llega haya o no asuntos, y no lleva "
        "enlaces a propósito.",
    ),
    "fr": (
        "Consultez votre liste",
        "Connectez-vous comme d'habitude et consultez votre liste aujourd'hui. Ce message part même sans élément à "
        "traiter et ne contient volontairement aucun lien.",
    ),
}
SELF_TEST = {
    "en": "Self-test: reminders are running.",
    "es": "Prueba diaria: los recordatorios funcionan.",
    "fr": "Test quotidien : les rappels fonctionnent.",
}
HEADERS = {
    "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID",
    "Auto-Submitted", "X-Entity-Ref-ID", "X-Peer", "X-MailFrom", "X-RcptTo",
}  # fmt: skip
THEIR_OWN = {"To", "Date", "Message-ID", "X-Entity-Ref-ID", "X-Peer", "X-RcptTo"}


@pytest.fixture
def box(box: Box, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.combine(MONDAY, dt.time(8), dt.UTC))
    return box


def _all_letters(box: Box, language: str) -> tuple[EmailMessage, EmailMessage, EmailMessage]:
    """An urgent day's, a routine one's, and the self-test."""
    admit(ANA, admin=True, language=language, level="constant")
    admit(BEN, language=language, level="constant")
    plan_days(ANA, MONDAY, urgent=True)
    assert send_due() == 2
    with acting_as("clock"):
        assert status.send_self_tests() == 1
    by_address = {str(letter["To"]): letter for letter in box.letters[:2]}
    return by_address[mail_of(ANA)], by_address[mail_of(BEN)], box.letters[2]


def _body(letter: EmailMessage) -> str:
    return str(letter.get_content()).replace("\n", " ").strip()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_an_urgent_and_a_routine_letter_differ_in_nothing_but_the_address(box: Box, language: str) -> None:
    urgent, routine, self_test = _all_letters(box, language)
    assert (urgent["Subject"], _body(urgent)) == STAFF[language]
    assert _body(self_test) == SELF_TEST[language]
    shown = [{(name, str(value)) for name, value in letter.items() if name not in THEIR_OWN} for letter in
             (urgent, routine)]  # fmt: skip
    assert shown[0] == shown[1]
    assert urgent.get_content() == routine.get_content()


@pytest.mark.django_db(transaction=True)
def test_a_letter_has_no_header_that_could_tell_more(box: Box) -> None:
    for letter in _all_letters(box, "en"):
        assert set(letter.keys()) <= HEADERS
        assert re.fullmatch(r"<[0-9a-f]{40}@list\.invalid>", letter["Message-ID"])
        assert letter["X-Entity-Ref-ID"] == letter["Message-ID"], "it links no two mails and says no more"
        assert not re.search(r"caseapp|case|court|hearing|deadline|http", letter.as_string(), re.IGNORECASE)


@pytest.mark.parametrize("what", ["reminder", "urgent", "self-test", "alarm"])
def test_a_language_we_do_not_have_gets_english(what: str) -> None:
    assert messages.message_for(what, "tlh") == messages.message_for(what, "en")
