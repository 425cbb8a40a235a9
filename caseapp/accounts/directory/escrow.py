"""The office's keys, sealed to its recovery key: any member adds the keys they have, no member can read them back.

One row a group and epoch, and one for the office's root. A row's id is derived from the group's id and its epoch, so
that missing keys can be counted without any key. The code that opens rows uses no Django: `recovery/offline_file.py`.
"""

from collections.abc import Iterable
from uuid import UUID

from caseapp.accounts.directory import members
from caseapp.accounts.directory.escrow_rows import EscrowedKey, row_id, seal_row
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group, Recovery
from caseapp.vault.core.keyring import SHARE, GroupKey
from caseapp.vault.tenancy import join_office_transaction


def add_missing_keys(keys: Keys, groups: Iterable[GroupKey]) -> int:
    """Add those of these keys that are not in escrow yet. Return how many; 0 before recovery is set up.

    `keys` must open the current directory. Keys of one shared case are left out, since its home group is in escrow. A
    member who printed every sheet, in an office that was theirs alone, could open what is in escrow: to such a set only
    they add keys, those they have anyway.
    """
    wanted = {row_id(group.group, group.epoch): EscrowedKey(key=group) for group in groups if group.kind != SHARE}
    ring = keys.keyring
    if ring.org_root_private:
        root = EscrowedKey(root=ring.org_root_private, office_file=ring.office_file)
        wanted[row_id(keys.org_id, 0)] = root
    with join_office_transaction(keys.org_id):
        covered = Recovery.objects.filter(org_id=keys.org_id, id__in=list(wanted)).values_list("id", flat=True)
        missing = sorted(set(wanted) - set(covered))
        if not missing:
            return 0
        people = members.read_directory(keys)
        public = people.recovery_public
        if not public or people.sheet_printer not in {None, keys.member_id}:
            return 0
        Recovery.objects.bulk_create(
            [
                Recovery(org_id=keys.org_id, id=row, sealed=seal_row(keys.org_id, row, wanted[row], public))
                for row in missing
            ],
            ignore_conflicts=True,
        )
    return len(missing)


def add_held_keys(keys: Keys) -> int:
    """Add this member's keys that are missing in escrow: one query when there is nothing to do."""
    return add_missing_keys(keys, keys.held)


def count_covered_keys(org_id: UUID) -> tuple[int, int]:
    """Return (keys in use, how many of them are in escrow), counted without any key.

    None is in escrow before recovery is set up. A group's epochs are in use from the one under which all its cases have
    a key; the office's root counts as one key.
    """
    with join_office_transaction(org_id):
        live = {row_id(org_id, 0)}
        for group_id, swept, epoch in Group.objects.filter(org_id=org_id).values_list("group_id", "swept", "epoch"):
            live |= {row_id(group_id, number) for number in range(min(swept, epoch), epoch + 1)}
        covered = Recovery.objects.filter(org_id=org_id, id__in=list(live)).count()
    return len(live), covered
