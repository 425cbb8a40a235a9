"""A real SMTP server that keeps what it took, and can be told to refuse or to die after its 250."""

from collections.abc import Generator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from caseapp.cli.stack.embedded import find_free_port


class Box:
    """The letters that arrived, and how the server behaves."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refuse = False
        self.refuse_to: set[str] = set()  # addresses that nobody has
        self.tried = 0  # letters that came to its door, taken or not
        self.answers: dict[str, str] = {}  # what these addresses get instead; "*" is all others
        self.answer_to_content = ""  # what each message gets after its content, instead
        self.port = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refuse_to:
            return "550 5.1.1 nobody of this name"
        if answer := self.answers.get(address, self.answers.get("*", "")):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.tried += 1
        if self.refuse:
            return "451 try again later"
        if self.answer_to_content:
            return self.answer_to_content
        self.raw.append(envelope.content)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def ids(self) -> list[str]:
        return [str(letter["Message-ID"]) for letter in self.letters]

    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for letter in self.letters]


@contextmanager
def post_office() -> Generator[Box]:
    box = Box()
    box.port = find_free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
