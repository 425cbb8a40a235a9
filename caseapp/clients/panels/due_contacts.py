"""Kept lists of the clients to contact of whom something is due, for Today."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from caseapp.accounts.directory.opt_out_inbox import ReceivedOptOut
from caseapp.clients.panels.contact_lines import SendingConditions, contact_due
from caseapp.index.kept.definition import KeptList
from caseapp.index.kept.people import ClientsToContact, cases_to_contact
from caseapp.index.lookup.facts import GroupFacts
from caseapp.index.row_parts.contact import ClientRow
from caseapp.index.rows import CaseRow

MINUTES = 15  # what is due changes with days and contact hours of zones: they begin at full quarters of an hour


@dataclass(frozen=True)
class ClientsWithTexts(KeptList[ClientRow]):
    """The clients to contact to whom a text may be sent as far as their case says."""

    today: date

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a client to contact."""
        return cases_to_contact(known, self.today)

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, ClientRow]]:
        """Yield the clients of a row who have texts, and nothing against them."""
        for order, client in ClientsToContact(self.today).items_in(row):
            if client.texts and not client.blocked:
                yield order, client


@dataclass(frozen=True)
class ClientsDue(KeptList[ClientRow]):
    """The clients of whom something is due, the nearest hearing first.

    quarter                   the quarter of an hour, from its begin on
    has_gateway, stops, zone  as in `SendingConditions`
    is_sendable               only those to whom the text that is due can be sent
    """

    today: date
    quarter: datetime
    has_gateway: bool
    stops: tuple[ReceivedOptOut, ...]
    zone: str
    is_sendable: bool

    def cases_in(self, known: GroupFacts) -> Iterable[int]:
        """Return the cases with a client to contact."""
        return cases_to_contact(known, self.today)

    def items_in(self, row: CaseRow) -> Iterator[tuple[int, ClientRow]]:
        """Yield the clients of a row of whom something is due."""
        conditions = SendingConditions(self.quarter, self.has_gateway, self.stops, self.zone)
        for order, client in ClientsToContact(self.today).items_in(row):
            due = contact_due(client, conditions)
            if due.can_send if self.is_sendable else due.is_due:
                yield order, client


def clients_due(today: date, conditions: SendingConditions, *, is_sendable: bool) -> ClientsDue:
    """Return the list of the clients of whom something is due under these conditions, on the member's day."""
    now = conditions.now
    quarter = now.replace(minute=now.minute // MINUTES * MINUTES, second=0, microsecond=0)
    return ClientsDue(
        today, quarter, conditions.has_gateway, tuple(conditions.stops), conditions.zone, is_sendable=is_sendable
    )
