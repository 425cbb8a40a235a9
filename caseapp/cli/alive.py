"""`caseapp alive PROCESS` checks cheaply that one process of this machine runs, for the health checks of containers."""

import argparse
import os
import sys
from http.client import HTTPConnection, HTTPException

from caseapp.cli.stack.data_folder import PROCESS_ROLES, choose_folder
from caseapp.lib import alive_files
from caseapp.lib.service_urls import read_origin


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp alive`."""
    parser = subparsers.add_parser("alive", description="Exit 0 if this process gave a sign of life lately, else 1.")
    parser.add_argument("process", choices=sorted(PROCESS_ROLES))
    parser.add_argument("--port", type=int, default=8000, help="Port of the web process (default 8000)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one sentence. Return 0 if the process is alive, else 1."""
    is_alive = (
        is_web_alive(args.port) if args.process == "web" else alive_files.is_alive(choose_folder().run, args.process)
    )
    print(f"{args.process} is alive." if is_alive else f"{args.process} gave no sign of life.", file=sys.stdout)
    return 0 if is_alive else 1


def is_web_alive(port: int) -> bool:
    """Return whether `/healthz` of the web process on this machine answers 200, as it would to the proxy."""
    headers = {"X-Forwarded-Proto": "http"}
    if given := os.environ.get("CASEAPP_ORIGIN"):
        origin = read_origin(given)
        headers = {"X-Forwarded-Proto": origin.scheme, "Host": origin.netloc}
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
