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


class FormSentBefore(CaseappError):
    """A form that was sent before, and saved with other content; or its save began and did not end.

    saved_at  path of what was saved; empty if that is not known
    """

    def __init__(self, saved_at: str) -> None:
        super().__init__("a form that was sent before")
        self.saved_at = saved_at


class TooManyTries(TooMany):
    """Too many failed tries. `seconds` is the time until the next try counts."""

    def __init__(self, seconds: int) -> None:
        super().__init__("slow", "Too many tries. Wait a while and try again. Nothing is locked for good.")
        self.seconds = seconds
