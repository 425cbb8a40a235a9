"""The `caseapp` command. A subcommand is imported only when it is called: `caseapp deadlines` needs no Django.

A subcommand's module has `add_parser(subparsers)`, which sets `run(args) -> exit code` as the parser's default `run`.
"""

import argparse
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper
from typing import NamedTuple

from caseapp.lib.version import program_version


class Command(NamedTuple):
    """A subcommand. `role`: its database role on the stack that runs here; None when it needs no database."""

    module: str
    summary: str
    role: str | None = None


COMMANDS = {
    "up": Command("up", "Run everything on this machine until Ctrl-C"),
    "prepare": Command("up", "Create the data folder and its keys"),
    "serve": Command("up", "Run one process (web, worker or beat) of a larger installation"),
    "migrate": Command(
        "caseapp.cli.stack.upgrade", "Bring the database, its roles and its row security up to date", role="owner"
    ),
    "upgrade": Command("up", "Upgrade the database to this version, and return to the state before on failure"),
    "alive": Command("alive", "Exit 0 if a process of this machine gave a sign of life lately"),
    "setup-link": Command("setup_link", "Print the one-time link that sets up the office", role="web"),
    "office": Command("caseapp.cli.offices.command", "List, add or remove offices of this server", role="owner"),
    "doctor": Command("doctor", "Show what is healthy; exit non-zero when something is not", role="web"),
    "test-mail": Command("mail_check", "Send the self-test message to an address", role="web"),
    "deadlines": Command("deadlines", "Compute deadlines from the rules"),
    "import": Command("import_check", "Check files of another system: what each row would create"),
    "demo": Command("demo", "Create a fictional office", role="web"),
    "fill-office": Command(
        "caseapp.tools.bench.large_office.command", "Create a fictional office with many cases", role="web"
    ),
    "forget-factors": Command("factors", "Remove a member's lost second factors", role="web"),
    "recover": Command("recover", "Open the office's recovery with the holders' shares, offline"),
    "lockdown": Command("lockdown", "End all sessions and let only admins sign in; lift it with --end", role="web"),
    "rebuild-index": Command("rebuild_index", "Request that the lists of cases are rebuilt", role="web"),
    "export": Command("caseapp.cli.moving.export", "Write a client's whole file, encrypted", role="web"),
    "move-in": Command("caseapp.cli.moving.move_in", "Import an archive that Caseapp exported", role="web"),
    "backup": Command("caseapp.cli.backup.command", "Make an encrypted backup of everything", role="clock"),
    "restore": Command("caseapp.cli.backup.restore_command", "Restore a backup into an empty data folder"),
    "seal-scan": Command("caseapp.tools.seal_scan", "Search everything that is stored for given texts", role="owner"),
    "audit": Command("audit", "Check that the audit trail is unaltered", role="owner"),
    "bench": Command("caseapp.tools.bench", "Measure performance against plaintext twins", role="owner"),
}
USAGE_ERROR = 2
NO_DATABASE = "The database is unreachable: start Caseapp first, or read what `caseapp doctor` says."
TOOLS_MISSING = "`caseapp {name}` is part of the source checkout: run it there, after `make install-all`."


def main() -> int:
    """Run one subcommand and return its exit code; 2 for bad use, 1 when it cannot start."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name == "--version":
        print(f"caseapp {program_version()}")
        return 0
    command = COMMANDS.get(name)
    if command is None:
        is_asked = name in {"-h", "--help"}
        print(format_usage(), file=sys.stdout if is_asked else sys.stderr)
        return 0 if is_asked else USAGE_ERROR
    parser = argparse.ArgumentParser(prog="caseapp")
    module = command.module if "." in command.module else f"caseapp.cli.{command.module}"
    if module.startswith("caseapp.tools.") and not (find_spec("caseapp.tools") and find_spec("ahocorasick")):
        print(TOOLS_MISSING.format(name=name), file=sys.stderr)
        return 1
    import_module(module).add_parser(parser.add_subparsers(required=True))
    args = parser.parse_args()
    return _run_command(name, command, args)


def _run_command(name: str, command: Command, args: argparse.Namespace) -> int:
    """Run a subcommand with the environment that it needs; print a sentence where it cannot start."""
    from caseapp.cli.stack.data_folder import CannotStart, join_running
    from caseapp.lib.service_urls import BadSetting, list_bad_settings

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a path may have signs that this terminal cannot show
    try:
        if command.role:
            join_running(command.role)
            if name != "doctor" and (problems := list_bad_settings(os.environ)):  # the doctor lists them itself
                raise BadSetting("; ".join(problems))
        return int(args.run(args))
    except CannotStart as sentence:
        print(sentence, file=sys.stderr)
        return 1
    except BadSetting as sentence:
        print(f"{sentence}.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `caseapp ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as problem:
        if not _is_database_unreachable(problem):
            raise
        print(NO_DATABASE, file=sys.stderr)
        return 1


def _is_database_unreachable(problem: Exception) -> bool:
    """Return whether no connection was made or one was lost: an error of a statement has a code."""
    if "psycopg" not in sys.modules:
        return False
    from psycopg import OperationalError

    cause = problem if isinstance(problem, OperationalError) else problem.__cause__
    return isinstance(cause, OperationalError) and cause.sqlstate is None


def format_usage() -> str:
    """Return the usage text, with one subcommand on each line."""
    lines = (f"  {name:<14} {command.summary}" for name, command in COMMANDS.items())
    return "usage: caseapp COMMAND ...\n       caseapp --version\n\n" + "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
