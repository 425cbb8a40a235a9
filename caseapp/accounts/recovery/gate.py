"""The number of cases and days that an office has before its recovery must be set up (decision 27).

Recovery may wait for ten cases, or for fourteen days if that is later, and for no more than 25 cases.
"""

from datetime import timedelta

from django.conf import settings

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.recovery import office
from caseapp.lib import clock
from caseapp.vault.models import VaultCase
from caseapp.vault.tenancy import office_transaction

FREE_CASES, MOST_CASES = 10, 25
FREE_TIME = timedelta(days=14)


def is_recovery_due(keys: Keys) -> bool:
    """Return whether no more cases may be opened until the office's recovery is set up. Raises OpenFailed.

    In an office of an older program, which does not know when it was set up, the time counts as over.
    """
    if not settings.RECOVERY_GATE:
        return False
    with office_transaction(keys.org_id):
        cases = VaultCase.objects.filter(org_id=keys.org_id).exclude(case_id=keys.office_file).count()
        if cases < FREE_CASES:
            return False
        founded_at = members.read_directory(keys, accepts_older=True).founded_at
        is_new = founded_at is not None and clock.now() - founded_at < FREE_TIME
        if is_new and cases < MOST_CASES:
            return False
        return not office.is_usable(keys)
