"""A process that works on an import and can be killed at any point: `python -m tests.moving.import_worker`.

Each line on stdin is "token import_id": a child is forked that works on it until it is at rest. Its process id is
printed, and when it has ended, "ended" with its exit status.
"""

import os
import sys
from uuid import UUID

import django

django.setup()

from caseapp.moving.services.importing import runner  # noqa: E402


def main() -> None:
    """Fork a worker for each line until stdin ends."""
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
