"""Codes of an authenticator app as a second factor."""

from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.signin import factors
from caseapp.accounts.signin.factors import Holder, Means
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault.core import onetime
from caseapp.vault.tenancy import office

ISSUER = "Caseapp"
WRONG = "This code was not right, or it was used before. Wait for the next one."


def propose() -> str:
    """Return a new secret as text, for the app; it is valid only once a code of it was typed back."""
    return onetime.as_text(onetime.new_secret())


def address(secret: str, *, account: str) -> str:
    """Return the content of the QR code. Raises OpenFailed."""
    return onetime.address(onetime.from_text(secret), account=account, issuer=ISSUER)


def confirm(holder: Holder, secret: str, code: str, *, name: str) -> UUID:
    """Store the app's secret, once a code proves that the app has it; that code is spent.

    Raises Refused(code="no_match"), OpenFailed when `secret` is none.
    """
    raw = onetime.from_text(secret)
    step = onetime.used_step(raw, code, _now(), after=0)
    if step is None:
        raise Refused("no_match", WRONG)
    return factors.add(holder, Means(kind="app", name=name, made_on=factors.today(), secret=raw, spent=step))


def use(holder: Holder, code: str) -> None:
    """Verify a code and spend it, also against a second try at the same moment. Raises Refused(code="no_match")."""
    with office(holder.org_id):
        for held in factors.locked(holder, "app"):
            step = onetime.used_step(held.means.secret, code, _now(), after=held.means.spent)
            if step is not None:
                used = replace(held.means, spent=step, used_on=factors.today())
                factors.change(holder, held.id, seen=held.means, now=used)
                return
    raise Refused("no_match", WRONG)


def _now() -> int:
    return int(clock.now().timestamp())
