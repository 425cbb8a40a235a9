"""Error reports that carry no content: only the request number, the type and the code location."""

import logging
from types import TracebackType
from typing import Any

from django.http import HttpRequest

from caseapp.lib.errors import error_location_of

log = logging.getLogger("caseapp.ui")


def request_number_of(request: HttpRequest) -> str:
    """Return the number shown on the page and written to the log; `middleware.LastResort` assigns it."""
    return str(getattr(request, "number", "0"))


class QuietReporter:
    """Reporter that replaces Django's, which would carry form fields, cookies and the values of frames."""

    is_email = False

    def __init__(
        self,
        request: HttpRequest | None,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
        is_email: bool = False,
    ) -> None:
        number = request_number_of(request) if request is not None else "0"
        self.text = f"request {number}: {error_location_of(exc_value) if exc_value is not None else 'no exception'}"

    def get_traceback_data(self) -> dict[str, Any]:
        """Return the one-line report."""
        return {"text": self.text}

    def get_traceback_text(self) -> str:
        """Return the one-line report."""
        return self.text

    def get_traceback_html(self) -> str:
        """Return the one-line report, without markup."""
        return self.text
