"""The office's country and the country whose way of writing dates a member sees, for the length of a request.

As with Django's language and time zone, middleware sets both and everything below reads them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import gettext_lazy as _

from caseapp.lib.countries import FRANCE, UNITED_STATES

COUNTRY_CHOICES = ((UNITED_STATES, _("United States")), (FRANCE, _("France")))
_office: ContextVar[str] = ContextVar("country of the office", default=UNITED_STATES)
_shown: ContextVar[str] = ContextVar("country whose dates are shown", default=UNITED_STATES)


@contextmanager
def use_country(office: str, *, shown: str = "") -> Iterator[None]:
    """Use the office's country inside the block; `shown` is a member's other choice, for display only."""
    tokens = _office.set(office), _shown.set(shown or office)
    try:
        yield
    finally:
        _office.reset(tokens[0])
        _shown.reset(tokens[1])


def office_country() -> str:
    """Return the country that decides the order in which dates are entered."""
    return _office.get()


def shown_country() -> str:
    """Return the country that decides how dates and times are shown."""
    return _shown.get()
