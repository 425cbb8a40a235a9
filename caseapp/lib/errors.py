"""What a caller can act on. `web/middleware.py` alone turns these into status codes."""


class CaseappError(Exception):
    """Base of every error that Caseapp raises on purpose. Messages carry ids and field names, never content."""


class NotFound(CaseappError):
    """Not there, or not shared with you: the two look the same (404)."""


class Refused(CaseappError):
    """A request that cannot be done as asked. `sentence` is fit to show to a person; `code` is stable (422)."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


class TooMany(Refused):
    """Asked too often or too much at once (429)."""


class EditConflict(CaseappError):
    """Somebody saved this record after the form was opened (409). `current_version` is what stands now."""

    def __init__(self, current_version: int) -> None:
        super().__init__(f"record is at version {current_version}")
        self.current_version = current_version


class Unavailable(CaseappError):
    """Something we stand on (database, storage, mail) does not answer (503)."""
