"""The message that a redirect leaves for the next page."""

from typing import Any

from caseapp.ui.requests import flash_cookie


def flash_code(answer: Any) -> str:
    """Return the code of the message for the page that this redirect leads to, or an empty string."""
    path = answer.headers["Location"].partition("?")[0]
    cookie = answer.cookies.get(flash_cookie.cookie_name(path))
    return flash_cookie.read_code(path, cookie.value) if cookie else ""


def redirect_of(answer: Any) -> tuple[int, str, str]:
    """Return status, address and message code of a redirect."""
    return answer.status_code, answer.headers["Location"], flash_code(answer)
