"""Checkpoints: the signed ends of all chains every five minutes, stored here and sent to an outside witness.

An attacker who seizes the server's key can append entries, but cannot change what the witness has received.
"""

import logging
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction

from caseapp.audit import chain
from caseapp.audit.chain import ChainPosition, Checkpoint
from caseapp.lib import clock
from caseapp.vault import server_keys
from caseapp.vault.core import hybrid

CHECKPOINT_LOCK = 0x0CA5EA99_0000_0005  # advisory lock: one runner at a time
OVERLAP_MINUTES = 10  # minutes; covers entries written before the last checkpoint and committed after it
log = logging.getLogger("caseapp.audit")


def checkpoint_all() -> int:
    """Write a checkpoint for every office whose chains grew and return how many. Runs in the clock's database role."""
    notes = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CHECKPOINT_LOCK])
        if cursor.fetchone() != (True,):
            return 0
        cursor.execute("SELECT DISTINCT org_id FROM audit_hour")
        for (org_id,) in cursor.fetchall():
            if note := _checkpoint_office(org_id):
                notes.append((org_id, note))
    for org_id, note in notes:
        _send_to_witness(org_id, note)
    return len(notes)


def _checkpoint_office(org_id: UUID) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, minute, note FROM audit_checkpoint WHERE org_id = %s ORDER BY number DESC LIMIT 1", [org_id]
        )
        last = cursor.fetchone()
        key = server_keys.audit_key()
        stands = _grown_chains(org_id, since=last[1] - OVERLAP_MINUTES if last else 0)
        if last and set(stands) <= set(chain.read_note(last[2], hybrid.derive_verify_key(key)).positions):
            return None
        minute = int(clock.now().timestamp()) // 60
        before = chain.hash_note(last[2]) if last else chain.START
        checkpoint = Checkpoint(org_id, last[0] + 1 if last else 1, minute, before, stands)
        note = chain.sign_checkpoint(checkpoint, key)
        cursor.execute(
            "INSERT INTO audit_checkpoint (org_id, number, minute, note) VALUES (%s, %s, %s, %s)",
            [org_id, checkpoint.number, minute, note],
        )
    return note


def _grown_chains(org_id: UUID, *, since: int) -> tuple[ChainPosition, ...]:
    """Return the ends of the chains that grew since that minute; earlier checkpoints contain the others."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (chain) chain, seq, prev, minute, kid, sealed FROM audit_entry WHERE org_id = %s"
            " AND minute >= %s ORDER BY chain, seq DESC",
            [org_id, since],
        )
        rows = cursor.fetchall()
    return tuple(
        ChainPosition(name, seq, chain.compute_leaf(org_id, name, seq, bytes(prev), minute, bytes(kid), bytes(sealed)))
        for name, seq, prev, minute, kid, sealed in rows
    )


def _send_to_witness(org_id: UUID, note: str) -> None:
    """Send the note to the folder and the mailbox of the settings, where set. Log a witness that is unreachable."""
    try:
        if settings.AUDIT_WITNESS_FOLDER:
            _append_note(Path(settings.AUDIT_WITNESS_FOLDER) / f"{org_id.hex}.notes", note)
        if settings.AUDIT_WITNESS_MAIL:
            EmailMessage("Checkpoint", note, settings.MAIL_FROM, [settings.AUDIT_WITNESS_MAIL]).send()
    except OSError as exc:  # smtplib's errors are OSErrors too
        log.warning("the audit witness could not be told: %s", type(exc).__name__)


def _append_note(path: Path, note: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    with os.fdopen(descriptor, "w") as out:
        out.write(note + "\n")
        out.flush()
        os.fsync(descriptor)


def split_notes(text: str) -> list[str]:
    """Return the notes in the text of a witness's file."""
    return [f"{part.strip()}\n" for part in text.split(chain.ORIGIN) if part.strip() for part in [chain.ORIGIN + part]]
