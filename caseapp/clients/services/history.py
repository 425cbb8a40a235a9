"""Earlier events in a person's life: removal orders made before this case."""

from uuid import UUID

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.transaction import case_transaction
from caseapp.lib.errors import NotFound
from caseapp.records.history import History
from caseapp.records.party import Party
from caseapp.vault.store import Entry, SealedFile

PRIOR_ORDER = "prior_order"


def prior_orders_of(file: SealedFile, party_id: UUID) -> list[Entry[History]]:
    """Return the earlier orders against a person, the oldest first, those without a date last."""
    entries = file.entries_of(History)
    orders = [entry for entry in entries if entry.record.what == PRIOR_ORDER and entry.record.party == party_id]
    return sorted(orders, key=lambda entry: entry.record.from_period or "9999")


def prior_order(file: SealedFile, party_id: UUID, order_id: UUID) -> Entry[History]:
    """Return one earlier order against a person. Raises NotFound."""
    for entry in prior_orders_of(file, party_id):
        if entry.id == order_id:
            return entry
    raise NotFound(f"order {order_id} of person {party_id}")


def add_prior_order(staff: Staff, case_id: UUID, order: History) -> UUID:
    """Add an earlier order against a person of the case. Return its id. Raises NotFound."""
    with case_transaction(staff, case_id) as draft:
        assert order.party is not None
        draft.file.get(order.party, Party)
        return draft.add(order)


def change_prior_order(staff: Staff, case_id: UUID, order_id: UUID, order: History, *, version: int) -> None:
    """Change an earlier order. Raises EditConflict."""
    with case_transaction(staff, case_id) as draft:
        draft.change(order_id, order, version=version)
