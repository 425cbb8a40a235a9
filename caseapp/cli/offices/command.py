"""`caseapp office`: list the offices of this server, prepare a further one, remove one, verify a certificate."""

import argparse
import base64
import binascii
import json
import os
import sqlite3
import time
from pathlib import Path
from uuid import UUID, uuid4

from caseapp.cli.stack.data_folder import CannotStart, DataFolder, choose_folder
from caseapp.lib import setup_code

AT_WORK, LOCKED, WAITING, REMOVING, REMOVED = "at work", "locked down", "waits for set-up", "being removed", "removed"
UNKNOWN = "There is no office with this id: `caseapp office list` shows them."
GOES_ON = "Look at `caseapp doctor`, then repeat the command: it continues where it stopped."
LOCK_PATIENCE = 15.0  # seconds
LOSS = "Everything it stored is destroyed for good. No backup and no passphrase brings it back."


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp office list|new|remove|verify`."""
    parser = subparsers.add_parser("office", description="Offices of this server.")
    acts = parser.add_subparsers(dest="act", required=True)
    listing = acts.add_parser("list", description="Show each office's id, state and code; no names.")
    listing.add_argument("--json", action="store_true", help="Print JSON")
    listing.set_defaults(run=list_offices)
    new = acts.add_parser("new", description="Prepare a further office and print the link that sets it up.")
    new.set_defaults(run=prepare_office)
    remove = acts.add_parser("remove", description="Destroy an office for good and write a certificate.")
    remove.add_argument("id", type=UUID, metavar="ID", help="The office's id, as `caseapp office list` shows it")
    remove.set_defaults(run=remove_office)
    verify = acts.add_parser("verify", description="Check the certificate of a removed office.")
    verify.add_argument("certificate", type=Path, metavar="CERTIFICATE", help="File that `remove` wrote")
    verify.add_argument("--key", default="", help="Public key of the server that signed it; else this server's own")
    verify.set_defaults(run=verify_certificate)


def list_offices(args: argparse.Namespace) -> int:
    """Print one line for each office."""
    _set_up_django()
    offices = find_offices(choose_folder())
    if args.json:
        print(json.dumps({"offices": offices}, indent=1))
        return 0
    for office in offices:
        code = f"   office code {office['code']}" if office["code"] else ""
        print(f"{office['id']}   {office['state']}{code}")
    if not offices:
        print("There is no office on this server yet: `caseapp setup-link` prints the link that sets it up.")
    return 0


def find_offices(folder: DataFolder) -> list[dict[str, str]]:
    """Return id, state and code of each office, by id. The code is empty where members sign in without one."""
    from caseapp.accounts.members import lockdown
    from caseapp.accounts.models import Door
    from caseapp.accounts.signin import office_codes
    from caseapp.vault.models import RemovedOffice
    from caseapp.vault.tenancy import office_transaction

    offices = {}
    for org_id in Door.objects.values_list("org_id", flat=True).distinct():
        with office_transaction(org_id):
            state = LOCKED if lockdown.is_on(org_id) else AT_WORK
        offices[org_id] = (state, office_codes.find_code(org_id))
    for org_id in setup_code.waiting_offices(folder.secrets):
        offices.setdefault(org_id, (WAITING, office_codes.compute_code(org_id)))
    for order in RemovedOffice.objects.all():
        offices[order.org_id] = (REMOVED if order.certificate else REMOVING, "")
    return [{"id": str(org_id), "state": state, "code": code} for org_id, (state, code) in sorted(offices.items())]


def prepare_office(args: argparse.Namespace) -> int:
    """Store a set-up code for a new office and print its link. Raises CannotStart where no first office exists."""
    _set_up_django()
    from caseapp.accounts.members import new_office
    from caseapp.accounts.signin import office_codes

    if new_office.needs_setup():
        raise CannotStart("This server has no office yet: `caseapp setup-link` prints the link that sets it up.")
    origin, org_id = os.environ.get("CASEAPP_ORIGIN", ""), uuid4()
    code = setup_code.create_office_code(choose_folder().secrets, org_id)
    print(f"The new office has the id {org_id}.")
    print(f"Open this link to set it up. It works once:  {setup_code.setup_link(origin, code, further=True)}")
    print(f"Without scripts in your browser, open {origin}/setup/office/ and type:  {code}")
    print(f"Its members sign in with e-mail, passphrase and the office code:  {office_codes.compute_code(org_id)}")
    return 0


def remove_office(args: argparse.Namespace) -> int:
    """Remove an office after its id was typed again, or go on with a removal. Raises CannotStart."""
    _set_up_django()
    from django.db import DatabaseError

    from caseapp.cli.offices import removal
    from caseapp.vault.models import RemovedOffice

    folder, org_id = choose_folder(), args.id
    if org_id in setup_code.waiting_offices(folder.secrets):
        setup_code.destroy_office_code(folder.secrets, org_id)
        print("This office was not set up yet. Its set-up link no longer works.")
        return 0
    _become_only_removal()
    order = RemovedOffice.objects.filter(org_id=org_id).first()
    if order is None:
        _ask_for_id(org_id)
        removal.order_removal(org_id)
    elif not order.certificate and removal.has_begun(org_id):
        print("The removal of this office began before and was interrupted. It continues.")
    elif not order.certificate:
        print("The database has an order to remove this office, and no removal began on this machine.")
        print(f"If you did not give the order, find out who wrote it before you go on. {LOSS}")
        _ask_for_same_id(org_id)
    try:
        note = removal.remove_office(org_id, print)
    except (OSError, sqlite3.Error, DatabaseError) as problem:
        raise CannotStart(f"The removal stopped ({type(problem).__name__}). {GOES_ON}") from None
    removal.rewrite_operational_tables(print)
    path = removal.write_certificate(folder.root / "certificates", org_id, note)
    print(f"Nothing of this office is left. The certificate is {path}:\n\n{note}")
    return 0


def _become_only_removal() -> None:
    """Wait for the lock: the database notices a killed run only after its last statement. Raises CannotStart."""
    from caseapp.cli.offices import queries

    give_up = time.monotonic() + LOCK_PATIENCE
    while not queries.try_removal_lock():
        if time.monotonic() > give_up:
            raise CannotStart("Another removal runs on this server: wait until it is done.")
        time.sleep(0.1)


def _ask_for_id(org_id: UUID) -> None:
    """Show what would be destroyed and ask for the id again. Raises CannotStart."""
    from django.db import transaction

    from caseapp.accounts.models import Door
    from caseapp.cli.offices import queries, removal

    if not Door.objects.filter(org_id=org_id).exists():
        raise CannotStart(UNKNOWN)
    with transaction.atomic():
        queries.show_office(org_id)
        content = removal.count_content(org_id)
    print(f"This office has {content.members} members, {content.files} case files and {content.documents} documents.")
    print(LOSS)
    _ask_for_same_id(org_id)


def _ask_for_same_id(org_id: UUID) -> None:
    """Ask for the id of the office again. Raises CannotStart for another one."""
    try:
        typed = input("To remove it, type its id again: ")
    except EOFError:
        typed = ""
    print()
    if typed.strip().lower() != str(org_id):
        raise CannotStart("That is not the id of this office. Nothing was removed.")


def verify_certificate(args: argparse.Namespace) -> int:
    """Print the lines of a certificate that this server, or the owner of `--key`, signed. Raises CannotStart."""
    _set_up_django()
    from caseapp.cli.offices import certificate
    from caseapp.vault import server_keys
    from caseapp.vault.core import hybrid
    from caseapp.vault.errors import OpenFailed

    try:
        public = (
            base64.b64decode(args.key, validate=True) if args.key else hybrid.derive_verify_key(server_keys.audit_key())
        )
        lines = certificate.read_certificate(args.certificate.read_text(encoding="utf-8"), public)
    except (OSError, UnicodeDecodeError):
        raise CannotStart(f"The file {args.certificate} cannot be read.") from None
    except (binascii.Error, ValueError):
        raise CannotStart("The key is not one: copy it whole, from a certificate of that server.") from None
    except OpenFailed as exc:
        raise CannotStart(f"This certificate does not count: {exc}.") from None
    print("\n".join(lines))
    print("The signature is right.")
    return 0


def _set_up_django() -> None:
    import django

    if not os.environ.get("DATABASE_URL"):
        raise CannotStart("Caseapp does not run here: start it, then repeat the command.")
    django.setup()
    from django.db import DatabaseError, connection

    try:
        connection.ensure_connection()
    except DatabaseError:
        raise CannotStart("The database is unreachable: `caseapp doctor` says more.") from None
