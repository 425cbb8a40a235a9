"""`caseapp bench keys`: key operations (`key_work.py`), and the cost of a flood of wrong sign-ins.

Memory is the sum of PSS of all web processes at its highest while the flood lasts; the key derivation is the real one.
"""

import http.client
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from caseapp.tools.bench import key_work, make_figure
from caseapp.tools.bench.process_memory import memory_mb
from caseapp.tools.pytest_plugin import data_folder, running_stack

CONCURRENT_SIGN_INS = 50
LIMIT_MB = 700.0


def run() -> list[dict[str, object]]:
    """Return the figures: memory before and during 50 sign-ins at once, and how long a page waits meanwhile."""
    work = key_work.run()
    with data_folder() as root, running_stack(root) as stack:
        port, web = int(stack.read_state()["ports"]["web"]), stack.pid_of("web")
        before = memory_mb(web)
        with MemoryWatch(web) as watch:
            answers, waited = measure_flood(port)
        sys.stderr.write(f"answers to {CONCURRENT_SIGN_INS} sign-ins at once: {dict(sorted(answers.items()))}\n")
        return [
            *work,
            make_figure("web processes, idle", unit="MB", ours=[before], peer=[LIMIT_MB], peer_name="limit", goal=1.0),
            make_figure(
                "web processes, 50 sign-ins at once",
                unit="MB",
                ours=[watch.highest],
                peer=[LIMIT_MB],
                peer_name="limit",
                goal=1.0,
            ),
            make_figure(
                "slowest /healthz during the flood",
                unit="s",
                ours=[waited],
                peer=[1.0],
                peer_name="one second",
                goal=1.0,
            ),
        ]


def send_flood(port: int) -> Counter[int]:
    """Send fifty sign-ins at once, each for another unknown address. Return how often each status was answered."""
    together = threading.Barrier(CONCURRENT_SIGN_INS)

    def send_sign_in(number: int) -> int:
        cookie = _csrf_cookie(port)
        fields = {
            "csrfmiddlewaretoken": cookie,
            "email": f"nobody{number}@office.test",
            "passphrase": "not the words at all",
        }
        together.wait()
        return _send_request(port, "POST", "/sign-in/", urlencode(fields), {"Cookie": f"csrf_token={cookie}"})

    with ThreadPoolExecutor(CONCURRENT_SIGN_INS) as pool:
        return Counter(pool.map(send_sign_in, range(CONCURRENT_SIGN_INS)))


def measure_flood(port: int) -> tuple[Counter[int], float]:
    """Return the flood's statuses, and the seconds of the slowest of many small requests meanwhile."""
    slowest = 0.0
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(send_flood, port)
        while not going.done():
            began = time.monotonic()
            _send_request(port, "GET", "/healthz", None, {})
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)
        return going.result(), slowest


class MemoryWatch:
    """Context manager that records the highest memory of a process tree, sampled twenty times a second."""

    def __init__(self, pid: int) -> None:
        self.pid, self.highest = pid, 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample_memory)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample_memory(self) -> None:
        while not self._stop.wait(0.05):
            self.highest = max(self.highest, memory_mb(self.pid))


def _csrf_cookie(port: int) -> str:
    """Return a form's CSRF token: the cookie's own value is valid."""
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        server.request("GET", "/setup/")
        answer = server.getresponse()
        answer.read()
        return answer.headers.get("Set-Cookie", "").partition("csrf_token=")[2].partition(";")[0]
    finally:
        server.close()


def _send_request(port: int, method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
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
