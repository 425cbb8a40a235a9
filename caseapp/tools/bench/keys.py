"""`caseapp bench keys`: the work with keys (`key_work.py`), and what a flood of wrong sign-ins costs.

Memory is the sum of PSS of all web processes at its highest while the flood lasts; the key derivation is the real one.
"""

import http.client
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from caseapp.tools.bench import figure, key_work
from caseapp.tools.pytest_plugin import data_folder, running_stack

AT_ONCE = 50
LIMIT_MB = 700.0


def run() -> list[dict[str, object]]:
    """Figures: memory before and during 50 sign-ins at the same moment, and how long a page waits beside them."""
    work = key_work.run()
    with data_folder() as root, running_stack(root) as stack:
        port, web = int(stack.state()["ports"]["web"]), stack.pid("web")
        before = memory_mb(web)
        with Watch(web) as watch:
            answers, waited = flood_and_look(port)
        sys.stderr.write(f"answers to {AT_ONCE} sign-ins at once: {dict(sorted(answers.items()))}\n")
        return [
            *work,
            figure("web processes, idle", unit="MB", ours=[before], peer=[LIMIT_MB], peer_name="limit", goal=1.0),
            figure("web processes, 50 sign-ins at once", unit="MB", ours=[watch.highest], peer=[LIMIT_MB],
                   peer_name="limit", goal=1.0),
            figure("slowest /healthz beside the flood", unit="s", ours=[waited], peer=[1.0],
                   peer_name="one second", goal=1.0),
        ]  # fmt: skip


def flood(port: int) -> Counter[int]:
    """Fifty sign-ins at the same moment, each for another address nobody has; answers the statuses."""
    together = threading.Barrier(AT_ONCE)

    def one(number: int) -> int:
        cookie = _cookie(port)
        fields = {
            "csrfmiddlewaretoken": cookie,
            "email": f"nobody{number}@office.test",
            "passphrase": "not the words at all",
        }
        together.wait()
        return _ask(port, "POST", "/login/", urlencode(fields), {"Cookie": f"csrf_token={cookie}"})

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(one, range(AT_ONCE)))


def flood_and_look(port: int) -> tuple[Counter[int], float]:
    """The flood's answers, and the seconds that the slowest of many small requests took beside it."""
    slowest = 0.0
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(flood, port)
        while not going.done():
            began = time.monotonic()
            _ask(port, "GET", "/healthz", None, {})
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)
        return going.result(), slowest


class Watch:
    """The highest memory while it lasts, looked at twenty times a second."""

    def __init__(self, pid: int) -> None:
        self.pid, self.highest = pid, 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            self.highest = max(self.highest, memory_mb(self.pid))


def memory_mb(pid: int) -> float:
    """PSS of a process and all below it, in MB (10^6 bytes). As root, or as whoever runs them."""
    return sum(_pss(one) for one in _family(pid)) / 1000


def _family(pid: int) -> list[int]:
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = children.read_text().split()
        except OSError:
            continue  # it ended meanwhile
        for child in below:
            found += _family(int(child))
    return found


def _pss(pid: int) -> float:
    """In kB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (OSError, ProcessLookupError):
        return 0.0
    return next((float(line.split()[1]) * 1.024 for line in lines if line.startswith("Pss:")), 0.0)


def _cookie(port: int) -> str:
    """A form's token: the cookie's own value is a good one."""
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        server.request("GET", "/setup/")
        answer = server.getresponse()
        answer.read()
        return answer.headers.get("Set-Cookie", "").partition("csrf_token=")[2].partition(";")[0]
    finally:
        server.close()


def _ask(port: int, method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    if body is not None:
        headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        server.request(method, path, body, headers)
        answer = server.getresponse()
        answer.read()
        return answer.status
    finally:
        server.close()
