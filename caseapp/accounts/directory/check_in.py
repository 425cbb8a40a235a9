"""The memory of a member's keyring, renewed at each sign-in, so that nothing older or exchanged is accepted afterwards.

The newest version of the directory, and the newest link of the chain of each of the member's groups.
"""

from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory import anchoring, members
from caseapp.accounts.directory.chains import group_chains
from caseapp.accounts.directory.chains.chain import ROOT_KINDS, ChainState
from caseapp.accounts.directory.records import Directory
from caseapp.accounts.keys import keyrings
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.models import Group
from caseapp.vault.core.keyring import SHARE
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction


def remember_newest(keys: Keys) -> None:
    """Remember the newest directory and chains seen; an admin also anchors an office of an older program.

    Not in a case's transaction: it writes the member's row. Raises OpenFailed when the directory does not count; a
    chain that does not is left out (`key_upkeep.rotate_due_keys` reports it).
    """
    anchoring.ensure_anchored(keys)
    with office_transaction(keys.org_id):
        people = members.read_directory(keys)
        heads = {group_id: state.head for group_id, state in _own_states(keys, people).items() if state.head}
    ring = keys.keyring
    if people.version > ring.roster_version or any(ring.head_of(group) != head for group, head in heads.items()):
        keyrings.change(
            keys,
            lambda stored: replace(stored.with_heads(heads), roster_version=max(people.version, stored.roster_version)),
        )


def _own_states(keys: Keys, people: Directory) -> dict[UUID, ChainState]:
    """Return the chains of the member's groups that count, each with a commitment to its newest key."""
    mine = {held.group for held in keys.held if held.kind != SHARE}
    states = {}
    for row in Group.objects.filter(org_id=keys.org_id, group_id__in=mine):
        try:
            states[row.group_id] = _with_commitment(keys, people, group_chains.open_row(keys, people, row))
        except OpenFailed:
            continue
    return states


def _with_commitment(keys: Keys, people: Directory, state: ChainState) -> ChainState:
    """Add the commitment that the admin who anchored a wall from outside could not make."""
    held = keys.group(state.group)
    is_missing = state.head and state.epoch not in state.keys and held.epoch == state.epoch
    if not is_missing or state.kind in ROOT_KINDS or keys.member_id not in state.holders:
        return state
    return group_chains.extend(keys, people, held)
