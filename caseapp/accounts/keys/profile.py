"""What a member chose and is called: sealed under the bundle's key, so the server reads it only while they are here."""

from uuid import UUID

import msgspec

from caseapp.vault.core import blob

LABEL = b"profile/1"


class Profile(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`office_name` is repeated here so that a page's frame needs no second file.

    factor_from  second since 1970 from which an admin needs a second factor: a new office has a day for it
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


def seal_profile(bundle_key: bytes, org_id: UUID, member_id: UUID, profile: Profile) -> bytes:
    """The sealed bytes for `accounts_member.profile`."""
    return blob.seal_blob(bundle_key, LABEL, (org_id, member_id), msgspec.msgpack.encode(profile))


def open_profile(bundle_key: bytes, org_id: UUID, member_id: UUID, sealed: bytes) -> Profile:
    """Raises OpenFailed."""
    return msgspec.msgpack.decode(blob.open_blob(bundle_key, LABEL, (org_id, member_id), sealed), type=Profile)
