"""What can go wrong when something sealed is opened. A failed open raises; it never returns ciphertext or blank."""

from caseapp.lib.errors import CaseappError


class OpenFailed(CaseappError):
    """Wrong key, altered, moved, cut or replayed: the bytes do not open where they stand."""


class UnknownFormat(OpenFailed):
    """A version, algorithm or kind this program does not know."""


class NewerSchema(UnknownFormat):
    """Written by a newer program: may be shown as such, is never saved over."""


class NoKey(CaseappError):
    """The keyring holds no key for this; callers at the edge show the 404."""
