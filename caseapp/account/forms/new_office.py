"""Forms of the first run: the office, and its first member."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.keys import permissions
from caseapp.ui.display.country import COUNTRY_CHOICES
from caseapp.ui.display.member_lines import ROLE_CHOICES
from caseapp.ui.forms.secret_fields import SECRET_ATTRS, one_line
from caseapp.ui.forms.zones import ZoneField

FOUNDER_ROLES = (permissions.ATTORNEY, permissions.REPRESENTATIVE, permissions.CASEWORKER, permissions.SUPERVISOR)


class OfficeForm(forms.Form):
    """Step 1 of the set-up: the office.

    Its values travel to the next pages as hidden fields; the server stores nothing in between. The page's script
    preselects the browser's time zone and, where that zone is in one of the countries, the country.
    """

    office_name = forms.CharField(
        label=_("Name of your office"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "organization"}),
        error_messages={"required": _("Enter the name of your office.")},
    )
    country = forms.ChoiceField(
        label=_("Country of your office"),
        help_text=_("Decides the order in which dates are entered, and the rules of law you start with."),
        choices=COUNTRY_CHOICES,
        widget=forms.RadioSelect({"data-office-country": ""}),
        error_messages={"required": _("Choose the country of your office.")},
    )
    zone = ZoneField(
        label=_("Office time zone"),
        help_text=_("Deadlines and reminders follow this time zone."),
        initial="America/New_York",
        error_messages={"required": _("Choose the time zone of the office.")},
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, error_messages={"required": _("Choose a language.")}
    )

    def clean_office_name(self) -> str:
        """Return the name with single spaces. Raises ValidationError without a letter or digit."""
        return one_line(self.cleaned_data["office_name"])


class FounderForm(forms.Form):
    """Step 2 of the set-up: the first member."""

    member_name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    email = forms.EmailField(
        label=_("Your work e-mail"),
        help_text=_("You sign in with it, and reminders go there. They never say what they are about."),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username", **SECRET_ATTRS}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address, for example ana@example.org."),
        },
    )
    role = forms.ChoiceField(
        label=_("Your role"),
        help_text=_("You are also the office's first admin: you invite and remove people."),
        choices=[(role, ROLE_CHOICES[role]) for role in FOUNDER_ROLES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose your role.")},
    )
    is_supervising = forms.TypedChoiceField(
        label=_("Supervising attorney of your office"),
        help_text=_(
            "An attorney or accredited representative who chooses how the office reads disputed rules, confirms rules, "
            "and accepts changed dates. An admin can mark others later."
        ),
        choices=(("yes", _("It is me")), ("no", _("A colleague: I mark them once they have joined"))),
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Say who the supervising attorney is.")},
    )

    def clean_member_name(self) -> str:
        """Return the name with single spaces. Raises ValidationError without a letter or digit."""
        return one_line(self.cleaned_data["member_name"])

    def clean(self) -> dict[str, Any]:
        """Require the role of an attorney or accredited representative of a member who supervises."""
        cleaned = super().clean() or {}
        if cleaned.get("is_supervising") and cleaned.get("role") not in {None, *permissions.LEGAL}:
            self.add_error(
                "is_supervising",
                _(
                    "A supervising attorney is an attorney or accredited representative. Change your role, or choose "
                    "“A colleague”."
                ),
            )
        return cleaned
