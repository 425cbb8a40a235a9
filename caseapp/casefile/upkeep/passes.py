"""Daily passes over all cases of a group, which members and processes of the group share.

A row says how far the pass of a day is. Only who has the group's key can write a row that counts: otherwise who writes
into the database could say of each day that it was done. `caseapp doctor` reads the last whole pass without any key.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from caseapp.casefile.models import UpkeepPass
from caseapp.vault.core import primitives
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.core.labels import LABELS

REMINDERS, CONSISTENCY = "reminders", "consistency"
KINDS: Final = {REMINDERS: "reminders", CONSISTENCY: "dates"}  # with the word of `caseapp doctor`


def claim_pass(org_id: UUID, group: GroupKey, kind: str, today: dt.date) -> UpkeepPass | None:
    """Lock the pass of today until the transaction ends, and return it. Never wait: None while another has it."""
    rows = UpkeepPass.objects.filter(org_id=org_id, group_id=group.group, kind=kind)
    claimed = rows.select_for_update(skip_locked=True).first()
    if claimed is None and not rows.exists():  # an insert of a row that exists would wait for who changes it
        UpkeepPass.objects.bulk_create(
            [UpkeepPass(org_id=org_id, group_id=group.group, kind=kind)], ignore_conflicts=True
        )
        claimed = rows.select_for_update(skip_locked=True).first()
    if claimed is not None and not _is_proven(claimed, group):
        claimed.day, claimed.reached, claimed.whole_on = today, None, None  # not written by a member of the group
    elif claimed is not None and claimed.day != today:
        claimed.day, claimed.reached = today, None
    return claimed


def store_progress(claimed: UpkeepPass, group: GroupKey, reached: UUID | None, *, is_whole: bool) -> None:
    """Store how far a claimed pass is, in the transaction that did the work."""
    claimed.reached = reached
    claimed.whole_on = claimed.day if is_whole else claimed.whole_on
    claimed.proof = _prove(claimed, group)
    claimed.save(update_fields=["day", "reached", "whole_on", "proof"])


def store_whole(org_id: UUID, group: GroupKey, kind: str, today: dt.date) -> None:
    """Store that a pass whose progress is in memory was whole today, unless that is stored."""
    if not UpkeepPass.objects.filter(org_id=org_id, group_id=group.group, kind=kind, whole_on=today).exists():
        claimed = claim_pass(org_id, group, kind, today)
        if claimed is not None:
            store_progress(claimed, group, None, is_whole=True)


def whole_groups(org_id: UUID, groups: Sequence[GroupKey], kind: str, today: dt.date) -> set[UUID]:
    """Return those of the groups whose pass of today is whole."""
    by_id: Mapping[UUID, GroupKey] = {group.group: group for group in groups}
    rows = UpkeepPass.objects.filter(org_id=org_id, group_id__in=list(by_id), kind=kind, day=today, whole_on=today)
    return {row.group_id for row in rows if _is_proven(row, by_id[row.group_id])}


def _is_proven(row: UpkeepPass, group: GroupKey) -> bool:
    return primitives.is_equal(bytes(row.proof), _prove(row, group))


def _prove(row: UpkeepPass, group: GroupKey) -> bytes:
    days = "/".join(day.isoformat() if day else "" for day in (row.day, row.whole_on))
    reached = row.reached.bytes if row.reached else b""
    key = primitives.expand(group.index_key(), LABELS["upkeep pass"])
    return primitives.mac(key, row.org_id.bytes, row.group_id.bytes, row.kind.encode(), days.encode(), reached)
