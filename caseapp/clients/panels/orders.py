"""Earlier removal orders of a person as finished values."""

from dataclasses import dataclass
from uuid import UUID

from caseapp.clients.services.history import prior_orders_of
from caseapp.records.history import History
from caseapp.ui.display import tags
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.people.fact_lines import name_countries
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class OrderLine:
    """An earlier order in one line; `href` corrects it."""

    href: str
    text: str


def order_lines(file: SealedFile, party_id: UUID) -> tuple[OrderLine, ...]:
    """Return the earlier orders against a person, the oldest first."""
    return tuple(
        OrderLine(quick_reverse("clients:order", file.id, party_id, entry.id), describe_order(entry.record))
        for entry in prior_orders_of(file, party_id)
    )


def describe_order(order: History) -> str:
    """Return an order in one line: what, when, by whom."""
    when = tags.partial_day(order.began) if order.began else ""
    country = name_countries(filter(None, (order.country,)))
    return ", ".join(filter(None, (order.result, when, order.authority, country, order.number)))
