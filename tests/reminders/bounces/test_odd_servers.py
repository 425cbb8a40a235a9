"""Servers that answer in unusual ways, over a real connection: what they send is read with care or not at all."""

import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from pytest_django.fixtures import Settings

from caseapp.config import env
from caseapp.reminders.bounces import imap
from caseapp.reminders.bounces.imap import NotLetIn

HEADERS = b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\n"


class _Script(socketserver.StreamRequestHandler):
    """Answers each command by its name; an answer of None ends the connection."""

    answers: dict[str, bytes | None]

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline().decode():
            tag, _, command = line.strip().partition(" ")
            name = command.removeprefix("UID ").split(" ")[0].upper()
            said = self.answers.get(name, b"")
            if said is None:
                return
            self.wfile.write(said + f"{tag} OK done\r\n".encode())


@contextmanager
def _server(settings: Settings, **answers: bytes | None) -> Generator[None]:
    usual = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n", "SELECT": b"* OK [UIDVALIDITY 77] valid\r\n"}
    handler = type("_Handler", (_Script,), {"answers": usual | answers})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.BOUNCES = env.mailbox_settings(f"imap://a:b@127.0.0.1:{server.server_address[1]}")
        try:
            yield
        finally:
            server.shutdown()


def _fetched(size: int, name: str, body: bytes = HEADERS) -> bytes:
    return f"* 1 FETCH (UID 5 RFC822.SIZE {size} {name} {{{len(body)}}}\r\n".encode() + body + b")\r\n"


@pytest.mark.parametrize(
    "name",
    [
        "BODY[HEADER.FIELDS (CONTENT-TYPE X-FAILED-RECIPIENTS)]",
        'BODY[HEADER.FIELDS ("CONTENT-TYPE" "X-FAILED-RECIPIENTS")]',
        "BODY[HEADER.FIELDS (Content-Type X-Failed-Recipients)]",
        "body[header.fields (content-type x-failed-recipients)]",
    ],
)
def test_headers_are_read_however_the_server_repeats_their_names(settings: Settings, name: str) -> None:
    with _server(settings, FETCH=_fetched(900, name)), imap.open_mailbox() as box:
        assert box.uid_validity == b"77"
        assert box.fetch_headers(5) == HEADERS


def test_an_answer_about_another_mail_is_not_taken_for_the_one_that_was_asked_for(settings: Settings) -> None:
    with _server(settings, FETCH=_fetched(900, "BODY[]<0>").replace(b"UID 5", b"UID 6")), imap.open_mailbox() as box:
        assert box.fetch_headers(5) is None
        assert box.fetch_message(5) is None


@pytest.mark.parametrize("announced", [2 * imap.MAX_MESSAGE_BYTES + 1, 10**9, 10**15])
def test_a_part_longer_than_was_asked_for_ends_the_conversation_before_it_is_read(
    settings: Settings, announced: int
) -> None:
    answer = f"* 1 FETCH (UID 5 BODY[]<0> {{{announced}}}\r\n".encode()
    with (
        _server(settings, FETCH=answer),
        imap.open_mailbox() as box,
        pytest.raises(imap.IMAP_ERRORS, match="too long"),
    ):
        box.fetch_message(5)


@pytest.mark.parametrize("answer", [b"* SEARCH five\r\n", b"* SEARCH 1 (2\r\n", b"* SEARCH \xff\r\n"])
def test_an_answer_that_is_not_imap_is_an_error_of_the_mailbox(settings: Settings, answer: bytes) -> None:
    from caseapp.lib import clock

    with _server(settings, SEARCH=answer), imap.open_mailbox() as box, pytest.raises(imap.IMAP_ERRORS) as raised:
        box.list_uids(first=1, since=clock.now())
    assert "five" not in str(raised.value)


def test_a_connection_that_ends_at_the_password_does_not_say_that_the_password_is_wrong(settings: Settings) -> None:
    with _server(settings, LOGIN=None), pytest.raises(imap.IMAP_ERRORS) as raised, imap.open_mailbox():
        pass
    assert not isinstance(raised.value, NotLetIn)
