"""Forms of people, teams and sharing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from caseapp.accounts import permissions
from caseapp.accounts.directory import Person
from caseapp.web.doors.forms import SECRET, one_line
from caseapp.web.fields import DateBoxes
from caseapp.web.words import Words

LINE = 200
ROLES: Words = {
    permissions.ATTORNEY: _("attorney"),
    permissions.REPRESENTATIVE: _("accredited representative"),
    permissions.CASEWORKER: _("caseworker"),
    permissions.VOLUNTEER: _("volunteer"),
    permissions.INTERPRETER: _("interpreter"),
    permissions.SUPERVISOR: _("supervisor"),
    permissions.CONFLICT_OFFICER: _("conflict officer"),
}
Team = tuple[UUID, str]


def _people(people: Sequence[Person]) -> list[tuple[str, str]]:
    return [(str(person.member_id), person.name) for person in people]


class RoleFields(forms.Form):
    """What somebody may do."""

    role = forms.ChoiceField(label=_("Role"), choices=list(ROLES.items()), initial=permissions.CASEWORKER)
    is_admin = forms.BooleanField(
        label=_("Also an admin"),
        help_text=_("Admins invite and remove people. They open no case they were not given."),
        required=False,
    )


class InviteForm(RoleFields):
    """Who is asked to join."""

    email = forms.EmailField(
        label=_("Their work e-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", **SECRET}),
        error_messages={
            "required": _("Enter an e-mail address."),
            "invalid": _("Enter an e-mail address, for example ana@example.org."),
        },
    )
    name = forms.CharField(
        label=_("Their name"),
        max_length=LINE,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Enter their name.")},
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    teams = forms.MultipleChoiceField(
        label=_("Teams"),
        help_text=_("They open every case of these teams. Without a team they open only cases shared with them."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("email", "name", "role", "is_admin", "teams", "language")

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["teams"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(group_id), name) for group_id, name in teams]

    def clean_name(self) -> str:
        """One line with letters."""
        return one_line(self.cleaned_data["name"])

    def values(self) -> dict[str, Any]:
        """As `casework.joining.invite` takes them."""
        told = dict(self.cleaned_data)
        return {"team_ids": tuple(UUID(one) for one in told.pop("teams")), **told}


class TeamForm(forms.Form):
    """A new team."""

    name = forms.CharField(
        label=_("Name of the team"),
        max_length=LINE,
        widget=forms.TextInput({"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Enter a name.")},
    )
    members = forms.MultipleChoiceField(label=_("Who is in it"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = _people(people)

    def clean_name(self) -> str:
        """One line with letters."""
        return one_line(self.cleaned_data["name"])

    def members_chosen(self) -> tuple[UUID, ...]:
        """Ids."""
        return tuple(UUID(one) for one in self.cleaned_data["members"])


class ShareForm(forms.Form):
    """One case for one person."""

    member = forms.ChoiceField(label=_("Share with"), error_messages={"required": _("Choose a person.")})
    until = DateBoxes(
        label=_("Until"),
        what=_("the last day"),
        required=False,
        help_text=_("The last day. Without one it lasts until somebody ends it."),
    )

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _people(people)


class GroupForm(forms.Form):
    """One case for a further team, or moved to one."""

    group = forms.ChoiceField(label=_("Team"), error_messages={"required": _("Choose a team.")})

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(group_id), name) for group_id, name in teams]


class WallForm(forms.Form):
    """Who stays inside a wall."""

    members = forms.MultipleChoiceField(
        label=_("Who still opens it, beside you"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = _people(people)


class RoleForm(RoleFields):
    """Another role for somebody."""


class JoinTeamForm(GroupForm):
    """Somebody into a team."""
