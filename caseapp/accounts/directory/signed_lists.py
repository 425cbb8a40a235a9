"""Signed lists that are sealed for a group: the directory, and rosters.

content = MessagePack {body, signer, signature}; the signature covers label | office | group | version | body, so that
it is valid for one list and version only. `signer` is empty where only the office's root may sign.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from caseapp.vault.core import blob, hybrid
from caseapp.vault.errors import OpenFailed


class Signed(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An opened list whose signature is not verified yet."""

    body: bytes
    signature: bytes
    signer: bytes = b""


def seal(
    key: bytes, label: bytes, org_id: UUID, group_id: UUID, version: int, body: bytes, *, private: bytes, root: bool
) -> bytes:
    """Return `body` signed with `private` (the office's root, or a member's own key) and sealed under `key`."""
    signature = hybrid.sign(private, signed_bytes(label, org_id, group_id, version, body))
    signer = b"" if root else hybrid.signer_id(hybrid.derive_verify_key(private))
    content = msgspec.msgpack.encode(Signed(body=body, signature=signature, signer=signer))
    return blob.seal_blob(key, label, (org_id, group_id), content, version=version)


def open_by_root(
    key: bytes, label: bytes, org_id: UUID, group_id: UUID, version: int, sealed: bytes, *, root_public: bytes
) -> bytes:
    """Return the body if the office's root signed it for this list and version. Raises OpenFailed."""
    signed = open_signed(key, label, org_id, group_id, version, sealed)
    hybrid.verify(root_public, signed.signature, signed_bytes(label, org_id, group_id, version, signed.body))
    return signed.body


def verify_member(
    signed: Signed, label: bytes, org_id: UUID, group_id: UUID, version: int, verifiers: Mapping[bytes, bytes]
) -> bytes:
    """Return the body if a person ever listed in the directory signed it for this list and version. Raises OpenFailed.

    Whether that person was entitled to it is for the caller to judge (`authority.py`).

    verifiers  signer id to verifying key, from the directory
    """
    if signed.signer not in verifiers:
        raise OpenFailed(f"{label.decode()} of group {group_id}: its signer is not in the directory")
    signed_content = signed_bytes(label, org_id, group_id, version, signed.body)
    hybrid.verify(verifiers[signed.signer], signed.signature, signed_content)
    return signed.body


def open_signed(key: bytes, label: bytes, org_id: UUID, group_id: UUID, version: int, sealed: bytes) -> Signed:
    """Return the opened list, its signature not verified. Raises OpenFailed."""
    plain = blob.open_blob(key, label, (org_id, group_id), sealed, version=version)
    try:
        return msgspec.msgpack.decode(plain, type=Signed)
    except msgspec.MsgspecError as exc:
        raise OpenFailed(f"{label.decode()} of group {group_id} does not read") from exc


def signed_bytes(label: bytes, org_id: UUID, group_id: UUID, version: int, body: bytes) -> bytes:
    """Return the bytes that the signature of a list covers."""
    return label + org_id.bytes + group_id.bytes + version.to_bytes(4, "big") + body
