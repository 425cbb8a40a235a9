"""Errors of opening sealed content. A failed open always raises; it never returns ciphertext or an empty value."""

from caseapp.lib.errors import CaseappError


class OpenFailed(CaseappError):
    """The bytes do not open: wrong key, or altered, moved, truncated or replayed."""


class UnknownFormat(OpenFailed):
    """A version, algorithm or kind that this program does not know."""


class NewerSchema(UnknownFormat):
    """Content written by a newer program. It may be shown as such and is never overwritten.

    `known` is the record as far as this program knows its fields; None if it does not read.
    """

    def __init__(self, message: str, known: object = None) -> None:
        super().__init__(message)
        self.known = known


class NoKey(CaseappError):
    """The keyring has no key for this. Views answer with a 404."""
