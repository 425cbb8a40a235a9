"""Page on which an admin decides about a list of people, or settings of the office, that were put back."""

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from caseapp.accounts.directory import members
from caseapp.accounts.keys import office_file
from caseapp.accounts.signin import reauthentication
from caseapp.team.services import directory
from caseapp.ui.display import member_lines
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def review_directory(request: StaffRequest) -> HttpResponse:
    """Show the stored list of people; accept it, or the settings of the office, as the newest.

    After passphrase and factor. `act` is "file" for the settings.
    """
    staff = request.staff
    reauthentication.require(staff)
    form = forms.Form(posted_data(request))
    is_of_file = request.POST.get("act") == "file"
    accept = directory.accept_older_office_file if is_of_file else directory.accept_older_directory
    if form.is_valid() and try_action(form, lambda: accept(staff)):
        return see_other(reverse("team:list"), "office-file-accepted" if is_of_file else "directory-accepted")
    people = members.read_directory(staff.keys, accepts_older=True)
    context = {
        "lines": tuple(member_lines.person_line(person) for person in people.active_people),
        "is_older": staff.keys.has_older_directory,
        "is_file_older": office_file.is_older(staff.keys),
    }
    return render_form(request, "team/directory.html", form, context)
