"""Audit entries of members' acts, sealed to the auditors' key from the signed directory.

This process keeps the public key while the directory's version is unchanged: one small query an entry.
"""

from uuid import UUID

from caseapp.accounts import queries
from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Keys
from caseapp.audit import write
from caseapp.audit.write import AuditedCase
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

_public_keys: dict[UUID, tuple[int, bytes]] = {}  # office to (version of its directory, the auditors' public key)


def record_entry(
    keys: Keys,
    action: str,
    *,
    file: SealedFile | None = None,
    target: UUID | None = None,
    reason: str = "",
    count: int = 1,
) -> None:
    """Write one audit entry, in the caller's transaction or a new one. If it cannot be written, this raises.

    file  the case it is about: members of the case can read the entry too
    """
    with office_transaction(keys.org_id):
        record_entry_in_transaction(keys, action, file=file, target=target, reason=reason, count=count)


def record_entry_in_transaction(
    keys: Keys,
    action: str,
    *,
    file: SealedFile | None = None,
    target: UUID | None = None,
    reason: str = "",
    count: int = 1,
    directory_version: int | None = None,
) -> None:
    """Write one audit entry in the office's transaction, which the caller has opened: three statements.

    directory_version  the one that this request has just read: a statement less
    """
    about = AuditedCase(file.id, file.key, file.head_version, file.head_digest) if file is not None else None
    auditors = auditors_public_key(keys, directory_version)
    write.record(keys.org_id, auditors, keys.member_id, action, about=about, target=target, reason=reason, count=count)


def auditors_public_key(keys: Keys, version: int | None = None) -> bytes:
    """Return the public key that entries are sealed to, in the office's transaction. Raises OpenFailed.

    version  of the directory, where the caller has just read it
    """
    if version is None:
        version = queries.find_roster_version(keys.org_id, keys.office_group.group)
    held = _public_keys.get(keys.org_id)
    if held is None or held[0] != version or version < keys.keyring.roster_version:
        if held is not None and held[0] > version:
            return held[1]  # the directory was put back; the newer one that this process read counts
        directory = members.read_directory(keys)
        held = _public_keys[keys.org_id] = (directory.version, directory.auditors_public)
    return held[1]
