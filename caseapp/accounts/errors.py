"""What can go wrong at the door."""

from caseapp.lib.errors import CaseappError


class SessionGone(CaseappError):
    """No such session, or it ended: sign in again."""


class SessionLocked(CaseappError):
    """The session is locked (by the person or by 15 idle minutes): the passphrase opens it again."""
