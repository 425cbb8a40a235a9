"""`caseapp bench slow-clients`: how long members' pages take while slow clients, or many sign-ins, attack.

It starts a stack of its own with the fictional office. Four members' connections request pages, each request on a
new connection, first quiet and then under the attack; the figure is the 95th percentile of both. Each attack is from
another loopback address, and again from the members' own. A page that is not answered counts as the whole patience.
"""

import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from itertools import cycle
from urllib.parse import urlencode

from caseapp.cli.stack.data_folder import CannotStart
from caseapp.tools.bench import make_figure
from caseapp.tools.bench.slow_attacks import KINDS, AttackTarget, send_sign_ins, slow_clients
from caseapp.tools.pytest_plugin import RunningStack, data_folder, running_stack

CONNECTIONS = 200
SIGN_INS = 60
MEMBERS = 4
SECONDS = 8.0  # of each measurement
SETTLE = 2.0  # seconds until all slow clients are connected
CASES = 12
PATIENCE = 30.0  # seconds that a member waits for a page
GOAL = 2.0
OTHERS, OWN = "127.0.0.2", "127.0.0.1"
ADDRESSES = {OTHERS: "another address", OWN: "the members' own"}


def run() -> list[dict[str, object]]:
    """Return a figure for each attack and address: p95 of members' pages under it, next to the quiet value."""
    with data_folder() as root, running_stack(root) as stack:
        port = int(stack.read_state()["ports"]["web"])
        member = AttackedMember(port, sign_in_to_demo(stack, port))
        member.measure(lambda: time.sleep(SECONDS / 4))  # warms caches up
        figures = [
            _attack_slowly(member, name, AttackTarget(port, address, large_path=member.large_path))
            for name in KINDS
            for address in ADDRESSES
        ]
        return [*figures, *(_attack_by_sign_ins(member, AttackTarget(port, address)) for address in ADDRESSES)]


def _attack_slowly(member: "AttackedMember", name: str, target: AttackTarget) -> dict[str, object]:
    quiet = member.measure(lambda: time.sleep(SECONDS))
    with slow_clients(KINDS[name], target, CONNECTIONS):
        time.sleep(SETTLE)
        attacked = member.measure(lambda: time.sleep(SECONDS))
    return _figure(f"{CONNECTIONS} {name} from {ADDRESSES[target.address]}", quiet, attacked)


def _attack_by_sign_ins(member: "AttackedMember", target: AttackTarget) -> dict[str, object]:
    quiet = member.measure(lambda: time.sleep(SECONDS))
    statuses: list[int] = []
    attacked = member.measure(lambda: statuses.extend(send_sign_ins(target, SIGN_INS)))
    sys.stderr.write(f"answers to {SIGN_INS} sign-ins at once: {dict(sorted(Counter(statuses).items()))}\n")
    return _figure(f"{SIGN_INS} sign-ins at once from {ADDRESSES[target.address]}", quiet, attacked)


def _figure(name: str, quiet: list[float], attacked: list[float]) -> dict[str, object]:
    sys.stderr.write(f"{name}: {p95(attacked) * 1000:.0f} ms, quiet {p95(quiet) * 1000:.0f} ms\n")
    return make_figure(
        f"p95 of a page, {name}",
        unit="ms",
        ours=[p95(attacked) * 1000],
        peer=[p95(quiet) * 1000],
        peer_name="quiet",
        goal=GOAL,
    )


def p95(seconds: list[float]) -> float:
    """Return the 95th percentile: 19 of 20 are at most so long."""
    return sorted(seconds)[max(0, -(-len(seconds) * 95 // 100) - 1)]


class AttackedMember:
    """A signed-in member whose pages are requested on several connections at a time."""

    def __init__(self, port: int, cookies: str) -> None:
        self._port, self._cookies = port, cookies
        cases = re.findall(r'href="(/cases/[0-9a-f-]{36}/)"', self._text("/cases/"))
        self.paths = ["/", "/cases/", "/search/?q=karimi", *cases[:3]]
        if unanswered := [path for path in self.paths if not self._text(path)]:
            raise CannotStart(f"Nothing to measure: {', '.join(unanswered)} is not answered.")
        styles = re.findall(r'(?:href|src)="(/static/[^"]+)"', self._text("/"))
        self.large_path = max(styles, key=lambda path: len(self._text(path)), default="/sign-in/")

    def measure(self, meanwhile: Callable[[], object]) -> list[float]:
        """Request pages until `meanwhile` returns. Return the seconds of each."""
        over, seconds = threading.Event(), list[float]()
        threads = [
            threading.Thread(target=self._request_pages, args=(number, over, seconds)) for number in range(MEMBERS)
        ]
        for thread in threads:
            thread.start()
        try:
            meanwhile()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        return seconds

    def _request_pages(self, number: int, over: threading.Event, seconds: list[float]) -> None:
        for path in cycle(self.paths[number:] + self.paths[:number]):
            began = time.monotonic()
            try:
                is_answered = bool(self._text(path))
            except (OSError, HTTPException):
                is_answered = False
            seconds.append(time.monotonic() - began if is_answered else PATIENCE)
            if over.wait(0.02):
                return

    def _text(self, path: str) -> str:
        """Return a page's text, or "" where it is not answered with 200."""
        server = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            server.request("GET", path, headers={"Cookie": self._cookies})
            answer = server.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return text if answer.status == 200 else ""
        finally:
            server.close()


def sign_in_to_demo(stack: RunningStack, port: int) -> str:
    """Make the fictional office and sign in. Return the session's cookies."""
    printed = stack.run_command("demo", "--cases", str(CASES)).stdout
    email, passphrase = re.findall(r"Sign in as (\S+) with:  (.+)", printed)[0]
    token = "c" * 32
    form = urlencode({"csrfmiddlewaretoken": token, "email": email, "passphrase": passphrase.strip()})
    server = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Cookie": f"csrf_token={token}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        server.request("POST", "/sign-in/", form, headers)
        answer = server.getresponse()
        answer.read()
        given = [SimpleCookie(line) for line in answer.headers.get_all("Set-Cookie", [])]
    finally:
        server.close()
    cookies = {name: morsel.value for line in given for name, morsel in line.items()}
    return "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
