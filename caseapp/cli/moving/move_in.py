"""`caseapp move-in ARCHIVE`: import an archive that Caseapp exported, into the office of a member.

It can be interrupted and started again with the same archive: cases that are there already are left alone.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from caseapp.cli.moving.member_sign_in import ask_for_member, open_member
from caseapp.cli.stack.data_folder import CannotStart

if TYPE_CHECKING:
    from caseapp.accounts.keys.staff import Staff

DESCRIPTION = "Import an archive that Caseapp exported (not encrypted: open it with age first) into a member's office."


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp move-in`."""
    parser = subparsers.add_parser("move-in", description=DESCRIPTION)
    parser.add_argument("archive", metavar="ARCHIVE", type=Path, help="The zip file of an office or of one case")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import an archive. Return 1 when a case of it was not imported. Raises CannotStart with one sentence."""
    import django

    django.setup()
    from django.utils import translation

    from caseapp.lib.errors import NotFound, Refused

    staff = open_member(ask_for_member())
    try:
        with translation.override(staff.language):
            return _import_archive(staff, args.archive)
    except NotFound:
        raise CannotStart("Only an admin imports the archive of an office.") from None
    except Refused as refused:
        raise CannotStart(refused.sentence) from None


def _import_archive(staff: "Staff", path: Path) -> int:
    from caseapp.moving.services.own_import.cases import import_package
    from caseapp.moving.services.own_import.package import open_package

    try:
        file = path.open("rb")
    except OSError as problem:
        raise CannotStart(f"{path} cannot be read: {problem.strerror}.") from None
    with file:
        package = open_package(file)
        package.check_sums()
        print(f"{len(package.manifest.cases)} cases, {len(package.manifest.files)} files, all as they were exported")
        if package.manifest.cases_not_opened:
            print(f"{package.manifest.cases_not_opened} cases could not be opened by the admin who exported.")
        result = import_package(staff, package, _print_progress)
    print(f"{result.imported} cases imported, {result.present} were here already")
    if result.refused:
        print(f"Not imported: {', '.join(result.refused)}")
    return 1 if result.refused else 0


def _print_progress(done: int, total: int) -> None:
    if done % 100 == 0 or done == total:
        print(f"{done} of {total}", flush=True)
