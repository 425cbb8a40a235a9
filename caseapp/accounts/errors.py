"""What can go wrong at the door."""

from caseapp.lib.errors import CaseappError, TooMany


class SessionGone(CaseappError):
    """No such session, or it ended: sign in again."""


class OfficeLockedDown(SessionGone):
    """The office is locked down, and this is not an admin."""


class SessionLocked(CaseappError):
    """The session is locked (by the person or by 15 idle minutes): the passphrase opens it again."""


class FactorNeeded(CaseappError):
    """The passphrase or code was right; before a session there is more to show. `token` opens the half-session."""

    def __init__(self, token: str) -> None:
        super().__init__("more to show")
        self.token = token


class StepUpNeeded(CaseappError):
    """Passphrase and second factor were asked for too long ago for this."""


class Slow(TooMany):
    """Too many wrong tries. `seconds` until the next one counts."""

    def __init__(self, seconds: int) -> None:
        super().__init__("slow", "Too many tries. Wait a while and try again. Nothing is locked for good.")
        self.seconds = seconds
