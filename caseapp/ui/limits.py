"""A limit is said before a form is filled, never after: the page in place of the form, and the limit of cases."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caseapp.accounts.directory import members
from caseapp.accounts.keys import permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery.gate import FREE_CASES, MOST_CASES, RecoveryLimit
from caseapp.ui.display import tags
from caseapp.ui.requests.staff_request import StaffRequest


def show_limit(
    request: StaffRequest, title: str, sentence: str, *, href: str = "", label: str = "", names: tuple[str, ...] = ()
) -> HttpResponse:
    """Return the page with a sentence. `href`, `label`: where it is mended; `names`: of the members who mend it."""
    context = {"title": title, "sentence": sentence, "href": href, "label": label, "names": names}
    return render(request, "limit.html", context)


def show_lockdown(request: StaffRequest, title: str) -> HttpResponse:
    """Return the page that says that no keys are given during a lock-down, with the page that lifts it for an admin."""
    sentence = _("The office is locked down: no keys are given until an admin lifts it.")
    if permissions.is_permitted(request.staff, "lock_down"):
        return show_limit(request, title, sentence, href=reverse("team:lockdown"), label=_("Lock-down"))
    return show_limit(request, title, sentence, names=admin_names(request.staff))


def admin_names(staff: Staff) -> tuple[str, ...]:
    """Return the names of the office's admins."""
    people = members.read_directory(staff.keys, accepts_older=True).active_people
    return tuple(person.name for person in people if person.is_admin)


def recovery_sentence(staff: Staff, limit: RecoveryLimit) -> str:
    """Return how many cases can still be opened without recovery sheets, and until when."""
    if not limit.cases_left:
        return _("No more cases can be opened until the office's recovery sheets are checked.")
    if limit.ends_on is None:
        sentence = ngettext(
            "%(left)d more case can be opened before the office's recovery sheets are checked.",
            "%(left)d more cases can be opened before the office's recovery sheets are checked.",
            limit.cases_left,
        )
        return sentence % {"left": limit.cases_left}
    sentence = _(
        "Recovery sheets are due %(day)s: from then on an office without them has at most %(free)d cases, and never "
        "more than %(most)d. Cases now: %(cases)d."
    )
    day = tags.day(tags.local_day(limit.ends_on, staff.zone))
    return sentence % {"day": day, "free": FREE_CASES, "most": MOST_CASES, "cases": limit.cases}
