"""The office's keys under its recovery key: who holds a key puts it there, nobody of the office can read it back.

One row a group and epoch, and one for the office's root. A row's id says which (group, epoch) it is to whoever knows
the group's id: so what is not covered can be counted without any key. No Django in what opens rows: `rescue_file.py`.
"""

from collections.abc import Iterable
from uuid import UUID

from caseapp.accounts.directory import members
from caseapp.accounts.directory.escrow_rows import Covered, row_id, sealed_row
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group, Recovery
from caseapp.vault.core.keyring import SHARE, GroupKey
from caseapp.vault.tenancy import office


def cover(keys: Keys, groups: Iterable[GroupKey]) -> int:
    """Cover these keys where they are not yet; answers how many. Nothing before recovery is set up.

    `keys` must open the directory as it stands. Keys of one shared case are left out: its home group covers it.
    """
    wanted = {row_id(group.group, group.epoch): Covered(key=group) for group in groups if group.kind != SHARE}
    ring = keys.keyring
    if ring.org_root_private:
        root = Covered(root=ring.org_root_private, office_file=ring.office_file)
        wanted[row_id(keys.org_id, 0)] = root
    with office(keys.org_id):
        there = Recovery.objects.filter(org_id=keys.org_id, id__in=list(wanted)).values_list("id", flat=True)
        missing = sorted(set(wanted) - set(there))
        if not missing:
            return 0
        public = members.read(keys).recovery_public
        if not public:
            return 0
        Recovery.objects.bulk_create(
            [Recovery(org_id=keys.org_id, id=row, sealed=sealed_row(keys.org_id, row, wanted[row], public))
             for row in missing],
            ignore_conflicts=True,
        )  # fmt: skip
    return len(missing)


def cover_held(keys: Keys) -> int:
    """Cover what this member holds and nobody covered before: one query when there is nothing to do."""
    return cover(keys, keys.held)


def coverage(org_id: UUID) -> tuple[int, int]:
    """(keys that live, how many of them are covered), counted without any key. Before recovery is set up none is.

    A group's epochs live from the one under which all its cases have a key; the office's root counts as one.
    """
    with office(org_id):
        live = {row_id(org_id, 0)}
        for group_id, swept, epoch in Group.objects.filter(org_id=org_id).values_list("group_id", "swept", "epoch"):
            live |= {row_id(group_id, one) for one in range(min(swept, epoch), epoch + 1)}
        there = Recovery.objects.filter(org_id=org_id, id__in=list(live)).count()
    return len(live), there
