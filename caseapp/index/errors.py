"""Errors of a group's index."""

from caseapp.lib.errors import CaseappError, Unavailable


class StaleEpoch(Unavailable):
    """The group has a newer key than this request. Open the keyring again and restart the operation."""


class IndexDamaged(CaseappError):
    """Parts of a group's index are missing or do not open. Rebuild the index from the case files, which are intact."""
