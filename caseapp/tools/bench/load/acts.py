"""What a member at work does, one act at a time: the pages of the bench, and signing in with a second factor."""

import re
import time
from base64 import b32decode
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from caseapp.tools.bench.pages.browser import Browser, PageAnswer, WrongAnswer
from caseapp.tools.bench.pages.visits import VISITS, Visitor, visit_today

STEP, DIGITS = 30, 6  # seconds and digits of an authenticator's codes
UUID = "[0-9a-f-]{36}"
SIGN_IN, FACTOR, SIGN_OUT = "/sign-in/", "/sign-in/factor/", "/sign-out/"
CSRF = "csrfmiddlewaretoken"
# Each request of an act, by its method and path. A request that is none of these is a bug of the bench.
REQUESTS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"GET /$", "Today"),
        (r"GET /cases/\?", "list"),
        (r"GET /calendar/agenda/", "agenda"),
        (rf"GET /cases/{UUID}/$", "case"),
        (r"GET /search/", "search, the form"),
        (r"POST /search/", "search"),
        (rf"GET /cases/{UUID}/notes/new/", "note, the form"),
        (rf"POST /cases/{UUID}/notes/new/", "note, saved"),
        (rf"GET /cases/{UUID}/hearings/new/", "hearing, the form"),
        (rf"POST /cases/{UUID}/hearings/new/", "hearing, booked"),
        (r"GET /sign-in/$", "sign-in, the form"),
        (r"POST /sign-in/$", "sign-in, passphrase"),
        (r"GET /sign-in/factor/", "second factor, the form"),
        (r"POST /sign-in/factor/", "second factor"),
        (r"GET /account/$", "account"),
        (r"POST /sign-out/", "sign-out"),
    )
)
# How often a person does what, of 31 acts. After a sign-in Today opens.
WEIGHTS = {"Today": 6, "list": 3, "agenda": 2, "case": 12, "search": 4, "save": 2, "book": 1, "sign-in": 1}


def name_request(method: str, path: str) -> str:
    """Return the name of a request in the table. Raises LookupError for one that no act makes."""
    for pattern, name in REQUESTS:
        if pattern.match(f"{method} {path}"):
            return name
    raise LookupError(f"{method} {path}")


class RecordingBrowser(Browser):
    """A browser that keeps name and milliseconds of each request of the present act."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.sent: list[tuple[str, float]] = []

    def _send(self, method: str, path: str, body: str | None) -> PageAnswer:
        began = time.perf_counter()
        try:
            return super()._send(method, path, body)
        finally:
            self.sent.append((name_request(method, path), (time.perf_counter() - began) * 1000))


class MemberAtWork:
    """A member of the office at a browser. `observe` gets each request: its name, milliseconds and error, if any."""

    def __init__(self, visitor: Visitor, member: dict[str, str], observe: Callable[[str, float, str], Any]) -> None:
        self._browser = RecordingBrowser(visitor.browser.port)
        visitor.browser = self._browser
        self._visitor, self._member, self._observe = visitor, member, observe
        self._is_signed_in, self._spent = False, 0

    def perform(self, act: str) -> None:
        """Carry out one act; after an answer that was wrong the next one begins with a sign-in."""
        self._browser.sent.clear()
        error = ""
        try:
            if act == "sign-in" or not self._is_signed_in:
                self._sign_in_again()
            else:
                VISITS[act](self._visitor)
        except WrongAnswer as exc:
            error, self._is_signed_in = str(exc) or "wrong", False
        last = len(self._browser.sent) - 1
        for number, (name, milliseconds) in enumerate(self._browser.sent):
            # An act checks each answer before its next request, so that the wrong one is the last.
            self._observe(name, milliseconds, error if number == last else "")

    def _sign_in_again(self) -> None:
        if self._is_signed_in:
            fields = self._browser.read_form("/account/", CSRF)
            answer = self._browser.post(SIGN_OUT, {CSRF: fields[CSRF]}).require("sign-out", status=303)
            _require_location("sign-out", answer, SIGN_IN)
            self._is_signed_in = False
        self._wait_for_new_code()
        fields = self._browser.read_form(SIGN_IN, "passphrase")
        fields |= {"email": self._member["email"], "passphrase": self._member["passphrase"]}
        answer = self._browser.post(SIGN_IN, fields).require("passphrase", status=303)
        _require_location("passphrase", answer, FACTOR)
        fields = self._browser.read_form(FACTOR, "code") | {"code": self._current_code()}
        answer = self._browser.post(FACTOR, fields).require("second factor", status=303)
        _require_location("second factor", answer, "/")
        visit_today(self._visitor)
        self._is_signed_in = True

    def _wait_for_new_code(self) -> None:
        """Wait as a person does: a code is accepted once."""
        while time.time() // STEP <= self._spent:
            time.sleep(0.5)

    def _current_code(self) -> str:
        now = int(time.time())
        self._spent = now // STEP
        secret = b32decode(self._member["app_secret"].replace(" ", ""))
        return TOTP(secret, DIGITS, SHA1(), STEP).generate(now).decode()  # noqa: S303  # what all apps compute


def _require_location(page: str, answer: PageAnswer, path: str) -> None:
    if answer.location.partition("?")[0] != path:
        raise WrongAnswer(f"{page}: leads to {answer.location!r} in place of {path}")
