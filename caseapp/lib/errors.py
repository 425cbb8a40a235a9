"""Errors that a caller can act on. Only `ui/requests/middleware.py` turns these into status codes."""

from collections.abc import Mapping


class CaseappError(Exception):
    """Base class of every error that Caseapp raises on purpose. Messages carry ids and field names, never content."""


class NotFound(CaseappError):
    """Missing, or not shared with the member: a response must not show which (404)."""


class Refused(CaseappError):
    """A request that cannot be done as asked. `sentence` can be shown to a user; `code` is stable (422).

    Pages show the sentence in the reader's language (`ui/display/refusals.py`).
    """

    def __init__(self, code: str, template: str, values: Mapping[str, int] | None = None) -> None:
        """Keep the code and the sentence: `template`, in English, with places such as `%(limit)d` for the values."""
        super().__init__(code)
        self.code = code
        self.template = template
        self.values = dict(values or {})

    @property
    def sentence(self) -> str:
        """Return the sentence in English."""
        return fill_sentence(self.template, self.values)


class TooMany(Refused):
    """A request made too often, or for too much at once (429)."""


class EditConflict(CaseappError):
    """The record was saved by another user after the form was opened (409). `current_version` is the stored version."""

    def __init__(self, current_version: int) -> None:
        super().__init__(f"record is at version {current_version}")
        self.current_version = current_version


class Unavailable(CaseappError):
    """A service that the program needs (database, storage, mail) does not answer (503)."""


def fill_sentence(template: str, values: Mapping[str, int]) -> str:
    """Return a template with its values. A template without values is a sentence already, `%` included."""
    return template % values if values else template


def error_location_of(exc: BaseException) -> str:
    """Return type and last code location in caseapp, never a message: `OperationalError at caseapp.vault.store:88`."""
    location, frame = "?", exc.__traceback__
    while frame is not None:
        module = frame.tb_frame.f_globals.get("__name__", "?")
        if location == "?" or str(module).startswith("caseapp."):
            location = f"{module}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(exc).__name__} at {location}"
