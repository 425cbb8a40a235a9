"""What a letter shows to whoever reads the mail: the same for everybody, whatever it stands for."""

import datetime as dt
import re
from email.message import EmailMessage
from uuid import UUID

import pytest

from caseapp.cli.testing import acting_as
from caseapp.lib import clock
from caseapp.reminders import channels, delivery, messages, outbox, plan, watchdog
from caseapp.reminders.plan import Series
from caseapp.vault.core import primitives
from caseapp.vault.tenancy import office
from tests.post import Box

MONDAY = dt.date(2026, 12, 7)
ORG, ANA, BEN = UUID(int=0x71), UUID(int=0x72), UUID(int=0x73)
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
    "Auto-Submitted", "X-Peer", "X-MailFrom", "X-RcptTo",
}  # fmt: skip
THEIR_OWN = {"To", "Date", "Message-ID", "X-Peer", "X-RcptTo"}


@pytest.fixture
def box(box: Box, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime.combine(MONDAY, dt.time(8), dt.UTC))
    return box


def _all_letters(box: Box, language: str) -> tuple[EmailMessage, EmailMessage, EmailMessage]:
    """An urgent day's, a routine one's, and the self-test."""
    with office(ORG):
        channels.set_address(
            ORG, ANA, address="ana@office.test", language=language, zone="UTC", admin=True, level="constant"
        )
        channels.set_address(
            ORG, BEN, address="ben@office.test", language=language, zone="UTC", admin=False, level="constant"
        )
        plan.write(ORG, [Series(primitives.new_key()[:16], ANA, (MONDAY,), frozenset({MONDAY}))], [])
    with acting_as("clock"):
        outbox.merge()
        assert delivery.send_due() == 2
        assert watchdog.self_test() == 1
    by_address = {str(letter["To"]): letter for letter in box.letters[:2]}
    return by_address["ana@office.test"], by_address["ben@office.test"], box.letters[2]


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
        assert not re.search(r"caseapp|case|court|hearing|deadline|http", letter.as_string(), re.IGNORECASE)


@pytest.mark.parametrize("what", ["reminder", "urgent", "self-test", "alarm"])
def test_a_language_we_do_not_have_gets_english(what: str) -> None:
    assert messages.message(what, "tlh") == messages.message(what, "en")
