"""`caseapp seal-scan`: search everything that is stored for needles (known texts), in every form they could take.

Exit 0: no needle was found, and every control was. Exit 1: a needle was found. Exit 3: the scan proves nothing (a
control was missed, a store could not be read, something could not be opened). Reports name labels and locations, never
a needle.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from caseapp.lib.service_urls import read_database
from caseapp.tools.seal_scan.broker import BrokerKeys, BrokerMemory
from caseapp.tools.seal_scan.needles import Needle, NeedleRefused, read_needles
from caseapp.tools.seal_scan.open_files import OpenFilesStore
from caseapp.tools.seal_scan.postgres import DatabaseDump, DatabaseFiles
from caseapp.tools.seal_scan.scan import scan_stores
from caseapp.tools.seal_scan.stack_processes import PROC, find_stack_processes
from caseapp.tools.seal_scan.stores import BackupStore, FolderStore, Store
from caseapp.tools.seal_scan.tally import Report

STORES = ("database", "database-files", "storage", "broker", "broker-memory", "logs", "data", "temp", "backup", "extra")
EXIT_BROKEN = 3
MAX_KEY_LENGTH = 4096  # bytes; a longer file is not a key
SHRED_FOLDER = "shred"  # one half for each case and member: they make no tags, and a scan would take longer with each
MIN_KEY_LENGTH = 32  # bytes; a shorter one could be in a backup by chance
HALVES_SOUGHT = 3  # of the oldest, which every backup has
SHARED = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  # read, and written to only for controls


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp seal-scan`."""
    parser = subparsers.add_parser("seal-scan", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--needles", type=Path, required=True, help="File with one needle a line, `#` comments, optional `label: `"
    )
    parser.add_argument("--data", type=Path, help="Data folder (default CASEAPP_DATA)")
    parser.add_argument("--database-url", help="URL as superuser (default ADMIN_DATABASE_URL, then DATABASE_URL)")
    parser.add_argument("--broker-url", help="URL of the broker (default BROKER_URL)")
    parser.add_argument(
        "--extra", type=Path, action="append", default=[], help="Scan this folder or file too; repeatable"
    )
    parser.add_argument(
        "--backup",
        type=Path,
        action="append",
        default=[],
        help="Target of backups (default CASEAPP_BACKUP_TO); "
        "repeatable. There a table's name, a key of the server or a half is a leak too",
    )
    parser.add_argument("--exclude", type=Path, action="append", default=[], help="Leave out this path; repeatable")
    parser.add_argument(
        "--since",
        type=float,
        default=0.0,
        help="In the machine's temp folders: only files made or changed after this time (seconds since 1970); never "
        "those older than the data folder",
    )
    parser.add_argument("--only", choices=STORES, action="append", default=[], help="Scan only this store; repeatable")
    parser.add_argument(
        "--skip",
        choices=STORES,
        action="append",
        default=[],
        help="Leave out this store, for a reason you know; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="Print the report as JSON")
    parser.add_argument("--show", action="store_true", help="Also print the needles that were found")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Scan the stores, print the report and return its exit code."""
    try:
        needles = read_needles(args.needles)
    except (NeedleRefused, OSError, UnicodeDecodeError) as problem:
        print(f"seal-scan: the needles cannot be read: {problem}", file=sys.stderr)
        return EXIT_BROKEN
    data_folder = (args.data or Path(os.environ["CASEAPP_DATA"])).resolve()
    secrets = Path(os.environ.get("CASEAPP_SECRETS") or data_folder / "secrets")
    wanted = [name for name in args.only or STORES if name not in args.skip]
    try:
        stores = [store for name in wanted for store in _stores_named(name, data_folder, args)]
    except KeyError as missing:
        print(f"seal-scan: set {missing.args[0]}, or --skip what needs it", file=sys.stderr)
        return EXIT_BROKEN
    of_backups = keys_of_backups(secrets) if any(isinstance(store, BackupStore) for store in stores) else {}
    report = scan_stores(stores, needles, server_keys(secrets), _print_progress, of_backups)
    shown = {needle.label: needle.text for needle in needles} if args.show else {}
    (_print_json if args.json else _print_text)(report, needles, shown, args.skip)
    return report.exit_code


def server_keys(folder: Path) -> dict[str, bytes]:
    """Return every server secret except the shred halves, by name: as bytes, and as the hex text of a setting."""
    keys: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if (
            SHRED_FOLDER not in path.relative_to(folder).parts
            and path.is_file()
            and not path.is_symlink()
            and 0 < path.stat().st_size <= MAX_KEY_LENGTH
        ):
            name = str(path.relative_to(folder))
            keys[name] = path.read_bytes()
            keys[f"{name} as hex"] = path.read_bytes().hex().encode()
    return keys


def keys_of_backups(folder: Path) -> dict[str, bytes]:
    """Return what a backup that is not encrypted would show, by name: each server secret, and some shred halves."""
    keys = {f"key {name}": key for name, key in server_keys(folder).items() if len(key) >= MIN_KEY_LENGTH}
    halves = sorted((folder / SHRED_FOLDER).glob("*/*"), key=lambda path: path.stat().st_mtime)
    return keys | {f"half {number}": path.read_bytes() for number, path in enumerate(halves[:HALVES_SOUGHT])}


def _stores_named(name: str, data_folder: Path, args: argparse.Namespace) -> Iterator[Store]:
    excluded = {path.resolve() for path in (args.needles, *args.exclude)}
    blobs = Path(os.environ.get("CASEAPP_BLOBS") or data_folder / "blobs").resolve()
    backups = _backup_targets(args)
    elsewhere = {data_folder / "pg", blobs, data_folder / "logs", data_folder / "tmp", *backups}
    extra = [path.resolve() for path in args.extra]
    if name == "database":
        yield DatabaseDump(_superuser_url(args))
    elif name == "database-files":
        yield DatabaseFiles(_superuser_url(args))
    elif name == "broker":
        yield BrokerKeys(args.broker_url or os.environ["BROKER_URL"])
    elif name == "broker-memory":
        yield BrokerMemory(args.broker_url or os.environ["BROKER_URL"])
    elif name in {"storage", "logs"}:
        yield FolderStore(name, [blobs if name == "storage" else data_folder / "logs"], others=frozenset(excluded))
    elif name == "data":
        yield FolderStore(name, [data_folder], others=frozenset(elsewhere | excluded | set(extra)))
    elif name == "temp":
        yield from _temporary_stores(data_folder, args, frozenset({blobs, *backups, *extra} | excluded))
    elif name == "backup":
        yield from (BackupStore(f"backup:{path}", [path], others=frozenset(excluded)) for path in backups)
    else:
        yield from (FolderStore(f"extra:{path}", [path], others=frozenset(excluded)) for path in extra)


def _backup_targets(args: argparse.Namespace) -> list[Path]:
    configured = os.environ.get("CASEAPP_BACKUP_TO")
    return [path.expanduser().resolve() for path in args.backup or ([Path(configured)] if configured else [])]


def _superuser_url(args: argparse.Namespace) -> str:
    """Return the superuser's URL of the database that Caseapp uses."""
    if args.database_url:
        return str(args.database_url)
    if not (admin := os.environ.get("ADMIN_DATABASE_URL")):
        return os.environ["DATABASE_URL"]
    used = os.environ.get("DATABASE_URL")
    return read_database(admin).with_name(read_database(used).name).url if used else admin


def _temporary_stores(data_folder: Path, args: argparse.Namespace, others: frozenset[Path]) -> Iterator[Store]:
    """Yield the stack's own temp folders, what is its own in the machine's, and nameless files that it has open."""
    stack = find_stack_processes(data_folder)
    if stack.own_temp_folders:
        yield FolderStore("temp:own", stack.own_temp_folders, others=others)
    machine = _distinct_folders(Path(tempfile.gettempdir()), *map(Path, SHARED), *stack.other_temp_folders)
    yield FolderStore(
        "temp:machine",
        [path for path in machine if path not in stack.own_temp_folders],
        others=others | {data_folder},
        owners=stack.users,
        groups=stack.groups,
        since=max(args.since, stack.since),
    )
    if PROC.is_dir():
        yield OpenFilesStore("temp:open", stack.pids)


def _distinct_folders(*paths: Path) -> list[Path]:
    seen: dict[tuple[int, int], Path] = {}
    for path in paths:
        if path.is_dir():
            seen.setdefault((path.stat().st_dev, path.stat().st_ino), path.resolve())
    return list(seen.values())


def _print_progress(line: str) -> None:
    print(f"seal-scan: {line}", file=sys.stderr, flush=True)


def _print_text(report: Report, needles: list[Needle], shown: dict[str, str], skipped: list[str]) -> None:
    for leak in report.leaks[:200]:
        via = "".join(f" > {name}" for name in leak.via)
        text = f" = {shown[leak.form.label]}" if leak.form.label in shown else ""
        where = f"{leak.store}: {leak.place}{via} at {leak.offset}"
        print(f"FOUND {leak.form.label} as {leak.form.name} in {where}{text}")
    for line in report.broken:
        print(f"BROKEN {line}")
    for store in report.stores:
        print(f"{store.store}: {store.bytes / 1e6:.1f} MB, {store.speed:.0f} MB/s, found {store.found}")
    if skipped:
        print(f"Left out as asked: {', '.join(skipped)}")
    outcome = {0: "Nothing found.", 1: f"FOUND {report.leak_count} times.", EXIT_BROKEN: "The scan proves nothing."}
    print(f"{len(needles)} needles, {report.patterns} patterns ({report.engine}). {outcome[report.exit_code]}")


def _print_json(report: Report, needles: list[Needle], shown: dict[str, str], skipped: list[str]) -> None:
    answer: dict[str, Any] = asdict(report) | {"exit": report.exit_code, "needles": len(needles), "skipped": skipped}
    if shown:
        answer["texts"] = {
            label: text for label, text in shown.items() if label in {f.form.label for f in report.leaks}
        }
    json.dump(answer, sys.stdout, ensure_ascii=True)
    print()
