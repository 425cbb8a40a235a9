"""Second factors: an authenticator app's secret or a passkey, sealed under the bundle's key, which opens first.

A factor guards the running server: who holds a copy of everything and the passphrase needs none (`docs/security.md`).
Its row names its member, and using it writes the row just before a sign-in: with it all rows of the office are written,
so that a disk does not tell who came in (L6).
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol
from uuid import UUID, uuid4

import msgspec
from django.db.models import Case, F, Value, When
from msgspec.structs import replace

from caseapp.accounts.keys import profile
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Factor, Member
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.core import blob
from caseapp.vault.tenancy import office

LABEL = b"factor/1"
MOST = 10  # factors a member
NAME = 60  # characters of a factor's name


class Holder(Protocol):
    """Whose bundle is open: a member at work (`Keys`), or one between passphrase and factor (`sessions.Half`)."""

    @property
    def org_id(self) -> UUID: ...
    @property
    def member_id(self) -> UUID: ...
    @property
    def bundle_key(self) -> bytes: ...


class Means(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One factor as it is sealed.

    app      secret, and the last time step used: a code counts once
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
class Held:
    """A factor with its id."""

    id: UUID
    means: Means


def of(holder: Holder, *, kind: str = "") -> tuple[Held, ...]:
    """The member's factors, the oldest first. Raises OpenFailed when one was altered."""
    with office(holder.org_id):
        rows = list(Factor.objects.filter(org_id=holder.org_id, member_id=holder.member_id))
    held = (Held(row.id, _open(holder, row)) for row in rows)
    return tuple(sorted((one for one in held if kind in {"", one.means.kind}), key=lambda one: one.means.made_on))


def add(holder: Holder, means: Means) -> UUID:
    """One more factor. Raises Refused(code="many" or "known")."""
    with office(holder.org_id):
        Member.objects.select_for_update().get(org_id=holder.org_id, id=holder.member_id)  # one addition at a time
        held = of(holder)
        if len(held) >= MOST:
            raise Refused("many", "You have ten of them. Remove one that you no longer use first.")
        if means.credential and any(one.means.credential == means.credential for one in held):
            raise Refused("known", "This passkey is already here.")
        row = uuid4()
        Factor.objects.create(
            org_id=holder.org_id, id=row, member_id=holder.member_id, sealed=_seal(holder, row, means)
        )
    return row


def change(holder: Holder, factor_id: UUID, *, seen: Means, now: Means) -> None:
    """Keep what using a factor changed. The caller holds the rows' locks (`locked`)."""
    if seen != now:
        used = When(id=factor_id, then=Value(_seal(holder, factor_id, now)))
        Factor.objects.filter(org_id=holder.org_id).update(sealed=Case(used, default=F("sealed")))


def locked(holder: Holder, kind: str) -> tuple[Held, ...]:
    """The factors of one kind, the rows locked until the transaction ends: of two equal tries one is right."""
    rows = Factor.objects.select_for_update().filter(org_id=holder.org_id).order_by("id")
    held = (Held(row.id, _open(holder, row)) for row in rows if row.member_id == holder.member_id)
    return tuple(one for one in held if one.means.kind == kind)


def remove(staff: Staff, factor_id: UUID) -> Means:
    """Take one away. Raises NotFound, Refused(code="last") for an admin's last one."""
    keys = staff.keys
    with office(keys.org_id):
        Member.objects.select_for_update().get(org_id=keys.org_id, id=keys.member_id)
        held = {one.id: one.means for one in of(keys)}
        if factor_id not in held:
            raise NotFound(f"factor {factor_id}")
        if staff.is_admin and len(held) == 1:
            raise Refused("last", "An admin keeps a second factor. Add another one first, then remove this.")
        Factor.objects.filter(org_id=keys.org_id, id=factor_id, member_id=keys.member_id).delete()
    return held[factor_id]


def forget_all(org_id: UUID, member_id: UUID) -> int:
    """For somebody who lost every one of them: whoever looks after the server does this. Answers how many."""
    with office(org_id):
        return Factor.objects.filter(org_id=org_id, member_id=member_id).delete()[0]


def put_off(keys: Keys, until: int) -> None:
    """Let an admin work without a factor until this second since 1970: for the fictional office of the demo."""
    with office(keys.org_id):
        row = Member.objects.select_for_update().get(org_id=keys.org_id, id=keys.member_id)
        told = profile.open_profile(keys.bundle_key, keys.org_id, keys.member_id, bytes(row.profile))
        told = replace(told, factor_from=until)
        Member.objects.filter(org_id=row.org_id, id=row.id).update(
            profile=profile.seal_profile(keys.bundle_key, keys.org_id, keys.member_id, told)
        )


def named(typed: str, otherwise: str) -> str:
    """A factor's name on one line."""
    return " ".join(typed.split())[:NAME] or otherwise


def today() -> date:
    """Days are enough on a list of keys."""
    return clock.now().date()


def _seal(holder: Holder, row: UUID, means: Means) -> bytes:
    return blob.seal_blob(holder.bundle_key, LABEL, (holder.org_id, row), msgspec.msgpack.encode(means))


def _open(holder: Holder, row: Factor) -> Means:
    plain = blob.open_blob(holder.bundle_key, LABEL, (row.org_id, row.id), bytes(row.sealed))
    return msgspec.msgpack.decode(plain, type=Means)
