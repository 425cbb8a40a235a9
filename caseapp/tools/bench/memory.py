"""`caseapp bench memory`: the memory of all web processes of the running stack together, under load.

The figure is the highest sum of PSS (pages shared by several processes are counted once) while eight connections
request a member's pages, searches and refused sign-ins, each of which needs the 64 MiB of one key derivation. Linux
only. The office that it creates is fictional and stays in the database: use `make run DEMO=1` or another stack without
real cases.
"""

import threading
import time
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from caseapp.account.services import new_office
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members.new_office import Hosting
from caseapp.accounts.recovery import office as office_recovery
from caseapp.accounts.recovery import own_sheet
from caseapp.accounts.recovery.dealing import HolderChoice
from caseapp.accounts.signin import passphrase
from caseapp.cases.services import cases
from caseapp.cli.stack.data_folder import CannotStart, choose_folder, read_stack
from caseapp.lib import clock
from caseapp.tools.bench.process_memory import memory_mb

GOAL = 700.0  # MB of all web processes together
CONNECTIONS = 8
SECONDS = 30.0
SAMPLE_SECONDS = 0.25  # seconds
CASES = 40


def run() -> list[dict[str, object]]:
    """Return two figures: at rest and the highest under load, in MB. Raises CannotStart without a running stack."""
    stack = read_stack(choose_folder())
    if stack is None or not Path("/proc/self/smaps_rollup").exists():
        raise CannotStart("Nothing to measure: start `make run` on this Linux machine first.")
    web = int(stack["pids"]["web"])
    token, paths = _create_member()
    at_rest = memory_mb(web)
    highest, answered = _highest_under_load(web, str(stack["urls"]["web"]), token, paths)
    return [
        _memory_figure("web processes at rest", at_rest),
        _memory_figure(f"web processes under load, {answered} answers", highest),
    ]


def _memory_figure(name: str, megabytes: float) -> dict[str, object]:
    return {
        "name": name,
        "unit": "MB PSS",
        "better": "lower",
        "ours": megabytes,
        "peer": GOAL,
        "peer_name": "goal",
        "ratio": megabytes / GOAL,
        "goal": GOAL,
        "met": megabytes <= GOAL,
    }


def _create_member() -> tuple[str, list[str]]:
    """Create a fictional member with cases. Return the session cookie's value and the pages to request."""
    signed_in = new_office.found_office(
        office_name="Bench",
        zone="UTC",
        language="en",
        member_name="Ana Ruiz",
        email=f"bench-{clock.now().timestamp()}@bench.invalid",
        passphrase=passphrase.propose_passphrase(),
        hosting=Hosting(is_first=False),
    )
    staff = signed_in.staff  # an office without recovery sheets may open ten cases only
    office_recovery.create_set(staff, 2, [HolderChoice(staff.member_id, is_outside=True)] * 3)
    own_sheet.collect_and_check(staff)
    opened = [_create_case(signed_in.staff, number) for number in range(CASES)]
    return signed_in.token, ["/", "/cases/", "/search/?q=karimi", "/calendar/", *opened]


def _create_case(staff: Staff, number: int) -> str:
    case_id = cases.open_case(
        staff, cases.NewCase(name=f"Farid Karimi {'abcdefgh'[number % 8]}", story="Told in parts. " * 100)
    )
    return f"/cases/{case_id}/"


def _highest_under_load(web: int, origin: str, token: str, paths: list[str]) -> tuple[float, int]:
    end = time.monotonic() + SECONDS
    answers = [0] * CONNECTIONS
    threads = [
        threading.Thread(target=_send_requests, args=(origin, token, paths, end, answers, number))
        for number in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    highest = 0.0
    while time.monotonic() < end:
        highest = max(highest, memory_mb(web))
        time.sleep(SAMPLE_SECONDS)
    for thread in threads:
        thread.join()
    return highest, sum(answers)


def _send_requests(origin: str, token: str, paths: list[str], end: float, answers: list[int], number: int) -> None:
    """Send requests on one connection: six connections read pages, two try to sign in with unknown addresses."""
    host = urlsplit(origin).netloc
    turns = cycle(paths[number:] + paths[:number])
    while time.monotonic() < end:
        connection = HTTPConnection(host, timeout=60)
        try:
            if number < CONNECTIONS - 2:
                connection.request("GET", next(turns), headers={"Cookie": f"{settings.SESSION_COOKIE}={token}"})
            else:
                _try_to_sign_in(connection, origin, f"nobody-{number}-{answers[number]}@bench.invalid")
            answers[number] += connection.getresponse().status < 500
        finally:
            connection.close()


def _try_to_sign_in(connection: HTTPConnection, origin: str, email: str) -> None:
    token = "b" * 32
    form = urlencode({"csrfmiddlewaretoken": token, "email": email, "passphrase": "lantern meadow violet orchard"})
    headers = {
        "Cookie": f"{settings.CSRF_COOKIE_NAME}={token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": origin,
    }
    connection.request("POST", "/sign-in/", form, headers)
