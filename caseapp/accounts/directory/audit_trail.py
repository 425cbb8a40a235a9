"""What members do, written to the audit trail under the auditors' key from the signed directory.

The public key is kept in this process while the directory stands at the same version: one small query an entry.
"""

from uuid import UUID

from django.db import connection

from caseapp.accounts.directory import members
from caseapp.accounts.keys.staff import Keys
from caseapp.audit import write
from caseapp.audit.write import About
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office

_VERSION = "SELECT version FROM accounts_roster WHERE org_id = %s AND group_id = %s"
_seen: dict[UUID, tuple[int, bytes]] = {}  # office to (version of its directory, the auditors' public key)


def note(
    keys: Keys,
    what: str,
    *,
    file: SealedFile | None = None,
    target: UUID | None = None,
    reason: str = "",
    count: int = 1,
) -> None:
    """One entry, in the caller's transaction or one of its own. If it cannot be written, this raises.

    file  the case it is about: its people can read the entry too
    """
    with office(keys.org_id):
        note_here(keys, what, file=file, target=target, reason=reason, count=count)


def note_here(
    keys: Keys,
    what: str,
    *,
    file: SealedFile | None = None,
    target: UUID | None = None,
    reason: str = "",
    count: int = 1,
) -> None:
    """The same for a caller who stands in the office's transaction already: three statements."""
    about = About(file.id, file.key) if file is not None else None
    auditors = _auditors(keys)
    write.record(keys.org_id, auditors, keys.member_id, what, about=about, target=target, reason=reason, count=count)


def _auditors(keys: Keys) -> bytes:
    with connection.cursor() as cursor:  # in plain SQL, since every look at a case asks it
        cursor.execute(_VERSION, [keys.org_id, keys.office_group.group])
        found = cursor.fetchone()
    version = int(found[0]) if found else 0
    held = _seen.get(keys.org_id)
    if held is None or held[0] != version or version < keys.keyring.roster_version:
        told = members.read(keys)
        held = _seen[keys.org_id] = (told.version, told.auditors_public)
    return held[1]
