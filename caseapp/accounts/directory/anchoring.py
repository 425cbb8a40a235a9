"""The first links of the groups of an office that an older program wrote, signed by the office's root.

The first admin who signs in to this program does it for every group in its present state, also for walls the admin is
not in. Until then each member keeps the epochs they have and accepts no newer one.
"""

import logging

from msgspec.structs import replace

from caseapp.accounts.directory import members
from caseapp.accounts.directory.chains import group_chains
from caseapp.accounts.directory.records import Directory
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group, Roster
from caseapp.vault.core import primitives
from caseapp.vault.errors import OpenFailed

log = logging.getLogger("caseapp.accounts")


def ensure_anchored(keys: Keys) -> bool:
    """Anchor the office if it is not and the member has its root. Return whether that was done now."""
    if not keys.keyring.org_root_private or members.read_directory(keys).anchored:
        return False
    anchored_now = False

    def edit(directory: Directory) -> Directory:
        nonlocal anchored_now
        if directory.anchored:  # another admin was faster
            return directory
        anchored_now = True
        _take_groups_over(keys, directory)
        return replace(directory, anchored=True, office_file=keys.keyring.office_file)

    members.change_directory(keys, edit)
    return anchored_now


def _take_groups_over(keys: Keys, people: Directory) -> None:
    rosters = {row.group_id: bytes(row.sealed) for row in Roster.objects.filter(org_id=keys.org_id)}
    for row in Group.objects.select_for_update().filter(org_id=keys.org_id).order_by("group_id"):
        try:
            group_chains.take_over(keys, people, row, primitives.digest(rosters.get(row.group_id, b"")))
        except OpenFailed as exc:
            # Its members keep what they hold; the page of members tells the admins.
            log.error("directory.group_not_anchored %s", exc)
