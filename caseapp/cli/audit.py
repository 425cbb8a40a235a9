"""`caseapp audit verify`: check that the audit trail is unaltered. Needs no passphrase and opens no entry."""

import argparse
import json
from pathlib import Path

from caseapp.cli.stack.data_folder import CannotStart


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp audit verify [--witness FILE ...] [--json]`."""
    parser = subparsers.add_parser("audit", description="Check the audit trail of this server's offices.")
    what = parser.add_subparsers(dest="what", required=True)
    verify = what.add_parser(
        "verify", description="Look for altered, removed or cut off entries; exit 1 when there are any."
    )
    verify.add_argument(
        "--witness", type=Path, action="append", default=[], help="File of notes that a witness kept; repeatable"
    )
    verify.add_argument("--json", action="store_true", help="Print JSON")
    verify.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one line for each fault. Return 0 when every chain and checkpoint is intact, else 1. Raises CannotStart."""
    import django

    django.setup()

    from caseapp.accounts.models import Door
    from caseapp.audit import checkpoints, read
    from caseapp.vault import server_keys
    from caseapp.vault.core import hybrid
    from caseapp.vault.tenancy import office_transaction

    public = hybrid.derive_verify_key(server_keys.audit_key())
    kept = [note for path in args.witness for note in checkpoints.split_notes(_read_witness(path))]
    offices = list(Door.objects.values_list("org_id", flat=True).distinct())
    faults = []
    for org_id in offices:
        with office_transaction(org_id):
            faults += list(read.find_faults(org_id, public, kept))
    if args.json:
        print(json.dumps({"offices": len(offices), "faults": [[str(f.org_id), f.where, f.what] for f in faults]}))
    else:
        for fault in faults:
            print(f"office {fault.org_id}: {fault.where}: {fault.what}")
        print(
            "The audit trail is not what was written."
            if faults
            else f"The audit trail of {len(offices)} office(s) is unaltered."
        )
    return 1 if faults else 0


def _read_witness(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not text"
        raise CannotStart(f"The witness's file {path} cannot be read ({reason}).") from None
