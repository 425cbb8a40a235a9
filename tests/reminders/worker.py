"""Processes that are killed: `python -m tests.reminders.worker merge|send ROUNDS`.

Each round starts a child that merges (or two that send) without end as the clock's role, and kills it with SIGKILL at a
random moment after it has its connection. The clock stands at 08:00 UTC of the day in the variable TODAY.
"""

import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from datetime import time as of_day

import django

django.setup()

from django.db import connection  # noqa: E402

from caseapp.lib import clock  # noqa: E402
from caseapp.reminders import choices, queries  # noqa: E402
from caseapp.reminders.planning import outbox  # noqa: E402
from caseapp.reminders.sending import rounds as delivery  # noqa: E402
from caseapp.tools.pytest_plugin import acting_as  # noqa: E402

LONGEST = 0.08  # seconds a child lives
chance = random.Random(20261207)


def child(mode: str) -> tuple[int, int]:
    """(process id, a pipe that gets a byte once the child is connected)."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid:
        os.close(tell)
        return pid, ready
    with acting_as("clock"):
        os.write(tell, b"1")
        while True:
            if mode == "merge":
                outbox.merge()
            else:
                delivery.send_due()


def main(mode: str, rounds: int) -> None:
    """Start and kill, `rounds` times."""
    moment = datetime.combine(datetime.fromisoformat(os.environ["TODAY"]), of_day(8), UTC)
    clock.now = lambda: moment
    choices.OTHER_DAYS = 0
    queries.LEASE_SECONDS = 0.3
    connection.close()  # nothing is inherited
    for _ in range(rounds):
        children = [child(mode) for _ in range(1 if mode == "merge" else 2)]
        for _, ready in children:
            if os.read(ready, 1) != b"1":
                sys.exit("a child died before it began")
        time.sleep(chance.uniform(0, LONGEST))
        for pid, ready in children:
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            os.close(ready)
            if not os.WIFSIGNALED(status):
                sys.exit("a child ended by itself")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
