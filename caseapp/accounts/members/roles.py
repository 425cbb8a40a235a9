"""Roles and admin rights of the office's members."""

from uuid import UUID

from django.db.models import F
from msgspec.structs import replace

from caseapp.accounts.directory import (
    anchoring,
    audit_trail,
    conflict_group,
    departures,
    grants,
    groups,
    members,
    records,
    rotation,
)
from caseapp.accounts.directory.chains import chain
from caseapp.accounts.directory.groups import TeamRoster
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.permissions import ROLES
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Group
from caseapp.lib.errors import Refused
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.tenancy import office_transaction


def change_role(
    staff: Staff,
    member_id: UUID,
    *,
    role: str,
    is_admin: bool,
    is_supervising: bool | None = None,
    is_conflict_officer: bool | None = None,
) -> None:
    """Change a member's role from their next request on; a new admin is given the office's root. Admins only.

    is_supervising  whether they are a supervising attorney; None: as before, where the new role allows it
    is_conflict_officer  whether they check conflicts next to their role; None: as before
    Raises          NotFound; Refused when the role is unknown or cannot supervise, or the office would be left without
                    an admin. An admin who steps down loses the root with the next request; an untrusted one is removed
                    instead (`docs/security.md`).
    """
    if role not in ROLES:
        raise Refused("role", "Choose one of the offered values.")
    if is_supervising and role not in permissions.LEGAL:
        raise Refused("is_supervising", "Only an attorney or an accredited representative can be marked so.")
    with office_transaction(staff.org_id):
        people = members.read_directory(staff.keys)
        person = people.find_person(member_id)
        if person.is_admin and not is_admin and sum(p.is_admin for p in people.active_people) < 2:
            raise Refused("is_admin", "The office needs an admin. Make another member an admin first.")
        anchoring.ensure_anchored(staff.keys)
        loses = _loses_rights(person, role, is_admin=is_admin)
        departing = departures.departures_after(staff.keys, member_id) if loses else None
        supervises = person.is_supervising if is_supervising is None else is_supervising
        supervises = supervises and role in permissions.LEGAL
        officer = person.is_conflict_officer if is_conflict_officer is None else is_conflict_officer
        members.set_role(
            staff.keys,
            member_id,
            departing,
            role=role,
            is_admin=is_admin,
            is_supervising=supervises,
            is_conflict_officer=officer,
        )
        root = staff.keys.keyring.org_root_private if is_admin else b""
        grants.give_keys(staff.keys, person, (), root=root)
        update_auditor_seat(staff.keys, member_id, role=role, is_admin=is_admin)
        conflict_group.follow_officers(staff.keys)
        reason = permissions.audit_reason(
            role, is_admin=is_admin, is_supervising=supervises, is_conflict_officer=officer
        )
        audit_trail.record_entry_in_transaction(staff.keys, "member.role", target=member_id, reason=reason)


def _without_seat(roster: TeamRoster, member_id: UUID) -> TeamRoster:
    return replace(roster, members=tuple(seat for seat in roster.members if seat.member_id != member_id))


def _loses_rights(person: records.Person, role: str, *, is_admin: bool) -> bool:
    """Return whether a change takes away a right by which something that the person signed was judged."""
    return (person.is_admin and not is_admin) or any(
        permissions.role_allows(act, person.role, is_admin=person.is_admin)
        and not permissions.role_allows(act, role, is_admin=is_admin)
        for act in chain.MAKERS.values()
    )


def update_auditor_seat(keys: Keys, member_id: UUID, *, role: str, is_admin: bool) -> None:
    """Give the audit trail's key to a member who may read it, and rotate it when one no longer may.

    In the caller's transaction, by an admin. An admin who steps down only marks the key as due: another admin makes it.
    """
    reads = permissions.role_allows("read_audit", role, is_admin=is_admin)
    for group in keys.groups_of_kind(AUDITORS):
        is_seated = any(seat.member_id == member_id for seat in groups.read_roster(keys, group.group).members)
        if reads and not is_seated:
            groups.add_members(keys, group.group, {member_id: groups.MEMBER})
        elif is_seated and not reads:
            groups.change_roster(keys, group.group, lambda roster: _without_seat(roster, member_id))
            Group.objects.filter(org_id=keys.org_id, group_id=group.group).update(needs_epoch=F("epoch") + 1)
            if member_id != keys.member_id:
                rotation.rotate_group_key(keys, group.group)
