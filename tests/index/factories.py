"""Rows and keys for the index's tests: the simplest valid ones by default. All people are fictional."""

import datetime as dt
from uuid import UUID, uuid4

import msgspec

from caseapp.accounts.keys.staff import Keys
from caseapp.index import store
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow, TaskRow
from caseapp.index.view import IndexView
from caseapp.today.dated_lists import MissedDeadlines
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey
from tests.helpers.cast import keys_of_a_new_group

UTC = dt.UTC


def row(name: str = "Maria Lopez", *, ref: str = "7KQ4D", **more: object) -> CaseRow:
    """A case with one client."""
    facts: dict[str, object] = {"stage": "in_court", "names": ((name, "lead"),), **more}
    return CaseRow(ref=ref, **facts)  # type: ignore[arg-type]  # test


def hearing(starts_at: dt.datetime, **more: object) -> HearingRow:
    """A hearing to come."""
    return HearingRow(id=uuid4(), starts_at=starts_at, zone="America/New_York", kind="master", **more)  # type: ignore[arg-type]  # test


def deadline(act_by: dt.date | None, severity: str = "serious", **more: object) -> DeadlineRow:
    """An open deadline."""
    return DeadlineRow(id=uuid4(), what="Evidence list", severity=severity, act_by=act_by, **more)  # type: ignore[arg-type]  # test


def task(text: str = "Call back", **more: object) -> TaskRow:
    """An open task."""
    return TaskRow(id=uuid4(), text=text, **more)  # type: ignore[arg-type]  # test


def group_of(keys: Keys) -> UUID:
    """The only group of these keys."""
    return keys.groups[0].group


def keys_with_index() -> Keys:
    """Keys of a new group whose index exists and is empty."""
    keys = keys_of_a_new_group()
    store.create(keys.org_id, group_of(keys), keys.groups[0].epoch)
    return keys


def with_groups(keys: Keys, *more: GroupKey) -> Keys:
    """The same member with further group keys."""
    keyring = msgspec.structs.replace(keys.keyring, groups=(*keys.keyring.groups, *more))
    return Keys(keys.org_id, keys.member_id, keys.bundle_key, keyring)


def with_next_epoch(keys: Keys) -> Keys:
    """The same member after the group got a new key."""
    newest = keys.groups[0]
    return with_groups(keys, GroupKey(group=newest.group, epoch=newest.epoch + 1, key=primitives.new_key()))


def missed_deadlines(view: IndexView, today: dt.date) -> list[DeadlineRow]:
    """What Today lists as overdue, and as an internal deadline that was missed."""
    return [
        item.item
        for is_overdue in (True, False)
        for item in view.read_kept(MissedDeadlines(today, is_overdue=is_overdue))
    ]


def save(keys: Keys, *changed: tuple[UUID, CaseRow | None]) -> None:
    """One save of these cases."""
    store.save(keys, {group_of(keys): list(changed)})
