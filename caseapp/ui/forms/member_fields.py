"""Form fields that choose members or teams."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.directory.records import Person

TeamChoice = tuple[UUID, str]


def member_choices(people: Sequence[Person]) -> list[tuple[str, str]]:
    """Return the choices of a field for one of these people."""
    return [(str(person.member_id), person.name) for person in people]


class ChooseTeamForm(forms.Form):
    """Form that chooses one team, to share a case with it, to move a case to it or to add a member."""

    group = forms.ChoiceField(label=_("Team"), error_messages={"required": _("Choose a team.")})

    def __init__(self, *args: Any, teams: Sequence[TeamChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(group_id), name) for group_id, name in teams]
