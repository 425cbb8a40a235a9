"""A member's settings, the switch that covers names, and the signal that the member is still active."""

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.account.forms.sign_in import ProfileForm
from caseapp.accounts.signin import active_sessions, office_codes, preferences
from caseapp.reminders import recipients
from caseapp.ui.requests.redirects import next_path, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(["GET", "POST"])
def edit_profile(request: StaffRequest) -> HttpResponse:
    """Show and save language, colors and time zone; the page also signs out."""
    staff = request.staff
    initial = {
        "language": staff.language,
        "theme": staff.theme,
        "zone": staff.zone,
        "shown_country": staff.shown_country,
        "letter_keys": staff.letter_keys,
    }
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data
        preferences.save(staff, **wanted)
        follows = recipients.follow_profile(
            staff.org_id,
            staff.member_id,
            language=(staff.language, wanted["language"]),
            zone=(staff.zone, wanted["zone"]),
        )
        return see_other("/account/", "saved-messages" if follows else "saved")
    context = {
        "form": form,
        "devices": active_sessions.list_devices(staff),
        "office_code": office_codes.find_code(staff.org_id),
        "narrow": True,
    }
    return render(request, "account/profile.html", context, status=422 if form.errors else 200)


@staff_view(["POST"])
def cover_names(request: StaffRequest) -> HttpResponse:
    """Cover or show names on all pages from now on, and return to the page where it was pressed.

    `quietly`: the script of the page has already covered or shown them; no page follows that would show a message.
    """
    is_covered = request.POST.get("covered") == "yes"
    if is_covered != request.staff.covered:
        preferences.save(request.staff, covered=is_covered)
    if request.POST.get("quietly"):
        return HttpResponse(status=204)
    return see_other(next_path(request), "covered" if is_covered else "uncovered")


@staff_view(["POST"], before_recovery=True)
def keep_session_active(request: StaffRequest) -> HttpResponse:
    """Answer 204. Opening the session has already recorded that the member is active."""
    return HttpResponse(status=204)
