"""Errors as pages: what happened in plain words, the request's number, and what was typed. Reports carry no content."""

import logging
from types import TracebackType
from typing import Any

from django.http import HttpRequest

log = logging.getLogger("caseapp.ui")


def number_of(request: HttpRequest) -> str:
    """The number that stands on the page and in the log; given by `middleware.LastResort`."""
    return str(getattr(request, "number", "0"))


def place_of(exc: BaseException) -> str:
    """`OperationalError at caseapp.vault.store:88`: type and last place of ours, never a message."""
    place, frame = "?", exc.__traceback__
    while frame is not None:
        module = frame.tb_frame.f_globals.get("__name__", "?")
        if place == "?" or str(module).startswith("caseapp."):
            place = f"{module}:{frame.tb_lineno}"
        frame = frame.tb_next
    return f"{type(exc).__name__} at {place}"


class QuietReporter:
    """In place of Django's report, which would carry form fields, cookies and frames' values."""

    is_email = False

    def __init__(
        self,
        request: HttpRequest | None,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
        is_email: bool = False,
    ) -> None:
        number = number_of(request) if request is not None else "0"
        self.text = f"request {number}: {place_of(exc_value) if exc_value is not None else 'no exception'}"

    def get_traceback_data(self) -> dict[str, Any]:
        """One line."""
        return {"text": self.text}

    def get_traceback_text(self) -> str:
        """One line."""
        return self.text

    def get_traceback_html(self) -> str:
        """One line; holds no markup."""
        return self.text


class QuietFilter(logging.Filter):
    """Takes tracebacks, requests and other people's exception texts out of every log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep our own sentence; of an exception only its type and place."""
        exc = record.exc_info[1] if record.exc_info else None
        is_ours = record.name == "caseapp" or record.name.startswith("caseapp.")
        if exc is not None:
            # A library's message often quotes the exception, and that quotes values.
            said = record.getMessage() if is_ours else "an exception"
            record.msg, record.args = f"{said} [{place_of(exc)}]".replace("%", "%%"), ()
        record.exc_info = record.exc_text = record.stack_info = None
        record.__dict__.pop("request", None)
        return True
