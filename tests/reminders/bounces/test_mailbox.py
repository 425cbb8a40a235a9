"""The mailbox to which mail comes back: opened only where it is safe, and noticed when it cannot be read."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from caseapp.cli import doctor
from caseapp.cli.doctor import Unhealthy
from caseapp.cli.stack.embedded import find_free_port
from caseapp.config import env
from caseapp.reminders import heartbeat, tasks
from caseapp.reminders.bounces import imap
from caseapp.reminders.monitoring import status
from caseapp.tools.pytest_plugin import acting_as
from tests.reminders.cast import MONDAY, Move, read_bounces
from tests.reminders.mailbox import PASSWORD, USER, Returned, returned_mail

database = pytest.mark.django_db(transaction=True)


@database
def test_without_a_mailbox_nothing_is_read_and_nothing_is_late(at: Move) -> None:
    at(MONDAY, 8)
    assert read_bounces() == 0
    assert "bounces" not in status.current().late
    assert "bounces" not in heartbeat.last_seen()


@database
def test_a_mailbox_not_read_for_an_hour_is_named(back: Returned, at: Move, settings: Settings) -> None:
    at(MONDAY, 8)
    with acting_as("clock"):
        tasks.read_bounces()
    at(MONDAY, 8, 59)
    assert "bounces" not in status.current().late
    settings.BOUNCES = settings.BOUNCES | {"port": find_free_port()}
    with acting_as("clock"):
        tasks.read_bounces()
    at(MONDAY, 9, 1)
    assert "bounces" in status.current().late


@database
@pytest.mark.parametrize("wrong", ["server away", "wrong password", "no such folder"])
def test_a_mailbox_that_cannot_be_read_is_said_without_a_word_of_it(
    back: Returned, at: Move, settings: Settings, said: Callable[[], str], wrong: str
) -> None:
    changed: dict[str, dict[str, object]] = {
        "server away": {"port": find_free_port()}, "wrong password": {"password": "Planted"},
        "no such folder": {"folder": "Planted"},
    }  # fmt: skip
    settings.BOUNCES = settings.BOUNCES | changed[wrong]
    assert read_bounces() == 0
    assert "bounces" not in heartbeat.last_seen()
    assert "bounces.mailbox_unreadable" in said()
    for needle in (USER, PASSWORD, "Planted", "localhost"):
        assert needle not in said()


@pytest.fixture
def authority(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    key, signed = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    return context


@database
@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_a_mailbox_whose_certificate_nobody_vouches_for_is_not_opened(
    at: Move, certificate: tuple[Path, Path], authority: ssl.SSLContext, settings: Settings,
    monkeypatch: pytest.MonkeyPatch, scheme: str,
) -> None:  # fmt: skip
    with returned_mail(scheme=scheme, trust=authority) as running:
        settings.BOUNCES = env.mailbox_settings(running.url)
        with pytest.raises(ssl.SSLCertVerificationError), imap.open_mailbox():
            pass
        assert read_bounces() == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
        assert read_bounces() == 0
        assert "bounces" in heartbeat.last_seen()
        settings.BOUNCES = settings.BOUNCES | {"host": "127.0.0.1"}  # the right certificate, another name
        with pytest.raises(ssl.SSLCertVerificationError), imap.open_mailbox():
            pass


@database
def test_a_server_without_starttls_gets_no_password(back: Returned, at: Move, settings: Settings) -> None:
    settings.BOUNCES = settings.BOUNCES | {"tls": "starttls"}
    with pytest.raises(imap.IMAP_ERRORS), imap.open_mailbox():
        pass


@pytest.mark.parametrize(
    "url",
    [
        "smtp://a:b@h", "imap://a:b@mail.example.org", "imaps://mail.example.org", "imaps://a@mail.example.org",
        "imaps://a:b@mail.example.org:port", "imaps://a:b@mail.example.org/Bo%C3%AEte", "imaps://a:b@h/A%0D%0AB", "x",
    ],
)  # fmt: skip
def test_an_address_that_is_no_safe_mailbox_stops_the_program(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        env.mailbox_settings(url)
    assert "a:b" not in str(refused.value)


def test_an_address_names_user_password_folder_and_tls() -> None:
    assert env.mailbox_settings("imaps://list%40a.test:p%2Fw@mail.example.org/Returned%20mail") == {
        "host": "mail.example.org", "port": 993, "user": "list@a.test", "password": "p/w", "folder": "Returned mail",
        "tls": "at once",
    }  # fmt: skip
    assert env.mailbox_settings("imap+starttls://a:b@h:1143")["tls"] == "starttls"
    assert env.mailbox_settings("imap://a:b@127.0.0.1")["folder"] == "INBOX"
    assert env.mailbox_settings("") == {}


def test_the_doctor_says_whether_the_mailbox_is_read(
    transactional_db: None, back: Returned, at: Move, settings: Settings
) -> None:
    at(MONDAY, 8)
    assert doctor._check_returned_mail() == "can be read, and was not read yet"
    assert read_bounces() == 0
    at(MONDAY, 8, 4)
    assert doctor._check_returned_mail() == "last read 4 min ago"
    at(MONDAY, 9, 1)
    with pytest.raises(Unhealthy, match="was last read 61 min ago: restart worker and beat"):
        doctor._check_returned_mail()
    opens = settings.BOUNCES
    for wrong, sentence in (
        ({"password": "other"}, "did not take user and password"),
        ({"folder": "Other"}, "no such folder"),
        ({"port": find_free_port()}, r"cannot be read \(ConnectionRefusedError\)"),
    ):
        settings.BOUNCES = opens | wrong
        with pytest.raises(Unhealthy, match=sentence):
            doctor._check_returned_mail()
    settings.BOUNCES = {}
    assert doctor._check_returned_mail().startswith("not set up")
    heartbeat.beat("bounces")
    assert doctor._check_returned_mail().startswith("last read 0 min ago; BOUNCES_URL is not known")


def test_where_the_server_cannot_remove_one_mail_alone_nobody_elses_goes_with_it(
    back: Returned, monkeypatch: pytest.MonkeyPatch
) -> None:
    back.put(b"Subject: 1\n\n", b"Subject: 2\n\n", flags=r"(\Deleted)")
    back.put(b"Subject: 3\n\n")
    with imap.open_mailbox() as box:
        monkeypatch.setattr(box._client, "_cached_capabilities", (b"IMAP4REV1",))
        box.delete(103)
        assert back.flags() == [r"\Deleted"] * 3
    with back.open() as somebody:
        somebody.expunge()
    back.put(b"Subject: 4\n\n", b"Subject: 5\n\n")
    with imap.open_mailbox() as box:
        monkeypatch.setattr(box._client, "_cached_capabilities", (b"IMAP4REV1",))
        box.delete(104)
    assert back.flags() == [""]


def test_a_server_that_sends_more_than_was_asked_for_is_not_listened_to() -> None:
    with pytest.raises(imap.IMAP_ERRORS):
        imap._checked_size(2 * imap.MAX_MESSAGE_BYTES + 1)
    assert imap._checked_size(imap.MAX_MESSAGE_BYTES) == imap.MAX_MESSAGE_BYTES
