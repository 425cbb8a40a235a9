"""Removal of a member: what ends at once, in one transaction, and what is recorded to be done afterwards.

At once: sessions, sign-in address, second factors, unmerged grants, the bundle, the active entry in the directory, and
the office's own key. The directory names what they had signed until then: nothing that they sign later counts.
Recorded: a new key for each group they were in (`rotation`), and the destruction of their shred half, without which no
old copy of their bundle opens with their passphrase. What they copied themselves stays with them.
"""

import logging
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import F

from caseapp.accounts.directory import anchoring, conflict_group, departures, members, rotation
from caseapp.accounts.directory.chains import group_chains
from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.members import destruction_journal
from caseapp.accounts.models import Destruction, Door, Factor, Grant, Group, Member
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault import shred_keys
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.tenancy import office_transaction

log = logging.getLogger("caseapp.accounts")


def check_removable(staff: Staff, member_id: UUID) -> Person:
    """Return the person to remove. Raises NotFound; Refused for oneself and for the last admin."""
    people = members.read_directory(staff.keys)
    person = people.find_person(member_id)
    if member_id == staff.member_id:
        raise Refused("self", "You cannot remove yourself. Ask another admin.")
    if person.is_admin and sum(entry.is_admin for entry in people.active_people) == 1:
        raise Refused("last_admin", "This is the only admin. Make another member an admin first.")
    return person


def end_membership(staff: Staff, member_id: UUID) -> tuple[UUID, ...]:
    """End a member's access, in the caller's transaction. Return the groups that need a new key.

    The caller has the office's root. Reminders and cases are the caller's (`team/services/removal.py`). Raises
    NotFound, Refused.
    """
    keys = staff.keys
    with transaction.atomic(), office_transaction(keys.org_id):
        anchoring.ensure_anchored(keys)
        check_removable(staff, member_id)
        theirs = group_ids_of(keys, member_id)
        end_access(keys.org_id, member_id)
        members.mark_removed(keys, member_id, departures.departures_after(keys, member_id))
        Group.objects.filter(org_id=keys.org_id, group_id__in=theirs, needs_epoch=F("epoch")).update(
            needs_epoch=F("epoch") + 1
        )
        rotation.rotate_group_key(keys, keys.office_group.group)
        for auditors in keys.groups_of_kind(AUDITORS):
            rotation.rotate_group_key(keys, auditors.group)
        conflict_group.follow_officers(keys)
    return theirs


def group_ids_of(keys: Keys, member_id: UUID) -> tuple[UUID, ...]:
    """Return the groups whose newest key a member knows: the office's own, and walls the caller is not in too.

    A group whose chain does not count is left out: nothing is written in it until it does (`case_keys`).
    """
    with office_transaction(keys.org_id):
        states, _ = group_chains.survey(keys, members.read_directory(keys))
    theirs = {group_id for group_id, state in states.items() if member_id in state.holders}
    return tuple(sorted(theirs | {keys.office_group.group}))


def count_groups_of_one(keys: Keys, member_id: UUID) -> int:
    """Return how many groups of cases only this member has the key of: after the removal only recovery opens them."""
    with office_transaction(keys.org_id):
        people = members.read_directory(keys)
        states, _ = group_chains.survey(keys, people)
    of_officers = people.conflicts.group if people.conflicts is not None else None
    return sum(state.holders == {member_id} for group, state in states.items() if group != of_officers)


def end_access(org_id: UUID, member_id: UUID) -> None:
    """Delete a member's rows and, with the commit, their shred half. Their sessions no longer open. Raises NotFound."""
    of_member = {"org_id": org_id, "member_id": member_id}
    for table in (Door, Factor):
        table.objects.filter(**of_member).delete()
    Grant.objects.filter(org_id=org_id, recipient=member_id).delete()
    rows = Member.objects.filter(org_id=org_id, id=member_id)
    if not rows.update(is_active=False, bundle=b"", bundle_version=F("bundle_version") + 1):
        raise NotFound(f"member {member_id}")
    Destruction.objects.update_or_create(org_id=org_id, subject=member_id, defaults={"folder": "members"})
    # robust: the removal is committed either way; housekeeping destroys a half that could not be destroyed now.
    transaction.on_commit(lambda: destroy_shred_half(org_id, member_id), robust=True)


def destroy_shred_half(org_id: UUID, subject: UUID) -> None:
    """Destroy the shred half that a row names, then delete the row. Safe to run twice."""
    with office_transaction(org_id):
        row = Destruction.objects.filter(org_id=org_id, subject=subject).first()
        if row is not None:
            _destroy_half(org_id, subject, row.folder)
            row.delete()


def destroy_shred_halves(org_id: UUID, subjects: Sequence[UUID]) -> None:
    """Destroy the shred halves of many cases that rows name, then delete the rows. Safe to run twice."""
    with office_transaction(org_id):
        rows = Destruction.objects.filter(org_id=org_id, subject__in=list(subjects), folder="cases")
        named = list(rows.values_list("subject", flat=True))
        destruction_journal.record_destructions("cases", org_id, named)
        shred_keys.destroy_each("cases", named)
        rows.delete()


def destroy_due_halves() -> int:
    """Destroy the shred halves that a crash left, of every office the role sees. Return how many. Run on a schedule."""
    rows = list(Destruction.objects.values_list("org_id", "subject", "folder"))
    for org_id, subject, folder in rows:
        _destroy_half(org_id, subject, folder)
        Destruction.objects.filter(org_id=org_id, subject=subject).delete()
        log.warning("removal.shredded_late")
    return len(rows)


def _destroy_half(org_id: UUID, subject: UUID, folder: str) -> None:
    """Destroy a half; first the journal gets its line, so that a restore of an older database destroys it again."""
    kind: Literal["cases", "members"] = "cases" if folder == "cases" else "members"
    destruction_journal.record_destruction(kind, org_id, subject)
    shred_keys.destroy(kind, subject)
