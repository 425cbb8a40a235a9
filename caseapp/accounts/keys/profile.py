"""A member's name, role and choices, sealed under the bundle's key: the server reads them only during a session."""

from uuid import UUID

import msgspec

from caseapp.vault.core import blob
from caseapp.vault.core.labels import LABELS

LABEL = LABELS["profile"]


class Profile(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A member's profile. `office_name` is repeated in it so that a page's frame needs no second file.

    factor_from  second since 1970 from which an admin needs a second factor: a new office has a day to set one up
    """

    name: str
    role: str
    is_admin: bool = False
    language: str = "en"
    zone: str = "UTC"
    office_name: str = ""
    covered: bool = False
    theme: str = "auto"
    factor_from: int = 0
    country: str = ""  # the office's, repeated like its name; empty: the country of `zone`
    shown_country: str = ""  # whose way of writing dates the member sees; empty: the office's
    letter_keys: bool = False  # single letters are keys, as `js/keys.js` reads them


def seal_profile(bundle_key: bytes, org_id: UUID, member_id: UUID, profile: Profile) -> bytes:
    """Return the sealed bytes for `accounts_member.profile`."""
    return blob.seal_blob(bundle_key, LABEL, (org_id, member_id), msgspec.msgpack.encode(profile))


def open_profile(bundle_key: bytes, org_id: UUID, member_id: UUID, sealed: bytes) -> Profile:
    """Return the profile in the sealed bytes. Raises OpenFailed."""
    return msgspec.msgpack.decode(blob.open_blob(bundle_key, LABEL, (org_id, member_id), sealed), type=Profile)
