"""Page of the office's own settings."""

from django.http import HttpResponse
from django.urls import reverse

from caseapp.team.forms.office import OfficeCountryForm
from caseapp.team.services import office
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def edit_country(request: StaffRequest) -> HttpResponse:
    """Show and set the country in whose order the office enters dates."""
    staff = request.staff
    form = OfficeCountryForm(posted_data(request), initial={"country": staff.country})
    if form.is_valid():
        country = form.cleaned_data["country"]
        if try_action(form, lambda: office.set_country(staff, country)):
            return see_other(reverse("team:office"), "saved")
    return render_form(request, "team/office.html", form, {"narrow": True})
