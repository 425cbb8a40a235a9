"""`caseapp fill-office`: create a fictional office of any size in an empty installation."""

import argparse
import json
import sys
import time
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp fill-office [--cases N] [--members N] [--factors] [--plain FOLDER] [--json]`."""
    parser = subparsers.add_parser(
        "fill-office", description="Create a fictional office with many cases. Only where no office exists."
    )
    parser.add_argument("--cases", type=int, default=5_000, metavar="N", help="Number of cases (5,000)")
    parser.add_argument("--members", type=int, default=3, metavar="N", help="Number of members (3)")
    parser.add_argument("--factors", action="store_true", help="Give each member an authenticator app")
    parser.add_argument("--processes", type=int, default=4, metavar="N", help="Processes that seal cases (4)")
    parser.add_argument("--plain", type=Path, metavar="FOLDER", help="Write the fictional cases there in plaintext too")
    parser.add_argument("--json", action="store_true", help="Print one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Create the office and print how its members sign in. Return 1 where an office exists already."""
    import django

    django.setup()
    from caseapp.accounts.members import new_office
    from caseapp.accounts.members.new_office import Hosting
    from caseapp.tools.bench.large_office import office, sealing
    from caseapp.tools.bench.large_office.plain_copy import PlainCopy

    if not new_office.needs_setup():
        print("There is an office here already: use an empty installation.", file=sys.stderr)
        return 1
    began = time.monotonic()
    filled = office.found_office(args.members, hosting=Hosting(), has_factors=args.factors)
    copy = PlainCopy(args.plain) if args.plain else None
    if copy is not None:
        copy.write_members(filled)
    see = copy.add if copy is not None else None
    sealing.seal_cases(filled.staff, filled.member_ids, range(args.cases), processes=args.processes, see=see)
    seconds = time.monotonic() - began
    sign_ins = [member.as_text() for member in filled.members]
    if args.json:
        print(json.dumps({"cases": args.cases, "seconds": round(seconds, 1), "members": sign_ins}))
        return 0
    print(f"Fictional office with {args.cases} cases, made in {seconds:.0f} s. Sign in as:")
    for member in sign_ins:
        print(f"{member['email']} with:  {member['passphrase']}")
        if secret := member.get("app_secret"):
            print(f"  and an authenticator app with the key  {secret}")
    return 0
