"""Second factors: an authenticator app's secret or a passkey, sealed under the bundle's key, which opens first.

A factor guards the running server: with a copy of everything and the passphrase none is needed (`docs/security.md`).
Its row names its member, and using it writes the row just before a sign-in: all rows of the office are written with it,
so that a disk does not reveal who signed in (L6).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol
from uuid import UUID, uuid4

import msgspec
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.keys import profile
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Factor, Member
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.core import blob
from caseapp.vault.core.labels import LABELS
from caseapp.vault.tenancy import join_office_transaction, office_transaction

LABEL = LABELS["factor"]
MAX_FACTORS = 10  # most factors a member may have
MAX_NAME_LENGTH = 60  # characters of a factor's name
ENOUGH_FACTORS = gettext_noop("You have ten of them. Remove one that you no longer use first.")
LAST_FACTOR = gettext_noop("An admin keeps a second factor. Add another one first, then remove this.")


class BundleHolder(Protocol):
    """The owner of an open bundle: a signed-in member (`Keys`) or a half-session's (`sessions`)."""

    @property
    def org_id(self) -> UUID: ...
    @property
    def member_id(self) -> UUID: ...
    @property
    def bundle_key(self) -> bytes: ...


class FactorRecord(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A factor as it is sealed.

    app      secret, and the last time step used: a code is valid once
    passkey  its id, public key and counter; `way` locates the bundle's wrap under the passkey's own secret, if any
    """

    kind: Literal["app", "passkey"]
    name: str
    made_on: date
    used_on: date | None = None
    secret: bytes = b""
    spent: int = 0
    credential: bytes = b""
    public_key: bytes = b""
    counter: int = 0
    transports: tuple[str, ...] = ()
    way: bytes = b""

    def __repr__(self) -> str:
        return f"<Means {self.kind}>"


@dataclass(frozen=True)
class HeldFactor:
    """A factor with its id."""

    id: UUID
    means: FactorRecord


def list_factors(holder: BundleHolder, *, kind: str = "") -> tuple[HeldFactor, ...]:
    """Return the member's factors, the oldest first. Raises OpenFailed when one was altered."""
    with join_office_transaction(holder.org_id):
        rows = list(Factor.objects.filter(org_id=holder.org_id, member_id=holder.member_id))
    held = (HeldFactor(row.id, _open_factor(holder, row)) for row in rows)
    return tuple(
        sorted((factor for factor in held if kind in {"", factor.means.kind}), key=lambda factor: factor.means.made_on)
    )


def may_add(holder: BundleHolder) -> bool:
    """Return whether the member may add another factor."""
    return len(list_factors(holder)) < MAX_FACTORS


def add(holder: BundleHolder, means: FactorRecord) -> UUID:
    """Add a factor and return its id. Raises Refused(code="many" or "known")."""
    with office_transaction(holder.org_id):
        Member.objects.select_for_update().get(org_id=holder.org_id, id=holder.member_id)  # one addition at a time
        held = list_factors(holder)
        if len(held) >= MAX_FACTORS:
            raise Refused("many", ENOUGH_FACTORS)
        if means.credential and any(factor.means.credential == means.credential for factor in held):
            raise Refused("known", "This passkey is already here.")
        row = uuid4()
        Factor.objects.create(
            org_id=holder.org_id, id=row, member_id=holder.member_id, sealed=_seal_factor(holder, row, means)
        )
    return row


def change(holder: BundleHolder, factor_id: UUID, *, seen: FactorRecord, now: FactorRecord) -> None:
    """Store what using a factor changed. The caller has locked the rows (`lock_factors`)."""
    if seen != now:
        used = When(id=factor_id, then=Value(_seal_factor(holder, factor_id, now)))
        Factor.objects.filter(org_id=holder.org_id).update(sealed=Case(used, default=F("sealed")))


def lock_factors(holder: BundleHolder, kind: str) -> tuple[HeldFactor, ...]:
    """Return the factors of one kind and lock their rows until the transaction ends.

    The lock makes one of two concurrent tries with the same code fail.
    """
    rows = Factor.objects.select_for_update().filter(org_id=holder.org_id).order_by("id")
    held = (HeldFactor(row.id, _open_factor(holder, row)) for row in rows if row.member_id == holder.member_id)
    return tuple(factor for factor in held if factor.means.kind == kind)


def remove(staff: Staff, factor_id: UUID) -> FactorRecord:
    """Remove a factor and return it. Raises NotFound, Refused(code="last") for an admin's last one."""
    keys = staff.keys
    with office_transaction(keys.org_id):
        Member.objects.select_for_update().get(org_id=keys.org_id, id=keys.member_id)
        held = {factor.id: factor.means for factor in list_factors(keys)}
        if factor_id not in held:
            raise NotFound(f"factor {factor_id}")
        if staff.is_admin and len(held) == 1:
            raise Refused("last", LAST_FACTOR)
        Factor.objects.filter(org_id=keys.org_id, id=factor_id, member_id=keys.member_id).delete()
    return held[factor_id]


def delete_all(org_id: UUID, member_id: UUID) -> int:
    """Delete every factor of a member who lost them all, for the server's operator. Return how many."""
    with office_transaction(org_id):
        return Factor.objects.filter(org_id=org_id, member_id=member_id).delete()[0]


def postpone_requirement(keys: Keys, until: int) -> None:
    """Let an admin work without a factor until this second since 1970: for the fictional office of the demo."""
    with office_transaction(keys.org_id):
        row = Member.objects.select_for_update().get(org_id=keys.org_id, id=keys.member_id)
        member_profile = profile.open_profile(keys.bundle_key, keys.org_id, keys.member_id, bytes(row.profile))
        member_profile = replace(member_profile, factor_from=until)
        Member.objects.filter(org_id=row.org_id, id=row.id).update(
            profile=profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, member_profile)
        )


def clean_name(typed: str, otherwise: str) -> str:
    """Return a factor's name on one line."""
    return " ".join(typed.split())[:MAX_NAME_LENGTH] or otherwise


def current_day() -> date:
    """Return the current UTC date: a list of factors needs no time of day."""
    return clock.now().date()


def _seal_factor(holder: BundleHolder, row: UUID, means: FactorRecord) -> bytes:
    return blob.seal_blob(holder.bundle_key, LABEL, (holder.org_id, row), msgspec.msgpack.encode(means))


def _open_factor(holder: BundleHolder, row: Factor) -> FactorRecord:
    plain = blob.open_blob(holder.bundle_key, LABEL, (row.org_id, row.id), bytes(row.sealed))
    return msgspec.msgpack.decode(plain, type=FactorRecord)
