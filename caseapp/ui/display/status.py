"""Marks of dates that mean something: overdue, internal deadline missed, soon, not yet confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _

from caseapp.ui.display import tags


@dataclass(frozen=True)
class StatusLabel:
    """Shape and word of `components/status.html`."""

    kind: str
    word: str


def watch_status(today: date, on: date) -> StatusLabel:
    """Return the status of a date of the other side: theirs, or ended. It is never overdue."""
    return StatusLabel("waiting", _("Their time") if on >= today else _("Their time has ended"))


def day_status(today: date, on: date) -> StatusLabel:
    """Return overdue (before today) or soon (within 7 days); a later day has no word, and no mark is shown for it."""
    if on < today:
        return StatusLabel("passed", _("Overdue"))
    if (on - today).days <= tags.SOON_DAYS:
        return StatusLabel("soon", tags.days_between(today, on))
    return StatusLabel("upcoming", "")


def deadline_day_status(today: date, on: date, due_on: date | None) -> StatusLabel:
    """Return the status of an open deadline: overdue only once its legal deadline has passed.

    on      the day it is listed under: a person's own date, else the internal deadline
    due_on  the legal deadline; without one no right is lost on a day, so it is never overdue
    """
    if on < today and (due_on is None or due_on >= today):
        return StatusLabel("soon", _("Internal deadline missed"))
    return day_status(today, on)


class ConfirmableLine(Protocol):
    """A line of a list that says whether its date is confirmed."""

    @property
    def is_checked(self) -> bool: ...


def lacks_confirmation(lines: Iterable[ConfirmableLine]) -> bool:
    """Return whether no line of a page is confirmed: the page then says so once, and marks no line."""
    checked = [line.is_checked for line in lines]
    return bool(checked) and not any(checked)
