"""Forms for members, invitations and teams."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys import permissions
from caseapp.ui.display.member_lines import ROLE_CHOICES
from caseapp.ui.forms.member_fields import ChooseTeamForm, TeamChoice, member_choices
from caseapp.ui.forms.secret_fields import SECRET_ATTRS, one_line

NAME_LIMIT = 200
BY_MAIL, BY_HAND = "mail", "hand"


class RoleFields(forms.Form):
    """Fields for the role of a member."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=list(ROLE_CHOICES.items()),
        initial=permissions.CASEWORKER,
        error_messages={"required": _("Choose a role.")},
    )
    is_admin = forms.BooleanField(
        label=_("Also an admin"),
        help_text=_("Admins invite and remove people. They open no case they were not given."),
        required=False,
    )


class InviteForm(RoleFields):
    """Form that invites a new member."""

    email = forms.EmailField(
        label=_("Their work e-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", **SECRET_ATTRS}),
        error_messages={
            "required": _("Enter an e-mail address."),
            "invalid": _("Enter an e-mail address, for example ana@example.org."),
        },
    )
    name = forms.CharField(
        label=_("Their name"),
        max_length=NAME_LIMIT,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Enter their name.")},
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, error_messages={"required": _("Choose a language.")}
    )
    delivery = forms.ChoiceField(
        label=_("How the link reaches them"),
        choices=[(BY_MAIL, _("By e-mail")), (BY_HAND, _("I give it to them myself: a link and a QR code"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how the link reaches them.")},
    )
    teams = forms.MultipleChoiceField(
        label=_("Teams"),
        help_text=_("They open every case of these teams. Without a team they open only cases shared with them."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("email", "name", "role", "is_admin", "teams", "language", "delivery")

    def __init__(self, posted: Any = None, *, teams: Sequence[TeamChoice], **kwargs: Any) -> None:
        if posted is not None and "delivery" not in posted:
            # The form of an earlier version, still open in a browser, has no such choice: it mailed.
            posted = {**posted.dict(), "teams": posted.getlist("teams"), "delivery": BY_MAIL}
        super().__init__(posted, **kwargs)
        field = self.fields["teams"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(group_id), name) for group_id, name in teams]
        if len(teams) == 1:
            field.initial = [str(teams[0][0])]
        self.fields["delivery"].initial = BY_MAIL if settings.MAIL_IS_SET else BY_HAND
        if not settings.MAIL_IS_SET:
            self.fields["delivery"].help_text = _(
                "No mail server is set up yet, so an e-mail may not arrive. Give them the link yourself."
            )

    @property
    def is_by_mail(self) -> bool:
        """Return True if the link is mailed."""
        return bool(self.cleaned_data["delivery"] != BY_HAND)

    def clean_name(self) -> str:
        """Return the name with single spaces. Raises ValidationError without a letter or digit."""
        return one_line(self.cleaned_data["name"])

    def invitation_values(self) -> dict[str, Any]:
        """Return the keyword arguments of the invitation service."""
        cleaned = dict(self.cleaned_data)
        team_ids = tuple(UUID(team_id) for team_id in cleaned.pop("teams"))
        return {"team_ids": team_ids, "by_mail": cleaned.pop("delivery") != BY_HAND, **cleaned}


class TeamForm(forms.Form):
    """Form for a new team."""

    name = forms.CharField(
        label=_("Name of the team"),
        max_length=NAME_LIMIT,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Enter a name.")},
    )
    members = forms.MultipleChoiceField(label=_("Who is in it"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = member_choices(people)

    def clean_name(self) -> str:
        """Return the name with single spaces. Raises ValidationError without a letter or digit."""
        return one_line(self.cleaned_data["name"])

    def chosen_members(self) -> tuple[UUID, ...]:
        """Return the ids of the chosen members."""
        return tuple(UUID(member_id) for member_id in self.cleaned_data["members"])


class RoleForm(RoleFields):
    """Form that changes a member's role."""

    is_supervising = forms.BooleanField(
        label=_("Supervising attorney"),
        help_text=_(
            "Chooses how the office reads disputed rules, confirms rules, and accepts changed dates in every case they "
            "can open. For attorneys and accredited representatives."
        ),
        required=False,
    )
    is_conflict_officer = forms.BooleanField(
        label=_("Also the conflict officer"),
        help_text=_(
            "Answers conflict checks. Conflict officers can read the names, numbers and birth years of the people of "
            "every case, also of restricted ones, and nothing else of cases they were not given."
        ),
        required=False,
    )


class JoinTeamForm(ChooseTeamForm):
    """Form that adds a member to a team."""
