"""Who a case is open to: sharing it with one person or another team, walling it off, and taking that back.

The case's own transaction and the grants, which name members, are kept apart: written together they would tell a copy
of the database who works on which case. The case is saved first; a grant that a crash swallowed is made again by doing
the same act again.
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
from caseapp.casefile.team_index import index_of
from caseapp.index import store
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.case import Case
from caseapp.vault import case_key_access
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import SHARE, WALL, GroupKey
from caseapp.vault.errors import NoKey
from caseapp.vault.head import Access, Share
from caseapp.vault.store import Draft, SealedFile
from caseapp.vault.tenancy import office

LONGEST = dt.timedelta(days=366)


@dataclass(frozen=True)
class Shared:
    """One line of who else a case is open to. `until` is the last day."""

    share_id: UUID
    name: str
    is_group: bool
    until: dt.date | None


@dataclass(frozen=True)
class Openness:
    """Who a case is open to: its group, by name where one is in it, with the people in it; and shares.

    `is_mine`: one is in that group, and may open the case to others.
    """

    group_id: UUID
    group_name: str
    is_walled: bool
    people: tuple[Person, ...]
    shares: tuple[Shared, ...]
    is_mine: bool


def openness(staff: Staff, file: SealedFile) -> Openness:
    """Who the case is open to now, for its page. In the caller's transaction."""
    told = file.one(Access).record
    people = {person.member_id: person for person in directory.read(staff.keys).active}
    shares = tuple(
        Shared(share.key.group, _name_of(staff, share, people), share.group is not None, share.key.until)
        for share in told.shares
        if share.key.until is None or share.key.until >= staff.keys.share_day
    )
    home: GroupKey | None
    try:
        home, name = staff.keys.group(told.home), groups.roster(staff.keys, told.home).name
        is_walled = home.kind == WALL
    except NoKey:
        home, name, is_walled = None, "", False
    people_in_it = groups.effective(staff.keys, told.home)
    return Openness(told.home, name, is_walled, people_in_it, shares, is_mine=home is not None)


def _name_of(staff: Staff, share: Share, people: dict[UUID, Person]) -> str:
    if share.member is not None:
        return people[share.member].name if share.member in people else ""
    try:
        return groups.roster(staff.keys, share.group).name if share.group is not None else ""
    except NoKey:
        return ""


def share_with_member(staff: Staff, case_id: UUID, member_id: UUID, until: dt.date | None) -> UUID:
    """Open a case to one more person until the end of a day; for somebody who has it already, until that day instead.

    Answers the share's id. Raises NotFound for a case or person that is not there, Refused when the day is past or
    more than a year away, when the person has the case already, or while the office is locked down.
    """
    _check_day(staff, until)
    with office(staff.org_id):
        grants.refuse_while_locked_down(staff.org_id)
        person = directory.read(staff.keys).person(member_id)
    share = _share(staff, case_id, lambda s: s.member == member_id, Share(key=_new_key(until), member=member_id))
    grants.give(staff.keys, person, (share.key,))
    return share.key.group


def share_with_group(staff: Staff, case_id: UUID, group_id: UUID, until: dt.date | None = None) -> UUID:
    """Open a case to a further team that one is in. Raises as `share_with_member`; NoKey for a group one is not in.

    The share's key goes into the group's roster too, so that whoever joins the group later is given it.
    """
    _check_day(staff, until)
    with office(staff.org_id):
        grants.refuse_while_locked_down(staff.org_id)
        epoch = groups.roster(staff.keys, group_id).epoch
        people = groups.effective(staff.keys, group_id)
    wanted = Share(key=_new_key(until), group=group_id, group_epoch=epoch)
    share = _share(staff, case_id, lambda s: s.group == group_id, wanted)
    with office(staff.org_id):
        groups.change_roster(
            staff.keys, group_id, lambda r: replace(r, shares=(*_others(r.shares, share.key.group), share.key))
        )
        for person in people:
            if person.member_id != staff.member_id:
                grants.give(staff.keys, person, (share.key,))
    return share.key.group


def _others(keys: Sequence[GroupKey], group_id: UUID) -> list[GroupKey]:
    return [key for key in keys if key.group != group_id]


def _new_key(until: dt.date | None) -> GroupKey:
    return GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), kind=SHARE, until=until)


def _check_day(staff: Staff, until: dt.date | None) -> None:
    if until is not None and not staff.keys.share_day <= until <= staff.keys.share_day + LONGEST:
        raise Refused("until", "Choose a day from today on, at most a year from now.")


def _share(staff: Staff, case_id: UUID, is_same: Callable[[Share], bool], wanted: Share) -> Share:
    """Let `wanted` in and answer it; one that is the same stays, and one that is the same but for its day is ended."""
    with office(staff.org_id):
        told = case_access.open_case(staff.keys, case_id).one(Access).record
        before = next((share for share in told.shares if is_same(share)), None)
    if before is not None and before.key.until == wanted.key.until:
        return before
    if before is not None:
        unshare(staff, case_id, before.key.group)
    with office(staff.org_id):
        draft = Draft(case_access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        entry = draft.file.one(Access)
        told = entry.record
        _may_widen(staff, told)
        if wanted.member is not None and wanted.member in _home_members(staff, told):
            raise Refused("member", "This person is in the case's team already.")
        share = replace(wanted, by=staff.member_id)
        draft.change(entry.id, replace(told, shares=(*told.shares, share)))
        case_key_access.let_in(draft, share.key)
        store.create(staff.org_id, share.key.group, share.key.epoch)
        transaction.finish(staff, draft, what="case.share", target=wanted.member or wanted.group)
    return share


def _may_widen(staff: Staff, told: Access) -> None:
    try:
        staff.keys.group(told.home)
    except NoKey:
        raise NotFound("a case that was shared with one is not one's own to share") from None


def _home_members(staff: Staff, told: Access) -> set[UUID]:
    return {person.member_id for person in groups.effective(staff.keys, told.home)}


def unshare(staff: Staff, case_id: UUID, share_id: UUID) -> None:
    """End a share now: the case gets a new key that the share's does not open. Raises NotFound."""
    with office(staff.org_id):
        draft = Draft(case_access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        entry = draft.file.one(Access)
        told = entry.record
        _may_widen(staff, told)
        kept = tuple(share for share in told.shares if share.key.group != share_id)
        if len(kept) == len(told.shares):
            raise NotFound(f"share {share_id}")
        ended = next(share for share in told.shares if share.key.group == share_id)
        draft.change(entry.id, replace(told, shares=kept))
        case_key_access.renew(draft, (staff.keys.group(told.home), *(share.key for share in kept)))
        transaction.finish(staff, draft, what="case.share", target=ended.member or ended.group)
        store.drop(staff.org_id, share_id)
    if ended.group is not None and any(held.group == ended.group for held in staff.keys.held):
        groups.change_roster(staff.keys, ended.group, lambda r: replace(r, shares=tuple(_others(r.shares, share_id))))


def wall_off(staff: Staff, case_id: UUID, members: Collection[UUID]) -> UUID:
    """From now on only these members (and whoever does it) open the case; answers the wall's group id.

    A group of its own with its own index, a new key for the case, "gone" in the index it stood in; shares end. Raises
    NotFound, Refused when somebody outside the wall leads the case.
    """
    with office(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        case = file.one(Case).record
        _may_widen(staff, file.one(Access).record)
        inside = {staff.member_id, *members}
        if case.lead is not None and case.lead not in inside:
            raise Refused("members", "The case's lead is outside this wall. Choose another lead first.")
        seats = {member: groups.LEAD if member in {case.lead, staff.member_id} else groups.MEMBER for member in inside}
    wall = groups.create(staff.keys, kind=WALL, name=case.ref, members=seats, prepare=index_of(staff))
    move(staff, case_id, wall)
    return wall.group


def move(staff: Staff, case_id: UUID, group: GroupKey) -> None:
    """Put a case into another group that one is in: widen a wall to a team, or hand a case to another team.

    The case gets a new key; shares end; nothing of it stays in the old group's index.
    """
    with office(staff.org_id):
        draft = Draft(case_access.open_case(staff.keys, case_id, lock=True), by=staff.member_id)
        entry = draft.file.one(Access)
        told = entry.record
        _may_widen(staff, told)
        if told.home == group.group:
            return
        public = hybrid.public_of(group.hpke_private)
        draft.change(entry.id, replace(told, shares=(), public=public, public_epoch=group.epoch))
        case_key_access.renew(draft, (group,))
        transaction.finish(staff, draft, gone_from=(told.home,), what="case.wall", target=group.group)
        for share in told.shares:
            store.drop(staff.org_id, share.key.group)
    # In a transaction of its own, since it holds the old group's index for longer: nothing of the row stays in it.
    store.change_epoch(staff.keys, told.home)
