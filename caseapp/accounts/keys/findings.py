"""Items that a member's program refused because no entitled member had signed them. Admins see them as codes."""

from dataclasses import dataclass
from uuid import UUID

# Codes of findings: the reasons of the audit code `keys.refused`, with their words in `trail/labels.py`.
UNREADABLE, GIVER, REPLACED, NOT_NAMED, OFFICE = (
    "grant.unreadable",
    "grant.giver",
    "grant.replaced",
    "grant.key",
    "grant.office",
)
WENT_BACK, CHANGED, DAMAGED = "chain.went back", "chain.refused", "chain.damaged"
DIRECTORY_BACK = "directory.went back"
KEY_MISSING, KEY_UNKNOWN, CASE_SHARES = "key.missing", "key.unknown", "case.shares"

_GRANT_CODES = {"replaced": REPLACED, "kind": NOT_NAMED, "chain": NOT_NAMED, "seat": NOT_NAMED, "key": NOT_NAMED}
_CHAIN_CODES = {"went back": WENT_BACK, "damaged": DAMAGED, "no chain": DAMAGED, "empty": DAMAGED}


@dataclass(frozen=True)
class Finding:
    """One refused item. `code` is one of those above; `sentence` is for messages and names no person.

    group  the group it was about, where that is known
    """

    code: str
    sentence: str
    group: UUID | None = None


def grant_code(reason: str) -> str:
    """Return the finding's code for the reason why a grant does not count (`NotEntitled.code`)."""
    return _GRANT_CODES.get(reason, GIVER)


def chain_code(reason: str) -> str:
    """Return the finding's code for the reason why a chain, or a part of it, does not count."""
    return _CHAIN_CODES.get(reason, CHANGED)
