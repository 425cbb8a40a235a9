"""A person's way over HTTPS: from a server that is not set up to a first case that is still there after a restart."""

import http.client
import re
import socket
import ssl
from dataclasses import dataclass, field

from tests.compose.engine import CannotTest
from tests.helpers.visitor import Visitor

CLIENT = "Nokuthula Zwane-Mbatha"  # fictional
NOTE = "Her cousin at Umlazi has the birth record."
EMAIL = "ana@office.test"
LINK = re.compile(r"https://\S+/setup/#(\S+)$", re.MULTILINE)


class ProxyConnection(http.client.HTTPConnection):
    """A connection to the proxy's port on this machine, under the name of its certificate."""

    def __init__(self, port: int, host: str, trust: ssl.SSLContext) -> None:
        super().__init__("127.0.0.1", port, timeout=60)
        self.certificate_host = host
        self.trust = trust

    def connect(self) -> None:
        """Connect and check the certificate."""
        plain = socket.create_connection((self.host, self.port), timeout=60)
        self.sock = self.trust.wrap_socket(plain, server_hostname=self.certificate_host)


@dataclass
class SecureVisitor(Visitor):
    """A visitor over HTTPS. `authority`: PEM of the certificate that the proxy's own must be signed with."""

    host: str = ""
    authority: str = ""
    trust: ssl.SSLContext = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.trust = ssl.create_default_context(cadata=self.authority)

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection to the proxy."""
        return ProxyConnection(self.port, self.host, self.trust)

    def own_headers(self) -> dict[str, str]:
        """Return what a browser sends on a page of this host."""
        return {"Host": self.host, "Referer": f"https://{self.host}/"}


def require(is_so: object, sentence: str) -> None:
    """Raise AssertionError with the sentence unless it is so; else print it as done."""
    if not is_so:
        raise AssertionError(f"Not so: {sentence}")
    print(f"  ok  {sentence}")


def set_up_by_link(visitor: SecureVisitor, printed: str) -> str:
    """Walk from the first page to an office. `printed`: what `caseapp setup-link` printed. Return the six words."""
    first = visitor.get("/")
    page = visitor.get(first.location or "/").text
    require("caseapp setup-link" in page and "/setup/" not in page, "/ says that the server is not set up")
    link = LINK.search(printed)
    if link is None:
        raise CannotTest("`caseapp setup-link` printed no link.")
    visitor.get("/setup/")
    require(visitor.post("/setup/", {"code": "wrong"}).status == 404, "a wrong set-up code answers 404")
    visitor.setup_code = link[1]
    words = visitor.found_office(email=EMAIL)
    require(all(name.startswith("__Host-") for name in visitor.cookies), "every cookie has the prefix __Host-")
    require(visitor.get("/setup/").status == 404, "the office is set up by the link, and /setup/ is a 404")
    return words


def open_first_case(visitor: SecureVisitor) -> str:
    """Open a case with a note, and read both back. Return the case's path."""
    path = visitor.new_case(CLIENT)
    require(CLIENT in visitor.get(path).text, "the first case opens and shows its client")
    written = visitor.post(f"{path}notes/new/", {"text": NOTE, "told_by": "", "kind": "note"})
    require(written.status == 303 and NOTE in visitor.get(path).text, "a note is saved and shown")
    return path


def read_case_again(visitor: SecureVisitor, path: str, words: str) -> None:
    """Sign in as on another day and read the case."""
    visitor.get("/sign-in/")
    signed_in = visitor.post("/sign-in/", {"email": EMAIL, "passphrase": words})
    require(signed_in.status == 303, "the six words open the office again")
    page = visitor.get(path).text
    require(CLIENT in page and NOTE in page, "the case is still there, with its note")
