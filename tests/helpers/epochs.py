"""The epochs of the groups as the rows have them, and whether a member owes a group its next key."""

from uuid import UUID

from caseapp.accounts.directory import grants
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction


def epochs_by_group(org_id: UUID) -> dict[UUID, tuple[int, int]]:
    """Return group id to (epoch, epoch it must reach before anything more is written in it)."""
    rows = Group.objects.filter(org_id=org_id).values_list("group_id", "epoch", "needs_epoch")
    return {group_id: (epoch, needs) for group_id, epoch, needs in rows}


def is_due(keys: Keys, group_id: UUID) -> bool:
    """Return True when the member holds a key of the group and it needs a newer one."""
    held = [group.epoch for group in keys.held if group.group == group_id]
    with office_transaction(keys.org_id):
        return bool(held) and epochs_by_group(keys.org_id)[group_id][1] > max(held)


def merge_waiting(keys: Keys) -> bool:
    """Merge the waiting grants as the member's next request does; raises OpenFailed when one of them did not fit."""
    collected = grants.collect(keys)
    if collected.refused:
        raise OpenFailed("; ".join(finding.sentence for finding in collected.refused))
    return collected.has_grants
