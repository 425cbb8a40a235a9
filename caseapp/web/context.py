"""What every page's frame needs: who is here, what was just done, where we are."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext_lazy as _

from caseapp.accounts import permissions
from caseapp.accounts.staff import Staff
from caseapp.lib import clock

# The address says only a code (`?did=hearing-booked`); the sentence stands here. Free text never travels by URL.
DID: dict[str, Promise] = {
    "saved": _("Saved."),
    "saved-messages": _("Saved. Your messages follow: their language and hours are on the page Reminders."),
    "address-added": _("Address added. Send a test to it."),
    "test-sent": _("The test is on its way. Look whether it arrives."),
    "try-again": _("It is tried again within a minute."),
    "undone": _("Undone. It is as it was before."),
    "unlocked": _("Unlocked. You are where you were."),
    "factor-added": _("Added. From now on it is asked for when you sign in."),
    "factor-removed": _("Removed. It opens nothing any more."),
    "checked": _("Thank you. Now do it once more."),
    "device-ended": _("Ended. That device has to sign in again."),
    "passphrase-changed": _("Your passphrase and your recovery code are new. All other devices were signed out."),
    "set-up": _("Your office is ready. Open your first case."),
    "covered": _("Names are covered."),
    "uncovered": _("Names are shown."),
    "case-opened": _("Case opened."),
    "case-changed": _("Case saved."),
    "case-closed": _("Case closed."),
    "case-reopened": _("The case is open again."),
    "case-destroyed": _("Destroyed. This certificate is what stays."),
    "hold-set": _("Legal hold set. While it stands nothing is destroyed."),
    "hold-lifted": _("Legal hold lifted."),
    "person-added": _("Person added."),
    "person-changed": _("Person saved."),
    "note-saved": _("Note saved."),
    "consent-saved": _("Saved. They can take it back at any time."),
    "consent-ended": _("Taken back. No text goes to them any more."),
    "call-recorded": _("Call saved."),
    "slip-given": _("Noted: the slip was given to them. Call them all the same."),
    "text-sent": _("The text company took the message."),
    "text-refused": _(
        "The text company did not take it. They may have answered STOP, or the number is wrong: call them."
    ),
    "texts-sent": _("The text company took every message."),
    "texts-some": _("Not every message went out. What is left stands below with the reason."),
    "text-settled": _("Noted. What is left to do stands below."),
    "task-added": _("Task added."),
    "task-done": _("Task done."),
    "hearing-booked": _("Hearing booked. Its deadlines are below."),
    "hearing-changed": _("Hearing saved. Check its deadlines below."),
    "hearing-moved": _("Hearing moved. The new date and its deadlines are below."),
    "outcome-recorded": _("Outcome saved. The dates that follow are below."),
    "deadline-added": _("Deadline added."),
    "deadline-checked": _("Checked. A second person has confirmed this date."),
    "deadline-compared": _("Your date is kept beside the computed one."),
    "deadline-seen": _("Noted: you have seen this date."),
    "deadline-reopened": _("Open again. Reminders start again."),
    "clock-filed": _("Saved. 150 and 180 days are counted from this day."),
    "clock-stop-saved": _("Saved. 150 and 180 days are counted anew; the earlier dates stay in view."),
    "clock-stop-removed": _("Taken out. 150 and 180 days are counted anew; the earlier dates stay in view."),
    "deadline-done": _("Deadline done."),
    "deadline-waived": _("Deadline waived. The reason is kept."),
    "deadline-changed": _("Date changed. The computed date stays visible."),
    "notice-recorded": _("Notice saved. The dates that follow are below."),
    "arrival-recorded": _("Arrival saved. The dates that follow are below."),
    "rules-confirmed": _("Confirmed. It is kept with your name and today's date."),
    "rules-changed": _("The confirmation is taken back."),
    "rule-added": _("Added. Dates that would change are listed; none moves by itself."),
    "rule-removed": _("Removed. Dates that would change are listed; none moves by itself."),
    "changes-decided": _("Decided. It is kept with your name and today's date."),
    "invited": _("Invitation sent. When they have made their account, compare six words by phone and let them in."),
    "recovery-tested": _("The test succeeded. The sheets open everything they should."),
    "came-back": _("You are back. Your old sessions and second factors are gone: set up a second factor again."),
    "member-removed": _("They were removed. Their teams have new keys; the cases follow a few at a time."),
    "let-in": _("They are in. Their teams' cases open for them at their next page."),
    "invitation-ended": _("Invitation taken back."),
    "role-changed": _("Role changed. It counts from their next page on."),
    "team-made": _("Team made."),
    "team-joined": _("They are in the team from their next page on."),
    "case-shared": _("Case shared."),
    "share-ended": _("Share ended. The case has a new key."),
    "case-walled": _("Case walled off. Nobody else finds or opens it now."),
    "case-widened": _("Case moved to the team."),
    "case-marked": _("Marked. Supervisors and admins hear of everybody who opens it."),
    "lockdown-ended": _("Lifted. Everybody can sign in again."),
    "document-added": _("Document sealed and saved."),
    "documents-added": _("Documents sealed and saved."),
    "document-changed": _("Document saved."),
}


@dataclass(frozen=True)
class Place:
    """One entry of the navigation. `is_here` marks the room the page belongs to; a phone keeps some in its menu."""

    path: str
    label: Promise
    icon: str
    is_here: bool
    is_in_menu: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """The frame's values for a template; works without a signed-in person too."""
    staff: Staff | None = getattr(request, "staff", None)
    return {
        "staff": staff,
        "covered": bool(staff and staff.covered),
        "theme": staff.theme if staff else "auto",
        "today": today_of(staff),
        "zone": staff.zone if staff else "UTC",
        "places": places(request.path) if staff and not (staff.recovery_pending or staff.factor_due) else (),
        "sees_people": bool(staff and permissions.may(staff, "see_people")),
        "reads_audit": bool(staff and permissions.may(staff, "read_audit")),
        "reads_case_audit": bool(staff and permissions.may(staff, "read_case_audit")),
        "locks_down": bool(staff and permissions.may(staff, "lock_down")),
        "opens_cases": bool(staff and permissions.may(staff, "new_case")),
        "did": DID.get(request.GET.get("did", "")),
        "here": request.path,
        "language": get_language() or settings.LANGUAGE_CODE,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": settings.LANGUAGES,
        "idle_limit": settings.IDLE_LIMIT,
    }


def places(path: str) -> tuple[Place, ...]:
    """The five rooms of the navigation, in reading order."""
    rooms = (
        ("/", _("Today"), "list-todo", False),
        ("/cases/", _("Cases"), "folder", True),
        ("/calendar/", _("Calendar"), "calendar-days", True),
        ("/documents/", _("Documents"), "file-text", True),
        ("/search/", _("Search"), "search", False),
    )
    return tuple(
        Place(at, label, icon, path == at if at == "/" else path.startswith(at), in_menu)
        for at, label, icon, in_menu in rooms
    )


def today_of(staff: Staff | None) -> date:
    """The date in the person's zone; UTC's at the door, where nobody is known."""
    return clock.today(staff.zone if staff else "UTC")
