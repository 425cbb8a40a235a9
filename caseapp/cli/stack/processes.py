"""The commands of web with its web server, worker and beat, and whether the web process answers."""

import os
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from caseapp.cli.stack.data_folder import DataFolder

BIN = Path(sys.executable).parent
CELERY = "caseapp.config.celery"
WEB_PROCESSES = min(2, os.cpu_count() or 1)
WEB_THREADS = 8


def process_commands(folder: DataFolder, bind: str) -> dict[str, list[str]]:
    """Return the commands of web, worker and beat, the same under `caseapp up` and in production (`caseapp serve`)."""
    celery = [str(BIN / "celery"), "-A", CELERY]
    return {
        "web": [sys.executable, "-m", "caseapp.cli.front", "--bind", bind, "--run", str(folder.run)],
        # Threads, because tasks wait for the database and the mail server, and a single process is killed cleanly.
        "worker": [
            *celery,
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            "2",
            "--loglevel",
            "warning",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ],
        "beat": [
            *celery,
            "beat",
            "--loglevel",
            "warning",
            "--schedule",
            str(folder.run / "beat-schedule"),
            "--pidfile=",
        ],
    }


def web_server_command(socket: str) -> list[str]:
    """Return the command of the web server behind the front, which listens on a socket of this machine alone."""
    memory = ["--worker-tmp-dir", "/dev/shm"] if sys.platform == "linux" else []  # noqa: S108
    return [
        str(BIN / "gunicorn"),
        "caseapp.config.wsgi:application",
        "--config",
        "python:caseapp.config.gunicorn_hooks",
        # The program is loaded once: the web processes share its memory, and a new one answers at once.
        "--preload",
        "--bind",
        f"unix:{socket}",
        "--worker-class",
        "gthread",
        "--workers",
        str(WEB_PROCESSES),
        "--threads",
        str(WEB_THREADS),
        # A process accepts only what it has a thread for: else one queues requests while another is idle.
        "--worker-connections",
        str(WEB_THREADS),
        "--keep-alive",
        "0",
        # A big upload over a slow line is not a hung process; the front has the time limits.
        "--timeout",
        "120",
        "--graceful-timeout",
        "3",
        # Processes are replaced now and then: Python never returns memory that contained decrypted records.
        "--max-requests",
        "20000",
        "--max-requests-jitter",
        "2000",
        "--log-level",
        "warning",
        "--logger-class",
        "caseapp.config.gunicorn_logs.QuietLogger",
        "--no-control-socket",
        *memory,
    ]


def is_web_ready(port: int) -> bool:
    """Return whether the web process answers, with any status; `caseapp doctor` checks the rest."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
