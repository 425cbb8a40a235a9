"""Access to a case: sharing it with a member or another team, restricting it, moving it, and ending shares.

The case's own transaction and the grants, which name members, are kept apart: written together, a copy of the database
would show who works on which case. The case is saved first; a grant lost in a crash is made again by repeating the
same act.
"""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from msgspec.structs import replace

from caseapp.accounts.directory import grants, groups
from caseapp.accounts.directory import members as directory
from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, transaction
from caseapp.casefile.models import UpkeepPass
from caseapp.casefile.team_index import index_creator
from caseapp.index import store
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.vault import case_key_access
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import SHARE, WALL, GroupKey
from caseapp.vault.errors import NoKey
from caseapp.vault.head import Access, Share
from caseapp.vault.store import Draft, SealedFile
from caseapp.vault.tenancy import office_transaction

LONGEST_SHARE = dt.timedelta(days=366)


@dataclass(frozen=True)
class ShareSummary:
    """One share of a case with a member or a group. `until` is the last day."""

    share_id: UUID
    name: str
    until: dt.date | None


@dataclass(frozen=True)
class AccessSummary:
    """Everyone with access to a case: its home group with the members in it, and the shares.

    `group_name` is empty, and `is_mine` False, when the member is not in that group; only its members may widen access.
    """

    group_id: UUID
    group_name: str
    is_walled: bool
    people: tuple[Person, ...]
    shares: tuple[ShareSummary, ...]
    is_mine: bool


def access_summary(staff: Staff, file: SealedFile) -> AccessSummary:
    """Return the current access to a case, for its page. Runs in the caller's transaction."""
    access = file.get_only(Access).record
    people = {person.member_id: person for person in directory.read_directory(staff.keys).active_people}
    shares = tuple(
        ShareSummary(share.key.group, _share_name(staff, share, people), share.key.until)
        for share in access.shares
        if share.key.until is None or share.key.until >= staff.keys.earliest_share_end
    )
    home: GroupKey | None
    try:
        home, name = staff.keys.group(access.home_group_id), groups.read_roster(staff.keys, access.home_group_id).name
        is_walled = home.kind == WALL
    except NoKey:
        home, name, is_walled = None, "", False
    people_in_it = groups.active_members_of(staff.keys, access.home_group_id)
    return AccessSummary(access.home_group_id, name, is_walled, people_in_it, shares, is_mine=home is not None)


def _share_name(staff: Staff, share: Share, people: dict[UUID, Person]) -> str:
    """Return the name of the share's member or group; empty when it is gone or cannot be opened."""
    if share.member is not None:
        return people[share.member].name if share.member in people else ""
    try:
        return groups.read_roster(staff.keys, share.group).name if share.group is not None else ""
    except NoKey:
        return ""


def share_with_member(staff: Staff, case_id: UUID, member_id: UUID, until: dt.date | None) -> UUID:
    """Share a case with one more member until the end of a day, or change the last day of an existing share.

    Returns the share's id. Raises NotFound for a case or member that does not exist, Refused when the day is past or
    more than a year away, when the member has access already, or while the office is locked down.
    """
    _require_valid_end_date(staff, until)
    with office_transaction(staff.org_id):
        grants.refuse_while_locked_down(staff.org_id)
        person = directory.read_directory(staff.keys).find_person(member_id)
    share = _add_share(
        staff, case_id, lambda s: s.member == member_id, Share(key=_new_share_key(until), member=member_id)
    )
    grants.give_keys(staff.keys, person, (share.key,))
    return share.key.group


def share_with_group(staff: Staff, case_id: UUID, group_id: UUID, until: dt.date | None = None) -> UUID:
    """Share a case with another team of the member. Raises as `share_with_member`, and NoKey when not in that team.

    The share's key is stored in the team's roster too, so that a member who joins the team later receives it.
    """
    _require_valid_end_date(staff, until)
    with office_transaction(staff.org_id):
        grants.refuse_while_locked_down(staff.org_id)
        epoch = groups.read_roster(staff.keys, group_id).epoch
        people = groups.active_members_of(staff.keys, group_id)
    wanted = Share(key=_new_share_key(until), group=group_id, group_epoch=epoch)
    share = _add_share(staff, case_id, lambda s: s.group == group_id, wanted)
    with office_transaction(staff.org_id):
        groups.change_roster(
            staff.keys, group_id, lambda r: replace(r, shares=(*_without_group(r.shares, share.key.group), share.key))
        )
        for person in people:
            if person.member_id != staff.member_id:
                grants.give_keys(staff.keys, person, (share.key,))
    return share.key.group


def _without_group(keys: Sequence[GroupKey], group_id: UUID) -> list[GroupKey]:
    """Return the keys without those of one group."""
    return [key for key in keys if key.group != group_id]


def _new_share_key(until: dt.date | None) -> GroupKey:
    """Return a new group key for one share."""
    return GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), kind=SHARE, until=until)


def _require_valid_end_date(staff: Staff, until: dt.date | None) -> None:
    """Raise Refused unless the last day is from today on and at most a year away; None means without end."""
    if (
        until is not None
        and not staff.keys.earliest_share_end <= until <= staff.keys.earliest_share_end + LONGEST_SHARE
    ):
        raise Refused("until", "Choose a day from today on, at most a year from now.")


def _add_share(staff: Staff, case_id: UUID, is_same: Callable[[Share], bool], wanted: Share) -> Share:
    """Add `wanted` to the case and return it. An identical share is kept; one with another last day is ended first."""
    with office_transaction(staff.org_id):
        access = case_access.open_case(staff.keys, case_id).get_only(Access).record
        before = next((share for share in access.shares if is_same(share)), None)
    if before is not None and before.key.until == wanted.key.until:
        return before
    if before is not None:
        end_share(staff, case_id, before.key.group)
    with office_transaction(staff.org_id):
        draft = Draft(case_access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        entry = draft.file.get_only(Access)
        access = entry.record
        _require_home_group(staff, access)
        if wanted.member is not None and wanted.member in _home_members(staff, access):
            raise Refused("member", "This person is in the case's team already.")
        share = replace(wanted, by=staff.member_id)
        draft.change(entry.id, replace(access, shares=(*access.shares, share)))
        case_key_access.grant_group(draft, share.key)
        store.create(staff.org_id, share.key.group, share.key.epoch)
        transaction.save_draft(staff, draft, what="case.share", target=wanted.member or wanted.group)
    return share


def _require_home_group(staff: Staff, access: Access) -> None:
    """Raise NotFound unless the member is in the case's home group."""
    try:
        staff.keys.group(access.home_group_id)
    except NoKey:
        raise NotFound("a case that was shared with one is not one's own to share") from None


def _home_members(staff: Staff, access: Access) -> set[UUID]:
    """Return the ids of the members of the case's home group."""
    return {person.member_id for person in groups.active_members_of(staff.keys, access.home_group_id)}


def end_share(staff: Staff, case_id: UUID, share_id: UUID) -> None:
    """End a share now: the case gets a new key that the share's key does not open. Raises NotFound."""
    with office_transaction(staff.org_id):
        draft = Draft(case_access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        entry = draft.file.get_only(Access)
        access = entry.record
        _require_home_group(staff, access)
        kept = tuple(share for share in access.shares if share.key.group != share_id)
        if len(kept) == len(access.shares):
            raise NotFound(f"share {share_id}")
        ended = next(share for share in access.shares if share.key.group == share_id)
        draft.change(entry.id, replace(access, shares=kept))
        case_key_access.rotate_key(draft, (staff.keys.group(access.home_group_id), *(share.key for share in kept)))
        transaction.save_draft(staff, draft, what="case.share", target=ended.member or ended.group)
        _drop_index(staff.org_id, share_id)
    if ended.group is not None and staff.keys.epochs_of(ended.group):
        groups.change_roster(
            staff.keys, ended.group, lambda r: replace(r, shares=tuple(_without_group(r.shares, share_id)))
        )


def _drop_index(org_id: UUID, group_id: UUID) -> None:
    """Delete the index of a share that ended, and how far upkeep was in it."""
    store.drop(org_id, group_id)
    UpkeepPass.objects.filter(org_id=org_id, group_id=group_id).delete()


def restrict_to_members(staff: Staff, case_id: UUID, members: Collection[UUID]) -> UUID:
    """Restrict a case to these members and the acting member (ethical wall). Returns the new group's id.

    The wall is a group of its own with its own index. The case gets a new key, is removed from the index of its
    previous group, and its shares end. Raises NotFound, and Refused when the case's lead is not among the members.
    """
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        case = file.get_only(Case).record
        _require_home_group(staff, file.get_only(Access).record)
        inside = {staff.member_id, *members}
        if case.lead is not None and case.lead not in inside:
            raise Refused("members", "The case's lead is not among the people chosen. Choose another lead first.")
        seats = {member: groups.LEAD if member in {case.lead, staff.member_id} else groups.MEMBER for member in inside}
    wall = groups.create(staff.keys, kind=WALL, name=case.ref, members=seats, prepare=index_creator(staff))
    move_to_group(staff, case_id, wall)
    return wall.group


def move_to_group(staff: Staff, case_id: UUID, group: GroupKey) -> None:
    """Move a case into another group of the member: from a wall back to a team, or to another team.

    The case gets a new key; shares end; nothing of the case stays in the old group's index.
    """
    with office_transaction(staff.org_id):
        draft = Draft(case_access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        entry = draft.file.get_only(Access)
        access = entry.record
        _require_home_group(staff, access)
        if access.home_group_id == group.group:
            return
        public = hybrid.derive_public_key(group.hpke_private)
        draft.change(entry.id, replace(access, shares=(), public=public, public_epoch=group.epoch))
        case_key_access.rotate_key(draft, (group,))
        transaction.save_draft(staff, draft, gone_from=(access.home_group_id,), what="case.wall", target=group.group)
        for share in access.shares:
            _drop_index(staff.org_id, share.key.group)
    # In a transaction of its own, because it locks the old group's index for longer. It reseals that index so that
    # nothing of the removed row stays in it.
    store.change_epoch(staff.keys, access.home_group_id)
