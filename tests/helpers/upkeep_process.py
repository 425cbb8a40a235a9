"""A process that does upkeep in its thread, as a web process does: `python -m tests.helpers.upkeep_process`.

Each line on stdin is "visit <token>" or "state". The jobs are an endless one and, with the argument "all", those of
the program; with "--at-once=1" a step checks the reminders of one case.
"""

import gc
import json
import os
import subprocess
import sys
import time
from typing import Any

ENDLESS = "a job without end"


class UpkeepProcess:
    """The process as a test uses it; its database is the one that Django has here."""

    def __init__(self, *arguments: str) -> None:
        from django.db import connection

        from caseapp.lib.service_urls import read_database

        url = read_database(os.environ["DATABASE_URL"]).with_name(str(connection.settings_dict["NAME"])).url
        environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "caseapp.config.settings"}
        command = [sys.executable, "-m", "tests.helpers.upkeep_process", *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert self._answer() == "ready"

    def visit(self, token: str) -> None:
        """Open Today, as far as upkeep is concerned."""
        assert self._ask(f"visit {token}") == "begun"

    def state(self) -> dict[str, int]:
        """Return the steps taken, the members that wait or are at work, and the keyrings in memory."""
        state: dict[str, int] = self._ask("state")
        return state

    def wait_until(self, *, seconds: float, **wanted: int) -> dict[str, int]:
        """Ask until these figures are reached (steps: at least), for so many seconds at most. Return the last state."""
        until = time.monotonic() + seconds
        while True:
            state = self.state()
            if all(state[name] >= n if name == "steps" else state[name] == n for name, n in wanted.items()):
                return state
            assert time.monotonic() < until, state
            time.sleep(0.05)

    def end(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.communicate()

    def _ask(self, line: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


def _state(steps: list[float]) -> dict[str, int]:
    from caseapp.accounts.keys.staff import Keys
    from caseapp.casefile.upkeep import background

    gc.collect()
    return {
        "steps": len(steps),
        "members": len(background._visits) + len(background._at_work),
        "visits": sum(isinstance(each, background.Visit) for each in gc.get_objects()),
        "keyrings": sum(isinstance(each, Keys) for each in gc.get_objects()),
    }


def main() -> None:
    """Answer each line until stdin ends."""
    import django

    django.setup()
    from django.db import connection

    from caseapp.accounts.signin import sessions
    from caseapp.casefile.upkeep import background, jobs, registry, reminder_reconciliation
    from caseapp.casefile.upkeep.registry import UpkeepJob, UpkeepTurn

    steps: list[float] = []
    checked: list[int] = []

    def work(turn: UpkeepTurn) -> None:
        turn.staff.keys.groups  # noqa: B018  # the keys are at hand
        time.sleep(0.02)
        steps.append(time.monotonic())
        checked.append(turn.earlier.result_of(jobs.RECONCILE_REMINDERS).cases)

    if "all" not in sys.argv:
        registry._jobs.clear()
    if "--at-once=1" in sys.argv:
        reminder_reconciliation.AT_ONCE = 1
    registry.register(UpkeepJob(ENDLESS, 1000, work, None, has_more=lambda _result: True))
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        command, _, token = line.strip().partition(" ")
        if command == "visit":
            background.begin_visit(token, sessions.open(token))
            connection.close()
        print(json.dumps(_state(steps) | {"checked": sum(checked)} if command == "state" else "begun"), flush=True)


if __name__ == "__main__":
    main()
