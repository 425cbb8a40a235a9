"""The number of cases and days that an office has before its recovery must be set up (decision 27).

Recovery may wait for ten cases, or for fourteen days if that is later, and for no more than 25 cases.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.recovery import office
from caseapp.lib import clock
from caseapp.vault.models import VaultCase
from caseapp.vault.tenancy import office_transaction

FREE_CASES, MOST_CASES = 10, 25
FREE_TIME = timedelta(days=14)


@dataclass(frozen=True)
class RecoveryLimit:
    """Number of cases that an office without usable recovery may still open.

    ends_on    from when only ten cases are free; None: it is so now, or the office does not know its beginning
    cases      that the office has
    cases_left that can be opened now
    """

    ends_on: datetime | None
    cases: int
    cases_left: int


def is_recovery_due(keys: Keys) -> bool:
    """Return whether no more cases may be opened until the office's recovery is set up. Raises OpenFailed."""
    limit = recovery_limit(keys)
    return limit is not None and limit.cases_left == 0


def recovery_limit(keys: Keys) -> RecoveryLimit | None:
    """Return the limit of an office whose recovery is not set up; None where there is none. Raises OpenFailed.

    In an office of an older program, which does not know when it was set up, the time counts as over.
    """
    if not settings.RECOVERY_GATE:
        return None
    with office_transaction(keys.org_id):
        people = members.read_directory(keys, accepts_older=True)
        if office.is_usable(keys):
            return None
        cases = VaultCase.objects.filter(org_id=keys.org_id).exclude(case_id=keys.office_file).count()
    ends_on = people.founded_at + FREE_TIME if people.founded_at is not None else None
    if ends_on is not None and clock.now() >= ends_on:
        ends_on = None
    most = FREE_CASES if ends_on is None else MOST_CASES
    return RecoveryLimit(ends_on, cases, max(0, most - cases))
