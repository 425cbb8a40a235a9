"""`caseapp bench memory`: the memory of all web processes together while members open real pages.

The figure is the highest sum of PSS (pages shared by several processes are counted once) while six connections open a
member's pages and two try to sign in with unknown addresses, each of which needs the 64 MiB of one key derivation. The
status and the content of every answer are checked. It runs on a stack of its own. Linux only.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

from caseapp.cli.stack.data_folder import CannotStart
from caseapp.tools.bench.pages.browser import Browser, WrongAnswer
from caseapp.tools.bench.pages.servers import filled_stack
from caseapp.tools.bench.pages.visits import VISITS, KnownOffice, Visitor
from caseapp.tools.bench.process_memory import memory_mb

GOAL = 700.0  # MB of all web processes together
READERS, STRANGERS = 6, 2  # connections
SECONDS = 30.0
SAMPLE_SECONDS = 0.25
CASES = 40
PAGES = ("Today", "list", "search", "agenda", "case")
REFUSALS = (200, 422, 429)  # statuses of a sign-in that was refused; 503: the server has no room for another one now
BUSY = 503


def run() -> list[dict[str, object]]:
    """Return two figures: at rest and the highest under load, in MB. Raises WrongAnswer."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise CannotStart("Nothing to measure: memory is read from Linux's /proc.")
    with filled_stack(CASES) as (stack, office):
        web, port = stack.pid_of("web"), int(stack.read_state()["ports"]["web"])
        at_rest = memory_mb(web)
        highest, answered = measure_load(port, office, web)
    return [
        _memory_figure("web processes at rest", at_rest),
        _memory_figure(f"web processes under load, {answered} answers checked", highest),
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
        "goal": 1.0,
        "met": megabytes <= GOAL,
    }


def measure_load(port: int, office: KnownOffice, web: int) -> tuple[float, int]:
    """Return the highest memory of the web processes under load, and how many answers were checked."""
    readers = [Visitor(Browser(port), office, number) for number in range(READERS)]
    for number, reader in enumerate(readers):
        member = office.members[number % len(office.members)]
        reader.browser.sign_in(member["email"], member["passphrase"])
    over = threading.Event()
    highest = 0.0
    with ThreadPoolExecutor(READERS + STRANGERS) as pool:
        work = [pool.submit(open_pages, reader, over) for reader in readers]
        work += [pool.submit(try_to_sign_in, Browser(port), number, over) for number in range(STRANGERS)]
        end = time.monotonic() + SECONDS
        try:
            while time.monotonic() < end and not any(each.done() for each in work):
                highest = max(highest, memory_mb(web))
                time.sleep(SAMPLE_SECONDS)
        finally:
            over.set()
        return highest, sum(each.result() for each in work)


def open_pages(reader: Visitor, over: threading.Event) -> int:
    """Open real pages in turn until it is over. Return how many. Raises WrongAnswer for one that is something else."""
    opened = 0
    for page in cycle(PAGES[reader.number % len(PAGES) :] + PAGES[: reader.number % len(PAGES)]):
        VISITS[page](reader)
        opened += 1
        if over.is_set():
            return opened
    return opened


def try_to_sign_in(browser: Browser, number: int, over: threading.Event) -> int:
    """Try unknown addresses until it is over. Return how many were refused. Raises WrongAnswer for another answer."""
    refused = 0
    while not over.is_set():
        fields = browser.read_form("/sign-in/", "passphrase")
        fields |= {"email": f"unknown-{number}-{refused}@bench.invalid", "passphrase": "lantern meadow violet orchard"}
        answer = browser.post("/sign-in/", fields)
        if answer.status not in (*REFUSALS, BUSY):
            raise WrongAnswer(f"a sign-in at an unknown address: status {answer.status} {answer.location}")
        refused += 1
    return refused
