"""The state of a session, sealed under the bundle's key: what is still needed, since when, on which device."""

from uuid import UUID

import msgspec

from caseapp.vault.core import blob
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed

LABEL = LABELS["session state"]
FACTOR, PASSPHRASE = "factor", "passphrase"  # values of `needs`


class SessionState(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The state of a session. All instants are seconds since 1970.

    row          the key of the session's row: copied to another row, this is invalid
    needs        what is still needed before this is a session; empty when it is one
    via          what opened the bundle: passphrase or code
    has_factor   whether a second factor was shown (or set up) in this session
    checked_at   when passphrase (and factor) were last checked
    token_since  age of the cookie, which is renewed every hour
    is_retired   a newer cookie took over; this one only serves requests that were under way
    office_epoch the office's session epoch when this began; a lock-down raises it
    member_epoch the member's session epoch when this began; raising it ends sessions whose rows cannot be found
    since, until from when it is valid and how long at most
    """

    row: bytes
    checked_at: int
    token_since: int
    needs: tuple[str, ...] = ()
    via: str = "passphrase"
    has_factor: bool = False
    is_retired: bool = False
    office_epoch: int = 0
    member_epoch: int = 0
    since: int = 0
    until: int = 0
    device: str = ""


def seal(bundle_key: bytes, org_id: UUID, chain: UUID, about: SessionState) -> bytes:
    """Return the sealed bytes for `accounts_session.about`."""
    return blob.seal_blob(bundle_key, LABEL, (org_id, chain), msgspec.msgpack.encode(about), step=256)


def open(bundle_key: bytes, org_id: UUID, chain: UUID, sealed: bytes, *, row: bytes) -> SessionState:
    """Return the state in the sealed bytes. Raises OpenFailed, also when it was sealed for another row."""
    plain = blob.open_blob(bundle_key, LABEL, (org_id, chain), sealed, step=256)
    about = msgspec.msgpack.decode(plain, type=SessionState)
    if about.row != row:
        raise OpenFailed("session: about another row")
    return about
