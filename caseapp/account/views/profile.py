"""What a person sets for themselves, covering names, and "still here"."""

from django.http import HttpResponse
from django.shortcuts import render

from caseapp.account.forms.sign_in import MeForm
from caseapp.accounts.signin import active_sessions, preferences
from caseapp.reminders import recipients
from caseapp.ui.requests.redirects import next_path, see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(["GET", "POST"])
def me(request: StaffRequest) -> HttpResponse:
    """Language, colours, zone; and the way out."""
    staff = request.staff
    initial = {"language": staff.language, "theme": staff.theme, "zone": staff.zone}
    form = MeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data
        preferences.save(staff, **wanted)
        follows = recipients.follow(
            staff.org_id, staff.member_id,
            language=(staff.language, wanted["language"]), zone=(staff.zone, wanted["zone"]),
        )  # fmt: skip
        return see_other("/me/", "saved-messages" if follows else "saved")
    context = {"form": form, "devices": active_sessions.of_member(staff), "narrow": True}
    return render(request, "account/profile.html", context, status=422 if form.errors else 200)


@staff_view(["POST"])
def cover(request: StaffRequest) -> HttpResponse:
    """From now on pages come with or without names; back to where it was pressed."""
    is_covered = request.POST.get("covered") == "yes"
    if is_covered != request.staff.covered:
        preferences.save(request.staff, covered=is_covered)
    return see_other(next_path(request), "covered" if is_covered else "uncovered")


@staff_view(["POST"], before_recovery=True)
def here(request: StaffRequest) -> HttpResponse:
    """Somebody types or taps: opening the session has just told it so."""
    return HttpResponse(status=204)
