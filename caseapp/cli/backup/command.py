"""`caseapp backup TO`, `caseapp backup key FILE`, `caseapp backup verify TARGET`."""

import argparse
import os
from pathlib import Path

from caseapp.cli.backup.archive.errors import BackupRefused
from caseapp.cli.backup.archive.key_file import make_key, read_offline_key, read_signing_key
from caseapp.cli.backup.archive.verification import verify_target
from caseapp.cli.backup.backup_run import BackupResult, BackupSource, run_backup
from caseapp.cli.backup.drill import run_drill
from caseapp.cli.stack.data_folder import choose_folder
from caseapp.lib.service_urls import read_database
from caseapp.vault.core import hybrid

DESCRIPTION = """Make an encrypted backup of everything into a folder, or:
  caseapp backup key FILE        make the offline key; take FILE away from this machine
  caseapp backup verify TARGET   compare every file of a target with its manifests; needs no key on this machine
  caseapp backup drill TARGET --key FILE   restore aside, open a case, compare, and remove everything again
A folder with one of these names is written ./key, ./verify, ./drill."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp backup`."""
    parser = subparsers.add_parser(
        "backup", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", metavar="TO", nargs="?", default="", help="Folder of backups (CASEAPP_BACKUP_TO)")
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--key", type=Path, help="File of the offline key, for verify elsewhere and for drill")
    parser.add_argument("--replace", action="store_true", help="With key: make another key, though there is one")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run one of the subcommands. Raises BackupRefused with one sentence."""
    if args.what == "key":
        return _make_key(args)
    if args.what == "verify":
        return _verify(args)
    if args.what == "drill":
        return _drill(args)
    return _back_up(args)


def _back_up(args: argparse.Namespace) -> int:
    to = args.what or os.environ.get("CASEAPP_BACKUP_TO", "")
    if not to:
        raise BackupRefused("Name the folder of backups: `caseapp backup TO`, or set CASEAPP_BACKUP_TO.")
    admin_url = os.environ.get("ADMIN_DATABASE_URL")
    if not admin_url or "DATABASE_URL" not in os.environ:
        raise BackupRefused("Caseapp does not run here: start it, or set DATABASE_URL and ADMIN_DATABASE_URL.")
    result = back_up_now(Path(to))
    print(f"The backup {result.manifest.name} is complete: {len(result.manifest.blobs)} files and the database.")
    if result.plans_left_out:
        print(
            f"Reminder plans of {result.plans_left_out} saves are not in it: a restore plans them at the next sign-in."
        )
    if result.manifest.missing:
        raise BackupRefused(f"{result.manifest.missing} files that the database names are missing from storage.")
    return 0


def back_up_now(to: Path) -> BackupResult:
    """Back up what runs here. The environment is that of `join_running`. Raises BackupRefused."""
    import django

    django.setup()
    from django.conf import settings

    from caseapp.reminders.planning import outbox

    admin = os.environ["ADMIN_DATABASE_URL"]
    database_name = settings.DATABASES["default"]["NAME"]
    source = BackupSource(choose_folder(), with_database(admin, database_name))
    return run_backup(
        source, to.expanduser().resolve(), say=lambda line: print(line, flush=True), merge_outbox=outbox.merge
    )


def with_database(admin_url: str, name: str) -> str:
    """Return the administrator's URL with another database."""
    return read_database(admin_url, "ADMIN_DATABASE_URL").with_name(name).url


def _make_key(args: argparse.Namespace) -> int:
    if args.path is None:
        raise BackupRefused("Name a file for the key: `caseapp backup key FILE`.")
    make_key(choose_folder(), args.path, replace=args.replace)
    print(f"The offline key is in {args.path}. Take it away from this machine, twice, to two places:")
    print("without it no backup opens, and a thief who has it and the backups can guess passphrases.")
    return 0


def _verify(args: argparse.Namespace) -> int:
    root = args.path or Path(os.environ.get("CASEAPP_BACKUP_TO") or "")
    if args.key:
        signer = read_offline_key(args.key).signer
    else:
        signer = hybrid.derive_verify_key(read_signing_key(choose_folder()))
    runs, problems = verify_target(root, signer, say=lambda line: print(line, flush=True))
    for problem in problems:
        print(f"NOT  {problem}")
    if problems:
        raise BackupRefused(f"{len(problems)} files of {root} are not as they were written.")
    print(f"{runs} backups are whole: every file is as it was written.")
    return 0


def _drill(args: argparse.Namespace) -> int:
    if args.key is None:
        raise BackupRefused("Name the file of the offline key: `caseapp backup drill TARGET --key FILE`.")
    root = args.path or Path(os.environ.get("CASEAPP_BACKUP_TO") or "")
    admin = os.environ.get("ADMIN_DATABASE_URL", "")
    live = with_database(admin, read_database(os.environ["DATABASE_URL"]).name) if admin else ""
    run_drill(root, read_offline_key(args.key), choose_folder(), live, lambda line: print(line, flush=True))
    print("The drill succeeded. The restored copy is removed.")
    return 0
