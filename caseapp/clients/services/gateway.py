"""Settings of the office's gateway for texts to clients and of its STOP webhook. Admins only, one transaction each."""

from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, opt_out_inbox
from caseapp.accounts.keys import office_file, permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.lib.errors import Refused
from caseapp.lib.text import phones
from caseapp.reminders.sending import client_gateway, messages
from caseapp.reminders.sending.gateways import GatewayRefused
from caseapp.vault.tenancy import office_transaction

PERMISSION = "client_gateway"


def set_gateway(staff: Staff, address: str) -> None:
    """Set the office's gateway for texts to clients; an empty address removes it.

    Raises NotFound without permission, Refused(code="address") for an address that is not valid.
    """
    permissions.require(staff, PERMISSION)
    checked = client_gateway.validate_address(address) if address else ""
    with office_transaction(staff.org_id):
        settings = office_file.read_office(staff.keys)
        office_file.save_office(staff.keys, replace(settings, client_gateway=checked))
        audit_trail.record_entry_in_transaction(staff.keys, "settings.change")


def send_test_text(staff: Staff, number: str) -> None:
    """Send the constant test text to a number. Do not call it inside a transaction.

    Raises NotFound without permission; Refused without a gateway, for a bad number, or when the gateway refuses.
    """
    permissions.require(staff, PERMISSION)
    with office_transaction(staff.org_id):
        settings = office_file.read_office(staff.keys)
    if not settings.client_gateway:
        raise Refused("number", "Set the address of the text company first.")
    dialled = phones.add_country_code(number, country=settings.dialling_country)
    try:
        client_gateway.hand_over(settings.client_gateway, dialled, messages.short_text_for("test", staff.language))
    except GatewayRefused:
        raise Refused("number", "The text company rejected the test. Check its address and this number.") from None


def create_opt_out_address(staff: Staff) -> bytes:
    """Create a new STOP webhook address and end the one before. Return its token, which is stored nowhere.

    Raises NotFound without permission.
    """
    permissions.require(staff, PERMISSION)
    with office_transaction(staff.org_id):
        return opt_out_inbox.create_address(staff.keys)


def remove_opt_out_address(staff: Staff) -> None:
    """Remove the STOP webhook address. Raises NotFound without permission."""
    permissions.require(staff, PERMISSION)
    with office_transaction(staff.org_id):
        opt_out_inbox.remove_address(staff.keys)
