"""`caseapp export CASE`: one client's whole file, encrypted.

A member types their passphrase, as in `caseapp backup drill`: this machine alone opens no case.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from caseapp.cli.moving.member_sign_in import ask_for_member, open_member
from caseapp.cli.stack.data_folder import CannotStart

if TYPE_CHECKING:
    from uuid import UUID

    from caseapp.accounts.keys.staff import Staff

DESCRIPTION = "Write a client's whole file, encrypted with six words that are printed once, or to a public key of age."


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp export`."""
    parser = subparsers.add_parser("export", description=DESCRIPTION)
    parser.add_argument("ref", metavar="CASE", help="Reference of the case, as on its page")
    parser.add_argument("--to", type=Path, default=Path(), help="Folder for the file (default: the current one)")
    parser.add_argument("--recipient", default="", help="Public key of age, in place of six words")
    parser.add_argument("--plain", action="store_true", help="Not encrypted: anyone who has the file can read it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Export a case. Raises CannotStart with one sentence."""
    import django

    django.setup()
    from django.utils import translation

    from caseapp.lib.errors import NotFound, Refused

    staff = open_member(ask_for_member())
    try:
        with translation.override(staff.language):
            return _export_case(staff, args)
    except NotFound:
        raise CannotStart("This member has no such case, or may not export it.") from None
    except Refused as refused:
        raise CannotStart(refused.sentence) from None


def _export_case(staff: "Staff", args: argparse.Namespace) -> int:
    from caseapp.moving.pages.closed_archives import close_archive
    from caseapp.moving.pages.readable import readable_files
    from caseapp.moving.services.exporting import age, client_file

    recipient = age.check_recipient(args.recipient) if args.recipient else ""
    phrase = "" if args.plain or recipient else age.new_phrase()
    opened = client_file.open_client_file(staff, _find_case(staff, args.ref))
    pieces = client_file.stream_client_file(opened, readable_files(opened))
    archive = close_archive(pieces, f"case-{opened.ref}", opened.at, recipient=recipient, phrase=phrase)
    path = args.to / archive.name
    size = _write_new_file(path, archive.pieces)
    print(f"{path}: {size} bytes, {len(opened.entries)} records, {len(opened.documents)} documents")
    if phrase:
        print(f"Six words that open it, shown this once: {phrase}")
    return 0


def _find_case(staff: "Staff", ref: str) -> "UUID":
    from caseapp.index import reader
    from caseapp.lib.errors import NotFound
    from caseapp.vault.tenancy import office_transaction

    with office_transaction(staff.org_id):
        rows = reader.open_view(staff.keys, zone=staff.zone).all_rows()
        matches = [case_id for case_id, row in rows if row.ref.casefold() == ref.strip().casefold()]
    if len(matches) != 1:
        raise NotFound("case")
    return matches[0]


def _write_new_file(path: Path, pieces: Iterator[bytes]) -> int:
    """Write a file that is not there yet; one that was not finished is removed. Raises CannotStart."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        raise CannotStart(f"{path} cannot be written: {problem.strerror}.") from None
    size = 0
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                size += file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size
