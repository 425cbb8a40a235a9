"""Destructions and removals that a backup does not know, done again to the restored database.

Needs Django with the restored database, as its owner. It has no member's key: what needs one (lists, the signed
directory, new keys of teams) is recorded in `casefile_replayed` and done when members sign in.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from caseapp.accounts.members import removal
from caseapp.accounts.models import Door, Member
from caseapp.casefile.models import ReplayedEnd
from caseapp.cli.offices import removal as office_removal
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.reminders.models import Heartbeat
from caseapp.reminders.monitoring import status
from caseapp.reminders.planning import reassignment
from caseapp.vault import queries as vault_queries
from caseapp.vault.core.archive.journal import JournalEntry
from caseapp.vault.models import RemovedOffice
from caseapp.vault.tenancy import office_transaction

BACKUP_SIGN, RESTORED_SIGN = "restored backup", "restored"  # heartbeat names: of when the backup was, and the restore
log = logging.getLogger("caseapp.cli")


@dataclass(frozen=True)
class ReplayResult:
    """Numbers of cases destroyed, and of members and offices removed again."""

    cases: int
    members: int
    offices: int


def replay_journal(entries: list[JournalEntry], backup_at: datetime) -> ReplayResult:
    """Destroy and remove again what ended after the backup, and record the restore. Safe to run twice."""
    cases = members = offices = 0
    for entry in entries:
        if entry.kind == "cases":
            cases += _destroy_case(entry)
        elif entry.kind == "members":
            members += _remove_member(entry)
        elif entry.kind == "blobs":
            _forget_blob(entry)
        else:
            offices += _remove_office(entry)
    status.begin_anew()
    for name, at in ((BACKUP_SIGN, backup_at), (RESTORED_SIGN, clock.now().replace(microsecond=0))):
        Heartbeat.objects.update_or_create(name=name, defaults={"at": at})
    return ReplayResult(cases, members, offices)


def _destroy_case(entry: JournalEntry) -> int:
    with office_transaction(entry.org_id):
        was_there = vault_queries.delete_file(entry.org_id, entry.subject) > 0
        if was_there:
            _record(entry)
    return int(was_there)


def _forget_blob(entry: JournalEntry) -> None:
    """Delete the row of a stored file of a destroyed case. Its bytes were not brought back (`kept_blobs`)."""
    with office_transaction(entry.org_id):
        vault_queries.delete_blob(entry.org_id, entry.subject)


def _remove_member(entry: JournalEntry) -> int:
    """End a member's access again. Their reminders go to all admins until an admin signs in."""
    with transaction.atomic(), office_transaction(entry.org_id):
        rows = Member.objects.filter(org_id=entry.org_id, id=entry.subject)
        if not rows.filter(is_active=True).exists():
            return 0
        removal.end_access(entry.org_id, entry.subject)
        try:
            reassignment.redirect_member(entry.org_id, entry.subject)
        except Refused:
            log.error("restore.reminders_without_admin")
        _record(entry)
    return 1


def _remove_office(entry: JournalEntry) -> int:
    """Remove an office again, with everything of it that the backup brought back."""
    order = RemovedOffice.objects.filter(org_id=entry.org_id).first()
    if order is None and Door.objects.filter(org_id=entry.org_id).exists():
        office_removal.order_removal(entry.org_id)
    elif order is None or order.certificate:
        return 0
    office_removal.remove_office(entry.org_id, lambda _line: None)
    return 1


def _record(entry: JournalEntry) -> None:
    ReplayedEnd.objects.update_or_create(org_id=entry.org_id, subject=entry.subject, defaults={"kind": entry.kind})
