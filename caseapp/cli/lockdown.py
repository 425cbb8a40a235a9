"""`caseapp lockdown [--office ID] [--end]`: for the server administrator, when no admin can be reached.

It decrypts nothing. The audit trail has no entry of it, because an entry needs a member's key; every page of the office
shows it instead.
"""

import argparse
from uuid import UUID

UNKNOWN = "There is no office with this id: `caseapp office list` shows them. Nothing was changed."


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp lockdown [--office ID] [--end]`."""
    text = (
        "End every session of every office on this server, or of one, and let only admins in, until --end or an admin "
        "lifts it."
    )
    parser = subparsers.add_parser("lockdown", description=text)
    parser.add_argument("--end", action="store_true", help="Lift the lockdown")
    parser.add_argument(
        "--office", type=UUID, metavar="ID", help="This office only; its id is in `caseapp office list`"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Begin or lift the lockdown. Return 0, or 1 when there is no such office."""
    import django

    django.setup()
    from caseapp.accounts.members import lockdown

    count = lockdown.end_all(args.office) if args.end else lockdown.begin_all(args.office)
    if not count:
        print(UNKNOWN if args.office else "There is no office on this server yet.")
        return 1
    if args.end:
        print(f"Lifted for {count} office(s). Everybody signs in again with their own passphrase.")
    else:
        print(f"{count} office(s) locked down: all sessions ended, only admins can sign in. Reminders keep going out.")
        only = f" --office {args.office}" if args.office else ""
        print(f"To come back, an admin signs in and lifts it under People, or run: caseapp lockdown --end{only}")
    return 0
