"""Errors of accounts: sessions, factors and throttling."""

from caseapp.lib.errors import CaseappError, TooMany
from caseapp.vault.errors import OpenFailed


class SessionGone(CaseappError):
    """A session that does not exist or has ended: sign in again."""


class OfficeLockedDown(SessionGone):
    """A request of a member without admin rights while the office is locked down."""


class SessionLocked(CaseappError):
    """A session locked by the member or after 15 idle minutes: the passphrase opens it again."""


class DirectoryBehind(OpenFailed):
    """The stored directory is older than one that this member or this server saw: rows were put back."""


class FactorNeeded(CaseappError):
    """A correct passphrase or code that does not open a session yet. `token` is the cookie of the half-session."""

    def __init__(self, token: str) -> None:
        super().__init__("more to show")
        self.token = token


class StepUpNeeded(CaseappError):
    """An act that needs passphrase and second factor again, because they were last checked too long ago."""


class TooManyTries(TooMany):
    """Too many failed tries. `seconds` is the time until the next try counts."""

    def __init__(self, seconds: int) -> None:
        super().__init__("slow", "Too many tries. Wait a while and try again. Nothing is locked for good.")
        self.seconds = seconds
