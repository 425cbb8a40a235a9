"""The removal of an office: access ends, its key halves are destroyed, then its files and rows go in small steps.

The order is one row (`vault_removed`). From its commit on the office is shown to no transaction that begins
(`vault.queries.set_office`), so nothing is added while rows go. What is left to do is read from the rows that are left:
a removal that was killed goes on where it was. The row stays, with the certificate, so that the office does not return.
"""

import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.db import DatabaseError, transaction

from caseapp.accounts.members import destruction_journal
from caseapp.accounts.models import Destruction, Door, Hook, Member, Return, Session
from caseapp.audit import chain
from caseapp.audit.models import AuditCheckpoint
from caseapp.casefile.file_storage import blob_path
from caseapp.cli.offices import certificate, queries
from caseapp.cli.offices.certificate import OfficeContent
from caseapp.lib import clock, secret_files
from caseapp.vault import seen_versions, server_keys, shred_keys
from caseapp.vault.models import RemovedOffice, VaultBlob, VaultCase

Report = Callable[[str], None]
BATCH = 1000  # rows, files or halves of one step, each of which is a transaction of its own
LONGEST_TRANSACTION = 360.0  # seconds; PostgreSQL ends those of the web's role after five idle minutes
LOCK_TIMEOUT = "2s"  # another office's page does not wait longer for a table that is written anew


def order_removal(org_id: UUID) -> None:
    """End all access to an office and store the order to remove it, with what it has now. Raises IntegrityError."""
    ordered_at = clock.now()
    with transaction.atomic():
        queries.show_office(org_id)
        content = count_content(org_id)
        lines = certificate.format_content(org_id, ordered_at, content)
        RemovedOffice.objects.create(org_id=org_id, ordered_at=ordered_at, content=lines)
        for table in (Door, Session, Hook):  # what a sign-in, a page or a webhook begins with
            table.objects.filter(org_id=org_id).delete()


def count_content(org_id: UUID) -> OfficeContent:
    """Return what the office has, in the transaction that shows it."""
    blobs = [blob_path(blob_id) for blob_id in VaultBlob.objects.filter(org_id=org_id).values_list("id", flat=True)]
    last = AuditCheckpoint.objects.filter(org_id=org_id).order_by("-number").first()
    return OfficeContent(
        members=queries.count_rows(org_id, "accounts_member"),
        files=len(_file_ids(org_id)),
        documents=len(blobs),
        document_bytes=sum(path.stat().st_size for path in blobs if path.exists()),
        rows=sum(queries.count_rows(org_id, table) for table in queries.tables_of_offices()),
        checkpoint=f"{last.number} {chain.hash_note(last.note).hex()}" if last else "none",
    )


def has_begun(org_id: UUID) -> bool:
    """Return whether a removal began on this machine: its journal, outside the database, names the office."""
    return org_id in destruction_journal.confirmed_subjects("offices", org_id, [org_id])


def remove_office(org_id: UUID, report: Report) -> str:
    """Carry out the order to remove an office and return the certificate. A run after a killed one goes on with it.

    Raises RemovedOffice.DoesNotExist without an order, OSError while the journal of destructions cannot be written.
    """
    order = RemovedOffice.objects.get(org_id=org_id)
    if order.certificate:
        return order.certificate
    destruction_journal.record_destruction("offices", org_id, org_id)
    _wait_for_open_transactions(report)
    while _run_pass(org_id, report):  # the worker may have been at work on reminders: a pass that finds nothing is last
        _wait_for_open_transactions(report)
    seen_versions.forget_office(org_id)
    note = certificate.sign_certificate(order.content, finished_at=clock.now(), private=server_keys.audit_key())
    with transaction.atomic():
        RemovedOffice.objects.filter(org_id=org_id).update(certificate=note)
    return note


def rewrite_operational_tables(report: Report) -> None:
    """Write the tables anew whose deleted rows the server's own keys would still open: staff addresses and days."""
    for table in [name for name in queries.tables_of_offices() if name.startswith("reminders_")]:
        try:
            queries.rewrite_table(table, LOCK_TIMEOUT)
        except DatabaseError:
            report(f"{table} is in use: its freed pages keep old bytes until PostgreSQL needs them.")


def write_certificate(folder: Path, org_id: UUID, note: str) -> Path:
    """Write a certificate into a folder and return its path."""
    path = folder / f"office-{org_id}.txt"
    secret_files.replace_file(path, note.encode())
    return path


def _run_pass(org_id: UUID, report: Report) -> int:
    """Destroy halves, delete files, then rows. Return how many of them there were."""
    return _destroy_halves(org_id, report) + _delete_blobs(org_id, report) + _delete_rows(org_id, report)


def _destroy_halves(org_id: UUID, report: Report) -> int:
    with transaction.atomic():
        queries.show_office(org_id)
        members, files = _member_ids(org_id), _file_ids(org_id)
    gone = shred_keys.destroy_each("members", members)
    for start in range(0, len(files), BATCH):
        gone += shred_keys.destroy_each("cases", files[start : start + BATCH])
        report(f"Key halves destroyed: {gone}")
    return gone


def _member_ids(org_id: UUID) -> list[UUID]:
    """Return the ids of everything of an office that has a half among those of members, removed members included."""
    due = Destruction.objects.filter(org_id=org_id, folder="members").values_list("subject", flat=True)
    tables = (Member, Return)
    return [
        *due,
        *(row for table in tables for row in table.objects.filter(org_id=org_id).values_list("id", flat=True)),
    ]


def _file_ids(org_id: UUID) -> list[UUID]:
    """Return the ids of all files of an office: its cases and the office's own file."""
    due = Destruction.objects.filter(org_id=org_id, folder="cases").values_list("subject", flat=True)
    return sorted({*due, *VaultCase.objects.filter(org_id=org_id).values_list("case_id", flat=True)})


def _delete_blobs(org_id: UUID, report: Report) -> int:
    gone = 0
    while True:
        with transaction.atomic():
            queries.show_office(org_id)
            ids = list(VaultBlob.objects.filter(org_id=org_id).values_list("id", flat=True)[:BATCH])
            for blob_id in ids:  # before their rows: a killed run finds the rest by the rows
                blob_path(blob_id).unlink(missing_ok=True)
            VaultBlob.objects.filter(org_id=org_id, id__in=ids).delete()
        if not ids:
            return gone
        gone += len(ids)
        report(f"Documents deleted: {gone}")


def _delete_rows(org_id: UUID, report: Report) -> int:
    gone = 0
    for table in queries.tables_of_offices():
        of_table = 0
        while deleted := _delete_batch(org_id, table):
            of_table += deleted
            report(f"Rows deleted: {gone + of_table} ({table})")
        gone += of_table
    return gone


def _delete_batch(org_id: UUID, table: str) -> int:
    with transaction.atomic():
        queries.show_office(org_id)
        return queries.delete_rows(org_id, table, BATCH)


def _wait_for_open_transactions(report: Report) -> None:
    """Wait until every transaction that is open now has ended: it may still write rows of the office."""
    give_up, open_now = time.monotonic() + LONGEST_TRANSACTION, queries.open_transactions()
    if open_now:
        report("Waiting for requests that began before.")
    while open_now & queries.open_transactions() and time.monotonic() < give_up:
        time.sleep(0.1)
