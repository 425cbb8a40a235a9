"""Forms of notes and tasks. They turn text into values and know nothing of the request."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy

from caseapp.accounts.directory.team_members import Colleague
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.form_saving import VersionedForm
from caseapp.ui.forms.text_fields import LINE_LIMIT, long_text_field


class NoteForm(forms.Form):
    """New note."""

    text = long_text_field(
        gettext_lazy("Note"), required=True, tall=True, limit=None, missing=gettext_lazy("Write the note first.")
    )
    told_by = forms.CharField(label=gettext_lazy("Source"), required=False, max_length=LINE_LIMIT)
    story = forms.BooleanField(
        label=gettext_lazy("This is part of the story: keep it closed until opened"), required=False
    )


class NoteEditForm(VersionedForm):
    """Correction of a note."""

    text = long_text_field(
        gettext_lazy("Note"), required=True, tall=True, limit=None, missing=gettext_lazy("Write the note first.")
    )


class TaskForm(forms.Form):
    """New task. `team` are the members who can own it."""

    text = forms.CharField(
        label=gettext_lazy("What is to be done"),
        widget=forms.TextInput({"dir": "auto"}),
        error_messages={"required": gettext_lazy("Write what is to be done.")},
    )
    due_on = DateBoxes(label=gettext_lazy("Until"), what=gettext_lazy("the day"), required=False)
    owner = forms.ChoiceField(
        label=gettext_lazy("Who does it"), error_messages={"required": gettext_lazy("Choose who does it.")}
    )

    def __init__(self, *args: Any, team: Sequence[Colleague], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [(str(member.member_id), member.name) for member in team]

    def clean_owner(self) -> UUID:
        return UUID(self.cleaned_data["owner"])
