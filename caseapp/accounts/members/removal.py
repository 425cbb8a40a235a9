"""Taking a member out: everything that ends at once, in one transaction; what follows is written down to be done.

At once: sessions, the way in, second factors, grants on their way, the bundle, the place in the directory, and the
office's own key. Written down: a new key for each group they were in (`rotation`), and the destruction of their shred
half, without which no old copy of their bundle opens with their passphrase. What they copied themselves is gone.
"""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import F

from caseapp.accounts.directory import groups, members, rotation
from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Destruction, Door, Factor, Grant, Group, Member
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault import shred_keys
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.tenancy import office

log = logging.getLogger("caseapp.accounts")


def refuse_unless_possible(staff: Staff, member_id: UUID) -> Person:
    """Who is to go. Raises NotFound, Refused: oneself, or the last admin."""
    people = members.read(staff.keys)
    person = people.person(member_id)
    if member_id == staff.member_id:
        raise Refused("self", "You cannot remove yourself. Ask another admin.")
    if person.is_admin and sum(one.is_admin for one in people.active) == 1:
        raise Refused("last_admin", "This is the only admin. Make somebody else an admin first.")
    return person


def remove(staff: Staff, member_id: UUID) -> tuple[UUID, ...]:
    """End a member's access, in the caller's transaction; answers the groups that need another key.

    The caller holds the office's root. Reminders and cases are the caller's (`casework/removal.py`). Raises NotFound,
    Refused.
    """
    keys = staff.keys
    with transaction.atomic(), office(keys.org_id):
        refuse_unless_possible(staff, member_id)
        theirs = groups_of(keys, member_id)
        end_access(keys.org_id, member_id)
        members.mark_removed(keys, member_id)
        Group.objects.filter(org_id=keys.org_id, group_id__in=theirs, needs_epoch=F("epoch")).update(
            needs_epoch=F("epoch") + 1
        )
        rotation.rotate(keys, keys.office_group.group)
        for auditors in keys.of_kind(AUDITORS):
            rotation.rotate(keys, auditors.group)
    return theirs


def groups_of(keys: Keys, member_id: UUID) -> tuple[UUID, ...]:
    """The groups a member is in, the office's own among them, walls one is not in oneself too."""
    known = groups.known(keys)
    return tuple(sorted(g for g, told in known.items() if member_id in told.members or g == keys.office_group.group))


def end_access(org_id: UUID, member_id: UUID) -> None:
    """No way in any more: the member's rows go, and the shred half with the commit. Their sessions open nothing."""
    of_member = {"org_id": org_id, "member_id": member_id}
    for table in (Door, Factor):
        table.objects.filter(**of_member).delete()
    Grant.objects.filter(org_id=org_id, recipient=member_id).delete()
    rows = Member.objects.filter(org_id=org_id, id=member_id)
    if not rows.update(is_active=False, bundle=b"", bundle_version=F("bundle_version") + 1):
        raise NotFound(f"member {member_id}")
    Destruction.objects.update_or_create(org_id=org_id, subject=member_id, defaults={"folder": "members"})
    # robust: the removal stands; a half that could not be destroyed now is destroyed by the next housekeeping.
    transaction.on_commit(lambda: destroy_half(org_id, member_id), robust=True)


def destroy_half(org_id: UUID, subject: UUID) -> None:
    """Destroy what a row says is to be destroyed, then the row. Twice is as once."""
    with office(org_id):
        row = Destruction.objects.filter(org_id=org_id, subject=subject).first()
        if row is not None:
            shred_keys.destroy("cases" if row.folder == "cases" else "members", subject)
            row.delete()


def destroy_all_due() -> int:
    """Whatever a crash left to be destroyed, of every office the role sees; answers how many. Run by the clock."""
    rows = list(Destruction.objects.values_list("org_id", "subject", "folder"))
    for org_id, subject, folder in rows:
        shred_keys.destroy("cases" if folder == "cases" else "members", subject)
        Destruction.objects.filter(org_id=org_id, subject=subject).delete()
        log.warning("a shred half was destroyed late")
    return len(rows)
