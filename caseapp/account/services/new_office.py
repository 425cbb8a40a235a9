"""Service that founds an office. It spans accounts, index and reminders."""

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from caseapp.accounts import queries
from caseapp.accounts.keys.permissions import SUPERVISOR
from caseapp.accounts.members import new_office
from caseapp.accounts.members.new_office import Founder, Hosting
from caseapp.accounts.signin import throttle
from caseapp.accounts.signin.sign_in import SignedIn
from caseapp.casefile.office_law import PACK_OF_COUNTRY
from caseapp.index import store
from caseapp.lib import setup_code
from caseapp.lib.countries import country_of_zone
from caseapp.reminders import recipients
from caseapp.vault.tenancy import office_transaction


def matches_setup_code(typed: str, *, address: str) -> bool:
    """Return whether the typed text is the server's set-up code. `address`: of the client, whose tries are counted.

    Raises TooManyTries.
    """
    if not typed:
        return False
    buckets = throttle.for_setup(address)
    throttle.count_try(buckets)
    is_right = setup_code.matches_code(Path(settings.SECRETS), typed)
    if is_right:
        throttle.refund_try(buckets)
    return is_right


def find_waiting_office(typed: str, *, address: str) -> UUID | None:
    """Return the further office whose set-up code was typed, or None. `address`: as for the first office's code.

    Raises TooManyTries.
    """
    if not typed:
        return None
    buckets = throttle.for_setup(address)
    throttle.count_try(buckets)
    org_id = setup_code.find_office_of_code(Path(settings.SECRETS), typed)
    if org_id is not None:
        throttle.refund_try(buckets)
    return org_id


def found_office(
    *,
    office_name: str,
    zone: str,
    language: str,
    member_name: str,
    email: str,
    passphrase: str,
    founder: Founder | None = None,
    hosting: Hosting | None = None,
) -> SignedIn:
    """Create the office and its first member, an admin who receives the reminders' self-test. Raises Refused.

    Once it is committed, its set-up code is destroyed. `hosting`: of a further office.
    """
    hosting = hosting or Hosting()
    with transaction.atomic():
        queries.lock_founding()
        # robust: an office that is committed is not undone by a file that cannot be deleted, and the code is void.
        transaction.on_commit(lambda: _destroy_code(hosting), robust=True)
        signed_in = new_office.create_office(
            office_name=office_name,
            zone=zone,
            language=language,
            member_name=member_name,
            email=email,
            passphrase=passphrase,
            founder=founder,
            hosting=hosting,
        )
        staff = signed_in.staff
        with office_transaction(staff.org_id):
            for group in staff.keys.groups:
                store.create(staff.org_id, group.group, group.epoch)
            recipients.set_address(
                *(staff.org_id, staff.member_id),
                address=email,
                language=language,
                zone=zone,
                admin=True,
                supervisor=staff.role == SUPERVISOR,
            )
    return signed_in


def founder_of(*, zone: str, country: str, role: str, is_supervising: bool) -> Founder:
    """Return what the set-up asked for. A country other than that of the time zone brings its own pack of rules."""
    packs = () if country == country_of_zone(zone) else (PACK_OF_COUNTRY[country],)
    return Founder(role=role, is_supervising=is_supervising, country=country, packs=packs)


def _destroy_code(hosting: Hosting) -> None:
    folder = Path(settings.SECRETS)
    if hosting.has_code:
        setup_code.destroy_office_code(folder, hosting.org_id)
    else:
        setup_code.destroy_code(folder)
