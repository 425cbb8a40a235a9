"""The office's gateway for texts to clients and its address for STOP: set by admins, each in a transaction."""

from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, opt_out_inbox
from caseapp.accounts.keys import office_file, permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.lib import phones
from caseapp.lib.errors import Refused
from caseapp.reminders.sending import client_gateway, messages
from caseapp.reminders.sending.gateways import GatewayRefused
from caseapp.vault.tenancy import office

ACT = "client_gateway"


def set_gateway(staff: Staff, address: str) -> None:
    """Another gateway for the whole office; empty: none. Raises NotFound, Refused(code="address")."""
    permissions.require(staff, ACT)
    checked = client_gateway.checked(address) if address else ""
    with office(staff.org_id):
        told = office_file.office_of(staff.keys)
        office_file.change_office(staff.keys, replace(told, client_gateway=checked))
        audit_trail.note_here(staff.keys, "settings.change")


def try_gateway(staff: Staff, number: str) -> None:
    """Send the constant test text to a number. Never call it in a transaction. Raises NotFound, Refused."""
    permissions.require(staff, ACT)
    with office(staff.org_id):
        told = office_file.office_of(staff.keys)
    if not told.client_gateway:
        raise Refused("number", "Set the address of the text company first.")
    dialled = phones.dialled(number, zone=told.zone)
    try:
        client_gateway.hand_over(told.client_gateway, dialled, messages.short("test", staff.language))
    except GatewayRefused:
        raise Refused("number", "The text company did not take the test. Check its address and this number.") from None


def make_address(staff: Staff) -> bytes:
    """A new address for STOP; the one before ends. Answers its token, which is kept nowhere. Raises NotFound."""
    permissions.require(staff, ACT)
    with office(staff.org_id):
        return opt_out_inbox.new_address(staff.keys)


def end_address(staff: Staff) -> None:
    """No address for STOP any more. Raises NotFound."""
    permissions.require(staff, ACT)
    with office(staff.org_id):
        opt_out_inbox.remove(staff.keys)
