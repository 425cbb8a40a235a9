"""Codes of an authenticator app as a second factor."""

from uuid import UUID

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.signin import factors
from caseapp.accounts.signin.factors import BundleHolder, FactorRecord
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault.core import onetime
from caseapp.vault.tenancy import office_transaction

ISSUER = "Caseapp"
WRONG = gettext_noop(
    "This code was not right, or it was used before. Wait for the next one. If that does not help, check the clock of "
    "your phone: it must set its time automatically."
)


def propose_secret() -> str:
    """Return a new secret as text, for the app; it is valid only once a code of it was typed back."""
    return onetime.format_secret(onetime.new_secret())


def provisioning_uri(secret: str, *, account: str) -> str:
    """Return the content of the QR code. Raises OpenFailed."""
    return onetime.provisioning_uri(onetime.parse_secret(secret), account=account, issuer=ISSUER)


def confirm_secret(holder: BundleHolder, secret: str, code: str, *, name: str) -> UUID:
    """Store the app's secret, once a code proves that the app has it; that code is spent.

    Raises Refused(code="no_match"), OpenFailed when `secret` is none.
    """
    raw = onetime.parse_secret(secret)
    step = onetime.find_time_step(raw, code, _now_in_seconds(), after=0)
    if step is None:
        raise Refused("no_match", WRONG)
    return factors.add(
        holder, FactorRecord(kind="app", name=name, made_on=factors.current_day(), secret=raw, spent=step)
    )


def verify_code(holder: BundleHolder, code: str) -> None:
    """Verify a code and spend it, also against a second try at the same moment. Raises Refused(code="no_match")."""
    with office_transaction(holder.org_id):
        for held in factors.lock_factors(holder, "app"):
            step = onetime.find_time_step(held.means.secret, code, _now_in_seconds(), after=held.means.spent)
            if step is not None:
                used = replace(held.means, spent=step, used_on=factors.current_day())
                factors.change(holder, held.id, seen=held.means, now=used)
                return
    raise Refused("no_match", WRONG)


def _now_in_seconds() -> int:
    return int(clock.now().timestamp())
