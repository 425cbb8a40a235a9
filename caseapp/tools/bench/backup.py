"""`caseapp bench backup`: a whole first backup, compared with `pg_dump` and `cp` of the same database and files.

A database and a folder of its own contain 20,000 fictional cases of ten records each and 5 GB of files; both are
removed at the end. Ours is `run_backup` as the command runs it: one snapshot, all encrypted to an offline key,
digested, signed and synced. The peer writes a plain dump and copies the files, in clear, and syncs them: a copy that a
power cut can take back is no backup. Both are measured in turn, one and then the other first, of a database at rest.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from caseapp.cli.backup.archive.key_file import make_key
from caseapp.cli.backup.archive.target import sync_folder
from caseapp.cli.backup.backup_run import BackupSource, run_backup
from caseapp.cli.stack.data_folder import CannotStart, DataFolder, choose_folder, make_secrets
from caseapp.lib.service_urls import read_database
from caseapp.tools.bench import make_figure
from caseapp.tools.seal_scan.postgres import find_program

CASES = 20_000
RECORDS = 10  # of a case
RECORD_SIZES = (256, 256, 256, 512, 1024)  # bytes: the steps of the padding, as often as they occur
FILES_MB = 5_120
FILE_SIZES = (200_000, 400_000, 1_000_000, 2_000_000, 6_000_000)  # bytes: scans and photos
ROUNDS = 3
GOAL = 1.5
DATABASE = "caseapp_bench_backup"
TABLES = """
CREATE TABLE django_migrations (id bigint PRIMARY KEY, app text, name text);
CREATE TABLE reminders_plan_a (org_id uuid, id uuid, sealed bytea);
CREATE TABLE reminders_plan_b (org_id uuid, id uuid, sealed bytea);
CREATE TABLE vault_blob (org_id uuid, id uuid, state text, PRIMARY KEY (org_id, id));
CREATE TABLE vault_record (org_id uuid, id uuid, case_id uuid, version bigint, kver int, sealed bytea,
                           PRIMARY KEY (org_id, id));
"""


def run() -> list[dict[str, object]]:
    """Return the seconds of a first backup and of the peer, and of a second backup after which nothing changed."""
    if not (admin_url := os.environ.get("ADMIN_DATABASE_URL")):
        raise CannotStart("This bench needs the database of a running `make run`. Start it, and run this again.")
    admin = read_database(admin_url, "ADMIN_DATABASE_URL")
    root = choose_folder().root / "bench-backup"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    # While a stack runs, this names the secrets of its offices: a key of the bench must never be written there.
    os.environ["CASEAPP_SECRETS"] = str(root / "secrets")
    try:
        with _filled_database(admin.with_name("postgres").url) as blob_ids:
            url = admin.with_name(DATABASE).url
            return _measure(DataFolder(root), url, blob_ids)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _measure(folder: DataFolder, url: str, blob_ids: list[UUID]) -> list[dict[str, object]]:
    make_secrets(folder.secrets)
    make_key(folder, folder.root / "offline.key")
    _write_files(folder.root / "blobs", blob_ids)
    ours: list[float] = []
    peer: list[float] = []
    again: list[float] = []
    os.environ["CASEAPP_BLOBS"] = str(folder.root / "blobs")
    for number in range(ROUNDS):
        if number % 2:
            peer.append(_dump_and_copy(folder, url))
        first, second = _back_up_twice(folder, url)
        ours.append(first)
        again.append(second)
        if not number % 2:
            peer.append(_dump_and_copy(folder, url))
    name = f"{CASES} cases, {FILES_MB / 1024:g} GB"
    plain = "pg_dump and cp, synced"
    return [
        make_figure(f"first backup: {name}", unit="s", ours=ours, peer=peer, peer_name=plain, goal=GOAL),
        make_figure(f"next backup: {name}", unit="s", ours=again, peer=peer, peer_name=plain, goal=GOAL),
    ]


def _back_up_twice(folder: DataFolder, url: str) -> tuple[float, float]:
    target = folder.root / "target"
    seconds = _back_up(folder, url, target), _back_up(folder, url, target)
    _remove(target)
    return seconds


def _back_up(folder: DataFolder, url: str, target: Path) -> float:
    start = time.perf_counter()
    run_backup(BackupSource(folder, url), target, say=lambda _line: None, merge_outbox=lambda: None)
    return time.perf_counter() - start


def _dump_and_copy(folder: DataFolder, url: str) -> float:
    copy = folder.root / "copy"
    copy.mkdir()
    start = time.perf_counter()
    subprocess.run([find_program("pg_dump"), "--format=plain", f"--file={copy / 'dump.sql'}", url], check=True)
    subprocess.run(["cp", "--recursive", str(folder.root / "blobs"), str(copy)], check=True)
    sync_folder(copy)
    seconds = time.perf_counter() - start
    _remove(copy)
    return seconds


def _remove(folder: Path) -> None:
    """Remove a folder, and wait until the disk is done with it: the next run is not to pay for it."""
    shutil.rmtree(folder)
    sync_folder(folder.parent)


@contextmanager
def _filled_database(server_url: str) -> Iterator[list[UUID]]:
    """Make the database with its rows; yield the ids of the stored files; drop it at the end."""
    name = sql.Identifier(DATABASE)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            blob_ids = [uuid4() for _ in _file_sizes()]
            url = read_database(server_url).with_name(DATABASE).url
            with psycopg.connect(url) as connection:
                _fill(connection, blob_ids)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM (ANALYZE)")
                connection.execute("CHECKPOINT")
            yield blob_ids
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _fill(connection: psycopg.Connection, blob_ids: list[UUID]) -> None:
    org = uuid4()
    connection.execute(TABLES)
    with connection.cursor() as cursor:
        with cursor.copy("COPY vault_record FROM STDIN") as rows:
            for _ in range(CASES):
                case = uuid4()
                for number in range(RECORDS):
                    sealed = os.urandom(RECORD_SIZES[number % len(RECORD_SIZES)] + 34)
                    rows.write_row((org, uuid4(), case, 1, 1, sealed))
        with cursor.copy("COPY vault_blob FROM STDIN") as rows:
            for blob in blob_ids:
                rows.write_row((org, blob, "linked"))


def _file_sizes() -> list[int]:
    chance, left, sizes = Random(20), FILES_MB * 2**20, []  # noqa: S311  # sizes, no secret
    while left > 0:
        sizes.append(min(left, chance.choice(FILE_SIZES)))
        left -= sizes[-1]
    return sizes


def _write_files(blobs: Path, blob_ids: list[UUID]) -> None:
    noise = os.urandom(max(FILE_SIZES) + 4096)
    for blob, size in zip(blob_ids, _file_sizes(), strict=True):
        path = blobs / blob.hex[:2] / blob.hex
        path.parent.mkdir(parents=True, exist_ok=True)
        start = blob.int % 4096  # no two files are alike
        path.write_bytes(noise[start : start + size])
    sync_folder(blobs)
