"""The office's own settings that concern all members."""

from msgspec.structs import replace

from caseapp.accounts.keys import office_file, permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import preferences
from caseapp.lib.countries import COUNTRIES
from caseapp.lib.errors import Refused
from caseapp.vault.tenancy import office_transaction


def set_country(staff: Staff, country: str) -> None:
    """Set the country whose order of dates the office enters; other members follow when they next open Today.

    Raises NotFound for a member who may not, and Refused for a country that is not offered.
    """
    permissions.require(staff, "set_country")
    if country not in COUNTRIES:
        raise Refused("country", "Choose one of the offered values.")
    with office_transaction(staff.org_id):
        office_file.save_office(staff.keys, replace(office_file.read_office(staff.keys), country=country))
        preferences.follow_office_country(staff)
