"""`caseapp restore FROM --key FILE`: a backup into an empty data folder and database."""

import argparse
import os
from pathlib import Path

from caseapp.cli.backup.archive.key_file import read_offline_key
from caseapp.cli.backup.restore_run import run_restore
from caseapp.cli.backup.restore_source import RestoreSource, open_source
from caseapp.cli.stack.data_folder import add_logins, choose_folder
from caseapp.lib.service_urls import BadSetting, list_bad_settings


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp restore`."""
    parser = subparsers.add_parser(
        "restore", description="Restore a backup into an empty data folder (CASEAPP_DATA). Repeat it after a crash."
    )
    parser.add_argument("source", metavar="FROM", type=Path, help="Folder of backups")
    parser.add_argument("--key", type=Path, required=True, help="File of the offline key")
    parser.add_argument("--run", default="", dest="run_name", help="Name of a backup; the newest if not given")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restore, and say what is to be done next. Raises BackupRefused, CannotStart, BadSetting."""
    if problems := list_bad_settings(os.environ):
        raise BadSetting("; ".join(problems))
    key = read_offline_key(args.key)
    source = open_source(args.source.expanduser().resolve(), key, args.run_name)
    folder = choose_folder()
    if "DATABASE_URL" in os.environ and (folder.secrets / "db-owner.password").exists():
        add_logins(folder, "owner", os.environ)
    result = run_restore(source, folder, lambda line: print(line, flush=True))
    print(f"Restored from the backup of {source.manifest.at:%A, %B %-d, %Y, %H:%M} UTC. All sessions have ended.")
    for line in _follow_up(source, result.cases_destroyed, result.members_removed, result.plans_left_out):
        print(line)
    if result.offices_removed:
        print(f"Offices that were removed after the backup, and are removed again: {result.offices_removed}.")
    return 0


def _follow_up(source: RestoreSource, cases: int, members: int, plans: int) -> list[str]:
    lines = []
    if cases:
        lines.append(f"Cases that were destroyed after the backup, and are destroyed again: {cases}.")
    if members:
        lines.append(f"Members who were removed after the backup, and whose access is ended again: {members}.")
        lines.append("Let an admin sign in first: that completes the removal in the signed list of people.")
    if source.halves.run != source.manifest.run:
        lines.append(
            f"The shred halves are those of {source.halves.at:%Y-%m-%d %H:%M} UTC: a member who changed the passphrase "
            "between the two backups needs the recovery sheets."
        )
    if plans:
        lines.append(f"Saves whose reminder plans were not in the backup: {plans}. The next sign-in plans them again.")
    lines.append("Start Caseapp. Reminders of the days in between go out once, and Today lists what became overdue.")
    return lines
