"""Service that founds an office. It spans accounts, index and reminders."""

from django.db import transaction

from caseapp.accounts.members import new_office
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.index import store
from caseapp.reminders import recipients
from caseapp.vault.tenancy import office_transaction


def found_office(
    *,
    office_name: str,
    zone: str,
    language: str,
    member_name: str,
    email: str,
    passphrase: str,
    further: bool = False,
) -> SignedIn:
    """Create the office and its first member, an admin who receives the reminders' self-test. Raises Refused."""
    with transaction.atomic():
        signed_in = new_office.create_office(
            office_name=office_name,
            zone=zone,
            language=language,
            member_name=member_name,
            email=email,
            passphrase=passphrase,
            is_additional=further,
        )
        staff = signed_in.staff
        with office_transaction(staff.org_id):
            for group in staff.keys.groups:
                store.create(staff.org_id, group.group, group.epoch)
            recipients.set_address(
                staff.org_id, staff.member_id, address=email, language=language, zone=zone, admin=True
            )
    return signed_in
