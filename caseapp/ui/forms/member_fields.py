"""Forms of people, teams and sharing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.directory.records import Person

Team = tuple[UUID, str]


def _people(people: Sequence[Person]) -> list[tuple[str, str]]:
    return [(str(person.member_id), person.name) for person in people]


class GroupForm(forms.Form):
    """One case for a further team, or moved to one."""

    group = forms.ChoiceField(label=_("Team"), error_messages={"required": _("Choose a team.")})

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(group_id), name) for group_id, name in teams]
