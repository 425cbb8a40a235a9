"""A browser without a screen: it keeps cookies, reads forms and refuses an answer that is not what it came for."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PATIENCE = 120.0  # seconds
_REFUSAL = re.compile(r'class="(?:wrong|error)[^>]*>([^<]+)<')


class WrongAnswer(RuntimeError):
    """A page that is not what the bench asked for, so that its time would be the time of something else."""


@dataclass(frozen=True)
class PageAnswer:
    """An answer, with the milliseconds from the request until its last byte."""

    status: int
    text: str
    location: str
    milliseconds: float

    def require(self, page: str, *, status: int, contains: str = "") -> "PageAnswer":
        """Return the answer. Raises WrongAnswer for another status or a text without what it must contain."""
        if self.status != status:
            refusal = " ".join(_REFUSAL.findall(self.text))[:200]
            raise WrongAnswer(f"{page}: status {self.status}, expected {status} {self.location}{refusal}".strip())
        if contains not in self.text:
            raise WrongAnswer(f"{page}: the answer of {len(self.text)} letters does not contain {contains[:60]!r}")
        return self


class Browser:
    """One visitor with cookies on one connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> PageAnswer:
        """Request a page."""
        return self._send("GET", path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> PageAnswer:
        """Send a form."""
        return self._send("POST", path, urlencode(fields))

    def read_form(self, path: str, having: str) -> dict[str, str]:
        """Return the fields of the form of a page that has a field of this name, as a browser would send them."""
        answer = self.get(path).require(path, status=200)
        reader = _FormReader()
        reader.feed(answer.text)
        for form in reader.forms:
            if having in form:
                return form
        raise WrongAnswer(f"{path}: it has no form with {having!r}")

    def sign_in(self, email: str, passphrase: str) -> PageAnswer:
        """Sign in from the page of the sign-in. Raises WrongAnswer when it was refused."""
        self.cookies = {}
        fields = self.read_form("/sign-in/", "passphrase") | {"email": email, "passphrase": passphrase}
        answer = self.post("/sign-in/", fields)
        if answer.status not in (302, 303) or "sign-in" in answer.location:
            raise WrongAnswer(f"sign-in: status {answer.status} {answer.location}")
        return answer

    def _send(self, method: str, path: str, body: str | None) -> PageAnswer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
        began = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, HTTPException) as exc:
            self._connection.close()
            raise WrongAnswer(f"{path}: {type(exc).__name__}") from None
        milliseconds = (time.perf_counter() - began) * 1000
        self._keep_cookies(answer)
        return PageAnswer(answer.status, text, answer.headers.get("Location", ""), milliseconds)

    def _keep_cookies(self, answer: HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)


class _FormReader(HTMLParser):
    """Reads the forms of a page: the fields with the values that they have when nothing is typed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._select, self._area = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take up a form or one of its fields."""
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "form":
            self.forms.append({})
        elif not self.forms:
            return
        elif tag == "input" and name and given.get("type") not in ("checkbox", "radio", "file"):
            self.forms[-1][name] = value
        elif tag == "input" and name and "checked" in given:
            self.forms[-1][name] = value or "on"
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.forms[-1]):
            self.forms[-1][self._select] = value
        elif tag == "textarea" and name:
            self._area = name
            self.forms[-1][name] = ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a list of choices or a box of text."""
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, text: str, /) -> None:
        """Take up the text of a box."""
        if self._area:
            self.forms[-1][self._area] += text.lstrip("\n")
