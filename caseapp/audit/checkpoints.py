"""Checkpoints: the signed ends of all chains every five minutes, stored here and sent to an outside witness.

An attacker who seizes the server's key can append entries, but cannot change what the witness has received.
"""

import logging
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from caseapp.audit import chain, queries
from caseapp.audit.chain import ChainPosition, Checkpoint
from caseapp.audit.models import AuditCheckpoint, AuditHour
from caseapp.lib import clock
from caseapp.vault import server_keys
from caseapp.vault.core import hybrid

OVERLAP_MINUTES = 10  # minutes; covers entries written before the last checkpoint and committed after it
log = logging.getLogger("caseapp.audit")


def checkpoint_all() -> int:
    """Write a checkpoint for every office whose chains grew and return how many. Runs in the clock's database role."""
    notes = []
    with transaction.atomic():
        if not queries.try_checkpoint_lock():
            return 0
        for org_id in AuditHour.objects.values_list("org_id", flat=True).distinct():
            if note := _checkpoint_office(org_id):
                notes.append((org_id, note))
    for org_id, note in notes:
        _send_to_witness(org_id, note)
    return len(notes)


def _checkpoint_office(org_id: UUID) -> str | None:
    last = AuditCheckpoint.objects.filter(org_id=org_id).order_by("-number").first()
    key = server_keys.audit_key()
    stands = _grown_chains(org_id, since=last.minute - OVERLAP_MINUTES if last else 0)
    if last and set(stands) <= set(chain.read_note(last.note, hybrid.derive_verify_key(key)).positions):
        return None
    minute = int(clock.now().timestamp()) // 60
    before = chain.hash_note(last.note) if last else chain.START
    checkpoint = Checkpoint(org_id, last.number + 1 if last else 1, minute, before, stands)
    note = chain.sign_checkpoint(checkpoint, key)
    AuditCheckpoint.objects.create(org_id=org_id, number=checkpoint.number, minute=minute, note=note)
    return note


def _grown_chains(org_id: UUID, *, since: int) -> tuple[ChainPosition, ...]:
    """Return the ends of the chains that grew since that minute; earlier checkpoints contain the others."""
    return tuple(
        ChainPosition(entry.chain, entry.seq, chain.compute_leaf(org_id, *entry))
        for entry in queries.last_entries_since(org_id, since)
    )


def _send_to_witness(org_id: UUID, note: str) -> None:
    """Send the note to the folder and the mailbox of the settings, where set. Log a witness that is unreachable."""
    try:
        if settings.AUDIT_WITNESS_FOLDER:
            _append_note(Path(settings.AUDIT_WITNESS_FOLDER) / f"{org_id.hex}.notes", note)
        if settings.AUDIT_WITNESS_MAIL:
            EmailMessage("Checkpoint", note, settings.MAIL_FROM, [settings.AUDIT_WITNESS_MAIL]).send()
    except OSError as exc:  # smtplib's errors are OSErrors too
        log.warning("audit.witness_unreachable %s", exc)


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
