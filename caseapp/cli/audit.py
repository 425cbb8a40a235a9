"""`caseapp audit verify`: whether the trail is what was written. Needs no passphrase and opens no entry."""

import argparse
import json
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`caseapp audit verify [--witness FILE ...] [--json]`."""
    parser = subparsers.add_parser("audit", description="The audit trail of this server's offices.")
    what = parser.add_subparsers(dest="what", required=True)
    verify = what.add_parser("verify", description="Look for anything altered, taken out or cut off. Exit 1 if found.")
    verify.add_argument("--witness", type=Path, action="append", default=[], help="a file of notes a witness kept")
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when every chain and checkpoint holds, 1 when not, with one line each. Raises CannotStart."""
    import django

    django.setup()
    from django.db import connection

    from caseapp.audit import checkpoints, read
    from caseapp.vault import server_keys
    from caseapp.vault.core import hybrid
    from caseapp.vault.tenancy import office

    public = hybrid.verify_key(server_keys.audit_key())
    kept = [note for path in args.witness for note in checkpoints.notes_in(path.read_text())]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT org_id FROM accounts_door")
        offices = [row[0] for row in cursor.fetchall()]
    found = []
    for org_id in offices:
        with office(org_id):
            found += list(read.faults(org_id, public, kept))
    if args.json:
        print(json.dumps({"offices": len(offices), "faults": [[str(f.org_id), f.where, f.what] for f in found]}))
    else:
        for fault in found:
            print(f"office {fault.org_id}: {fault.where}: {fault.what}")
        print("The audit trail is not what was written." if found else f"The trail of {len(offices)} office(s) holds.")
    return 1 if found else 0
