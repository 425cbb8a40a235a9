"""What can go wrong with a group's index."""

from caseapp.lib.errors import CaseappError, Unavailable


class StaleEpoch(Unavailable):
    """The group has a newer key than the one this request holds: open the keyring again and start again."""


class IndexDamaged(CaseappError):
    """Parts of a group's index are missing or do not open. The case files are whole: rebuild the index from them."""
