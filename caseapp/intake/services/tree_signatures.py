"""Signatures of screening trees: a supervising attorney confirms the text of a tree for the office.

A signature is kept in the office's encrypted file as the confirmation of a rule is, and audited as one.
"""

from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile import office_law
from caseapp.casefile.office_law import is_supervising
from caseapp.intake.services.screening_trees import ScreeningTree, read_trees
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.office import LawConfirmation, Office
from caseapp.vault import store
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

PREFIX = "screening:"  # of `LawConfirmation.what`


def find_tree(tree_id: str) -> ScreeningTree:
    """Return a tree. Raises NotFound."""
    tree = read_trees().get(tree_id)
    if tree is None:
        raise NotFound(f"screening tree {tree_id[:20]}")
    return tree


def trees_in_use(keys: Keys) -> tuple[ScreeningTree, ...]:
    """Return the trees of the packs that the office uses; () for an office whose law has none."""
    packs = office_law.packs_in_use(office_law.law_of(keys).office)
    return tuple(tree for tree in read_trees().values() if tree.pack in packs)


def signature_of(office: Office, tree: ScreeningTree) -> LawConfirmation | None:
    """Return the signature of exactly this text; None for a tree that is not signed off, or changed since."""
    wanted = (PREFIX + tree.id, tree.digest)
    return next((item for item in office.confirmed if (item.what, item.digest) == wanted), None)


def sign_tree(staff: Staff, tree_id: str, digest: str) -> None:
    """Sign the text of a tree as it was read.

    Raises NotFound, Refused("role") for a member who is no supervising attorney, Refused("changed") for another text.
    """
    if not is_supervising(staff):
        raise Refused("role", "Only a supervising attorney of the office does this.")
    tree = find_tree(tree_id)
    if tree.digest != digest:
        raise Refused("changed", "These questions changed after you opened the page. Read them again.")
    with office_transaction(staff.org_id):
        file = store.open_file(staff.keys, staff.keys.office_file, lock=True)
        draft = Draft(file, by=staff.member_id)
        entry = file.get_only(Office)
        kept = tuple(item for item in entry.record.confirmed if item.what != PREFIX + tree.id)
        added = LawConfirmation(
            what=PREFIX + tree.id,
            digest=digest,
            by=staff.member_id,
            on=clock.today(staff.zone),
            version=f"{tree.dated:%Y.%m.%d}",
        )
        draft.change(entry.id, replace(entry.record, confirmed=(*kept, added)))
        store.write_draft(draft)
        audit_trail.record_entry_in_transaction(staff.keys, "rules.confirm", count=1)
