"""A process that works on an import and can be killed at any point: `python -m ...bench.moves.import_worker`.

Each line on stdin is "token import_id": a child is forked that works on it until it is at rest. Its process id is
printed, and when it has ended, "ended" with its exit status.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from uuid import UUID


class KillableWorker:
    """The process that forks workers, as a bench or test uses it; its database is the one that Django has here."""

    def __init__(self) -> None:
        from django.db import connection

        from caseapp.lib.service_urls import read_database

        url = read_database(os.environ["DATABASE_URL"]).with_name(str(connection.settings_dict["NAME"])).url
        environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "caseapp.config.settings"}
        command = [sys.executable, "-m", "caseapp.tools.bench.moves.import_worker"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        if self._line() != "ready":
            raise RuntimeError("the process that works on imports did not start")

    def work(self, token: str, import_id: UUID, *, kill_after: float | None = None) -> None:
        """Let a child work on an import until it is at rest, or kill it after some seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{token} {import_id}\n")
        self._process.stdin.flush()
        child = int(self._line())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):  # it came to rest before
                os.kill(child, signal.SIGKILL)
        if not self._line().startswith("ended"):
            raise RuntimeError("the process that works on imports went away")

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def main() -> None:
    """Fork a worker for each line until stdin ends."""
    import django

    django.setup()
    from caseapp.moving.services.importing import runner

    print("ready", flush=True)
    for line in sys.stdin:
        token, import_id = line.split()
        child = os.fork()
        if child == 0:
            runner.work_until_rest(token, UUID(import_id))
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(f"ended {status}", flush=True)


if __name__ == "__main__":
    main()
