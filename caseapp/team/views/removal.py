"""Page that removes a member: it says what ends, what is handed over, and what cannot be undone."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.accounts.directory import members
from caseapp.accounts.directory.records import Person
from caseapp.accounts.members import removal as access
from caseapp.accounts.signin import reauthentication
from caseapp.lib.errors import Refused
from caseapp.team.services import removal
from caseapp.ui.display import member_lines
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.forms.secret_fields import SECRET_ATTRS
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream
from caseapp.vault.tenancy import office_transaction


class RemoveMemberForm(forms.Form):
    """Form for the colleague who takes over, and the typed name of the removed member."""

    to = forms.ChoiceField(
        label=gettext_lazy("Who takes over their cases and reminders?"),
        error_messages={"required": gettext_lazy("Choose a colleague.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Type their name"),
        help_text=gettext_lazy("As shown at the top of this page. This cannot be undone."),
        max_length=200,
        widget=forms.TextInput({**SECRET_ATTRS, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Type the name of the person you remove.")},
    )

    def __init__(self, posted: object, *, person: Person, others: list[Person]) -> None:
        super().__init__(posted)  # type: ignore[arg-type]  # a QueryDict or None
        self.person = person
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")),
            *((str(other.member_id), other.name) for other in others),
        ]

    def clean_name(self) -> str:
        """Compare the typed name with the member; spaces and case do not matter."""
        typed_name = " ".join(self.cleaned_data["name"].split())
        if typed_name.casefold() != " ".join(self.person.name.split()).casefold():
            raise forms.ValidationError(_("This is not the name at the top of the page."))
        return typed_name


@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def remove_member(request: StaffRequest, member_id: UUID) -> HttpResponse:
    """Ask, hand over the cases, and remove the member.

    This is not one transaction: each case that is handed over is saved separately.
    """
    staff = request.staff
    reauthentication.require(staff)
    with office_transaction(staff.org_id):
        people = members.read_directory(staff.keys)
        person = people.find_person(member_id)
        try:
            access.check_removable(staff, member_id)
            refused = ""
        except Refused as exc:
            refused = translate_refusal(exc)
        led = removal.open_cases_led_by(staff, member_id)
        alone = removal.count_groups_of_one(staff, member_id)
    others = [other for other in people.active_people if other.member_id != member_id]
    form = RemoveMemberForm(posted_data(request), person=person, others=others)
    if not refused and form.is_valid():
        to = UUID(form.cleaned_data["to"])

        def act() -> bool:
            removal.hand_over_cases(staff, led, to=to)
            removal.remove_member(staff, member_id, hand_over_to=to)
            return True

        if try_action(form, act):
            return see_other(reverse("team:list"), "member-removed")
    context = {"page": member_lines.person_line(person), "led": len(led), "alone": alone, "refused": refused}
    return render_form(request, "team/remove.html", form, context)
