"""Commands of the palette: pages to go to, and things to do. Only those that the member's role allows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.index import text_keys
from caseapp.ui.requests.page_permissions import PAGE_ACTIONS

COVER, LOCK = "cover", "lock"  # buttons of the frame that the palette presses
_CASE_PAGE: Final = re.compile(r"/cases/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")


class _Page(NamedTuple):
    """A page of the program, by the name of its view."""

    view_name: str
    label: Promise


PAGES: Final = (
    _Page("today:today", gettext_lazy("Today")),
    _Page("cases:list", gettext_lazy("Cases")),
    _Page("calendar:now", gettext_lazy("Calendar")),
    _Page("documents:start", gettext_lazy("Documents")),
    _Page("account:reminders", gettext_lazy("Reminders")),
    _Page("deadlines:what_if", gettext_lazy("Try a date")),
    _Page("law:list", gettext_lazy("Rules")),
    _Page("conflicts:list", gettext_lazy("Conflict checks")),
    _Page("team:list", gettext_lazy("People and teams")),
    _Page("trail:entries", gettext_lazy("Audit trail")),
    _Page("team:office", gettext_lazy("Office settings")),
    _Page("account:me", gettext_lazy("You")),
    _Page("account:drafts", gettext_lazy("Text not saved")),
)


@dataclass(frozen=True)
class PaletteCommand:
    """One line of the palette: a page at `href`, or a button of the frame in `presses`."""

    label: str
    href: str = ""
    presses: str = ""


def pages_matching(staff: Staff, text: str) -> tuple[PaletteCommand, ...]:
    """Return the pages whose name has every typed word; all of them for an empty text."""
    commands = (
        PaletteCommand(str(page.label), reverse(page.view_name)) for page in PAGES if _is_open(staff, page.view_name)
    )
    return tuple(command for command in commands if _matches(command.label, text))


def acts_matching(staff: Staff, text: str, page_path: str) -> tuple[PaletteCommand, ...]:
    """Return the things to do whose name has every typed word. On a page of a case, first those in this case.

    page_path  path of the page that the palette is on
    """
    match = _CASE_PAGE.match(page_path)
    of_case = _acts_in(UUID(match[1]), _("this case"), staff) if match else ()
    return tuple(command for command in (*of_case, *_acts_anywhere(staff)) if _matches(command.label, text))


def act_without_match(staff: Staff) -> tuple[PaletteCommand, ...]:
    """Return what a member can do who found nothing in the cases they can open."""
    if not _is_open(staff, "conflicts:ask"):
        return ()
    return (PaletteCommand(_("Ask the conflict officer"), reverse("conflicts:ask")),)


def acts_in_case(staff: Staff, case_id: UUID, ref: str) -> tuple[PaletteCommand, ...]:
    """Return the things to do in a case that was found."""
    return tuple(_acts_in(case_id, ref, staff))


def _acts_in(case_id: UUID, case_name: str, staff: Staff) -> Iterator[PaletteCommand]:
    labels = {
        "cases:note_new": _("Add note to %(case)s"),
        "hearings:book": _("Book hearing in %(case)s"),
        "cases:notice_new": _("Record notice or event in %(case)s"),
        "cases:task_new": _("Add task to %(case)s"),
    }
    for view_name, label in labels.items():
        if _is_open(staff, view_name):
            yield PaletteCommand(label % {"case": case_name}, reverse(view_name, args=[case_id]))


def _acts_anywhere(staff: Staff) -> Iterator[PaletteCommand]:
    if _is_open(staff, "cases:new"):
        yield PaletteCommand(_("New case"), reverse("cases:new"))
    yield PaletteCommand(_("Show names") if staff.covered else _("Cover names"), presses=COVER)
    yield PaletteCommand(pgettext("bottom bar", "Lock"), presses=LOCK)


def _is_open(staff: Staff, view_name: str) -> bool:
    return permissions.is_permitted(staff, PAGE_ACTIONS[view_name])


def _matches(label: str, text: str) -> bool:
    """Return whether each typed word begins a word of the label."""
    words = text_keys.normalise_name(label).replace("-", " ").split()
    typed = text_keys.normalise_name(text).replace("-", " ").split()
    return all(any(word.startswith(part) for word in words) for part in typed) and (bool(typed) or not text.strip())
