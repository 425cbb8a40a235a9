"""The `caseapp` command. Subcommands are loaded when asked for, so `caseapp deadlines` needs no Django.

A subcommand's module has `add_parser(subparsers)`, which sets `run(args) -> exit code` as the parser's default `run`.
"""

import argparse
import os
import sys
from importlib import import_module
from typing import NamedTuple


class Command(NamedTuple):
    """A subcommand. `role`: as whom it asks the database of the stack that runs here; None if it does not."""

    module: str
    summary: str
    role: str | None = None


COMMANDS = {
    "up": Command("up", "run everything on this machine until Ctrl-C"),
    "prepare": Command("up", "make the data folder and its keys"),
    "serve": Command("up", "be one process (web, worker or beat) of a larger set-up"),
    "migrate": Command(
        "caseapp.cli.stack.database", "bring the database, its roles and its locks up to date", role="owner"
    ),
    "doctor": Command("doctor", "say what is healthy; exits non-zero when something is not", role="web"),
    "test-mail": Command("doctor", "send the self-test message to an address", role="web"),
    "deadlines": Command("deadlines", "work out deadlines from the rules"),
    "demo": Command("demo", "make a fictional office", role="web"),
    "forget-factors": Command("factors", "take a member's lost second factors away", role="web"),
    "recover": Command("recover", "open the office's recovery with the holders' shares, offline"),
    "lockdown": Command("lockdown", "end all sessions and let only admins in; --end lifts it", role="web"),
    "seal-scan": Command("caseapp.tools.seal_scan", "look for words in everything that is stored", role="owner"),
    "audit": Command("audit", "say whether the audit trail is what was written", role="owner"),
    "bench": Command("caseapp.tools.bench", "measure against a plain twin", role="owner"),
}
BAD_USE = 2


def main() -> int:
    """Run one subcommand and answer its exit code; 2 for bad use, 1 when it cannot start."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    command = COMMANDS.get(name)
    if command is None:
        is_asked = name in {"-h", "--help"}
        print(usage(), file=sys.stdout if is_asked else sys.stderr)
        return 0 if is_asked else BAD_USE
    parser = argparse.ArgumentParser(prog="caseapp")
    import_module(command.module if "." in command.module else f"caseapp.cli.{command.module}").add_parser(
        parser.add_subparsers(required=True)
    )
    args = parser.parse_args()
    from caseapp.cli.stack.data_folder import CannotStart, join_running

    try:
        if command.role:
            join_running(command.role)
        return int(args.run(args))
    except CannotStart as sentence:
        print(sentence, file=sys.stderr)
        return 1
    except BrokenPipeError:  # `caseapp ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def usage() -> str:
    """All subcommands, one on a line."""
    lines = (f"  {name:<14} {command.summary}" for name, command in COMMANDS.items())
    return "usage: caseapp COMMAND ...\n\n" + "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
