"""Template context of the frame around each page: the member, the last action, the navigation."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.lib import clock
from caseapp.lib.version import program_version
from caseapp.ui.help_topics import help_topic_of
from caseapp.ui.requests import draft_requests, flash_cookie, form_requests
from caseapp.vault.core.inboxes import drafts

SEARCH = "/search/"


@dataclass(frozen=True)
class NavigationEntry:
    """Entry of the navigation. `is_here` marks the section of the page; a phone shows some entries in its menu.

    opens_palette  with scripts it opens the palette in place of its page
    """

    path: str
    label: Promise
    icon: str
    is_here: bool
    is_in_menu: bool
    opens_palette: bool = False


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the values of the frame for a template, also without a signed-in member."""
    staff: Staff | None = getattr(request, "staff", None)
    works = staff is not None and not (staff.recovery_pending or staff.factor_due)
    return {
        "draft_mark": drafts.derive_page_mark(staff.keys.bundle_key) if staff is not None and works else "",
        "sent_draft": draft_requests.sent_draft_of(request),
        "kept_mark": form_requests.mark_to_keep(request),
        "staff": staff,
        "has_older_directory": bool(staff and staff.keys.has_older_directory),
        "covered": bool(staff and staff.covered),
        "theme": staff.theme if staff else "auto",
        "has_keys": bool(staff and staff.letter_keys),
        "today": today_of(staff),
        "zone": staff.zone if staff else "UTC",
        "places": navigation_entries(request.path)
        if staff and not (staff.recovery_pending or staff.factor_due)
        else (),
        "sees_people": bool(staff and permissions.is_permitted(staff, "see_people")),
        "reads_audit": bool(staff and permissions.is_permitted(staff, "read_audit")),
        "reads_case_audit": bool(staff and permissions.is_permitted(staff, "read_case_audit")),
        "sets_country": bool(staff and permissions.is_permitted(staff, "set_country")),
        "locks_down": bool(staff and permissions.is_permitted(staff, "lock_down")),
        "opens_cases": bool(staff and permissions.is_permitted(staff, "new_case")),
        "imports_cases": bool(staff and permissions.is_permitted(staff, "import_cases")),
        "exports_cases": bool(staff and permissions.is_permitted(staff, "export_case")),
        "exports_office": bool(staff and permissions.is_permitted(staff, "export_office")),
        "did": flash_cookie.take_flash(request),
        "did_undo": flash_cookie.undo_page(request),
        "here": request.path,
        "help_topic": help_topic_of(request.path) if works else "",
        "language": get_language() or settings.LANGUAGE_CODE,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": settings.LANGUAGES,
        "idle_limit": settings.IDLE_LIMIT,
        "version": program_version() if works else "",  # not for strangers: it says which faults may be known
    }


def navigation_entries(path: str) -> tuple[NavigationEntry, ...]:
    """Return the six sections of the navigation, in reading order."""
    rooms = (
        ("/", _("Today"), "list-todo", False),
        ("/cases/", _("Cases"), "folder", True),
        ("/calendar/", _("Calendar"), "calendar-days", True),
        ("/documents/", _("Documents"), "file-text", True),
        ("/intake/", _("Intake"), "inbox", True),
        (SEARCH, _("Search"), "search", False),
    )
    return tuple(
        NavigationEntry(
            at, label, icon, path == at if at == "/" else path.startswith(at), in_menu, opens_palette=at == SEARCH
        )
        for at, label, icon, in_menu in rooms
    )


def today_of(staff: Staff | None) -> date:
    """Return the date in the member's zone; in UTC without a signed-in member."""
    return clock.today(staff.zone if staff else "UTC")
