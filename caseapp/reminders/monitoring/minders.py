"""How the people who mind an office are reached: its admins and supervisors hear when a reminder reaches no one.

Where all of them have e-mail alone, an outage of the mail server silences the office.
"""

from collections.abc import Iterable
from uuid import UUID

from caseapp.reminders import recipients
from caseapp.reminders.recipients import Recipient
from caseapp.vault.tenancy import office_transaction


def minders_of(org_id: UUID) -> list[Recipient]:
    """Return the admins and supervisors of an office, in the caller's transaction of it."""
    return [person for person in recipients.of_office(org_id) if person.settings.admin or person.settings.supervisor]


def depends_on_mail_alone(org_id: UUID) -> bool:
    """Return whether each admin and supervisor has e-mail alone, in the caller's transaction of the office."""
    addresses = [target for person in minders_of(org_id) for target in person.settings.addresses]
    return bool(addresses) and all(target.kind == "email" for target in addresses)


def count_by_mail_alone(org_ids: Iterable[UUID]) -> int:
    """Return how many of these offices depend on e-mail alone. Each is read in a transaction of its own."""
    count = 0
    for org_id in org_ids:
        with office_transaction(org_id):
            count += depends_on_mail_alone(org_id)
    return count


def has_tested_address(org_id: UUID) -> bool:
    """Return whether an address of an admin or supervisor took a message, in the caller's transaction of the office."""
    return any(target.state == "works" for person in minders_of(org_id) for target in person.settings.addresses)
